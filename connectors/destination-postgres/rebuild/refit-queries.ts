import { quoteName, quoteTable, type Sql, type Table } from "../../postgres/sql.ts";
import { columnRef, keyHash, rowHash } from "../plan/hashes.ts";
import type { Column } from "../plan/columns.ts";
import { mergeStatements } from "../publish/merge.ts";
import { asked, cursorOf, done, type MergeStatement } from "../publish/merge-terms.ts";
import { rowsOf } from "../schema/queries.ts";
import type { FormerTable } from "./rebuild-queries.ts";
import type { ChangesPlan, DedupPlan, StreamPlan } from "../plan/stream-plan.ts";
import {
  createTable,
  createStage,
  createTemporaryTable,
  finalColumns,
  historyColumns,
  loadedColumns,
} from "../plan/tables.ts";

/** Whether rows of a final table lack a key. */
export function lookForUnkeyed(final: FormerTable): Sql {
  return {
    text: `select exists (select from ${rowsOf(final.table, final)} where _airbyte_unique_key is null) as found`,
    values: [],
  };
}

/** How many rows without a key have NULL in a column because it could not hold their value. */
export function countLost(final: Table, { name, key }: Column): Sql {
  return {
    text: `
      select count(*) as count from ${quoteTable(final)}
       where _airbyte_unique_key is null and ${quoteName(name)} is null
         and _airbyte_meta -> 'changes' @> $1::jsonb`,
    values: [JSON.stringify([{ field: key, change: "NULLED" }])],
  };
}

/** Whether the first row of a final table has no hash. */
export function lookAtHash(plan: StreamPlan, final: FormerTable): Sql {
  return {
    text: `select ${quoteName(plan.hashColumn)} is null as unhashed from ${rowsOf(final.table, final)} limit 1`,
    values: [],
  };
}

/**
 * The order in which rows of a final table came: rows that were appended are stored in it, behind those
 * that an earlier time of merging left.
 */
const ARRIVAL = "_airbyte_unique_key is null, ctid";

/** Gives every row of a final table its hash. */
export function hashStatement(plan: StreamPlan, final: FormerTable): string {
  const hash = quoteName(plan.hashColumn);
  return `update ${rowsOf(final.table, final)} set ${hash} = ${rowHash(plan)} where ${hash} is null`;
}

/**
 * Merges the rows of a final table into its history, as versions that come now: those that are in it
 * already stay what they are. Makes the table when there is none. Changes that have no key yet are no
 * versions, and neither are deleted rows.
 */
export function historyStatements(
  plan: StreamPlan,
  dedup: DedupPlan,
  final: FormerTable,
  history: { readonly table: Table; readonly exists: boolean },
): MergeStatement[] {
  const stage = { schema: "pg_temp", name: "refitted" };
  const winners = { schema: "pg_temp", name: "refitted_winners" };
  const list = loadedColumns(plan)
    .map((column) => quoteName(column.name))
    .join(", ");
  const { changes } = plan;
  const wanted = changes
    ? `where _airbyte_unique_key is not null and ${columnRef(changes.deletedAt)} is null`
    : "";
  return [
    createStage(stage, plan),
    createTemporaryTable(winners, finalColumns(plan)),
    ...(history.exists ? [] : [createTable(history.table, historyColumns(plan))]),
    `insert into ${quoteTable(stage)} (${list})
       select ${list} from ${rowsOf(final.table, final)} ${wanted} order by ${ARRIVAL}`,
    ...mergeStatements(plan, dedup, { stage, final: winners, history: history.table }, false),
    ...(changes && history.exists ? [endStatement(dedup, changes, final, history.table)] : []),
    `drop table ${quoteTable(stage)}, ${quoteTable(winners)}`,
  ];
}

/**
 * Ends the versions of rows that were deleted while the history was not kept up: where the final table says
 * so, else at the last place in the log that it knows.
 */
function endStatement(
  dedup: DedupPlan,
  changes: ChangesPlan,
  final: FormerTable,
  history: Table,
): string {
  const rows = rowsOf(final.table, final);
  const last = `select max(${cursorOf(dedup, "f")}) from ${rows} f`;
  const isSameKey = [
    "f._airbyte_unique_key = h._airbyte_unique_key",
    ...dedup.key.map(
      (column) => `${columnRef(column, "f")} is not distinct from ${columnRef(column, "h")}`,
    ),
  ].join(" and ");
  return `
    update ${quoteTable(history)} h
       set _airbyte_active_row = 0,
           _airbyte_end_at = greatest(h._airbyte_start_at, coalesce((${last} where ${isSameKey}), (${last})))
     where h._airbyte_active_row = 1
       and not exists (select from ${rows} f where ${isSameKey} and ${columnRef(changes.deletedAt, "f")} is null)`;
}

/** Takes the rows without a key from a final table of changes, to be merged as if they came now. */
export function stageUnkeyed(plan: StreamPlan, final: FormerTable, stage: Table): MergeStatement[] {
  const list = loadedColumns(plan)
    .map((column) => quoteName(column.name))
    .join(", ");
  const unkeyed = `from ${rowsOf(final.table, final)} where _airbyte_unique_key is null`;
  return [
    createStage(stage, plan),
    asked(
      final.table,
      `insert into ${quoteTable(stage)} (${list}) select ${list} ${unkeyed} order by ctid`,
    ),
    done(final.table, `delete ${unkeyed}`),
  ];
}

/** Gives the rows of a final table that have no key theirs. */
export function keyStatement(final: FormerTable, dedup: DedupPlan): string {
  return `update ${rowsOf(final.table, final)} set _airbyte_unique_key = ${keyHash(dedup)}
           where _airbyte_unique_key is null`;
}

/**
 * Leaves the newest row of each key, by the rules of `mergeStatements`. One row with the number of those
 * that are older, and of those that are gone. Before anything updates the rows: where they are stored
 * tells in which order they came.
 */
export function dropOlderRows(final: FormerTable, dedup: DedupPlan): Sql {
  const keys = dedup.key.map((column) => quoteName(column.name)).join(", ");
  const cursor = dedup.cursor ? `${quoteName(dedup.cursor.name)} nulls first, ` : "";
  return {
    text: `
      with older as (
        select part, place
          from (select tableoid as part, ctid as place,
                       lead(true) over (partition by ${keys} order by ${cursor}${ARRIVAL}) as is_older
                  from ${rowsOf(final.table, final)}) r
         where is_older),
      dropped as (
        delete from ${rowsOf(final.table, final)} f using older o
         where f.tableoid = o.part and f.ctid = o.place
        returning 1)
      select (select count(*) from older) as older, (select count(*) from dropped) as dropped`,
    values: [],
  };
}
