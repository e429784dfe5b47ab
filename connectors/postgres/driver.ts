import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { Client, type ClientConfig, Query } from "pg";
import { Failure } from "../../protocol/errors.ts";
import { Answers, brokenProtocol } from "./answers.ts";

/*
 * Everything that leans on insides of `pg`, which its documentation does not promise. package.json
 * pins the version it was written against; test/connectors/postgres/driver.test.ts notices when one
 * of these is no longer so:
 *
 * - `client.connection` speaks the wire protocol. It emits a server's request for a password before
 *   the client looks for one (since pg 0.1), and its `stream` is the socket.
 * - The config's `stream` may be a function that returns the socket (8.9). Connecting calls the
 *   socket's own `connect` and goes on when the socket says "connect".
 * - `client.connectionParameters` is what the start-up packet is made of (0.12).
 * - What a `password` function throws is what connecting fails with (7.12).
 * - `client.processID` and `client.secretKey` name the session to the server (0.6).
 * - `client.pipeline` sends queries without waiting for the answers to those before; ending a client
 *   then waits for all of them (8.22).
 * - A query has `submit`, which is called when its turn has come, and a `handle…` method per message of
 *   the server (2.8.2, for pg-copy-streams); in a pipeline it must be a `Query`.
 * - The parser of the server's bytes is the one listener to the socket's "data" (8.2).
 * - A server's answer to a COPY is an event of `client.connection` (0.5), before which the client knows
 *   which query it answers (`_getActiveQuery`).
 */

/** What a connection is made with. Nothing else is used, and nothing of the environment. */
export interface Login {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username: string;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Whether the session may read the write-ahead log. */
  readonly replication: boolean;
  /**
   * Called when the server asks for a password; what it throws is what connecting fails with.
   * @param isInClear whether the password is to be sent as it is.
   */
  readonly password: (isInClear: boolean) => string;
}

/** A rogue server must not keep a processor busy for hours; the default of PostgreSQL is 4096. */
const MAX_SCRAM_ITERATIONS = 1_000_000;

/**
 * A client that will speak on `socket`, which is open already, and encrypted if at all. It gives
 * every value as the text that the server prints, and takes nothing from PG* variables or a pgpass
 * file. A connection that breaks fails the query at hand and all that follow, and nothing else.
 */
export function createClient(login: Login, socket: Socket, isEncrypted: boolean): Client {
  // The socket is open, so `connect` only says so, after the client listens.
  socket.connect = () => {
    process.nextTick(() => {
      lookOverAnswers(socket);
      socket.emit("connect");
      socket.resume();
    });
    return socket;
  };
  let isInClear = false;
  const client = new Client({
    host: login.host,
    port: login.port,
    database: login.database,
    user: login.username,
    // A function keeps it from looking for PGPASSWORD and a pgpass file when there is none.
    password: () => login.password(isInClear),
    application_name: login.applicationName,
    client_encoding: "UTF8",
    sslnegotiation: "postgres",
    ssl: false,
    stream: () => socket,
    enableChannelBinding: isEncrypted,
    scramMaxIterations: MAX_SCRAM_ITERATIONS,
    types: { getTypeParser: () => (text: unknown) => text },
  } as ClientConfig);
  // Read from PGOPTIONS and PGREPLICATION when empty, so they cannot be given as empty above.
  Object.assign(insidesOf(client).connectionParameters, {
    options: undefined,
    replication: login.replication ? "database" : undefined,
  });
  insidesOf(client).connection.on("authenticationCleartextPassword", () => {
    isInClear = true;
  });
  refuseUnaskedCopies(client);
  socket.once("error", (error) => losses.set(client, error));
  // Every query reports the loss itself; without a listener Node would end the process.
  client.on("error", () => {});
  return client;
}

const ACTIVE_QUERY = "_getActiveQuery";

/** Connections whose bytes a reader takes that expects rows of a COPY among them. */
const copyingOut = new WeakSet<Wire>();

/** The driver would tell the server that there is nothing to copy, and wait for its word for ever. */
function refuseUnaskedCopies(client: Client): void {
  const { connection } = insidesOf(client);
  const refuseUnless = (isExpected: boolean) => {
    if (!isExpected) connection.stream.destroy(brokenProtocol());
  };
  connection.on("copyInResponse", () =>
    refuseUnless(insidesOf(client)[ACTIVE_QUERY]() instanceof CopyIn),
  );
  connection.on("copyOutResponse", () => refuseUnless(copyingOut.has(connection)));
}

/** Puts `Answers` before the parser. What is wrong with them ends the connection, and says so. */
function lookOverAnswers(socket: Socket): void {
  const parser = takeParser(socket);
  const answers = new Answers(parser);
  socket.on("data", (chunk: Buffer) => {
    try {
      answers.push(chunk);
    } catch (error) {
      socket.destroy(error as Error);
    }
  });
}

function takeParser(socket: Socket): (bytes: Buffer) => void {
  const [parser, ...others] = socket.listeners("data") as ((chunk: Buffer) => void)[];
  if (parser === undefined || others.length > 0)
    throw new Failure("internal.bug", "the driver does not listen to its socket as expected");
  socket.removeListener("data", parser);
  return parser;
}

