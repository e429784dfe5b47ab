import type { Database } from "./fixtures.ts";

/** Names of everything a user sees in a schema (tables, views, …), sorted bytewise. */
export async function relations(database: Database, schema = "public"): Promise<string[]> {
  const rows = await database.rows(
    `select relname from pg_class
     where relnamespace = (select oid from pg_namespace where nspname = $1)
       and relkind in ('r', 'p', 'v', 'm', 'f', 'S')
     order by relname collate "C"`,
    [schema],
  );
  return rows.map(([name]) => name!);
}

/** `name type` of each column, in order. */
export async function columns(database: Database, table: string): Promise<string[]> {
  const rows = await database.rows(
    `select attname || ' ' || format_type(atttypid, atttypmod) from pg_attribute
     where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum`,
    [table],
  );
  return rows.map(([column]) => column!);
}

export type Row = Record<string, string | null>;

/** All rows of a raw table, oldest batch first. `table` without the `_airbyte_raw_` prefix. */
export async function rawRows(database: Database, table: string): Promise<Row[]> {
  return database.query(
    `select * from ${quoted(`_airbyte_raw_${table}`)}
     order by _airbyte_emitted_at, _airbyte_data, _airbyte_ab_id`,
  );
}

/** All rows of a final table, in the order of `rawRows`. */
export async function finalRows(database: Database, table: string): Promise<Row[]> {
  return database.query(
    `select f.* from ${quoted(table)} f
       left join ${quoted(`_airbyte_raw_${table}`)} r using (_airbyte_ab_id)
     order by f._airbyte_emitted_at, r._airbyte_data, f._airbyte_ab_id`,
  );
}

/** What may stay in our own schema after a sync. */
const BOOKKEEPING = new Set(["checkpoint", "connection", "staging", "version", "written_table"]);

/** Whatever a sync left besides the user's tables and our bookkeeping: staging tables, schemas. */
export async function leftovers(database: Database): Promise<string[]> {
  const schemas = await database.rows(
    `select 'schema ' || nspname from pg_namespace
     where nspname !~ '^pg_' and nspname not in ('information_schema', 'public', '_syncline')`,
  );
  const ours = await relations(database, "_syncline");
  return [...schemas.flat().map(String), ...ours.filter((name) => !BOOKKEEPING.has(name))];
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
