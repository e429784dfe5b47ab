import type { Sql } from "../../postgres/sql.ts";

/**
 * Of these relations and what inherits from them, those that are stored in another file now than
 * they were in the snapshot: `pg_class` is read in the snapshot, `pg_relation_filenode` knows the
 * latest state. Views have neither.
 */
export function findRewritten(oids: readonly number[]): Sql {
  return {
    text: `with recursive relation(oid) as (
  select value::oid from json_array_elements_text($1::json)
  union
  select i.inhrelid from pg_inherits i join relation r on r.oid = i.inhparent
)
select c.oid from relation r join pg_class c on c.oid = r.oid
where c.relfilenode <> 0 and c.relfilenode is distinct from pg_relation_filenode(c.oid)`,
    values: [JSON.stringify(oids)],
  };
}

/** How many bytes tables take on disk without their indexes. */
export function storedBytes(oids: readonly number[]): Sql {
  return {
    text: `select wanted as oid, pg_table_size(wanted::oid) as bytes
from json_array_elements_text($1::json) wanted`,
    values: [JSON.stringify(oids)],
  };
}
