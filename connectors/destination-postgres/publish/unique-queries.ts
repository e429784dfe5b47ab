import type { Sql, Table } from "../../postgres/sql.ts";

/** Columns that an index looks at to tell rows apart, unless two NULLs are one value to it. */
export function uniqueColumns(table: Table): Sql {
  return {
    text: `
      select distinct a.attname as column
        from pg_catalog.pg_index x
        join pg_catalog.pg_class c on c.oid = x.indrelid
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        join pg_catalog.pg_attribute a on a.attrelid = c.oid and not a.attnotnull
       where n.nspname = $1 and c.relname = $2
         and (x.indisunique or x.indisexclusion)
         and coalesce(pg_catalog.to_jsonb(x) ->> 'indnullsnotdistinct', 'false') = 'false'
         and (a.attnum = any (x.indkey)
              or exists (select from pg_catalog.pg_depend d
                          where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = x.indexrelid
                            and d.refobjid = c.oid and d.refobjsubid = a.attnum))`,
    values: [table.schema, table.name],
  };
}
