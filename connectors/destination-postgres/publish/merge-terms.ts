import { type Table } from "../../postgres/sql.ts";
import { columnRef } from "../plan/hashes.ts";
import type { DedupPlan } from "../plan/stream-plan.ts";

/** Where the rows of a deduped (or hashed) stream come from and go to. */
export interface MergeTables {
  /** Made by `createStage`, with `loadedColumns`. */
  readonly stage: Table;
  readonly final: Table;
  readonly history: Table | undefined;
}

/** A statement; counted where its number of rows says of a table how many are to be changed, or were. */
export type MergeStatement = string | CountedStatement;

export interface CountedStatement {
  readonly sql: string;
  readonly table: Table;
  /** The rows of all `asked` of a table are as many as those of all `done`. */
  readonly rows: "asked" | "done";
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

/** Names for the columns of a key. */
export function keyAliases(dedup: DedupPlan): string[] {
  return dedup.key.map((_, i) => `key_${i + 1}`);
}

/** What a key is, to sort by: first its values, since comparing texts such as the hash is slow. */
export function keyOrder(dedup: DedupPlan): string {
  return [...keyAliases(dedup), "unique_key"].join(", ");
}

/** What versions of one key are sorted by: their cursor, if they have one, and the order they came in. */
export function newestFirst(dedup: DedupPlan, byCursor: string): string {
  return dedup.cursor ? `${byCursor}, arrival desc` : "arrival desc";
}

/** Whether `uniqueKey` is one of `keys`, a query. Of few, the array leaves the planner no way but the index. */
export function isAmong(uniqueKey: string, keys: string, isFew: boolean): string {
  return isFew ? `${uniqueKey} = any (array(${keys}))` : `${uniqueKey} in (${keys})`;
}

/** The cursor of a row, or what stands in for it where a stream has none. */
export function cursorOf(dedup: DedupPlan, alias: string): string {
  return dedup.cursor ? columnRef(dedup.cursor, alias) : `${alias}._airbyte_emitted_at`;
}

/** Whether `row` is the one whose place is kept: a place says which row only together with its partition. */
export function isSameRow(row: string, kept: string): string {
  return `${row}.ctid = ${kept}.old_place and ${row}.tableoid = ${kept}.old_table`;
}
