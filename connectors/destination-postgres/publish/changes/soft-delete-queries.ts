import { quoteTable } from "../../../postgres/sql.ts";
import {
  END_OF_LOOKING_UP,
  joinByKey,
  keyOrder,
  LOOK_UP,
  type MergeStatement,
} from "../merge-terms.ts";
import { valuesOf, versionsOf, type MergedChanges, type Piece } from "./piece-queries.ts";

/**
 * Gives staged deletions the values that their rows had: of the version before, if it is staged, else of
 * the final table. One whose row nobody knows stays as it came.
 */
export function keepDeletedStatements(merged: MergedChanges, piece: Piece): MergeStatement[] {
  const { dedup, tables, isFew } = merged;
  const { stage, final } = tables;
  const key = keyOrder(dedup);
  const kept = [...valuesOf(merged), "_airbyte_meta"].map(
    (name) =>
      `${name} = case when m.staged_place is not null then k.${name}
                      when m.old_place is not null then f.${name} else s.${name} end`,
  );
  return [
    `create temporary table deletions on commit drop as
       with ordered as (
         select v.*, row_number() over (order by cursor nulls first, arrival) as number
           from (${versionsOf(merged, piece)}) v),
       seen as (
         select *, max(number) filter (where not is_deleted)
                     over (partition by ${key} order by number) as staged
           from ordered)
       select d.place, ${key}, k.place as staged_place
         from seen d left join (select number, place from seen) k on k.number = d.staged
        where d.is_deleted`,
    ...(isFew ? LOOK_UP : ["analyze pg_temp.deletions"]),
    `create temporary table marked on commit drop as
       select d.place, d.staged_place, f.tableoid as old_table, f.ctid as old_place
         from pg_temp.deletions d
         left join ${joinByKey(dedup, final, "d", { isFew })}`,
    ...(isFew ? [] : ["analyze pg_temp.marked"]),
    `update ${quoteTable(stage)} s set ${kept.join(", ")}
       from pg_temp.marked m
       left join ${quoteTable(stage)} k on k.ctid = m.staged_place
       left join ${quoteTable(final)} f on f.ctid = m.old_place and f.tableoid = m.old_table
      where s.ctid = m.place`,
    "drop table pg_temp.deletions, pg_temp.marked",
    ...(isFew ? END_OF_LOOKING_UP : []),
  ];
}
