import { quoteTable, type Sql, type Table } from "../postgres/sql.ts";

/** What a user of a database has to know, or be allowed, before anything is tried. */
export const DESCRIBE_SERVER: Sql = {
  text: `select pg_catalog.current_setting('fsync') as fsync, current_user as username,
                pg_catalog.current_database() as database,
                pg_catalog.pg_is_in_recovery() as standby,
                pg_catalog.current_setting('transaction_read_only') as read_only,
                pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMP') as may_temp`,
  values: [],
};

/** The number of the server's process that runs it, and the port where it sees its client. */
export const SERVER_PROCESS: Sql = {
  text: "select pg_catalog.pg_backend_pid() as pid, pg_catalog.inet_client_port() as port",
  values: [],
};

/** Fails by a division, and what is sent with it, unless this process of the server runs it. */
export function unlessServedBy(process: number): string {
  return `select 1 / (pg_catalog.pg_backend_pid() = ${process})::int`;
}

/** Those tables of a schema in which the user may not do everything that a sync does. */
export function tablesOutOfReach(schema: string, names: readonly string[]): Sql {
  return {
    text: `
      select c.relname as name
        from pg_catalog.pg_class c
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where n.nspname = $1
         and c.relname in (select pg_catalog.json_array_elements_text($2::json))
         and not (pg_catalog.has_table_privilege(c.oid, 'SELECT')
                  and pg_catalog.has_table_privilege(c.oid, 'INSERT')
                  and pg_catalog.has_table_privilege(c.oid, 'UPDATE')
                  and pg_catalog.has_table_privilege(c.oid, 'DELETE'))
       order by 1`,
    values: [schema, JSON.stringify(names)],
  };
}

/** A table of one column, for one row. */
export function createProbe(table: Table): string {
  return `create table ${quoteTable(table)} (test_key text)`;
}

/** The row of such a table. */
export function readProbe(table: Table): Sql {
  return { text: `select test_key from ${quoteTable(table)}`, values: [] };
}

/** Removes such a table. */
export function dropProbe(table: Table): string {
  return `drop table ${quoteTable(table)}`;
}
