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

/**
 * The table on which the server's process `pid` waits for a lock, and the sessions it waits for. Only
 * where that process is one of ours: numbers of a pooler's are nobody's, or somebody else's.
 */
export function findLockWait(pid: number): Sql {
  return {
    text: `select n.nspname as schema, c.relname as name, b.pid::text as pid,
  a.application_name as application, a.state
from pg_locks l
left join pg_class c on c.oid = l.relation
left join pg_namespace n on n.oid = c.relnamespace
join pg_stat_activity ours on ours.pid = l.pid and ours.usename = current_user
  and ours.application_name = current_setting('application_name')
cross join unnest(pg_blocking_pids(l.pid)) as b(pid)
left join pg_stat_activity a on a.pid = b.pid
where l.pid = $1::int and not l.granted and l.locktype = 'relation' order by b.pid`,
    values: [String(pid)],
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
