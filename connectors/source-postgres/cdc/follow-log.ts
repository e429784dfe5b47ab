import type { ReadContext } from "../../kit/contract.ts";
import { streamStatus } from "../../kit/trace.ts";
import type { Lsn } from "../../postgres/replication/lsn.ts";
import { parseLsn } from "../../postgres/replication/lsn.ts";
import type { Session } from "../../postgres/session.ts";
import { saysItsEncoding } from "../catalog/encoding.ts";
import { describeDatabase } from "../catalog/describe-database.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import { ChangePrinter } from "./change-printer.ts";
import { Changes } from "./changes.ts";
import { CurrentRows } from "./current-rows.ts";
import type { FollowedStream } from "./followed-stream.ts";
import { LogReader } from "./log-reader.ts";
import { LogRelations, type TableNow } from "./log-relations.ts";
import { describeLogTables } from "./log-table.ts";
import type { OpenLog } from "./open-log.ts";
import type { LogRelation } from "./pgoutput/pgoutput.ts";
import { lookUpLogEnd } from "./queries.ts";
import { EMIT_HEARTBEAT } from "./slot/slot-queries.ts";
import { VisibleTransactions } from "./visible-transactions.ts";

/** What the log is read with. */
export interface FollowOptions {
  readonly supportsChangeRecords: boolean;
  readonly maxRowBytes: number;
  /** How long nothing may come before a read that does not follow ends. */
  readonly waitSeconds: number;
}

/** The log, and who says how far the destination has it. */
export interface FollowedLog extends Pick<OpenLog, "replication" | "global" | "forbidden"> {
  readonly acknowledgements: Acknowledgements;
}

/**
 * Reads the log from where it was delivered up to, and prints the changes of the streams: up to where it
 * ends now, or on and on. Prints a last STATE, and COMPLETE of each stream. The slot moves only behind
 * what the destination has committed.
 */
export async function followLog(
  session: Session,
  { replication, global, forbidden, acknowledgements }: FollowedLog,
  streams: readonly FollowedStream[],
  options: FollowOptions,
  context: ReadContext,
): Promise<void> {
  const { slot, publication, lsn: from } = global.position!;
  const target = context.follow ? undefined : await logEnd(session);
  const printer = new ChangePrinter(global, from, context);
  const transactions = new VisibleTransactions(session);
  const relations = new LogRelations(streams, async (relation, xid) => {
    await transactions.sees(xid);
    return session.whileReading(() => lookAgain(session, relation));
  });
  const current = new CurrentRows(session, transactions, options.maxRowBytes);
  const { supportsChangeRecords } = options;
  const saysEncoding = await session.whileReading(() => saysItsEncoding(session));
  const changes = { from, supportsChangeRecords, saysEncoding };
  let end = () => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  const reader = new LogReader(
    target,
    relations,
    printer,
    (onCommit) => new Changes(changes, relations, printer, current, context, onCommit),
    end,
  );
  const stopSoon = () => reader.endSoon();
  const stopNow = () => reader.endNow();
  context.stop.addEventListener("abort", stopSoon, { once: true });
  context.signal.addEventListener("abort", stopNow, { once: true });
  const timer = context.follow ? undefined : endWhenQuiet(reader, options.waitSeconds, context);
  const streaming = replication.stream(slot, from, publication, reader);
  streaming.catch(() => {}); // awaited below
  if (context.stop.aborted) stopSoon();
  if (context.signal.aborted) stopNow();
  try {
    await Promise.race([ended, streaming, forbidden]);
    await printer.end();
    if (!context.signal.aborted) {
      for (const stream of streams) await complete(stream, context);
      await context.output.flush();
      await acknowledgements.upTo(global.position!.lsn, context.limits.acknowledgedSeconds);
    }
    await replication.stop();
    await streaming;
  } catch (error) {
    // What came whole before it need not be read again.
    await printer.end().catch(() => {});
    await replication.stop();
    throw error;
  } finally {
    clearInterval(timer);
    context.stop.removeEventListener("abort", stopSoon);
    context.signal.removeEventListener("abort", stopNow);
  }
}

/**
 * Where the log ends now. A message of ours behind it tells that everything before it came, when nobody
 * else writes; a standby has none of its own.
 */
async function logEnd(session: Session): Promise<Lsn> {
  const row = await session.queryRow("look where the log ends", lookUpLogEnd());
  await session.run("mark the end of the log", EMIT_HEARTBEAT).catch(() => {});
  return parseLsn(row["lsn"]!);
}

async function complete({ descriptor }: FollowedStream, context: ReadContext): Promise<void> {
  await context.output.message(streamStatus(descriptor, "COMPLETE", context.now()));
}

/** A server that says nothing for so long may be gone: the read ends where it is, and says so. */
function endWhenQuiet(
  reader: LogReader,
  seconds: number,
  { log }: Pick<ReadContext, "log">,
): NodeJS.Timeout {
  return setInterval(() => {
    if (reader.quietSeconds <= seconds || !reader.endBetween()) return;
    log(
      "WARN",
      `nothing came of the log for ${seconds} s, and it is not at its end: the next read goes on where this one ends`,
    );
  }, 1000);
}

async function lookAgain(session: Session, relation: LogRelation): Promise<TableNow[]> {
  const { relations } = await describeDatabase(session, { tables: [relation] });
  const tables = await describeLogTables(session, [
    ...relations.map(({ oid }) => oid),
    relation.oid,
  ]);
  return relations.flatMap(({ oid, schema, name }) => {
    const table = tables.get(oid);
    return table === undefined ? [] : [{ schema, name, table }];
  });
}
