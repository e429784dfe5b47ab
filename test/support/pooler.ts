import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { Client } from "pg";
import { cancelKeyOf, socketOf } from "../../connectors/postgres/driver.ts";
import type { PostgresConfig } from "../../connectors/postgres/settings.ts";

/** A pooler in transaction mode. */
export interface Pooler {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

const SSL_REQUEST = 80_877_103;

/** The server is done with what it was asked, and in no transaction. */
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

/** Bytes before the body of a message. */
const HEADER = 5;
const GOODBYE = 0x58;
/** Query and Sync: what the server answers with READY. */
const ENDS_QUESTION = new Set([0x51, 0x53]);

/** What a client is told at once: it is let in, what its session is called, and that it may ask. */
function welcome(processId: number): Buffer {
  const key = Buffer.from([0x4b, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 1]);
  key.writeUInt32BE(processId, 5);
  return Buffer.concat([Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]), key, READY]);
}

/**
 * Stands in front of a server with one session, and gives it to clients one after the other as it
 * is: what one of them sets outside a transaction is what the next one finds. Asks for no password.
 *
 * @param sessions so many of them.
 * @param takesNext when the next one is taken: for each transaction, or when another client asks than before.
 * @param processId what clients are told; `server`: the number of the first session, as some do it.
 */
export async function startPooler(
  config: PostgresConfig,
  {
    sessions = 1,
    takesNext = "transaction",
    processId = "own",
  }: {
    sessions?: number;
    takesNext?: "transaction" | "client";
    processId?: "own" | "server";
  } = {},
): Promise<Pooler> {
  const { host, port, database, username: user, password } = config;
  let turn = 0;
  let client: Socket | undefined;
  const pool = await Promise.all(
    Array.from({ length: sessions }, async () => {
      const session = new Client({ host, port, database, user, password });
      session.on("error", () => {}); // it is taken out of its hands below
      await session.connect();
      const upstream = socketOf(session);
      upstream.removeAllListeners("data");
      /** Who is answered, in this order. */
      const asking: Socket[] = [];
      let held = Buffer.alloc(0);
      upstream.on("data", (bytes: Buffer) => {
        held = Buffer.concat([held, bytes]);
        while (held.length >= HEADER && held.length > held.readUInt32BE(1)) {
          const message = held.subarray(0, 1 + held.readUInt32BE(1));
          held = held.subarray(message.length);
          asking[0]?.write(message);
          if (message[0] !== READY[0]) continue;
          asking.shift();
          if (takesNext === "transaction" && message.equals(READY)) turn = (turn + 1) % sessions;
        }
      });
      return { upstream, asking, processId: cancelKeyOf(session).processId };
    }),
  );
  const told = processId === "own" ? 1 : pool[0]!.processId;
  const clients = new Set<Socket>();
  const server = createServer((socket) => {
    clients.add(socket);
    socket.on("error", () => {});
    let held = Buffer.alloc(0);
    let hasStarted = false;
    socket.on("data", (bytes: Buffer) => {
      held = Buffer.concat([held, bytes]);
      for (;;) {
        const header = hasStarted ? 1 : 0;
        if (held.length < header + 4) return;
        const length = header + held.readUInt32BE(header);
        if (held.length < length) return;
        const message = held.subarray(0, length);
        held = held.subarray(length);
        if (hasStarted) {
          if (takesNext === "client" && client !== socket) turn = (turn + 1) % sessions;
          client = socket;
          const { asking, upstream } = pool[turn]!;
          if (ENDS_QUESTION.has(message[0]!)) asking.push(socket);
          if (message[0] !== GOODBYE) upstream.write(message);
        } else if (message.readUInt32BE(4) === SSL_REQUEST) socket.write("N");
        else {
          hasStarted = true;
          socket.write(welcome(told));
        }
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    host: "127.0.0.1",
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of clients) socket.destroy();
      for (const { upstream } of pool) upstream.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
