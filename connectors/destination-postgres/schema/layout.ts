import { Failure } from "../../../protocol/errors.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { label, type Table } from "../../postgres/sql.ts";
import type { Relation } from "./relations.ts";
import {
  finalColumns,
  historyColumns,
  RAW_COLUMNS,
  type ColumnDefinition,
} from "../plan/tables.ts";

/** A table a stream writes. */
export interface WantedTable {
  readonly table: Table;
  readonly columns: readonly ColumnDefinition[];
  readonly index: Table | undefined;
}

/** The tables of a stream, in the order in which they are made. */
export function tablesOf(plan: StreamPlan): WantedTable[] {
  const indexOf = (table: Table, name: string | undefined) =>
    name === undefined ? undefined : { schema: table.schema, name };
  const { raw, final, history, dedup } = plan;
  return [
    ...(raw ? [{ table: raw, columns: RAW_COLUMNS, index: undefined }] : []),
    ...(final
      ? [{ table: final, columns: finalColumns(plan), index: indexOf(final, dedup?.index) }]
      : []),
    ...(history
      ? [
          {
            table: history,
            columns: historyColumns(plan),
            index: indexOf(history, dedup?.historyIndex),
          },
        ]
      : []),
  ];
}

/** Refuses a relation that is there under our table's name but is not a table of ours. */
export function checkLayout(
  table: Table,
  columns: readonly ColumnDefinition[],
  relation: Relation,
): void {
  const refuse = (why: string) =>
    new Failure("config.invalid", `${label(table)} exists and ${why}`, {
      hint: "move it out of the way, choose another schema, or give the stream a prefix",
    });
  if (relation.kind !== "r" && relation.kind !== "p") throw refuse("is not a table");
  for (const own of ["_airbyte_ab_id", "_airbyte_emitted_at"])
    if (!relation.columns.has(own)) throw refuse(`was not made by this tool: it has no ${own}`);
  const wanted = new Set(columns.map((column) => column.name));
  for (const [name, column] of relation.columns) {
    if (!wanted.has(name) && column.mustBeGiven)
      throw refuse(
        `has a column ${name} that must have a value (NOT NULL, no default) and is not in the stream`,
      );
    if (wanted.has(name) && column.isGenerated)
      throw refuse(`computes its column ${name} itself, so it cannot be loaded`);
  }
}