/** From now on a query is sent without waiting for the answers to those before. Only while nothing runs. */
export function pipelineQueries(client: Client): void {
  insidesOf(client).pipeline = true;
}

/** Says goodbye, or closes the connection at once when the server is at a statement. */
export async function endClient(client: Client): Promise<void> {
  insidesOf(client).pipeline = false;
  // The driver waits for the end only after it closed the socket, which may end in that moment.
  const ended = new Promise((resolve) => insidesOf(client).connection.once("end", resolve));
  await Promise.race([client.end(), ended]);
}

/** What broke the connection of a client; undefined: it is whole, or was closed. */
export function lossOf(client: Client): unknown {
  return losses.get(client);
}

const losses = new WeakMap<Client, unknown>();

/** The socket of a client, encrypted or not: the stream that carries the protocol. */
export function socketOf(client: Client): Socket {
  return insidesOf(client).connection.stream;
}

/** What names a session in a request to cancel its statement. */
export interface CancelKey {
  readonly processId: number;
  readonly secretKey: number;
}

/** The key of a connected client's session. */
export function cancelKeyOf(client: Client): CancelKey {
  const { processID, secretKey } = insidesOf(client);
  if (processID === null || secretKey === null)
    throw new Failure(
      "postgres.failed",
      "the server gives no number and key to its session, by which a statement could be cancelled",
      {
        hint: "look for what stands between here and the server: PostgreSQL gives them",
        kind: "config_error",
      },
    );
  return { processId: processID, secretKey };
}

/** Bytes of the server, taken before the driver sees them. */
export interface Interception {
  /** Hands bytes on to the driver: whole messages, one after the other. */
  readonly toDriver: (bytes: Buffer) => void;
  /** Lets the driver read the socket itself again. */
  readonly end: () => void;
}

/**
 * Gives every chunk that the server sends to `read` instead of to the driver's parser. Only between
 * two messages, so while the client is idle.
 */
export function interceptBytes(client: Client, read: (chunk: Buffer) => void): Interception {
  const socket = socketOf(client);
  const parser = takeParser(socket);
  socket.on("data", read);
  const { connection } = insidesOf(client);
  copyingOut.add(connection);
  const end = () => {
    copyingOut.delete(connection);
    socket.removeListener("data", read);
    socket.on("data", parser);
  };
  return { toDriver: parser, end };
}

/**
 * Runs statements of which one is `copy … from stdin`, and resolves to the number of rows copied
 * when all of them are done. Rejects with the server's error, after which the connection is usable
 * again.
 *
 * @param send writes the data to the socket as messages of the protocol, CopyDone at the end. When
 * `refused` aborts the server ignores the rest.
 * @param isAhead whether to send without waiting for the server to ask: one that refuses the statements
 * ignores the data, too.
 */
export function submitCopyIn(
  client: Client,
  statements: string,
  send: (socket: Socket, refused: AbortSignal) => void,
  isAhead = false,
): Promise<number> {
  return new Promise((resolve, reject) => {
    client.query(new CopyIn(statements, send, isAhead, { resolve, reject }));
  });
}

/** A query of the driver's queue, as far as its statements need. */
class CopyIn extends Query {
  readonly #refusal = new AbortController();
  readonly #statements: string;
  readonly #send: (socket: Socket, refused: AbortSignal) => void;
  readonly #isAhead: boolean;
  readonly #end: { resolve(rows: number): void; reject(error: Error): void };
  #rows = 0;

  constructor(
    statements: string,
    send: (socket: Socket, refused: AbortSignal) => void,
    isAhead: boolean,
    end: { resolve(rows: number): void; reject(error: Error): void },
  ) {
    super(statements);
    this.#statements = statements;
    this.#send = send;
    this.#isAhead = isAhead;
    this.#end = end;
  }

  override submit = (connection: object): void => {
    const wire = connection as Wire;
    wire.query(this.#statements);
    if (this.#isAhead) this.#send(wire.stream, this.#refusal.signal);
  };

  handleCopyInResponse(connection: Wire): void {
    if (!this.#isAhead) this.#send(connection.stream, this.#refusal.signal);
  }

  handleError(error: Error): void {
    this.#refusal.abort();
    this.#end.reject(error);
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    const [, copied] = /^COPY (\d+)$/.exec(text) ?? [];
    if (copied !== undefined) this.#rows = Number(copied);
  }

  handleReadyForQuery(): void {
    this.#end.resolve(this.#rows); // after an error too: then it is rejected already
  }
}

/** The part of the driver that speaks the wire protocol. */
interface Wire extends EventEmitter {
  readonly stream: Socket;
  /** Sends a text of statements by the simple protocol. */
  query(text: string): void;
}

interface Insides {
  pipeline: boolean;
  readonly connection: Wire;
  readonly connectionParameters: object;
  /** The query that the next message of the server belongs to. */
  [ACTIVE_QUERY](): unknown;
  readonly processID: number | null;
  readonly secretKey: number | null;
}

function insidesOf(client: Client): Insides {
  return client as unknown as Insides;
}
