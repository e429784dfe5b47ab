import { quoteName, quoteTable, type Sql, type Table } from "../../postgres/sql.ts";
import type { Column } from "../plan/columns.ts";
import { columnRef, hashOf, keyHash, rowHash } from "../plan/hashes.ts";
import type { DedupPlan, StreamPlan } from "../plan/stream-plan.ts";
import { arrivalColumn, loadedColumns } from "../plan/tables.ts";

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

/** Sorting a batch in memory is what makes a merge fast; the server's default is 4 MB. */
const WORK_MEM = "64MB";

/** Moves the staged rows of a stream without key into its final table, hash included. */
export function appendStatements(
  plan: StreamPlan,
  { stage, final }: MergeTables,
): MergeStatement[] {
  const columns = loadedColumns(plan).map((column) => quoteName(column.name));
  const list = [...columns, quoteName(plan.hashColumn)].join(", ");
  const values = [...columns, rowHash(plan, "s")].join(", ");
  return [
    done(
      final,
      `insert into ${quoteTable(final)} (${list}) select ${values} from ${quoteTable(stage)} s`,
    ),
    `truncate ${quoteTable(stage)}`,
  ];
}

/**
 * Merges the staged versions of a deduped stream into its final and history tables.
 *
 * - A key is its column values; two NULLs are one value. `_airbyte_unique_key` finds candidates fast,
 *   the values decide: the hash alone would make ('a-b','c') and ('a','b-c') one key.
 * - The newest version is the one with the greatest cursor, a NULL cursor being least; of equal ones,
 *   and of all where there is no cursor, the one that came last. No clock has a say: `_airbyte_emitted_at`
 *   is the source's, and two sources of one stream need not agree.
 * - History keeps one row per key, cursor and time of emission (the last that came). Every version
 *   ends where the next newer one of its key starts, so a late older version closes against its true
 *   neighbours, whenever they came.
 * - The final table is updated only by a version that is not older than the one it has.
 *
 * @param released columns of the final table that become NULL in all rows whose value of them changes,
 *   before any gets its new one: a row may then take what another gives up.
 */
export function mergeStatements(
  plan: StreamPlan,
  dedup: DedupPlan,
  tables: MergeTables,
  released: readonly Column[] = [],
): MergeStatement[] {
  return [
    `set local work_mem = '${WORK_MEM}'`,
    ...(tables.history
      ? [
          ...versionStatements(plan, dedup, tables),
          ...historyStatements(plan, dedup, tables, tables.history),
          ...finalStatements(plan, dedup, tables, "pg_temp.versions", released),
          "drop table pg_temp.versions",
        ]
      : finalStatements(plan, dedup, tables, `(${stagedVersions(plan, dedup, tables)})`, released)),
    `truncate ${quoteTable(tables.stage)}`,
  ];
}

/**
 * Locks the rows of the keys that are to be merged, in the order of their keys, as whoever changes several
 * rows is best to do, and those of one key once. What has changed until then is seen by the merge.
 */
export function lockRowStatements(
  dedup: DedupPlan,
  { stage, final, history }: MergeTables,
): string[] {
  const keys = dedup.key.map((column) => columnRef(column, "t")).join(", ");
  const lock = (table: Table, active: string) => `
    with locked as materialized (
      select from ${quoteTable(table)} t
       where t._airbyte_unique_key in (select ${keyHash(dedup, "s")} from ${quoteTable(stage)} s)${active}
       order by ${keys}
         for update)
    select count(*) from locked`;
  return [lock(final, ""), ...(history ? [lock(history, " and t._airbyte_active_row = 1")] : [])];
}

/** How many rows of a table have no value in a part of their key, and so have the key of others that have none. */
export function countKeyless(table: Table, { key }: DedupPlan): Sql {
  const isMissing = key.map((column) => `${columnRef(column)} is null`).join(" or ");
  return {
    text: `select count(*) as count from ${quoteTable(table)} where ${isMissing}`,
    values: [],
  };
}

/** The staged versions without their data: key, cursor, time, when the row came and where it is. */
function stagedVersions(plan: StreamPlan, dedup: DedupPlan, { stage }: MergeTables): string {
  const keys = keyAliases(dedup);
  const selected = dedup.key.map((column, i) => `${columnRef(column, "s")} as ${keys[i]}`);
  const cursor = dedup.cursor ? columnRef(dedup.cursor, "s") : "s._airbyte_emitted_at";
  return `select s.ctid as place, s.${quoteName(arrivalColumn(plan))} as arrival, ${keyHash(dedup, "s")} as unique_key,
                 ${selected.join(", ")}, ${cursor} as cursor, s._airbyte_emitted_at as emitted_at
            from ${quoteTable(stage)} s`;
}

