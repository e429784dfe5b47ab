import { quoteName, quoteTable, type Sql, type Table } from "../../postgres/sql.ts";
import { columnType } from "../../postgres/types/column-type.ts";
import type { Column } from "../catalog/catalog.ts";

/** Which of the schemas exist, and whether the user may look into them. */
export function lookUpSchemas(schemas: readonly string[]): Sql {
  return {
    text: `select n.nspname as name, has_schema_privilege(n.oid, 'usage')::text as usable
from pg_namespace n where n.nspname in (select json_array_elements_text($1::json))`,
    values: [JSON.stringify(schemas)],
  };
}

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

/** Everything that reading one table needs to say. */
export interface RowsQuery {
  readonly table: Table;
  readonly columns: readonly Column[];
  /** Expressions after the columns, located but not printed. */
  readonly hidden?: readonly string[];
  readonly where?: string;
  readonly orderBy?: string;
}

/**
 * A COPY of rows in text format. No parameters are possible in it: whatever `where` holds is quoted
 * already. A table without columns gives one empty line per row.
 */
export function copyRows({ table, columns, hidden = [], where, orderBy }: RowsQuery): string {
  const list = [
    ...columns.map((column) => columnType(column.type).select(quoteName(column.name))),
    ...hidden,
  ].join(", ");
  const filter = where === undefined ? "" : ` where ${where}`;
  const order = orderBy === undefined ? "" : ` order by ${orderBy}`;
  return `copy (select ${list} from ${quoteTable(table)}${filter}${order}) to stdout`;
}

/** The encoding of the database. */
export function lookUpEncoding(): Sql {
  return {
    text: `select pg_encoding_to_char(encoding) as encoding from pg_database where datname = current_database()`,
    values: [],
  };
}

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
    text: `select ${rowId}::text from pg_class where oid = $1::oid
union select ${rowId}::text from pg_attribute where attrelid = $1::oid`,
    values: [String(oid)],
  };
}

/** How many bytes a table takes on disk without its indexes. */
export function storedBytes(oid: number): Sql {
  return { text: "select pg_table_size($1::oid)", values: [String(oid)] };
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
    and o.opcdefault and m.amname = 'btree')`,
    values: [String(oid), column],
  };
}
