import type { SourceRelation } from "../catalog/relation.ts";
import type { DeliveredRows } from "./delivered-rows.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * Ids further apart than this cannot be told apart by the 32 bits that a row keeps, and `age()` is a
 * signed number; the margin is for transactions that begin while we read.
 */
const MAX_ID_DISTANCE = 2n ** 31n - 2n ** 24n;

/** How far back rows can be asked for. */
export const OLDEST_DISTANCE = MAX_ID_DISTANCE - 1n;

/**
 * Whether the server's history may be another one than that of the rows, in which their transactions
 * did not happen and their ids are given out again.
 */
export function hasParted({ table, xmax }: DeliveredRows, snapshot: Snapshot): boolean {
  const { timeline } = snapshot;
  const isOther =
    timeline !== undefined && table?.timeline !== undefined && timeline !== table.timeline;
  return isOther || xmax > snapshot.xmax;
}

/** Whether the rows are known to be of this table, in whatever history. */
export function isOfTable(
  rows: DeliveredRows,
  snapshot: Snapshot,
  relation: SourceRelation,
): boolean {
  return rows.table !== undefined && whyOther(rows, snapshot, relation) === undefined;
}

/** Why the transaction ids of an earlier read mean nothing now; undefined when they do. */
export function whyForeign(
  rows: DeliveredRows,
  snapshot: Snapshot,
  relation: SourceRelation,
): string | undefined {
  const why = whyOther(rows, snapshot, relation);
  if (why !== undefined) return why;
  if (hasParted(rows, snapshot))
    return "the server was restored, or failed over, and may lack transactions that the state knows";
  if (snapshot.xmax - rows.xmin >= MAX_ID_DISTANCE)
    return "too many transactions ran since the state was written";
  return undefined;
}

/** Why the rows are not of this table; undefined when they are, or nothing is known. */
function whyOther(
  { table }: DeliveredRows,
  snapshot: Snapshot,
  relation: SourceRelation,
): string | undefined {
  if (table === undefined) return undefined;
  if (table.systemIdentifier !== snapshot.systemIdentifier)
    return "the state was written for another database server, or one that was since rebuilt";
  if (table.databaseOid !== snapshot.databaseOid)
    return "the state was written for another database of this server";
  if (table.tableOid !== relation.oid) return "the table was dropped and created again";
  return undefined;
}

/**
 * SQL for the 64-bit id of the transaction that wrote a row. A row keeps 32 bits; the rest follows
 * from the snapshot, since a visible row is never younger.
 */
export function rowId(snapshot: Pick<Snapshot, "xmax">): string {
  const low = snapshot.xmax & 0xffff_ffffn;
  return `(${snapshot.xmax} - ((${low} - xmin::text::int8) & 4294967295))`;
}

/**
 * Condition for rows written by the transaction `id` (64 bits, at most `MAX_ID_DISTANCE` ago) or a
 * later one. In integers, because it may be asked of every row of a table: by way of the id's text
 * it costs four times as much. Ids that mark rows older than any snapshot have the greatest age; a
 * row written more than 2³¹ transactions ago a negative one.
 */
export function writtenFrom(id: bigint): string {
  return `(age(xmin) between 0 and age('${id & 0xffff_ffffn}'::xid))`;
}

/**
 * Condition for the rows that an earlier read cannot have delivered: written by a transaction that
 * had not ended at its snapshot, minus those whose rows it did deliver.
 *
 * Not `pg_visible_in_snapshot`, which takes a savepoint of a transaction still running for ended.
 * A frozen row keeps its 32 bits, so one written 2³² transactions before such a transaction is taken
 * for late, and repeated.
 */
export function notDelivered(
  rows: Pick<DeliveredRows, "xmin" | "delivered">,
  snapshot: Pick<Snapshot, "xmax">,
): string {
  const young = writtenFrom(rows.xmin);
  if (rows.delivered.length === 0) return young;
  // The ranges have gaps between them, so an id lies in one where an odd number of bounds is passed.
  // A binary search, like that of multiranges, which servers before 14 do not have.
  const bounds = rows.delivered.flatMap(([first, last]) => [first, last + 1n]).join(",");
  return `(${young} and width_bucket(${rowId(snapshot)}, '{${bounds}}'::int8[]) % 2 = 0)`;
}

/** The row's id where a later read will want to know it, else NULL. */
export function idToRemember(snapshot: Snapshot): string {
  return `case when ${writtenFrom(snapshot.xmin)} then ${rowId(snapshot)} end`;
}
