import { Failure } from "../../protocol/errors.ts";
import { connect, type ConnectOptions } from "../postgres/connection.ts";
import { PIN_SESSION } from "../postgres/pinned-settings.ts";
import { Session, withSession } from "../postgres/session.ts";
import type { PostgresConfig } from "../postgres/settings.ts";
import { SERVER_PROCESS } from "./queries.ts";

/** Behind a pooler with one session for each of a few clients, another one would wait for ever. */
const PATIENCE_MS = 5_000;

/**
 * Runs `work` on a session that stays the same one to its end, and closes it. Throws `config.invalid`
 * when a pooler stands before the server that gives each transaction another one, before anything is
 * set or done on a session that others get afterwards.
 */
export async function withOwnSession<T>(
  config: PostgresConfig,
  options: ConnectOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const client = await connect(config, { ...options, pin: "nothing" });
  const session = new Session(client, config, options);
  try {
    await refuseShared(session, config, options);
    await session.run("pin the settings of the session", PIN_SESSION);
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
  const process = await processOf(session);
  // A pooler gives numbers of its own to its clients.
  if (process === session.processId) return;
  const isShared =
    (await processOfAnother(config, options)) === process || (await processOf(session)) !== process;
  if (!isShared) return;
  throw new Failure(
    "config.invalid",
    `a pooler stands before the database at ${config.host}:${config.port} that gives each transaction another session of the server; temporary tables and locks of ours would be others'`,
    {
      hint: "connect to the server itself, or to a pool in session mode (pool_mode = session of PgBouncer)",
    },
  );
}

async function processOf(session: Session): Promise<number> {
  const [row] = await session.query("ask for the server's process", SERVER_PROCESS);
  return Number(row!["pid"]);
}

/** The process that serves a transaction of another connection; undefined when none is to be had. */
async function processOfAnother(
  config: PostgresConfig,
  options: ConnectOptions,
): Promise<number | undefined> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, patience]) : patience;
  try {
    return await withSession(config, { ...options, signal, pin: "nothing" }, processOf);
  } catch {
    options.signal?.throwIfAborted();
    return undefined;
  }
}
