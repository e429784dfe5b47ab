import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** One message of PostgreSQL's wire protocol on its way through. */
export interface WireMessage {
  readonly from: "client" | "server";
  /** The type byte as a letter (`Q`, `C`, `D`, `d`, `Z` …); `startup` and `ssl` for those without. */
  readonly type: string;
  /** What follows the length word. */
  readonly body: Buffer;
  /** `body` as text, without the NUL at its end: the query of a `Q`, the tag of a `C`. */
  readonly text: string;
  /** The connection it belongs to, counted from 1. */
  readonly connection: number;
}

/**
 * What to do with a message. `close` sends FIN and `reset` RST, both ways and without the message;
 * `freeze` forwards nothing more, either way, and keeps the connection open. `{ pass, fault }` first
 * forwards so many bytes of it, and breaks things `when` that resolves.
 */
export type Action =
  | "pass"
  | Fault
  | {
      readonly pass: number | "all";
      readonly fault: Fault;
      readonly when?: () => Promise<unknown>;
    };
export type Fault = "close" | "reset" | "freeze";

/**
 * Decides about each message, in order. A promise holds up its direction meanwhile, which is how a
 * test does something exactly between two messages (kill a process between COMMIT and its answer).
 */
export type Decide = (message: WireMessage) => Action | undefined | Promise<Action | undefined>;

export interface Proxy {
  readonly host: string;
  readonly port: number;
  /** Breaks all connections and stops listening. */
  close(): Promise<void>;
}

/**
 * Stands between a client and a PostgreSQL server, understands what they say and breaks things on
 * request. Encrypted traffic passes unread. A whole message is held in memory at a time.
 */
export async function startProxy(
  target: { readonly host: string; readonly port: number },
  decide: Decide = () => "pass",
): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server: Server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ ...target, allowHalfOpen: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => {}); // the other side breaking is what the proxy is for
      socket.once("close", () => sockets.delete(socket));
    }
    const link = new Link(client, upstream, ++connections, decide);
    void link.relay("client");
    void link.relay("server");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    host: "127.0.0.1",
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

class Link {
  readonly #sockets: Readonly<Record<WireMessage["from"], Socket>>;
  readonly #connection: number;
  readonly #decide: Decide;
  #isFrozen = false;
  /** The server answers an SSLRequest with one byte that is no message. */
  #expectsSslAnswer = false;
  #isEncrypted = false;
  #hasStarted = false;

  constructor(client: Socket, server: Socket, connection: number, decide: Decide) {
    this.#sockets = { client, server };
    this.#connection = connection;
    this.#decide = decide;
  }

  async relay(from: WireMessage["from"]): Promise<void> {
    const [source, sink] =
      from === "client"
        ? [this.#sockets.client, this.#sockets.server]
        : [this.#sockets.server, this.#sockets.client];
    let held: Buffer = Buffer.alloc(0);
    try {
      for await (const chunk of source as AsyncIterable<Buffer>) {
        held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
        let at = 0;
        for (;;) {
          const length = this.#lengthAt(from, held, at);
          if (length === undefined || at + length > held.length) break;
          await this.#handle(from, held.subarray(at, at + length), sink);
          at += length;
        }
        held = held.subarray(at);
      }
      if (!this.#isFrozen) sink.end();
    } catch {
      if (!this.#isFrozen) sink.destroy(); // the source broke, or a fault was ordered
    }
  }

  /** Bytes of the unit at `at`; undefined when more are needed to tell. */
  #lengthAt(from: WireMessage["from"], bytes: Buffer, at: number): number | undefined {
    const available = bytes.length - at;
    if (available === 0) return undefined;
    if (this.#isEncrypted) return available;
    if (from === "server" && this.#expectsSslAnswer) return 1;
    const hasType = from === "server" || this.#hasStarted;
    if (available < (hasType ? 5 : 4)) return undefined;
    return hasType ? 1 + bytes.readUInt32BE(at + 1) : bytes.readUInt32BE(at);
  }

  async #handle(from: WireMessage["from"], unit: Buffer, sink: Socket): Promise<void> {
    const action = this.#isEncrypted ? "pass" : await this.#actionFor(from, unit);
    const { pass, fault, when } =
      action === "pass"
        ? { pass: unit.length }
        : typeof action === "string"
          ? { pass: 0, fault: action }
          : { ...action, pass: action.pass === "all" ? unit.length : action.pass };
    if (this.#isFrozen) return;
    if (pass > 0 && !sink.write(unit.subarray(0, pass))) await once(sink, "drain");
    await when?.();
    if (fault !== undefined) await this.#break(fault, sink);
  }

  async #actionFor(from: WireMessage["from"], unit: Buffer): Promise<Action> {
    if (from === "server" && this.#expectsSslAnswer) {
      this.#expectsSslAnswer = false;
      this.#isEncrypted = unit[0] === 0x53;
      return "pass";
    }
    const hasType = from === "server" || this.#hasStarted;
    const body = unit.subarray(hasType ? 5 : 4);
    let type = hasType ? String.fromCharCode(unit[0]!) : "startup";
    if (!hasType) {
      const isSslRequest = body.length === 4 && body.readUInt32BE(0) === 80_877_103;
      if (isSslRequest) type = "ssl";
      this.#expectsSslAnswer = isSslRequest;
      this.#hasStarted = !isSslRequest;
    }
    const text = body.toString("utf8", 0, body.at(-1) === 0 ? body.length - 1 : body.length);
    return (await this.#decide({ from, type, body, text, connection: this.#connection })) ?? "pass";
  }

  async #break(fault: Fault, sink: Socket): Promise<void> {
    if (fault === "freeze") {
      this.#isFrozen = true;
      return;
    }
    // What was passed must arrive: a reset throws away what still waits to be sent.
    if (sink.writableLength > 0) await once(sink, "drain");
    for (const socket of Object.values(this.#sockets))
      if (fault === "reset") socket.resetAndDestroy();
      else socket.destroySoon();
  }
}
