import { quoteName, quoteTable, type Table } from "../../postgres/sql.ts";
import type { Column } from "../plan/columns.ts";
import { columnRef, keyHash, rowHash } from "../plan/hashes.ts";
import type { DedupPlan, StreamPlan } from "../plan/stream-plan.ts";
import { loadedColumns } from "../plan/tables.ts";
import { historyStatements, insertVersions } from "./merge-history-queries.ts";
import {
  asked,
  BEGIN,
  done,
  END_OF_FETCHING,
  END_OF_LOOKING_UP,
  FETCH_BY_PLACE,
  foundIn,
  isAmong,
  isSameRow,
  joinByKey,
  keyOrder,
  LOOK_UP,
  newestFirst,
  soughtOf,
  type MergeStatement,
  type MergeTables,
} from "./merge-terms.ts";
import { stagedVersions } from "./version-queries.ts";

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
 * @param isFew whether the staged rows are few beside those of the final table, whose keys are indexed:
 *   then rows are looked up one by one.
 * @param released columns of the final table that become NULL in all rows whose value of them changes,
 *   before any gets its new one: a row may then take what another gives up.
 */
export function mergeStatements(
  plan: StreamPlan,
  dedup: DedupPlan,
  tables: MergeTables,
  isFew: boolean,
  released: readonly Column[] = [],
): MergeStatement[] {
  const { history } = tables;
  const versions = history ? "pg_temp.versions" : `(${stagedVersions(plan, dedup, tables)})`;
  return [
    ...BEGIN,
    ...(isFew ? LOOK_UP : []),
    ...(history
      ? [
          ...versionStatements(plan, dedup, tables, isFew),
          ...historyStatements(plan, dedup, tables, history, isFew),
        ]
      : []),
    ...finalStatements(plan, dedup, tables, { versions, isFew, released }),
    ...(history ? ["drop table pg_temp.versions"] : []),
    `truncate ${quoteTable(tables.stage)}`,
    ...(isFew ? END_OF_LOOKING_UP : []),
  ];
}

/**
 * Moves staged rows whose keys are all different into tables that are empty: each is the newest version
 * of its key, and the first.
 *
 * As they lie, in one pass. 1,000,000 rows of 8 columns take 1.7 core-seconds, and 4.5 into the history, of
 * which the hashes are 3.2. With the hash of the key made twice the history takes 4.8. As winners and
 * versions they took 1.0 and 3.0 more, and 2.1 and 5.0 more when whole rows were sorted at last to lie in
 * the order they came.
 */
export function firstStatements(
  plan: StreamPlan,
  dedup: DedupPlan,
  { stage, final, history }: MergeTables,
): MergeStatement[] {
  const uniqueKey = keyHash(dedup, "s");
  const { columns, values } = finalRow(plan);
  // What is taken by itself makes the hash once, although it is asked for twice.
  const hashed = `(select s.*, ${uniqueKey} as _airbyte_unique_key from ${quoteTable(stage)} s offset 0) s`;
  return [
    done(
      final,
      `insert into ${quoteTable(final)} (_airbyte_unique_key, ${columns.join(", ")})
       select ${uniqueKey}, ${values.join(", ")} from ${quoteTable(stage)} s`,
    ),
    ...(history
      ? [
          done(
            history,
            insertVersions(plan, dedup, history, {
              from: hashed,
              uniqueKey: "s._airbyte_unique_key",
              endAt: "null",
              active: "1",
            }),
          ),
        ]
      : []),
    `truncate ${quoteTable(stage)}`,
  ];
}

/**
 * Locks the rows of the keys that are to be merged, in the order of their keys, as whoever changes several
 * rows is best to do, and those of one key once. What has changed until then is seen by the merge.
 */
export function lockRowStatements(
  dedup: DedupPlan,
  { stage, final, history }: MergeTables,
  isFew: boolean,
): string[] {
  const keys = dedup.key.map((column) => columnRef(column, "t")).join(", ");
  const sought = `select ${soughtOf(dedup, "s")} from ${quoteTable(stage)} s`;
  const lock = (table: Table, active: string) => `
    with locked as materialized (
      select from ${quoteTable(table)} t
       where ${isAmong(foundIn(dedup, "t"), sought, isFew)}${active}
       order by ${keys}
         for update)
    select count(*) from locked`;
  return [
    ...BEGIN,
    ...(isFew ? LOOK_UP : []),
    lock(final, ""),
    ...(history ? [lock(history, " and t._airbyte_active_row = 1")] : []),
  ];
}

