import { asFailure, Failure } from "../../../protocol/errors.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import type { ReadContext } from "../../kit/contract.ts";
import { RecordPrinter } from "../../kit/source/record-printer.ts";
import type { StreamOutput } from "../../kit/source/stream-output.ts";
import { type Lsn, parseLsn } from "../../postgres/replication/lsn.ts";
import type { Session } from "../../postgres/session.ts";
import { label, quoteLiteral, quoteTable } from "../../postgres/sql.ts";
import { together } from "../../postgres/together.ts";
import type { ReadPlan } from "../catalog/read-plan.ts";
import { estimatedSize, hasStoredOrder } from "../catalog/relation.ts";
import { notDelivered } from "../position/row-versions.ts";
import { findRewritten } from "../read/queries.ts";
import { PLAN_SETTINGS } from "../read/snapshot.ts";
import { SET_BACK, GO_BACK } from "../read/table-reader.ts";
import type { ForeignBytes } from "../rows/foreign-bytes.ts";
import { RowPrinter } from "../rows/row-printer.ts";
import { StoredOrder } from "../rows/safe-places.ts";
import { printTablePosition, type TablePosition, type UnfinishedLoad } from "./cdc-state.ts";
import { ChangeRecord } from "./change-record.ts";
import { unchangedSince } from "./change-columns.ts";
import { describeLogTables, type LogTable } from "./log-table.ts";
import { lookUpImportedSnapshot, lookUpLogEnd } from "./queries.ts";
import { type ImportedSnapshot, readSnapshotText, seenFromXmin } from "./slot-snapshot.ts";

/** A table whose rows are not all delivered. */
export interface FirstLoad {
  readonly plan: ReadPlan;
  readonly table: LogTable;
  /** By which entries the publication has it. */
  readonly publishedBy: readonly number[];
  readonly output: StreamOutput;
  /** Where it was interrupted, in an earlier read; undefined: it is new. */
  readonly interrupted?: TablePosition & { readonly load: UnfinishedLoad };
  /** Where it stood, of a load that begins again: the changes since come from the log all the same. */
  readonly repeated?: TablePosition;
  /** What the destination has of the stream is no more, which it can be told. */
  readonly replaces?: boolean;
}

/** How rows are read. */
export interface LoadOptions {
  readonly maxRowBytes: number;
  readonly foreignBytes: ForeignBytes | undefined;
}

/** What came of a load. */
export interface Loaded {
  readonly load: FirstLoad;
  readonly outcome: TablePosition | Failure;
}

/** The snapshot that came with a slot. */
export interface SlotStart {
  readonly snapshotName: string;
  /** Where the log of the slot begins: it has what the snapshot does not see, and nothing else. */
  readonly consistentPoint: Lsn;
}

/**
 * Reads tables for the first time, in the one snapshot that came with a slot. A table that cannot be read
 * costs the others nothing.
 *
 * @param start undefined: the tables are read as they are now, by loads that go on.
 */
export async function loadTables(
  session: Session,
  loads: readonly FirstLoad[],
  start: SlotStart | undefined,
  options: LoadOptions,
  context: ReadContext,
): Promise<Loaded[]> {
  const snapshotOf = start && `set transaction snapshot ${quoteLiteral(start.snapshotName)}`;
  const settings = [...(snapshotOf === undefined ? [] : [snapshotOf]), PLAN_SETTINGS];
  await session.beginReading("repeatable read", ...settings);
  try {
    await lockAsKnown(session, loads);
    const [seen, end] = await together([
      session.queryRow("look at the snapshot", lookUpImportedSnapshot()),
      session.queryRow("look where the log ends", lookUpLogEnd()),
    ]);
    const taken: Taken = {
      snapshot: readSnapshotText(seen["snapshot"]!)!,
      takenAt: seen["taken_at"]!,
      from: start?.consistentPoint ?? parseLsn(end["lsn"]!),
    };
    await session.run("set a savepoint", SET_BACK);
    const loaded: Loaded[] = [];
    for (const load of loads) {
      if (context.signal.aborted) break;
      loaded.push({ load, outcome: await loadTable(session, load, taken, options, context) });
    }
    return loaded;
  } finally {
    await session.rollback().catch(() => {});
  }
}

interface Taken {
  readonly snapshot: ImportedSnapshot;
  readonly takenAt: string;
  readonly from: Lsn;
}

