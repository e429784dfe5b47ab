import { quoteLiteral, quoteName, quoteTable, type Table } from "../../../postgres/sql.ts";
import type { Column } from "../../plan/columns.ts";
import { columnRef, hashOf } from "../../plan/hashes.ts";
import { asked, done, isSameRow, type MergeStatement } from "../merge-terms.ts";
import { truncationOf, type MergedChanges } from "./piece-queries.ts";

/**
 * Has all rows go, or marks them, that were there when a table was emptied, and ends their versions in the
 * history. All of them: a table is also emptied before it is read anew from a server with another log.
 *
 * @param number of the record that says so.
 */
export function truncationStatements(merged: MergedChanges, number: number): MergeStatement[] {
  const { dedup, changes, tables } = merged;
  const { stage, final, history } = tables;
  const at = truncationOf(number, "cursor");
  const later = dedup.cursor ? ` or ${columnRef(dedup.cursor, "t")} > ${at}` : "";
  const isMarked = `${columnRef(changes.deletedAt, "t")} is null${later}`;
  return [
    found(final, changes.keepsDeleted ? `(${isMarked})` : "true"),
    changes.keepsDeleted
      ? done(
          final,
          `update ${quoteTable(final)} f set ${markings(merged).join(", ")}
             from pg_temp.emptied e, ${quoteTable(stage)} s
            where s.ctid = ${truncationOf(number, "place")} and ${isSameRow("f", "e")}`,
        )
      : done(
          final,
          `delete from ${quoteTable(final)} f using pg_temp.emptied e where ${isSameRow("f", "e")}`,
        ),
    "drop table pg_temp.emptied",
    ...(history
      ? [
          found(history, "t._airbyte_active_row = 1"),
          done(
            history,
            `update ${quoteTable(history)} h
                set _airbyte_end_at = greatest(h._airbyte_start_at, ${at}), _airbyte_active_row = 0
               from pg_temp.emptied e
              where ${isSameRow("h", "e")}`,
          ),
          "drop table pg_temp.emptied",
        ]
      : []),
  ];
}

/** Keeps others from writing to the tables whose rows all go. */
export function lockTruncated({ tables: { final, history } }: MergedChanges): string[] {
  return [final, ...(history ? [history] : [])].map(
    (table) => `lock table ${quoteTable(table)} in exclusive mode`,
  );
}

/** Rows of a table, and not of those that inherit from it. */
function found(table: Table, condition: string): MergeStatement {
  const name = quoteLiteral(quoteTable(table));
  return asked(
    table,
    `create temporary table emptied on commit drop as
       select t.tableoid as old_table, t.ctid as old_place
         from ${quoteTable(table)} t
        where ${condition}
          and t.tableoid in (select ${name}::regclass::oid
                             union all select relid from pg_catalog.pg_partition_tree(${name}::regclass))`,
  );
}

/**
 * What a row `f` of the final table gets of the record `s`, and its hash. One that was gone before keeps
 * the time, and not its place in a log that may be another one.
 */
function markings({ plan, dedup, changes }: MergedChanges): string[] {
  const isThere = `${columnRef(changes.deletedAt, "f")} is null`;
  const valueOf = (column: Column) => {
    if (!changes.marks.includes(column)) return columnRef(column, "f");
    if (column === dedup.cursor) return columnRef(column, "s");
    return `case when ${isThere} then ${columnRef(column, "s")} else ${columnRef(column, "f")} end`;
  };
  const marks = changes.marks.map((column) => `${columnRef(column)} = ${valueOf(column)}`);
  if (!plan.hashesFinal) return marks;
  return [...marks, `${quoteName(plan.hashColumn)} = ${hashOf(plan.columns.map(valueOf))}`];
}
