import { quoteTable, type Table } from "../../postgres/sql.ts";
import type { Column } from "../plan/columns.ts";
import { columnRef, keyHash } from "../plan/hashes.ts";
import type { DedupPlan } from "../plan/stream-plan.ts";

/** Where the rows of a deduped (or hashed) stream come from and go to. */
export interface MergeTables {
  /** Made by `createStage`, with `loadedColumns`. */
  readonly stage: Table;
  readonly final: Table;
  readonly history: Table | undefined;
}

/** A statement; counted where its number of rows says how many rows are to be changed, or were, or lost a value. */
export type MergeStatement = string | CountedStatement | LossCount;

export interface CountedStatement {
  readonly sql: string;
  readonly table: Table;
  /** The rows of all `asked` of a table are as many as those of all `done`. */
  readonly rows: "asked" | "done";
}

/** A statement whose rows are those that became NULL in a field, because nobody knows its value. */
export interface LossCount {
  readonly sql: string;
  readonly field: string;
  readonly rows: "lost";
}

/** For the transaction: sorting a batch in memory is what makes a merge fast; the server's default is 4 MB. */
export const SORT_IN_MEMORY = "set local work_mem = '64MB'";

/** A statement that finds the rows of a table to be changed. */
export function asked(table: Table, sql: string): CountedStatement {
  return { sql, table, rows: "asked" };
}

/** A statement that changes rows of a table. */
export function done(table: Table, sql: string): CountedStatement {
  return { sql, table, rows: "done" };
}

/** Statements that run once are not worth compiling. */
export const BEGIN = [SORT_IN_MEMORY, "set local jit = off"];

/**
 * Has few rows looked up one by one, by key or by place, whatever is known of the tables: temporary tables
 * have no statistics, those of others may be wrong or missing, and pages are mostly in memory.
 *
 * Of 10,000 into 1,000,000, with history: 2.1 core-seconds as the planner likes it, which reads the history
 * and the final table whole and takes longer as they grow, and 0.85 so. The settings alone, without the
 * shapes of the queries, still compare every row with every other where statistics are wrong.
 */
export const LOOK_UP = [
  "set local enable_seqscan = off",
  "set local enable_hashjoin = off",
  "set local enable_mergejoin = off",
  "set local random_page_cost = 0",
];

/**
 * Has rows whose places are kept, in their order, fetched by these: they are changed where they are, whatever
 * other rows the table has. A partitioned table is read as a whole all the same where it has many parts.
 *
 * Of 333,000 changes into 1,000,000 rows the final table takes 2.0 core-seconds so, and 3.0 with hash joins.
 */
export const FETCH_BY_PLACE = ["set local random_page_cost = 0"];

/** What follows in the transaction is planned as before. */
export const END_OF_FETCHING = ["set local random_page_cost to default"];

/** What follows in the transaction is planned as before. */
export const END_OF_LOOKING_UP = LOOK_UP.map((set) => set.replace(/=.*/, "to default"));

/** Names for the columns of a key. */
export function keyAliases(dedup: DedupPlan): string[] {
  return dedup.key.map((_, i) => `key_${i + 1}`);
}

/**
 * The columns that a key is, of versions, to sort by as well: first its values, since comparing texts such
 * as the hash is slow.
 */
export function keyOrder(dedup: DedupPlan): string {
  return [...keyAliases(dedup), ...(dedup.foundBy === "hash" ? ["unique_key"] : [])].join(", ");
}

/** What versions of one key are sorted by: their cursor, if they have one, and the order they came in. */
export function newestFirst(dedup: DedupPlan, byCursor: string): string {
  return dedup.cursor ? `${byCursor}, arrival desc` : "arrival desc";
}

/** Whether `found` is one of `keys`, a query. Of few, the array leaves the planner no way but the index. */
export function isAmong(found: string, keys: string, isFew: boolean): string {
  return isFew ? `${found} = any (array(${keys}))` : `${found} in (${keys})`;
}

/** The columns of `keyOrder`, of the row `alias` of a table. */
export function keyOfRow(dedup: DedupPlan, alias: string): string {
  const names = keyAliases(dedup);
  const values = dedup.key.map((column, i) => `${columnRef(column, alias)} as ${names[i]}`);
  const hash = `${alias}._airbyte_unique_key as unique_key`;
  return [...values, ...(dedup.foundBy === "hash" ? [hash] : [])].join(", ");
}

/** What the row `alias` of a table is found by. */
export function foundIn(dedup: DedupPlan, alias: string): string {
  return dedup.foundBy === "value"
    ? columnRef(dedup.key[0]!, alias)
    : `${alias}._airbyte_unique_key`;
}

/** What rows with the key of the staged row `alias` are found by. */
export function soughtOf(dedup: DedupPlan, alias: string): string {
  return dedup.foundBy === "value" ? columnRef(dedup.key[0]!, alias) : keyHash(dedup, alias);
}

/** The same of staged versions: the name of the column that has it. */
export function soughtColumn(dedup: DedupPlan): string {
  return dedup.foundBy === "value" ? keyAliases(dedup)[0]! : "unique_key";
}

/** The cursor of a row, or what stands in for it where a stream has none. */
export function cursorOf(dedup: DedupPlan, alias: string): string {
  return dedup.cursor ? columnRef(dedup.cursor, alias) : `${alias}._airbyte_emitted_at`;
}

/** Whether a row of a table has the key of `keyed`, which has it under the names of `keyAliases`. */
export function sameKey(dedup: DedupPlan, table: string, keyed: string): string {
  const isFound = `${foundIn(dedup, table)} = ${keyed}.${soughtColumn(dedup)}`;
  if (dedup.foundBy === "value") return isFound;
  const values = dedup.key.map(
    (column, i) => `${columnRef(column, table)} is not distinct from ${keyed}.key_${i + 1}`,
  );
  return [isFound, ...values].join(" and ");
}

/**
 * A join of `keyed` rows with the rows of a table, as `f`, that have their keys: with the place of such a
 * row as `old_table` and `old_place`, and `more` of its columns. Taken by itself, the table can only be
 * looked up in for each row, by its key.
 */
export function joinByKey(
  dedup: DedupPlan,
  table: Table,
  keyed: string,
  { isFew, more = [] }: { isFew: boolean; more?: readonly Column[] },
): string {
  const match = sameKey(dedup, "f", keyed);
  const columns = ["f.tableoid", "f.ctid", ...more.map((column) => columnRef(column, "f"))];
  return isFew
    ? `lateral (select ${columns.join(", ")} from ${quoteTable(table)} f where ${match} offset 0) f on true`
    : `${quoteTable(table)} f on ${match}`;
}

/** Whether `row` is the one whose place is kept: a place says which row only together with its partition. */
export function isSameRow(row: string, kept: string): string {
  return `${row}.ctid = ${kept}.old_place and ${row}.tableoid = ${kept}.old_table`;
}
