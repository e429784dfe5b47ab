import { Failure } from "../../protocol/errors.ts";
import { connect, type ConnectOptions } from "../postgres/connection.ts";
import { PIN_SESSION } from "../postgres/pinned-settings.ts";
import { Session, withSession } from "../postgres/session.ts";
import { together } from "../postgres/together.ts";
import type { PostgresConfig } from "../postgres/settings.ts";
import { SERVER_PROCESS } from "./queries.ts";

/** Behind a pooler with one session for each of a few clients, another one would wait for ever. */
const PATIENCE_MS = 5_000;

/**
 * Runs `work` on a session that stays the same one to its end, and closes it. `begin` is asked in the turn
 * that pins the session's settings. Throws `config.invalid`
 * when a pooler stands before the server that gives each transaction another one, before anything is
 * set or done on a session that others get afterwards.
 */
export async function withOwnSession<T>(
  config: PostgresConfig,
  options: ConnectOptions,
  begin: (session: Session) => Promise<unknown>,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const client = await connect(config, { ...options, pin: "nothing" });
  const session = new Session(client, config, options);
  try {
    await refuseShared(session, config, options);
    await together([session.run("pin the settings of the session", PIN_SESSION), begin(session)]);
    return await work(session);
  } finally {
    await session.close();
  }
}

async function refuseShared(
  session: Session,
  config: PostgresConfig,
  options: ConnectOptions,
): Promise<void> {
  const { process, port } = await askServer(session);
  // A pooler gives numbers of its own to its clients; what passes theirs on passes on what they send.
  session.sendsAhead = process === session.processId;
  // A pooler gives numbers of its own to its clients, or has a port of its own before the server.
  if (process === session.processId && port === session.localPort) return;
  // Twice: two sessions that take turns are the first one again after another's question.
  const isShared =
    (await askServer(session)).process !== process ||
    (await processOfAnother(config, options)) === process ||
    (await askServer(session)).process !== process;
  if (!isShared) return;
  throw new Failure(
    "config.invalid",
    `a pooler stands before the database at ${config.host}:${config.port} that gives each transaction another session of the server; temporary tables and locks of ours would be others'`,
    {
      hint: "connect to the server itself, or to a pool in session mode (pool_mode = session of PgBouncer)",
    },
  );
}

/** The server's process, and the port where it sees its client: none on a Unix socket. */
async function askServer(session: Session): Promise<{ process: number; port?: number }> {
  const row = await session.askRow("ask for the server's process", SERVER_PROCESS);
  const port = Number(row["port"] ?? -1);
  return { process: Number(row["pid"]), ...(port > 0 && { port }) };
}

/** The process that serves a transaction of another connection; undefined when none is to be had. */
async function processOfAnother(
  config: PostgresConfig,
  options: ConnectOptions,
): Promise<number | undefined> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, patience]) : patience;
  try {
    const answerSeconds = PATIENCE_MS / 1000;
    const other = { ...options, signal, answerSeconds, pin: "nothing" } as const;
    return (await withSession(config, other, askServer)).process;
  } catch {
    options.signal?.throwIfAborted();
    return undefined;
  }
}
