import { quoteLiteral, quoteName, quoteTable, type Table } from "../../../postgres/sql.ts";
import { columnRef, hashOf } from "../../plan/hashes.ts";
import { asked, cursorOf, done, isSameRow, type MergeStatement } from "../merge-terms.ts";
import { truncationOf, type MergedChanges } from "./piece-queries.ts";

/**
 * Has all rows go, or marks them, that were there when a table was emptied, and ends their versions in the
 * history.
 *
 * @param number of the record that says so.
 */
export function truncationStatements(merged: MergedChanges, number: number): MergeStatement[] {
  const { dedup, changes, tables } = merged;
  const { stage, final, history } = tables;
  const at = truncationOf(number, "cursor");
  const cursor = cursorOf(dedup, "t");
  const isKept = changes.keepsDeleted ? ` and ${columnRef(changes.deletedAt, "t")} is null` : "";
  return [
    found(final, `coalesce(${cursor} <= ${at}, true)${isKept}`),
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
          found(
            history,
            `t._airbyte_active_row = 1 and coalesce(t._airbyte_start_at <= ${at}, true)`,
          ),
          done(
            history,
            `update ${quoteTable(history)} h set _airbyte_end_at = ${at}, _airbyte_active_row = 0
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

/** What a row `f` of the final table gets of the record `s`, and its hash. */
function markings({ plan, changes }: MergedChanges): string[] {
  const marks = changes.marks.map((column) => `${columnRef(column)} = ${columnRef(column, "s")}`);
  if (!plan.hashesFinal) return marks;
  const values = plan.columns.map((column) =>
    columnRef(column, changes.marks.includes(column) ? "s" : "f"),
  );
  return [...marks, `${quoteName(plan.hashColumn)} = ${hashOf(values)}`];
}
