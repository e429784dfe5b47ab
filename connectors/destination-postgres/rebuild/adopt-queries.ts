import { quoteLiteral, quoteName, quoteTable, type Sql, type Table } from "../../postgres/sql.ts";
import { hashOf, mergeStatements } from "../publish/merge.ts";
import type { DedupPlan, StreamPlan } from "../plan/stream-plan.ts";
import {
  createTable,
  createStage,
  createTemporaryTable,
  finalColumns,
  historyColumns,
  loadedColumns,
} from "../plan/tables.ts";

/** Noted on a table while its stream is synced without it. */
export const NOT_KEPT_UP = "syncline: not kept up at present";

/**
 * Whether the rows of a final table have keys of other values than `dedup` names. A few are looked at:
 * one may have been changed by hand. NULL when no row has a key.
 */
export function lookForOtherKey(final: Table, dedup: DedupPlan): Sql {
  return {
    text: `
      select bool_and(_airbyte_unique_key <> ${keyOf(dedup)}) as found
        from (select * from ${quoteTable(final)}
               where _airbyte_unique_key is not null limit 100) f`,
    values: [],
  };
}

/** Whether rows of a final table lack a key. */
export function lookForUnkeyed(final: Table): Sql {
  return {
    text: `select exists (select from ${quoteTable(final)} where _airbyte_unique_key is null) as found`,
    values: [],
  };
}

/** Whether the first row of a final table has no hash. */
export function lookAtHash(plan: StreamPlan, final: Table): Sql {
  return {
    text: `select ${quoteName(plan.hashColumn)} is null as unhashed from ${quoteTable(final)} limit 1`,
    values: [],
  };
}

/** Whether a table has rows. */
export function lookForRows(table: Table): Sql {
  return { text: `select exists (select from ${quoteTable(table)}) as found`, values: [] };
}

/** Gives every row of a final table its hash. */
export function hashStatement(plan: StreamPlan, final: Table): string {
  const hash = quoteName(plan.hashColumn);
  const values = plan.columns.map((column) => quoteName(column.name));
  return `update ${quoteTable(final)} set ${hash} = ${hashOf(values)} where ${hash} is null`;
}

/**
 * Merges the rows of a final table into its history, as versions that come now: those that are in it
 * already stay what they are. Makes the table when there is none.
 */
export function historyStatements(
  plan: StreamPlan,
  dedup: DedupPlan,
  final: Table,
  history: { readonly table: Table; readonly exists: boolean },
): string[] {
  const stage = { schema: "pg_temp", name: "adopted" };
  const winners = { schema: "pg_temp", name: "adopted_winners" };
  const list = loadedColumns(plan)
    .map((column) => quoteName(column.name))
    .join(", ");
  return [
    createStage(stage, plan),
    createTemporaryTable(winners, finalColumns(plan)),
    ...(history.exists ? [] : [createTable(history.table, historyColumns(plan))]),
    `insert into ${quoteTable(stage)} (${list})
       select ${list} from ${quoteTable(final)} order by _airbyte_emitted_at, ctid`,
    ...mergeStatements(plan, dedup, { stage, final: winners, history: history.table }),
    `drop table ${quoteTable(stage)}, ${quoteTable(winners)}`,
    `comment on table ${quoteTable(history.table)} is null`,
  ];
}

/** Gives the rows of a final table that have no key theirs. */
export function keyStatement(final: Table, dedup: DedupPlan): string {
  return `update ${quoteTable(final)} set _airbyte_unique_key = ${keyOf(dedup)}
           where _airbyte_unique_key is null`;
}

/** Leaves the newest row of each key, by the rules of `mergeStatements`; one row with the number gone. */
export function dropOlderRows(final: Table, dedup: DedupPlan): Sql {
  const keys = dedup.key.map((column) => quoteName(column.name)).join(", ");
  const cursor = dedup.cursor ? `${quoteName(dedup.cursor.name)} desc nulls last, ` : "";
  return {
    text: `
      with dropped as (
        delete from ${quoteTable(final)} f
         using (select ctid as place,
                       row_number() over (partition by _airbyte_unique_key, ${keys}
                         order by ${cursor}_airbyte_emitted_at desc nulls last, ctid desc) as age
                  from ${quoteTable(final)}) r
         where f.ctid = r.place and r.age > 1
        returning 1)
      select count(*) as count from dropped`,
    values: [],
  };
}

/** Makes the hashes of a table anew after its column `name` got a type with other texts. */
export function rekeyStatements(plan: StreamPlan, table: Table, name: string): string[] {
  const { dedup, final, history } = plan;
  if (dedup === undefined) return [];
  const isKey = dedup.key.some((column) => column.name === name);
  if (table === final && isKey)
    return [`update ${quoteTable(table)} set _airbyte_unique_key = ${keyOf(dedup)}`];
  if (table !== history || !(isKey || name === "_airbyte_start_at")) return [];
  return [
    `update ${quoteTable(table)}
        set _airbyte_unique_key = ${keyOf(dedup)},
            _airbyte_unique_key_scd = ${hashOf([keyOf(dedup), "_airbyte_start_at", "_airbyte_emitted_at"])}`,
  ];
}

/** Notes on a table that it is not kept up. */
export function noteNotKeptUp(table: Table): string {
  return `comment on table ${quoteTable(table)} is ${quoteLiteral(NOT_KEPT_UP)}`;
}

function keyOf(dedup: DedupPlan): string {
  return hashOf(dedup.key.map((column) => quoteName(column.name)));
}