/** Keeps the staged versions, one per key, cursor and time, for the statements that follow. */
function versionStatements(plan: StreamPlan, dedup: DedupPlan, tables: MergeTables): string[] {
  const key = keyOrder(dedup);
  return [
    `create temporary table versions on commit drop as
       select distinct on (${key}, cursor, emitted_at) *
         from (${stagedVersions(plan, dedup, tables)}) v
        order by ${key}, cursor, emitted_at, arrival desc`,
    "analyze pg_temp.versions",
  ];
}

function historyStatements(
  plan: StreamPlan,
  dedup: DedupPlan,
  { stage }: MergeTables,
  history: Table,
): MergeStatement[] {
  const keys = keyAliases(dedup);
  const data = plan.columns.map((column) => quoteName(column.name));
  const historyKeys = dedup.key.map((column, i) => `${columnRef(column, "h")} as ${keys[i]}`);
  const columns = [
    "_airbyte_unique_key",
    "_airbyte_unique_key_scd",
    ...data,
    "_airbyte_start_at",
    "_airbyte_end_at",
    "_airbyte_active_row",
    "_airbyte_ab_id",
    "_airbyte_emitted_at",
    "_airbyte_normalized_at",
    quoteName(plan.hashColumn),
  ];
  return [
    // Of two equal versions the new one comes first; the old one is replaced. Whatever comes next
    // ends at the same cursor either way, so one pass finds both. Of old ones with one cursor all but
    // the last end where they start. Without cursor all new ones come behind the one that is active.
    asked(
      history,
      `create temporary table chain on commit drop as
       select * from (
       select new_place, old_table, old_place, unique_key, cursor, old_end_at, old_active,
              lag(cursor) over newest_first as end_at,
              (row_number() over newest_first = 1)::integer as active,
              old_place is not null and lag(new_place) over newest_first is not null
                and lag(cursor) over newest_first is not distinct from cursor
                and lag(emitted_at) over newest_first = emitted_at as is_replaced
         from (select place as new_place, arrival, null::oid as old_table, null::tid as old_place, unique_key, ${keys.join(", ")},
                      cursor, emitted_at, null as old_end_at, null::integer as old_active
                 from pg_temp.versions
               union all
               select null, null, h.tableoid, h.ctid, h._airbyte_unique_key, ${historyKeys.join(", ")},
                      h._airbyte_start_at, h._airbyte_emitted_at,
                      h._airbyte_end_at, h._airbyte_active_row
                 from ${quoteTable(history)} h
                where h._airbyte_unique_key in (select unique_key from pg_temp.versions)
                  ${dedup.cursor ? "" : "and h._airbyte_active_row = 1"}) one
       window newest_first as (partition by ${keyOrder(dedup)}
                               order by ${newestFirst(dedup, "cursor is null, cursor desc")} nulls last,
                                        old_active = 0 and old_end_at is not distinct from cursor)) c
        where new_place is not null or is_replaced
           or old_end_at is distinct from end_at or old_active is distinct from active`,
    ),
    "analyze pg_temp.chain",
    done(
      history,
      `delete from ${quoteTable(history)} h
      using pg_temp.chain c
      where c.is_replaced and ${isSameRow("h", "c")}`,
    ),
    done(
      history,
      `update ${quoteTable(history)} h
        set _airbyte_end_at = c.end_at, _airbyte_active_row = c.active
       from pg_temp.chain c
      where ${isSameRow("h", "c")} and not c.is_replaced`,
    ),
    done(
      history,
      `insert into ${quoteTable(history)} (${columns.join(", ")})
       select c.unique_key, ${hashOf(["c.unique_key", "c.cursor", "s._airbyte_emitted_at"])},
              ${[...data.map((name) => `s.${name}`), "c.cursor", "c.end_at", "c.active"].join(", ")},
              s._airbyte_ab_id, s._airbyte_emitted_at, s._airbyte_normalized_at, ${rowHash(plan, "s")}
         from pg_temp.chain c join ${quoteTable(stage)} s on s.ctid = c.new_place
        order by c.new_place`,
    ),
    "drop table pg_temp.chain",
  ];
}

