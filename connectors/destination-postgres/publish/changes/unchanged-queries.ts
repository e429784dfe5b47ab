import { quoteLiteral, quoteTable } from "../../../postgres/sql.ts";
import type { Column } from "../../plan/columns.ts";
import { columnRef } from "../../plan/hashes.ts";
import {
  END_OF_LOOKING_UP,
  joinByKey,
  keyAliases,
  keyOrder,
  LOOK_UP,
  type MergeStatement,
} from "../merge-terms.ts";
import { versionsOf, type MergedChanges, type Piece } from "./piece-queries.ts";

/** Why a field is NULL whose value did not change, where nobody knows what it was. */
const UNKNOWN = "SOURCE_RETRIEVAL_ERROR";

/**
 * Puts the values into staged rows that their changes did not carry, because they were not changed: each
 * is that of the last version before that carries it, staged or in the final table, with what
 * `_airbyte_meta` says of it. Where there is none it is NULL, which is noted and counted.
 *
 * What happens to a row between its insertion and its deletion is one life. The first change of a key may
 * go on with the life of another one: a row that gets another key is deleted under the old one and
 * inserted under the new one right behind, at the same place in the log; no other insertion lacks a value.
 */
export function completeStatements(
  merged: MergedChanges,
  piece: Piece,
  unchanged: readonly string[],
): MergeStatement[] {
  const { plan, dedup, changes, tables, isFew } = merged;
  const { stage, final } = tables;
  const columns = plan.columns.filter(
    (column) => unchanged.includes(column.key) && !dedup.key.includes(column),
  );
  return [
    livesStatement(merged, piece),
    "analyze pg_temp.lives",
    ...(isFew ? LOOK_UP : []),
    `create temporary table bases on commit drop as
       select l.life, f.tableoid as old_table, f.ctid as old_place
         from (select * from pg_temp.lives where number = life and is_first and (is_deleted or unchanged is not null)) l
         join ${joinByKey(dedup, final, "l", { isFew, more: [changes.deletedAt] })}
        where ${columnRef(changes.deletedAt, "f")} is null`,
    ...(isFew ? END_OF_LOOKING_UP : []),
    incompleteStatement(columns),
    ...(isFew ? LOOK_UP : ["analyze pg_temp.incomplete"]),
    `update ${quoteTable(stage)} s set ${completions(columns).join(", ")}
       from pg_temp.incomplete i
       ${columns.map((_, at) => `left join ${quoteTable(stage)} k_${at} on k_${at}.ctid = i.place_${at}`).join("\n       ")}
       left join ${quoteTable(final)} f on f.ctid = i.old_place and f.tableoid = i.old_table
      where s.ctid = i.place`,
    ...columns.map((column, at): MergeStatement => ({
      sql: `select from pg_temp.incomplete i where ${isUnchanged(column, "i")} and i.place_${at} is null and i.old_place is null`,
      field: column.key,
      rows: "lost",
    })),
    "drop table pg_temp.lives, pg_temp.bases, pg_temp.incomplete",
    ...(isFew ? END_OF_LOOKING_UP : []),
  ];
}

/**
 * Numbers the staged versions by their place in the log, and tells which life each belongs to. Each step
 * finds its rows in the order of the one before, as far as it can.
 */
function livesStatement(merged: MergedChanges, piece: Piece): string {
  const { dedup } = merged;
  const versions = versionsOf(merged, piece, ", s._airbyte_meta -> 'unchanged' as unchanged");
  return `
    create temporary table lives on commit drop as
    with numbered as (
      select v.*, row_number() over in_log as number,
             case when lag(is_deleted) over in_log and lag(cursor) over in_log is not distinct from cursor
                  then row_number() over in_log - 1 end as deleted_before
        from (${versions}) v
      window in_log as (order by cursor nulls first, arrival)),
    followed as (
      select *, lag(is_deleted) over of_key as was_deleted from numbered
      window of_key as (partition by ${keyOrder(dedup)} order by number))
    select number, place, unique_key, ${keyAliases(dedup).join(", ")}, is_deleted, unchanged,
           deleted_before, was_deleted is null as is_first,
           max(number) filter (where was_deleted is null or was_deleted and not is_deleted) over of_key as life
      from followed
    window of_key as (partition by ${keyOrder(dedup)} order by number)`;
}

/** The versions that lack values, and where these are: per column a staged row, else one of the final table. */
function incompleteStatement(columns: readonly Column[]): string {
  const carriers = columns.map(
    (column, at) =>
      `max(l.number) filter (where not l.is_deleted and not ${isUnchanged(column, "l")}) over line as number_${at}`,
  );
  const places = columns.map((_, at) => `k_${at}.place as place_${at}`);
  return `
    create temporary table incomplete on commit drop as
    with recursive moved as (
      select l.life, p.life as former
        from pg_temp.lives l join pg_temp.lives p on p.number = l.deleted_before
       where l.number = l.life and l.unchanged is not null
         and not exists (select from pg_temp.bases b where b.life = l.life)),
    roots as (
      select l.life, l.life as root from pg_temp.lives l
       where l.number = l.life and not exists (select from moved m where m.life = l.life)
      union all
      select m.life, r.root from moved m join roots r on r.life = m.former),
    carried as (
      select ${["l.place", "l.unchanged", "r.root", ...carriers].join(", ")}
        from pg_temp.lives l join roots r on r.life = l.life
      window line as (partition by r.root order by l.number))
    select ${["c.place", "c.unchanged", "b.old_table", "b.old_place", ...places].join(", ")}
      from carried c
      left join pg_temp.bases b on b.life = c.root
      ${columns.map((_, at) => `left join pg_temp.lives k_${at} on k_${at}.number = c.number_${at}`).join("\n      ")}
     where c.unchanged is not null`;
}

/** The values, and what is known of them. */
function completions(columns: readonly Column[]): string[] {
  const values = columns.map((column, at) => {
    const name = columnRef(column);
    return `${name} = case when not ${isUnchanged(column, "i")} then s.${name}
                           when i.place_${at} is not null then k_${at}.${name} else f.${name} end`;
  });
  const notes = columns.map(
    (column, at) =>
      `case when not ${isUnchanged(column, "i")} then '[]'
            when i.place_${at} is not null then ${notesOn(column, `k_${at}`)}
            when i.old_place is not null then ${notesOn(column, "f")}
            else ${quoteLiteral(JSON.stringify([{ field: column.key, change: "NULLED", reason: UNKNOWN }]))} end`,
  );
  const all = ["coalesce(s._airbyte_meta -> 'changes', '[]')", ...notes].join(" || ");
  return [
    ...values,
    `_airbyte_meta = nullif(pg_catalog.jsonb_build_object('changes', ${all}), '{"changes": []}')`,
  ];
}

function isUnchanged({ key }: Column, row: string): string {
  return `coalesce(${row}.unchanged ? ${quoteLiteral(key)}, false)`;
}

/** The entries of a row's `_airbyte_meta` that speak of a column. */
function notesOn({ key }: Column, row: string): string {
  const field = quoteLiteral(JSON.stringify({ field: key }));
  return `pg_catalog.jsonb_path_query_array(coalesce(${row}._airbyte_meta, '{}'), '$.changes[*] ? (@.field == $field)', ${field})`;
}
