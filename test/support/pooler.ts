import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { Client } from "pg";
import { socketOf } from "../../connectors/postgres/driver.ts";
import type { PostgresConfig } from "../../connectors/postgres/settings.ts";

/** A pooler in transaction mode. */
export interface Pooler {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

const SSL_REQUEST = 80_877_103;

/** What a client is told at once: it is let in, and may ask. */
const WELCOME = Buffer.concat([
  Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]),
  Buffer.from([0x4b, 0, 0, 0, 12, 0, 0, 0, 1, 0, 0, 0, 1]),
  Buffer.from([0x5a, 0, 0, 0, 5, 0x49]),
]);

/**
 * Stands in front of a server with one session, and gives it to clients one after the other as it
 * is: what one of them sets outside a transaction is what the next one finds. Asks for no password.
 */
export async function startPooler(config: PostgresConfig): Promise<Pooler> {
  const { host, port, database, username: user, password } = config;
  const session = new Client({ host, port, database, user, password });
  session.on("error", () => {}); // it is taken out of its hands below
  await session.connect();
  const upstream = socketOf(session);
  upstream.removeAllListeners("data");
  let client: Socket | undefined;
  upstream.on("data", (bytes: Buffer) => void client?.write(bytes));
  const clients = new Set<Socket>();
  const server = createServer((socket) => {
    client = socket;
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
          const isGoodbye = message[0] === 0x58;
          if (!isGoodbye) upstream.write(message);
        } else if (message.readUInt32BE(4) === SSL_REQUEST) socket.write("N");
        else {
          hasStarted = true;
          socket.write(WELCOME);
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
      upstream.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
