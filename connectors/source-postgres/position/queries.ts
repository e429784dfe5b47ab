import type { Sql } from "../../postgres/sql.ts";

/**
 * Now, and the start of the oldest transaction of this database that is open, both in milliseconds;
 * and the 64-bit ids between which all lie that may be running.
 *
 * Transactions of users whose activity the user may not see are not among them, nor, on a standby,
 * those of the primary. What was prepared for a two-phase commit says only when, and is taken to have
 * begun `lateSeconds` before.
 */
export function lookUpOpenTransactions(lateSeconds: number): Sql {
  return {
    text: `select floor(extract(epoch from now()) * 1000)::text as looked_at,
  floor(extract(epoch from least(now(), (
    select min(xact_start) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
      and backend_type is distinct from 'autovacuum worker'), (
    select min(prepared) - $1::interval from pg_prepared_xacts
    where database = current_database()))) * 1000)::text as open_since,
  pg_snapshot_xmin(s)::text as xmin, pg_snapshot_xmax(s)::text as xmax
from pg_current_snapshot() s`,
    values: [`${lateSeconds} seconds`],
  };
}

/**
 * Of the 64-bit ids in these inclusive ranges, all of them given out, those that run now. Savepoints
 * are among them as long as their transaction runs, released ones too, which are in no snapshot's
 * list and hold no lock. The subquery streams what would else be stored first.
 */
export function findRunning(ranges: readonly (readonly [bigint, bigint])[]): Sql {
  return {
    text: `select id::text as id from (
  select generate_series((r->>0)::int8, (r->>1)::int8) as id from json_array_elements($1::json) r
) given where txid_status(id) = 'in progress' order by given.id`,
    values: [JSON.stringify(ranges.map((range) => range.map(String)))],
  };
}

/** How far below a snapshot's `xmax` the last committed transaction is looked for. */
const MOST_ABORTED_IDS = 1000;

/**
 * The snapshot of the running transaction, the next id to be given out and the one behind the last that
 * was committed, as 64-bit ids, and the identity of the database.
 */
export function lookUpSnapshot(): Sql {
  return {
    text: `select pg_snapshot_xmin(s)::text as xmin, pg_snapshot_xmax(s)::text as xmax,
  (pg_snapshot_xmax(s)::text::int8 + age(pg_snapshot_xmax(s)::xid))::text as next,
  (select coalesce(max(id) filter (where txid_status(id) = 'committed') + 1, min(id))
     from (select pg_snapshot_xmax(s)::text::int8 as xmax) t,
          generate_series(greatest(xmax - ${MOST_ABORTED_IDS}, 3), xmax - 1) id)::text as durable,
  ceil(extract(epoch from clock_timestamp()) * 1000)::text as taken_by,
  (select system_identifier::text from pg_control_system()) as system_identifier,
  (select oid::text from pg_database where datname = current_database()) as database_oid
from pg_current_snapshot() s`,
    values: [],
  };
}

/**
 * The timeline of the server's history: another one after each promotion of a standby and each
 * restore, from where on ids of lost transactions are given out again. A standby knows late that the
 * server it follows has changed.
 */
export function lookUpTimeline(): Sql {
  return {
    text: `select case when pg_is_in_recovery() then (select greatest(
    (select timeline_id from pg_control_checkpoint()),
    (select min_recovery_end_timeline from pg_control_recovery()),
    (select max(received_tli) from pg_stat_wal_receiver)))
  else ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int end::text as timeline`,
    values: [],
  };
}

/** Ids of the transactions that last changed the definition of a table; `rowId` as SQL. */
export function findDefiners(oid: number, rowId: string): Sql {
  return {
    text: `select ${rowId}::text as id from pg_class where oid = $1::oid
union select ${rowId}::text from pg_attribute where attrelid = $1::oid`,
    values: [String(oid)],
  };
}

/** Whether an index finds the rows from a value of this column on. */
export function hasIndexOn(oid: number, column: string): Sql {
  return {
    text: `select exists (
  select from pg_index i
  join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
  join pg_opclass o on o.oid = i.indclass[0]
  join pg_am m on m.oid = o.opcmethod
  where i.indrelid = $1::oid and a.attname = $2 and i.indisvalid and i.indpred is null
    and o.opcdefault and m.amname = 'btree')::text as found`,
    values: [String(oid), column],
  };
}
