import { quoteName, quoteTable, type Sql, type Table } from "../../postgres/sql.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { changeColumnType } from "../plan/tables.ts";
import type { MergeTables } from "../publish/merge-terms.ts";

/** The type that holds whatever number a column of whole numbers does not. */
export const WIDE = "numeric";

/** Gives a temporary table a column for the outliers of another one. */
export function addRoom(plan: StreamPlan, stage: Table, column: number): string {
  const room = quoteName(roomName(plan, column));
  return `alter table ${quoteTable(stage)} add column if not exists ${room} ${WIDE}`;
}

/** Puts outliers there, into the rows they belong to. */
export function fillRoom(
  plan: StreamPlan,
  stage: Table,
  column: number,
  outliers: readonly { readonly id: string; readonly number: string }[],
): Sql {
  return {
    text: `
      update ${quoteTable(stage)} s set ${quoteName(roomName(plan, column))} = o.number
        from pg_catalog.json_to_recordset($1::json) as o (id uuid, number ${WIDE})
       where s._airbyte_ab_id = o.id`,
    values: [JSON.stringify(outliers.map(({ id, number }) => ({ id, number })))],
  };
}

/** Makes a column wide in every table of a stream, and moves its outliers into it. */
export function widenStatements(
  plan: StreamPlan,
  { stage, final, history }: MergeTables,
  column: number,
): string[] {
  const { name } = plan.columns[column]!;
  const room = quoteName(roomName(plan, column));
  const value = `coalesce(${room}, ${quoteName(name)})`;
  return [
    changeColumnType(stage, name, WIDE, value),
    `alter table ${quoteTable(stage)} drop column ${room}`,
    changeColumnType(final, name, WIDE),
    ...(history
      ? [name, ...boundaries(plan, column)].map((one) => changeColumnType(history, one, WIDE))
      : []),
  ];
}

/** The columns of a history that have the type of its cursor. */
export function boundaries({ columns, dedup }: StreamPlan, column: number): string[] {
  return columns[column] === dedup?.cursor ? ["_airbyte_start_at", "_airbyte_end_at"] : [];
}

/** Where the temporary table keeps the outliers of a column. */
function roomName({ columns }: StreamPlan, column: number): string {
  let name = `_airbyte_wide_${column + 1}`;
  while (columns.some((one) => one.name === name)) name += "_";
  return name;
}
