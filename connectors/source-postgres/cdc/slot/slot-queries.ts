import type { Sql, Table } from "../../../postgres/sql.ts";

/** What a publication that we made says of itself, so that we may remove it. */
export const OUR_COMMENT = "Made by syncline";

/**
 * The server, a slot and a publication, as one row of one JSON text. What only some versions know is
 * missing on others.
 */
export function lookUpSlot(slot: string, publication: string): Sql {
  return {
    text: `with log(lsn) as (
  select case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_insert_lsn() end
)
select json_build_object(
  'version', current_setting('server_version_num')::int,
  'wal_level', current_setting('wal_level'),
  'is_standby', pg_is_in_recovery(),
  'system_identifier', (select system_identifier::text from pg_control_system()),
  'timeline', case when pg_is_in_recovery() then (select timeline_id::text from pg_control_checkpoint())
    else (('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int)::text end,
  'database', current_database(),
  'database_oid', (select oid::text from pg_database where datname = current_database()),
  'lsn', (select lsn::text from log),
  'looked_at', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
  'slots', (select count(*) from pg_replication_slots),
  'max_slots', current_setting('max_replication_slots')::int,
  'senders', (select count(*) from pg_stat_replication),
  'max_senders', current_setting('max_wal_senders')::int,
  'user', current_user,
  'may_create', has_database_privilege(current_database(), 'create'),
  'slot', (
    select json_build_object('type', s.slot_type, 'plugin', s.plugin, 'database', s.database,
      'is_temporary', s.temporary, 'active_pid', s.active_pid, 'restart_lsn', s.restart_lsn::text,
      'confirmed_lsn', s.confirmed_flush_lsn::text, 'wal_status', to_jsonb(s)->>'wal_status',
      'invalidation', to_jsonb(s)->>'invalidation_reason', 'conflicts', to_jsonb(s)->'conflicting',
      'is_synced', to_jsonb(s)->'synced',
      'retained_bytes', pg_wal_lsn_diff((select lsn from log), s.restart_lsn))
    from pg_replication_slots s where s.slot_name = $1),
  'publication', (
    select json_build_object('oid', p.oid::text, 'altered', p.xmin::text,
      'otherwise', md5((to_jsonb(p) - '{pubinsert,pubupdate,pubdelete,pubtruncate}'::text[])::text),
      'all_tables', p.puballtables, 'insert', p.pubinsert, 'update', p.pubupdate,
      'delete', p.pubdelete, 'truncate', p.pubtruncate, 'via_root', p.pubviaroot,
      'is_ours', coalesce(obj_description(p.oid, 'pg_publication'), '') like '${OUR_COMMENT}%',
      'may_alter', pg_has_role(p.pubowner, 'usage'),
      'entries', (select md5(string_agg(e.oid::text, ',' order by e.oid)) from (
        select r.oid from pg_publication_rel r where r.prpubid = p.oid
        union all
        select d.objid from pg_depend d where d.classid = to_regclass('pg_catalog.pg_publication_namespace')
          and d.refclassid = 'pg_publication'::regclass and d.refobjid = p.oid) e))
    from pg_publication p where p.pubname = $2))::text as json`,
    values: [slot, publication],
  };
}

/**
 * What can be followed of tables: those of some schemas, or some by name. A row each: how its old rows are
 * told in the log, by which columns, and whether the publication has it as it is.
 */
export function lookUpFollowable(tables: readonly Table[] | undefined, publication: string): Sql {
  return {
    text: `select c.oid::int8 as oid, n.nspname as schema, c.relname as name, c.relreplident as identity,
  (select json_agg(a.attname order by k.position)
    from pg_index i cross join unnest(i.indkey::int2[]) with ordinality k(number, position)
    join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
    where i.indrelid = c.oid and i.indisvalid and k.position <= i.indnkeyatts
      and case c.relreplident when 'i' then i.indisreplident when 'd' then i.indisprimary and i.indimmediate
        when 'f' then i.indisprimary else false end)::text as key,
  pg_has_role(c.relowner, 'usage') as is_owned,
  t.tablename is not null as is_published,
  exists (select from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
    where p.pubname = $2 and r.prrelid = c.oid
      and (to_jsonb(r)->>'prqual' is not null or to_jsonb(r)->>'prattrs' is not null)) as is_partial,
  c.relpersistence = 'p' as is_logged,
  c.relkind = 'p' and (
    not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary and i.indimmediate)
    or exists (select from pg_partition_tree(c.oid) leaf join pg_class l on l.oid = leaf.relid
      where leaf.isleaf and l.relkind = 'r' and l.relreplident <> 'f' and not exists (
        select from pg_index i where i.indrelid = l.oid and i.indisvalid
          and case l.relreplident when 'i' then i.indisreplident
            when 'd' then i.indisprimary and i.indimmediate else false end))) as has_mute_partitions
from pg_class c join pg_namespace n on n.oid = c.relnamespace
left join pg_publication_tables t
  on t.pubname = $2 and t.schemaname = n.nspname and t.tablename = c.relname
where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')
  and ($1::json is null or (n.nspname, c.relname) in (
    select wanted->>0, wanted->>1 from json_array_elements($1::json) wanted))
order by n.nspname, c.relname`,
    values: [
      tables === undefined
        ? null
        : JSON.stringify(tables.map(({ schema, name }) => [schema, name])),
      publication,
    ],
  };
}

/**
 * Transactions that wrote something, in sessions or prepared, the oldest first: what a new slot waits for.
 */
export function lookUpOpenTransactions(): Sql {
  return {
    text: `select holder, seconds::text as seconds from (
  select concat_ws(', ', 'process ' || pid, nullif(application_name, ''), state) as holder,
    floor(extract(epoch from now() - xact_start)) as seconds
  from pg_stat_activity where backend_xid is not null and pid <> pg_backend_pid()
  union all
  select 'the prepared transaction ' || quote_literal(gid),
    floor(extract(epoch from now() - prepared)) from pg_prepared_xacts
) holders order by seconds desc nulls last limit 3`,
    values: [],
  };
}

/** A message of no meaning, which is in the log, and in no table. It waits for no standby. */
export const EMIT_HEARTBEAT = `select pg_catalog.set_config('synchronous_commit', 'local', true),
  pg_catalog.pg_logical_emit_message(true, 'syncline', '')`;

export function dropReplicationSlot(slot: string): Sql {
  return { text: "select pg_catalog.pg_drop_replication_slot($1)", values: [slot] };
}
