import { Failure } from "../../protocol/errors.ts";
import type { ConnectOptions } from "../postgres/connection.ts";
import { sqlStateOf } from "../postgres/errors.ts";
import { onKeptConnection, type Shelf } from "../postgres/kept-connection.ts";
import { type Session, withSession } from "../postgres/session.ts";
import { together } from "../postgres/together.ts";
import type { PostgresConfig } from "../postgres/settings.ts";
import { SERVER_PROCESS, unlessServedBy } from "./queries.ts";

const DIVISION_BY_ZERO = "22012";

/** Who serves a session. */
interface ServerProcess {
  readonly process: number;
  /** Where the server sees its client; none on a Unix socket. */
  readonly port?: number;
}

/** Behind a pooler with one session for each of a few clients, another one would wait for ever. */
const PATIENCE_MS = 5_000;

/**
 * Runs `work` on a session that stays the same one to its end. `begin` is asked in the turn that pins the
 * session's settings. Throws `config.invalid` when a pooler stands before the server that gives each
 * transaction another one, before anything is set or done on a session that others get afterwards.
 */
export function withOwnSession<T>(
  config: PostgresConfig,
  options: ConnectOptions,
  shelf: Shelf | undefined,
  begin: (session: Session) => Promise<unknown>,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const manners = {
    begin: async (session: Session, isNew: boolean) => {
      const guard = isNew ? await refuseShared(session, config, options) : [];
      try {
        await together([session.pinSession(...guard), begin(session)]);
      } catch (error) {
        throw isOnAnother(error) ? shared(config) : error;
      }
    },
    reset: ["discard all"],
  };
  return onKeptConnection(config, options, shelf, manners, work);
}

/** Lets rows go ahead of what a session is asked for where only the server itself answers. */
export async function recognize(session: Session): Promise<ServerProcess> {
  const server = await askServer(session);
  // A pooler gives numbers of its own to its clients; what passes theirs on passes on what they send.
  session.loads.sendsAhead = server.process === session.processId;
  return server;
}

/** Returns statements that fail where another session than before would run them. */
async function refuseShared(
  session: Session,
  config: PostgresConfig,
  options: ConnectOptions,
): Promise<string[]> {
  const { process, port } = await recognize(session);
  // A pooler gives numbers of its own to its clients, or has a port of its own before the server.
  if (process === session.processId && port === session.localPort) return [];
  // Two sessions that take turns are the first one again after another's question.
  const again = askServer(session);
  const [same, another] = await together([again, processOfAnother(config, options, again)]);
  if (same.process !== process || another === process) throw shared(config);
  return [unlessServedBy(process)];
}

/** Of the statements that such a guard goes before. */
function isOnAnother(error: unknown): boolean {
  return sqlStateOf((error as Failure).cause) === DIVISION_BY_ZERO;
}

function shared({ host, port }: PostgresConfig): Failure {
  return new Failure(
    "config.invalid",
    `a pooler stands before the database at ${host}:${port} that gives each transaction another session of the server; temporary tables and locks of ours would be others'`,
    {
      hint: "connect to the server itself, or to a pool in session mode (pool_mode = session of PgBouncer)",
    },
  );
}

async function askServer(session: Session): Promise<ServerProcess> {
  const row = await session.askRow("ask for the server's process", SERVER_PROCESS);
  const port = Number(row["port"] ?? -1);
  return { process: Number(row["pid"]), ...(port > 0 && { port }) };
}

/**
 * The process that serves a transaction of another connection, which is opened meanwhile, after `former` is
 * answered; undefined when none is to be had.
 */
async function processOfAnother(
  config: PostgresConfig,
  options: ConnectOptions,
  former: Promise<unknown>,
): Promise<number | undefined> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, patience]) : patience;
  try {
    const answerSeconds = PATIENCE_MS / 1000;
    const other = { ...options, signal, answerSeconds, pin: "nothing" } as const;
    const ask = async (session: Session) => {
      await former;
      return askServer(session);
    };
    return (await withSession(config, other, ask)).process;
  } catch {
    options.signal?.throwIfAborted();
    return undefined;
  }
}
