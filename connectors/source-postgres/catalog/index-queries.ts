import type { Sql } from "../../postgres/sql.ts";

/** The columns that lead an index over all rows of a table, and whether policies hide rows of it. */
export function lookUpIndexes(oids: readonly number[]): Sql {
  return {
    text: `select c.oid, c.relrowsecurity and row_security_active(c.oid) as hides_rows,
  coalesce((select json_agg(a.attname) from pg_index i
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
    where i.indrelid = c.oid and i.indisvalid and i.indpred is null), '[]') as leading
from pg_class c where c.oid in (select value::oid from json_array_elements_text($1::json))`,
    values: [JSON.stringify(oids)],
  };
}
