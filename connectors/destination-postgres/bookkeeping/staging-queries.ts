import { quoteLiteral, quoteTable, type Sql, type Table } from "../../postgres/sql.ts";
import { ownTable } from "../plan/own-schema.ts";
import type { Owner } from "../plan/owner.ts";
import type { Replacement } from "../plan/stand-ins.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { COLUMNS_OF_C, FILES_OF_C } from "./written-table-queries.ts";

/** Notes a staging table that was just made, in the same transaction: nothing covers its rows yet. */
export function noteStaging(
  { stream, generation }: StreamPlan,
  { kind, target, staging }: Omit<Replacement, "isRebuilt">,
  owner: Owner | undefined,
): string[] {
  const text = (value: string | undefined) => (value === undefined ? "null" : quoteLiteral(value));
  const values = [
    text(staging.name),
    `${quoteLiteral(quoteTable(staging))}::regclass::oid`,
    text(target.schema),
    text(target.name),
    text(kind),
    text(stream.namespace || ""),
    text(stream.name),
    text(owner?.project),
    text(owner?.connection),
    owner ? "null" : "a.pid",
    owner ? "null" : "a.backend_start",
    generation === undefined ? "null" : String(generation),
  ];
  return [
    forgetStaging([staging]),
    `insert into ${ownTable("staging")}
            (table_name, table_oid, replaces_schema, replaces_name, kind, stream_namespace,
             stream_name, project, connection, writer_pid, writer_started_at, generation)
     select ${values.join(", ")}
       from pg_catalog.pg_stat_activity a where a.pid = pg_catalog.pg_backend_pid()`,
  ];
}

/** What is noted of staging tables that are still the ones it was noted of, and their columns. */
export function describeStaging(tables: readonly Table[]): Sql {
  return {
    text: `
      select s.table_name as name, s.project, s.connection, s.generation, s.checkpoint,
             (select pg_catalog.json_agg(a.attname order by a.attnum)
                from pg_catalog.pg_attribute a
               where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
        from ${ownTable("staging")} s
        join pg_catalog.pg_class c on c.oid = s.table_oid and c.relname = s.table_name
       where s.table_name in (select pg_catalog.json_array_elements_text($1::json))`,
    values: [JSON.stringify(tables.map(({ name }) => name))],
  };
}

/**
 * The staging tables that `owner` has, and those of sessions that are gone and had no connection to
 * come back for them. A session of another user may not show when it began: then its number tells.
 */
export function findLeftStaging(owner: Owner | undefined): Sql {
  return {
    text: `
      select s.table_name as name, s.replaces_schema || '.' || s.replaces_name as replaces
        from ${ownTable("staging")} s
        left join pg_catalog.pg_class c on c.oid = s.table_oid
       where (c.oid is null or pg_catalog.pg_has_role(c.relowner, 'member'))
         and case when s.connection is not null
                  then s.connection = $2 and s.project in ($1, '')
                  else not exists (
                    select from pg_catalog.pg_stat_activity a
                     where a.pid = s.writer_pid
                       and coalesce(a.backend_start = s.writer_started_at, true)) end`,
    values: [owner?.project ?? null, owner?.connection ?? null],
  };
}

/** Removes staging tables and what is noted of them. */
export function dropStaging(tables: readonly Table[]): string[] {
  if (tables.length === 0) return [];
  return [
    ...tables.map((table) => `drop table if exists ${quoteTable(table)}`),
    forgetStaging(tables),
  ];
}

/** Forgets what is noted of staging tables. */
function forgetStaging(tables: readonly Table[]): string {
  const names = tables.map(({ name }) => quoteLiteral(name)).join(", ");
  return `delete from ${ownTable("staging")} where table_name in (${names})`;
}

/**
 * Notes that what was in a staging table is in its target now, in the transaction that brought it
 * there: the target is whole, and its owner's who filled the staging table. Rows that were made again
 * are of the generation they were of.
 */
export function noteReplaced({ target, staging, isRebuilt }: Replacement): string[] {
  return [
    `insert into ${ownTable("written_table")} as w
            (schema_name, table_name, table_oid, kind, stream_namespace, stream_name,
             project, connection, lacks_rows, generation, files, columns)
     select s.replaces_schema, s.replaces_name, c.oid, s.kind, s.stream_namespace, s.stream_name,
            s.project, s.connection, false, s.generation, ${FILES_OF_C}, ${COLUMNS_OF_C}
       from ${ownTable("staging")} s, pg_catalog.pg_class c
      where s.table_name = ${quoteLiteral(staging.name)}
        and c.oid = ${quoteLiteral(quoteTable(target))}::regclass
     on conflict (schema_name, table_name) do update
        set table_oid = excluded.table_oid, kind = excluded.kind,
            stream_namespace = excluded.stream_namespace, stream_name = excluded.stream_name,
            project = excluded.project, connection = excluded.connection,
            lacks_rows = false, files = excluded.files, columns = excluded.columns,
            generation = ${isRebuilt ? "w.generation" : "excluded.generation"}, updated_at = now()`,
    forgetStaging([staging]),
  ];
}
