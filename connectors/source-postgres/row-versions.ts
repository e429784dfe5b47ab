import type { Client } from "pg";
import { postgresFailure } from "../postgres/errors.ts";
import type { Relation } from "./catalog.ts";
import type { DeliveredRows } from "./state.ts";
import { lookUpSnapshot } from "./queries.ts";

/** The snapshot of the running transaction, and where it was taken. */
export interface Snapshot {
  readonly xmin: bigint;
  readonly xmax: bigint;
  readonly systemIdentifier: string;
  readonly databaseOid: string;
}

/** Takes note of the snapshot of the transaction that runs on `client`. Throws `postgres.*`. */
export async function readSnapshot(client: Client): Promise<Snapshot> {
  const query = lookUpSnapshot();
  try {
    const { rows } = await client.query<Record<string, string>>(query.text, []);
    const row = rows[0]!;
    return {
      xmin: BigInt(row["xmin"]!),
      xmax: BigInt(row["xmax"]!),
      systemIdentifier: row["system_identifier"]!,
      databaseOid: row["database_oid"]!,
    };
  } catch (error) {
    throw postgresFailure("look at the snapshot", error);
  }
}

/** Ids further apart than this cannot be told apart by the 32 bits that a row keeps. */
const MAX_ID_DISTANCE = 2n ** 31n;

/** Why the transaction ids of an earlier read mean nothing now; undefined when they do. */
export function whyForeign(
  rows: DeliveredRows,
  snapshot: Snapshot,
  relation: Relation,
): string | undefined {
  if (rows.systemIdentifier !== snapshot.systemIdentifier)
    return "the state was written for another database server, or one that was since rebuilt";
  if (rows.databaseOid !== snapshot.databaseOid)
    return "the state was written for another database of this server";
  if (rows.tableOid !== relation.oid) return "the table was dropped and created again";
  if (rows.xmax > snapshot.xmax)
    return "the database is older than the state: it was restored, or failed over and lost transactions";
  if (snapshot.xmax - rows.xmin >= MAX_ID_DISTANCE)
    return "too many transactions ran since the state was written";
  return undefined;
}

/**
 * SQL for the 64-bit id of the transaction that wrote a row. A row keeps 32 bits; the rest follows
 * from the snapshot, since a visible row is never younger.
 */
export function rowId(snapshot: Snapshot): string {
  const low = snapshot.xmax & 0xffff_ffffn;
  return `(${snapshot.xmax} - ((${low} - xmin::text::int8) & 4294967295))`;
}

/** Ids 0 to 2 mark rows older than any snapshot. */
const IS_ORDINARY = "xmin::text::int8 > 2";

/**
 * Condition for the rows that an earlier read cannot have delivered: written by a transaction that
 * had not ended at its snapshot, minus those whose rows it did deliver.
 *
 * Not `pg_visible_in_snapshot`, which takes a savepoint of a transaction still running for ended.
 */
export function notDelivered(rows: DeliveredRows, snapshot: Snapshot): string {
  const id = rowId(snapshot);
  const young = `${IS_ORDINARY} and ${id} >= ${rows.xmin}`;
  if (rows.delivered.length === 0) return `(${young})`;
  const ranges = rows.delivered.map(([first, last]) => `[${first},${last}]`).join(",");
  return `(${young} and not ('{${ranges}}'::int8multirange @> ${id}))`;
}

/** The row's id where a later read will want to know it, else NULL. */
export function idToRemember(snapshot: Snapshot): string {
  const id = rowId(snapshot);
  return `case when ${IS_ORDINARY} and ${id} >= ${snapshot.xmin} then ${id} end`;
}
