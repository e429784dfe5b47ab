import { quoteLiteral, quoteName, quoteTable, type Sql, type Table } from "../../postgres/sql.ts";
import type { Column } from "../plan/columns.ts";
import { rowsOf } from "../schema/queries.ts";

/** A table as it was before the rebuild. */
export interface FormerTable {
  readonly table: Table;
  /** `pg_class.relkind`. */
  readonly kind: string;
}

/** What is to be read of a raw table. */
export interface RawRows {
  readonly raw: FormerTable;
  /** Whether the order in which rows came counts. */
  readonly isMerged: boolean;
  /** The table that has the last version of each key, if it is there. */
  readonly final: FormerTable | undefined;
  /** Whether it has what was said of its records beside their data. */
  readonly hasMeta: boolean;
}

/**
 * Columns of a raw row, as text in binary framing. Where the order counts, rows that are the last of their
 * keys come behind all others, and these by the age of their transactions: a new row may be stored in
 * the place of one that was deleted.
 */
export function copyRawRows({ raw, isMerged, final, hasMeta }: RawRows): string {
  const last = final
    ? `left join (select distinct _airbyte_ab_id from ${rowsOf(final.table, final)}) f
              on f._airbyte_ab_id = r._airbyte_ab_id`
    : "";
  const order = `order by ${final ? "f._airbyte_ab_id is not null, " : ""}pg_catalog.age(r.xmin) desc, r.ctid`;
  return `
    copy (select r._airbyte_ab_id::text, r._airbyte_data::text, r._airbyte_emitted_at::text${hasMeta ? ", r._airbyte_meta::text" : ""}
            from ${rowsOf(raw.table, raw)} r ${isMerged ? `${last} ${order}` : ""}) to stdout (format binary)`;
}

/** How many rows a table has. */
export function countRows(table: Table): Sql {
  return { text: `select count(*) as count from ${quoteTable(table)}`, values: [] };
}

/** How many rows of `former` were not made from a row of `raw`, and so cannot be made again. */
export function countRowsWithoutRaw(former: FormerTable, raw: Table): Sql {
  return {
    text: `
      select count(*) as count
        from ${rowsOf(former.table, former)} t
       where not exists (select from ${quoteTable(raw)} r where r._airbyte_ab_id = t._airbyte_ab_id)`,
    values: [],
  };
}

/** Whether any row of a final table has an `_airbyte_meta`. */
export function lookForChanges(final: FormerTable): Sql {
  return {
    text: `select exists (select from ${rowsOf(final.table, final)} where _airbyte_meta is not null) as found`,
    values: [],
  };
}

/**
 * Adds to `_airbyte_meta` of the rows in `rebuilt` what the raw table does not tell: the entries of
 * the same rows in `former` that speak of changes made before the record came, and of values that the
 * raw table could not hold either. They come first, as they did.
 */
export function keepChanges(rebuilt: Table, former: FormerTable, raw: Table): string {
  return `
    update ${quoteTable(rebuilt)} n
       set _airbyte_meta = coalesce(n._airbyte_meta, '{}') || pg_catalog.jsonb_build_object(
             'changes', k.changes || coalesce(n._airbyte_meta -> 'changes', '[]'))
      from (select f._airbyte_ab_id, pg_catalog.jsonb_agg(e.entry order by e.place) as changes
              from ${rowsOf(former.table, former)} f
              join ${quoteTable(raw)} r on r._airbyte_ab_id = f._airbyte_ab_id
              join ${quoteTable(rebuilt)} m on m._airbyte_ab_id = f._airbyte_ab_id
             cross join lateral pg_catalog.jsonb_array_elements(
                     case pg_catalog.jsonb_typeof(f._airbyte_meta -> 'changes')
                       when 'array' then f._airbyte_meta -> 'changes' else '[]' end)
                   with ordinality e (entry, place)
             where f._airbyte_meta is not null
               and not coalesce(m._airbyte_meta -> 'changes' @> pg_catalog.jsonb_build_array(e.entry), false)
               and (coalesce(e.entry ->> 'reason', '') not like 'DESTINATION\\_%'
                    or (e.entry ->> 'change' = 'TRUNCATED'
                        and e.entry ->> 'reason' = 'DESTINATION_SERIALIZATION_ERROR')
                    or coalesce(r._airbyte_data -> (e.entry ->> 'field'), 'null') = 'null')
             group by f._airbyte_ab_id) k
     where n._airbyte_ab_id = k._airbyte_ab_id`;
}

/**
 * Gives `json` values of the rows in `rebuilt` the text they had in `former`, where that is the value
 * the raw table has, which keeps it as jsonb: without white space, order of keys and double ones. And
 * where the raw table could not hold all of it: U+0000, half surrogate pairs and numbers of any size
 * are fine in `json`.
 */
export function keepSpelling(
  rebuilt: Table,
  former: FormerTable,
  raw: Table,
  column: Column,
): string {
  const name = quoteName(column.name);
  // A change does not carry every value: then it is the one that was found for it.
  const value = `coalesce(r._airbyte_data -> ${quoteLiteral(column.key)}, n.${name}::jsonb)`;
  return `
    update ${quoteTable(rebuilt)} n
       set ${name} = f.${name}
      from ${rowsOf(former.table, former)} f join ${quoteTable(raw)} r on r._airbyte_ab_id = f._airbyte_ab_id
     where n._airbyte_ab_id = f._airbyte_ab_id
       and f.${name} is not null
       and case when ${value} = 'null' then true
                when ${isBeyondJsonb(`f.${name}::text`)} then true
                else f.${name}::jsonb = ${value} end`;
}

/** Whether JSON text has U+0000 or half a surrogate pair, which cannot be made jsonb. */
function isBeyondJsonb(text: string): string {
  const odd = String.raw`\\u(0000|[dD][89a-fA-F])`;
  const pairs = String.raw`\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}`;
  return `${text} ~ '${odd}' and pg_catalog.regexp_replace(${text}, '${pairs}', '', 'g') ~ '${odd}'`;
}