/** Keeps the staged versions, one per key, cursor and time, for the statements that follow. */
function versionStatements(
  plan: StreamPlan,
  dedup: DedupPlan,
  tables: MergeTables,
  isFew: boolean,
): string[] {
  const key = keyOrder(dedup);
  return [
    `create temporary table versions on commit drop as
       select distinct on (${key}, cursor, emitted_at) *
         from (${stagedVersions(plan, dedup, tables)}) v
        order by ${key}, cursor, emitted_at, arrival desc`,
    ...(isFew ? [] : ["analyze pg_temp.versions"]),
  ];
}

/** What is to be known for the final table to get its rows. */
export interface FinalMerge {
  /** Where the staged versions come from, as SQL. */
  readonly versions: string;
  readonly isFew: boolean;
  readonly released: readonly Column[];
  /** Whether rows go of which the newest version `is_deleted`. */
  readonly removes?: boolean;
}

/** Brings the newest staged version of each key into the final table. */
export function finalStatements(
  plan: StreamPlan,
  dedup: DedupPlan,
  { stage, final }: MergeTables,
  { versions, isFew, released, removes = false }: FinalMerge,
): MergeStatement[] {
  const key = keyOrder(dedup);
  const { columns, values } = finalRow(plan);
  const more = dedup.cursor ? [dedup.cursor] : [];
  return [
    asked(
      final,
      `create temporary table winners on commit drop as
       select w.place${removes ? ", w.is_deleted" : ""}, f.tableoid as old_table, f.ctid as old_place
         from (select distinct on (${key}) *
                 from ${versions} v
                order by ${key}, ${newestFirst(dedup, "cursor desc nulls last")}) w
         left join ${joinByKey(dedup, final, "w", { isFew, more })}
        where ${removes ? "f.ctid is null and not w.is_deleted or f.ctid is not null and" : "f.ctid is null or"} ${isNotOlder(dedup)}
        order by old_table, old_place, place`,
    ),
    ...(isFew ? [] : ["analyze pg_temp.winners", ...FETCH_BY_PLACE]),
    // First of all: what goes makes room in unique indexes for what comes.
    ...(removes ? [removeStatement(final)] : []),
    ...(released.length > 0 ? [releaseStatement(released, stage, final)] : []),
    done(
      final,
      `update ${quoteTable(final)} f
        set ${columns.map((name, i) => `${name} = ${values[i]}`).join(", ")}
       from pg_temp.winners w join ${quoteTable(stage)} s on s.ctid = w.place
      where ${isSameRow("f", "w")}${removes ? " and not w.is_deleted" : ""}`,
    ),
    done(
      final,
      `insert into ${quoteTable(final)} (_airbyte_unique_key, ${columns.join(", ")})
       select ${keyHash(dedup, "s")}, ${values.join(", ")}
         from pg_temp.winners w join ${quoteTable(stage)} s on s.ctid = w.place
        where w.old_place is null`,
    ),
    ...(isFew ? [] : END_OF_FETCHING),
    "drop table pg_temp.winners",
  ];
}

function removeStatement(final: Table): MergeStatement {
  return done(
    final,
    `delete from ${quoteTable(final)} f
      using pg_temp.winners w
      where w.is_deleted and ${isSameRow("f", "w")}`,
  );
}

/** The columns of a final row but for its key, quoted, and what they get of the staged row `s`. */
function finalRow(plan: StreamPlan): { columns: string[]; values: string[] } {
  const loaded = loadedColumns(plan).map((column) => quoteName(column.name));
  const hash = plan.hashesFinal ? { [quoteName(plan.hashColumn)]: rowHash(plan, "s") } : {};
  return {
    columns: [...loaded, ...Object.keys(hash)],
    values: [...loaded.map((name) => `s.${name}`), ...Object.values(hash)],
  };
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

/** Whether the winner `w`, which came later, may take the place of the final row `f`. */
function isNotOlder(dedup: DedupPlan): string {
  if (dedup.cursor === undefined) return "true";
  const old = columnRef(dedup.cursor, "f");
  return `(w.cursor >= ${old} or ${old} is null)`;
}
