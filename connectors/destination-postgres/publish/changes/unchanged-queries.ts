import { quoteLiteral, quoteTable } from "../../../postgres/sql.ts";
import type { Column } from "../../plan/columns.ts";
import { columnRef } from "../../plan/hashes.ts";
import {
  END_OF_LOOKING_UP,
  joinByKey,
  keyOrder,
  LOOK_UP,
  type MergeStatement,
} from "../merge-terms.ts";
import { versionsOf, type MergedChanges, type Piece } from "./piece-queries.ts";

/** Why a field is NULL whose value did not change, where nobody knows what it was. */
const UNKNOWN = "SOURCE_RETRIEVAL_ERROR";

/**
 * Columns whose values are looked for at once: a row of places must fit a page, and what is joined may
 * have 1664 columns.
 */
const COLUMNS_AT_ONCE = 50;

/** A column that lacks values, and where their places are: `incomplete_0.place_0`. */
interface SoughtColumn {
  readonly column: Column;
  readonly table: string;
  readonly place: string;
}

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
  const sought = soughtColumns(
    plan.columns.filter((column) => unchanged.includes(column.key) && !dedup.key.includes(column)),
  );
  const incomplete = sought.map((_, at) => `pg_temp.incomplete_${at}`);
  const others = incomplete.slice(1);
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
    ...sought.map((columns, at) => incompleteStatement(incomplete[at]!, columns)),
    ...(isFew ? LOOK_UP : incomplete.map((table) => `analyze ${table}`)),
    `update ${quoteTable(stage)} s set ${completions(sought.flat(), quoteTable(stage)).join(", ")}
       from pg_temp.incomplete_0
       ${others.map((table, at) => `join ${table} on incomplete_${at + 1}.place = incomplete_0.place`).join("\n       ")}
       left join ${quoteTable(final)} f
              on f.ctid = incomplete_0.old_place and f.tableoid = incomplete_0.old_table
      where s.ctid = incomplete_0.place`,
    ...sought.flat().map(({ column, table, place }): MergeStatement => ({
      sql: `select from pg_temp.${table} where ${isUnchanged(column, table)} and ${place} is null and ${table}.old_place is null`,
      field: column.key,
      rows: "lost",
    })),
    `drop table pg_temp.lives, pg_temp.bases, ${incomplete.join(", ")}`,
    ...(isFew ? END_OF_LOOKING_UP : []),
  ];
}

/** In groups, of which there is one at least: what is said of unknown fields goes as well. */
function soughtColumns(columns: readonly Column[]): SoughtColumn[][] {
  const groups: SoughtColumn[][] = [[]];
  for (const column of columns) {
    if (groups.at(-1)!.length === COLUMNS_AT_ONCE) groups.push([]);
    const table = `incomplete_${groups.length - 1}`;
    const group = groups.at(-1)!;
    group.push({ column, table, place: `${table}.place_${group.length}` });
  }
  return groups;
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
    select number, place, ${keyOrder(dedup)}, is_deleted, unchanged,
           deleted_before, was_deleted is null as is_first,
           max(number) filter (where was_deleted is null or was_deleted and not is_deleted) over of_key as life
      from followed
    window of_key as (partition by ${keyOrder(dedup)} order by number)`;
}

/** The versions that lack values, and where these are: per column a staged row, else one of the final table. */
function incompleteStatement(incomplete: string, sought: readonly SoughtColumn[]): string {
  const carriers = sought.map(
    ({ column }, at) =>
      `max(l.number) filter (where not l.is_deleted and not ${isUnchanged(column, "l")}) over line as number_${at}`,
  );
  const places = sought.map((_, at) => `k_${at}.place as place_${at}`);
  return `
    create temporary table ${incomplete.replace("pg_temp.", "")} on commit drop as
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
      ${sought.map((_, at) => `left join pg_temp.lives k_${at} on k_${at}.number = c.number_${at}`).join("\n      ")}
     where c.unchanged is not null`;
}

/** The values, and what is known of them. Each is looked up where it is: a join would be one for each column. */
function completions(sought: readonly SoughtColumn[], stage: string): string[] {
  const values = sought.map(({ column, table, place }) => {
    const name = columnRef(column);
    return `${name} = case when not ${isUnchanged(column, table)} then s.${name}
                           when ${place} is not null then (select k.${name} from ${stage} k where k.ctid = ${place})
                           else f.${name} end`;
  });
  const notes = sought.map(
    ({ column, table, place }) =>
      `case when not ${isUnchanged(column, table)} then '[]'
            when ${place} is not null then (select ${notesOn(column, "k")} from ${stage} k where k.ctid = ${place})
            when ${table}.old_place is not null then ${notesOn(column, "f")}
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