/**
 * Keeps tables from being dropped or rewritten, and sees that nobody has changed them since they were
 * described: what a rewritten table had before is not in it for an older snapshot, nor in the log.
 */
async function lockAsKnown(session: Session, loads: readonly FirstLoad[]): Promise<void> {
  const lockable = loads.map(({ plan }) => plan.relation).filter(({ isReadable }) => isReadable);
  if (lockable.length > 0) {
    const list = lockable.map(quoteTable).join(", ");
    await session.run("lock the tables to read", `lock table ${list} in access share mode`);
  }
  const oids = loads.map(({ table }) => table.oid);
  const now = await describeLogTables(session, oids);
  const rewritten = await session.query("look for rewritten tables", findRewritten(oids));
  const odd =
    loads.find(({ table }) => JSON.stringify(now.get(table.oid)) !== JSON.stringify(table)) ??
    (rewritten.length > 0 ? loads[0] : undefined);
  if (odd !== undefined)
    throw new Failure(
      "postgres.conflict",
      `the table ${label(odd.plan.relation)}, or another one, was changed in the moment before it was read`,
    );
}

/** Reads one table; resolves with where it stands, or with why it cannot be read. */
async function loadTable(
  session: Session,
  load: FirstLoad,
  taken: Taken,
  options: LoadOptions,
  context: ReadContext,
): Promise<TablePosition | Failure> {
  const { plan, output } = load;
  const printer = new RecordPrinter(plan.descriptor, output, context);
  try {
    await output.started(load.interrupted === undefined ? estimatedSize(plan.relation) : undefined);
    const position = await printTable(session, load, printer, taken, options, context);
    await printer.end(printTablePosition(plan.relation, position));
    return position;
  } catch (error) {
    const failure = asFailure(error);
    if (failure.code === "output.closed") throw failure;
    await printer.stop();
    if (context.signal.aborted) throw failure;
    await output.incomplete(failure);
    await session.run("go on with other tables", GO_BACK);
    return failure;
  }
}

async function printTable(
  session: Session,
  load: FirstLoad,
  printer: RecordPrinter,
  { snapshot, takenAt, from }: Taken,
  options: LoadOptions,
  context: ReadContext,
): Promise<TablePosition> {
  const { plan, table, publishedBy, interrupted, repeated } = load;
  const { relation } = plan;
  const position: TablePosition = {
    tableOid: table.oid,
    columns: (interrupted ?? repeated)?.columns ?? table.columns,
    from: (interrupted ?? repeated)?.from ?? from,
    publishedBy,
    ...(interrupted && { resumedUpTo: from }),
  };
  const rows = new RowPrinter(session, plan, printer, {
    ...options,
    copiesBehind: () => [],
    tail: unchangedSince(position.from, takenAt),
  });
  const seen = interrupted?.load.snapshot ?? snapshot;
  const { filenode } = relation;
  const blob = (ctid: string): JsonObject =>
    printTablePosition(relation, {
      ...position,
      load: { ctid, filenode: filenode!, snapshot: seen },
    });
  if (load.replaces === true) printer.row(truncated(position.from, takenAt), NO_BYTES, 0, 0);
  const hasPlaces = filenode !== undefined && hasStoredOrder(relation);
  const count = await rows.print({
    where: interrupted && restOf(interrupted.load, snapshot),
    ...(hasPlaces && { hidden: ["ctid"], safePlaces: new StoredOrder(0, undefined, blob) }),
  });
  context.log("INFO", `${label(relation)}: ${count} records of the first load`);
  return position;
}

/**
 * The rows that an interrupted load did not come to, as they were when it began. What was written since
 * comes from the log.
 */
function restOf({ ctid, snapshot }: UnfinishedLoad, { xmax }: ImportedSnapshot): string {
  const seen = { xmin: snapshot.xmin, delivered: seenFromXmin(snapshot) };
  return `ctid > '${ctid}'::tid and not ${notDelivered(seen, { xmax })}`;
}

const NO_BYTES = Buffer.alloc(0);

function truncated(lsn: Lsn, takenAt: string): ChangeRecord {
  const record = new ChangeRecord();
  record.time = Buffer.from(JSON.stringify(takenAt));
  record.ofTruncate(lsn);
  return record;
}
