import type { Sql } from "../../postgres/sql.ts";

/**
 * Now, and the start of the oldest transaction of this database that is open, both in milliseconds;
 * and the 32-bit ids of all transactions that run, savepoints included, as JSON: whoever has an id
 * holds a lock on it. NULL on a standby, which does not know the locks of the primary.
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
  case when not pg_is_in_recovery() then (
    select coalesce(json_agg(transactionid::text), '[]') from pg_locks
    where locktype = 'transactionid' and mode = 'ExclusiveLock' and granted)::text end as running`,
    values: [`${lateSeconds} seconds`],
  };
}

/**
 * The snapshot of the running transaction and the next id to be given out, as 64-bit ids, and the
 * identity of the database.
 */
export function lookUpSnapshot(): Sql {
  return {
    text: `select pg_snapshot_xmin(s)::text as xmin, pg_snapshot_xmax(s)::text as xmax,
  (pg_snapshot_xmax(s)::text::int8 + age(pg_snapshot_xmax(s)::xid))::text as next,
  ceil(extract(epoch from clock_timestamp()) * 1000)::text as taken_by,
  (select system_identifier::text from pg_control_system()) as system_identifier,
  (select oid::text from pg_database where datname = current_database()) as database_oid
from pg_current_snapshot() s`,
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
