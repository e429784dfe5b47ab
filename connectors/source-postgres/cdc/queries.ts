import type { Sql } from "../../postgres/sql.ts";

/**
 * Of tables by oid, what the log says of them: a JSON text for each. Columns in their order as number,
 * name, type, whether they are generated, and whether rows get values that nobody gave them; and the columns of the replica identity.
 */
export function lookUpLogTables(oids: readonly number[]): Sql {
  return {
    text: `select json_build_object('oid', c.oid::int8, 'identity', c.relreplident,
  'columns', coalesce((
    select json_agg(json_build_array(a.attnum, a.attname, a.atttypid::int8, a.attgenerated <> '',
        a.atthasdef or a.atthasmissing or a.attidentity <> '')
      order by a.attnum)
    from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '[]'),
  'key', coalesce((
    select json_agg(a.attname order by k.position)
    from pg_index i cross join unnest(i.indkey) with ordinality k(number, position)
    join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
    where i.indrelid = c.oid and k.position <= i.indnkeyatts
      and case c.relreplident when 'i' then i.indisreplident
        when 'd' then i.indisprimary and i.indimmediate when 'f' then i.indisprimary else false end), '[]')
  )::text as json
from pg_class c where c.oid in (select value::oid from json_array_elements_text($1::json))`,
    values: [JSON.stringify(oids)],
  };
}

/** The tables that a publication has, as schema and name, and what makes them its own: oids, with commas. */
export function lookUpPublished(publication: string): Sql {
  return {
    text: `select t.schemaname as schema, t.tablename as name,
  nullif(concat_ws(',', r.oid, s.oid), '') as entry
from pg_publication_tables t join pg_publication p on p.pubname = t.pubname
left join pg_class c on c.relname = t.tablename
  and c.relnamespace = (select n.oid from pg_namespace n where n.nspname = t.schemaname)
left join pg_publication_rel r on r.prpubid = p.oid and r.prrelid = c.oid
left join lateral (
  select d.objid as oid from pg_depend d join pg_depend s on s.classid = d.classid and s.objid = d.objid
  where d.classid = to_regclass('pg_catalog.pg_publication_namespace')
    and d.refclassid = 'pg_publication'::regclass and d.refobjid = p.oid
    and s.refclassid = 'pg_namespace'::regclass and s.refobjid = c.relnamespace
) s on true
where t.pubname = $1`,
    values: [publication],
  };
}

/**
 * The snapshot of the running transaction and when that was, as a record has a time.
 */
export function lookUpImportedSnapshot(): Sql {
  return {
    text: `select pg_current_snapshot()::text as snapshot, ${NOW} as taken_at`,
    values: [],
  };
}

const NOW = `to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** Where the server's log ends: everything committed so far comes before. */
export function lookUpLogEnd(): Sql {
  return {
    text: `select case when pg_is_in_recovery() then pg_last_wal_replay_lsn()
  else pg_current_wal_insert_lsn() end::text as lsn, ${NOW} as taken_at`,
    values: [],
  };
}

/** A row while a transaction holds the lock on its id, which it gives back after others see what it did. */
export function lookUpRunning(xid: number): Sql {
  return {
    text: `select 1 as running from pg_locks
where locktype = 'transactionid' and transactionid::text = $1 and mode = 'ExclusiveLock'`,
    values: [String(xid)],
  };
}
