import { quoteName, quoteTable, type Sql, type Table } from "../../postgres/sql.ts";
import { keyHash, rowHash } from "../plan/hashes.ts";
import { mergeStatements } from "../publish/merge.ts";
import type { DedupPlan, StreamPlan } from "../plan/stream-plan.ts";
import {
  createTable,
  createStage,
  createTemporaryTable,
  finalColumns,
  historyColumns,
  loadedColumns,
} from "../plan/tables.ts";

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

/** Gives every row of a final table its hash. */
export function hashStatement(plan: StreamPlan, final: Table): string {
  const hash = quoteName(plan.hashColumn);
  return `update ${quoteTable(final)} set ${hash} = ${rowHash(plan)} where ${hash} is null`;
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
  const stage = { schema: "pg_temp", name: "refitted" };
  const winners = { schema: "pg_temp", name: "refitted_winners" };
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
  ];
}

/** Gives the rows of a final table that have no key theirs. */
export function keyStatement(final: Table, dedup: DedupPlan): string {
  return `update ${quoteTable(final)} set _airbyte_unique_key = ${keyHash(dedup)}
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