/** @param versions where the staged versions come from, as SQL. */
function finalStatements(
  plan: StreamPlan,
  dedup: DedupPlan,
  { stage, final }: MergeTables,
  versions: string,
  released: readonly Column[],
): MergeStatement[] {
  const key = keyOrder(dedup);
  const loaded = loadedColumns(plan).map((column) => quoteName(column.name));
  const columns = [...loaded, ...(plan.hashesFinal ? [quoteName(plan.hashColumn)] : [])];
  const values = [
    ...loaded.map((name) => `s.${name}`),
    ...(plan.hashesFinal ? [rowHash(plan, "s")] : []),
  ];
  const match = `f._airbyte_unique_key = w.unique_key and ${sameKey(dedup, "f", "w")}`;
  return [
    asked(
      final,
      `create temporary table winners on commit drop as
       select w.place, w.unique_key, f.tableoid as old_table, f.ctid as old_place
         from (select distinct on (${key}) *
                 from ${versions} v
                order by ${key}, ${newestFirst(dedup, "cursor desc nulls last")}) w
         left join ${quoteTable(final)} f on ${match}
        where f.ctid is null or ${isNotOlder(dedup)}`,
    ),
    "analyze pg_temp.winners",
    ...(released.length > 0 ? [releaseStatement(released, stage, final)] : []),
    done(
      final,
      `update ${quoteTable(final)} f
        set ${columns.map((name, i) => `${name} = ${values[i]}`).join(", ")}
       from pg_temp.winners w join ${quoteTable(stage)} s on s.ctid = w.place
      where ${isSameRow("f", "w")}`,
    ),
    done(
      final,
      `insert into ${quoteTable(final)} (_airbyte_unique_key, ${columns.join(", ")})
       select w.unique_key, ${values.join(", ")}
         from pg_temp.winners w join ${quoteTable(stage)} s on s.ctid = w.place
        where w.old_place is null
        order by w.place`,
    ),
    "drop table pg_temp.winners",
  ];
}

function asked(table: Table, sql: string): CountedStatement {
  return { sql, table, rows: "asked" };
}

function done(table: Table, sql: string): CountedStatement {
  return { sql, table, rows: "done" };
}

/** Empties columns of the rows that are about to change them. A row that is updated has another place. */
function releaseStatement(columns: readonly Column[], stage: Table, final: Table): string {
  const isChanged = columns.map(
    (column) => `${columnRef(column, "f")} is distinct from ${columnRef(column, "s")}`,
  );
  return `
    with released as (
      update ${quoteTable(final)} f
         set ${columns.map(({ name }) => `${quoteName(name)} = null`).join(", ")}
        from pg_temp.winners w join ${quoteTable(stage)} s on s.ctid = w.place
       where ${isSameRow("f", "w")} and (${isChanged.join(" or ")})
      returning w.place, f.tableoid as new_table, f.ctid as new_place)
    update pg_temp.winners w set old_table = r.new_table, old_place = r.new_place
      from released r
     where r.place = w.place`;
}

/** What versions of one key are sorted by: their cursor, if they have one, and the order they came in. */
function newestFirst(dedup: DedupPlan, byCursor: string): string {
  return dedup.cursor ? `${byCursor}, arrival desc` : "arrival desc";
}

/** Whether the winner `w`, which came later, may take the place of the final row `f`. */
function isNotOlder(dedup: DedupPlan): string {
  if (dedup.cursor === undefined) return "true";
  const old = columnRef(dedup.cursor, "f");
  return `(w.cursor >= ${old} or ${old} is null)`;
}

/** Whether `row` is the one whose place is kept: a place says which row only together with its partition. */
function isSameRow(row: string, kept: string): string {
  return `${row}.ctid = ${kept}.old_place and ${row}.tableoid = ${kept}.old_table`;
}

function sameKey(dedup: DedupPlan, table: string, keyed: string): string {
  return dedup.key
    .map((column, i) => `${columnRef(column, table)} is not distinct from ${keyed}.key_${i + 1}`)
    .join(" and ");
}

/** What a key is, to sort by: first its values, since comparing texts such as the hash is slow. */
function keyOrder(dedup: DedupPlan): string {
  return [...keyAliases(dedup), "unique_key"].join(", ");
}

function keyAliases(dedup: DedupPlan): string[] {
  return dedup.key.map((_, i) => `key_${i + 1}`);
}
