import { Failure } from "../../../protocol/errors.ts";
import type { StreamPlan, TableKind } from "../plan/stream-plan.ts";
import { label, type Table } from "../../postgres/sql.ts";
import type { Relation } from "./relations.ts";
import { finalColumns, historyColumns, rawColumns, type ColumnDefinition } from "../plan/tables.ts";

/** A table a stream writes. */
export interface WantedTable {
  readonly kind: TableKind;
  readonly table: Table;
  readonly columns: readonly ColumnDefinition[];
  readonly index: Table | undefined;
}

/** The tables of a stream, in the order in which they are made. */
export function tablesOf(plan: StreamPlan): WantedTable[] {
  const { raw, final, history, dedup } = plan;
  const tables: WantedTable[] = [];
  const add = (
    kind: TableKind,
    table: Table,
    columns: readonly ColumnDefinition[],
    index: string | undefined,
  ) => {
    const place = index === undefined ? undefined : { schema: table.schema, name: index };
    tables.push({ kind, table, columns, index: place });
  };
  if (raw) add("raw", raw, rawColumns(plan), undefined);
  if (final) add("final", final, finalColumns(plan), dedup?.index);
  if (history) add("history", history, historyColumns(plan), dedup?.historyIndex);
  return tables;
}

/**
 * Refuses a relation that is there under our table's name but is not a table of ours.
 *
 * @param isNoted whether it is known to be ours: then what it lacks was somebody's to take, and is told
 *   with what else became of it.
 */
export function checkLayout(
  table: Table,
  columns: readonly ColumnDefinition[],
  relation: Relation,
  isNoted: boolean,
): void {
  const refuse = (why: string) =>
    new Failure("config.invalid", `${label(table)} exists and ${why}`, {
      hint: "move it out of the way, choose another schema, or give the stream a prefix",
    });
  if (relation.kind !== "r" && relation.kind !== "p") throw refuse("is not a table");
  for (const own of ["_airbyte_ab_id", "_airbyte_emitted_at"])
    if (!isNoted && !relation.columns.has(own))
      throw refuse(`was not made by this tool: it has no ${own}`);
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
