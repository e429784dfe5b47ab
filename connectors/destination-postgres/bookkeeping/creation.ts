import type { Table } from "../../postgres/sql.ts";
import { stagingOf } from "../plan/stand-ins.ts";
import type { TableKind } from "../plan/stream-plan.ts";
import { createTable } from "../plan/tables.ts";
import { identifyIfPublished } from "../schema/identity-queries.ts";
import type { PreparedStream, PreparedTable } from "../schema/prepare.ts";
import { noteStaging } from "./staging-queries.ts";
import { noteOlder, noteTables } from "./written-table-queries.ts";

/**
 * Statements that create the tables which a stream's rows are loaded into, and note them; empty when
 * all are there, with rows of no later generation. They belong to the transaction that loads the first rows.
 */
export function creationStatements({
  plan,
  tables,
  replaces,
  continues,
  owner,
}: PreparedStream): string[] {
  if (continues) return [];
  const all = [...tables.values()];
  // Rows that are merged are changed, in tables that are loaded aside, too.
  const identify = (kind: TableKind, table: Table) =>
    plan.dedup && kind !== "raw" ? [identifyIfPublished(table)] : [];
  if (replaces)
    return all.flatMap(({ kind, table, columns }) => {
      const staging = stagingOf(plan, table);
      const note = noteStaging(plan, { kind, target: table, staging }, owner);
      return [createTable(staging, columns), ...identify(kind, staging), ...note];
    });
  const begun = all.filter(({ exists, isEmptied }) => !exists || isEmptied);
  // A raw table that is begun beside a typed one lacks the rows that are in that.
  const hasRows = all.some((table) => table.kind === "final" && !begun.includes(table));
  const wanted = plan.generation;
  const isLater = ({ generation }: PreparedTable) =>
    wanted !== undefined && generation !== undefined && generation > wanted;
  const later = all.filter((table) => !begun.includes(table) && isLater(table));
  return [
    ...begun
      .filter(({ exists }) => !exists)
      .flatMap(({ kind, table, columns }) => [
        createTable(table, columns),
        ...identify(kind, table),
      ]),
    ...noteTables(
      begun.map(({ kind, table }) => ({
        table,
        kind,
        stream: plan.stream,
        owner,
        lacksRows: kind === "raw" && hasRows,
        generation: wanted,
      })),
    ),
    ...(later.length > 0
      ? [
          noteOlder(
            later.map(({ table }) => table),
            wanted!,
          ),
        ]
      : []),
  ];
}
