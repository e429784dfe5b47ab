import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { Client, type ClientConfig, type Submittable } from "pg";
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
 * - A query may be any object with `submit`, which is called when its turn has come, and a
 *   `handle…` method per message of the server (2.8.2, for pg-copy-streams).
 * - The parser of the server's bytes is the one listener to the socket's "data" (8.2).
 * - A server's answer to a COPY is an event of `client.connection` (0.5).
 */

/** What a connection is made with. Nothing else is used, and nothing of the environment. */
export interface Login {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username: string;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
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
    replication: undefined,
  });
  insidesOf(client).connection.on("authenticationCleartextPassword", () => {
    isInClear = true;
  });
  refuseUnaskedCopies(insidesOf(client).connection);
  // Every query reports the loss itself; without a listener Node would end the process.
  client.on("error", () => {});
  return client;
}

/** What a server says that begins to copy. */
type CopyResponse = "copyInResponse" | "copyOutResponse";

/** The answer that a connection waits for whose statement copies. */
const expectedCopies = new WeakMap<Wire, CopyResponse>();

/** The driver would tell the server that there is nothing to copy, and wait for its word for ever. */
function refuseUnaskedCopies(connection: Wire): void {
  for (const response of ["copyInResponse", "copyOutResponse"] as const)
    connection.on(response, () => {
      if (expectedCopies.get(connection) !== response) connection.stream.destroy(brokenProtocol());
    });
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
  expectedCopies.set(connection, "copyOutResponse");
  const end = () => {
    expectedCopies.delete(connection);
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
 * @param send called when the server waits for data: writes it to the socket as messages of the
 * protocol, CopyDone at the end. When `refused` aborts the server ignores the rest.
 */
export function submitCopyIn(
  client: Client,
  statements: string,
  send: (socket: Socket, refused: AbortSignal) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const refusal = new AbortController();
    let count = 0;
    const query: CopyInQuery = {
      submit: (connection) => {
        expectedCopies.set(connection, "copyInResponse");
        connection.query(statements);
      },
      handleCopyInResponse: (connection) => send(connection.stream, refusal.signal),
      handleError: (error) => {
        expectedCopies.delete(insidesOf(client).connection);
        refusal.abort();
        reject(error);
      },
      handleCommandComplete: ({ text }) => {
        const [, copied] = /^COPY (\d+)$/.exec(text) ?? [];
        if (copied !== undefined) count = Number(copied);
      },
      handleReadyForQuery: () => {
        expectedCopies.delete(insidesOf(client).connection);
        resolve(count); // after an error too: then it is rejected already
      },
    };
    client.query(query as unknown as Submittable);
  });
}

/** A query of the driver's queue, as far as its statements need. */
interface CopyInQuery {
  submit(connection: Wire): void;
  handleCopyInResponse(connection: Wire): void;
  handleError(error: Error): void;
  handleCommandComplete(message: { readonly text: string }): void;
  handleReadyForQuery(): void;
}

/** The part of the driver that speaks the wire protocol. */
interface Wire extends EventEmitter {
  readonly stream: Socket;
  /** Sends a text of statements by the simple protocol. */
  query(text: string): void;
}

interface Insides {
  readonly connection: Wire;
  readonly connectionParameters: object;
  readonly processID: number | null;
  readonly secretKey: number | null;
}

function insidesOf(client: Client): Insides {
  return client as unknown as Insides;
}
