import { quoteLiteral, quoteTable, type Sql, type Table } from "../../postgres/sql.ts";
import type { StreamDescriptor } from "../../../protocol/catalog.ts";
import { FIRST_OWN_SCHEMA, ownSchema, ownTable } from "../plan/own-schema.ts";
import type { Owner } from "../plan/owner.ts";
import type { Replacement } from "../plan/stand-ins.ts";
import type { StreamPlan, TableKind } from "../plan/stream-plan.ts";

/** Whether the user is let into our first schema, or could make it, and has one of that name. */
export function lookForOwnSchemas(own: string): Sql {
  return {
    text: `
      select f.oid is null or pg_catalog.has_schema_privilege(f.oid, 'USAGE') as may_use_first,
             o.oid is not null as has_own
        from (values (true)) as one (row)
        left join pg_catalog.pg_namespace f on f.nspname = $2
        left join pg_catalog.pg_namespace o
          on o.nspname = $1 and pg_catalog.pg_has_role(o.nspowner, 'usage')`,
    values: [own, FIRST_OWN_SCHEMA],
  };
}

/**
 * Whether tables of ours are there. Asked of the catalog itself: what `to_regclass` remembers of a name
 * in the same transaction may be older than a lock that was waited for.
 */
export function lookForBookkeeping(): Sql {
  return {
    text: `
    select coalesce(bool_or(c.relname = 'version'), false) as has_version,
           coalesce(bool_or(c.relname = 'checkpoint'), false) as has_checkpoints
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = ${quoteLiteral(ownSchema())} and c.relkind = 'r'`,
    values: [],
  };
}

/**
 * SQL for what tells this database from every copy of it: in one that was restored from a dump, each
 * table has another oid, also the one this was written into.
 */
function databaseIdentity(): string {
  return `
  (select pg_catalog.concat_ws('/', s.system_identifier, d.oid, ${quoteLiteral(ownTable("version"))}::regclass::oid)
     from pg_catalog.pg_control_system() s, pg_catalog.pg_database d
    where d.datname = pg_catalog.current_database())`;
}

/**
 * SQL for what changes when the rows of the table `c` all go at once, or are all written anew: the files
 * they are in, of a partitioned table those of its partitions.
 */
export const FILES_OF_C = `
  coalesce(case c.relkind when 'p' then (
    select pg_catalog.md5(pg_catalog.string_agg(l.relfilenode::text, ',' order by l.oid))
      from pg_catalog.pg_partition_tree(c.oid) p
      join pg_catalog.pg_class l on l.oid = p.relid
     where p.isleaf) else c.relfilenode::text end, 'none')`;

/** SQL for the columns of the table `c`: their places, which no other column ever gets, and types. */
const COLUMNS_OF_C = `
  (select pg_catalog.jsonb_object_agg(a.attname, pg_catalog.jsonb_build_object(
            'place', a.attnum, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
            'typeId', a.atttypid::bigint, 'modifier', a.atttypmod))
     from pg_catalog.pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)`;

/** The layout of our tables, and whether the database is the one they were made in. */
export function readVersion(): Sql {
  return {
    text: `select version, database is distinct from ${databaseIdentity()} as is_copy from ${ownTable("version")}`,
    values: [],
  };
}

/**
 * Keeps everybody else from making or changing our tables until the transaction ends; not for ever, where
 * a client vanishes unnoticed: no fence ends its session yet.
 */
export const LOCK_BOOKKEEPING: Sql = {
  text: `select pg_catalog.set_config('idle_in_transaction_session_timeout', '10s', true),
                pg_catalog.pg_advisory_xact_lock(x'73796e63'::integer, x'626f6f6b'::integer)`,
  values: [],
};

/** Our tables as they are since layout 2, in a schema that has none. */
export function createTables(): string[] {
  return [
    `create table ${ownTable("connection")} (
     project text not null,
     connection text not null,
     fence bigint not null,
     writer_pid integer,
     writer_started_at timestamp with time zone,
     updated_at timestamp with time zone not null default now(),
     primary key (project, connection)
   )`,
    `create table ${ownTable("checkpoint")} (
     project text not null,
     connection text not null,
     stream_namespace text not null,
     stream_name text not null,
     number bigint not null,
     state text,
     generation bigint,
     is_complete boolean not null default false,
     is_finished boolean not null default false,
     updated_at timestamp with time zone not null default now(),
     primary key (project, connection, stream_namespace, stream_name)
   )`,
  ];
}

/** What layout 3 knows besides of a position. */
function addEnds(): string {
  return `alter table ${ownTable("checkpoint")} add column is_finished boolean not null default false`;
}

/** Makes the tables of layout 1 what those of layout 3 are. Whose project a connection was of, nobody noted. */
export function addProjects(): string[] {
  return [
    `alter table ${ownTable("connection")}
     add column project text not null default '',
     drop constraint connection_pkey,
     add primary key (project, connection)`,
    `alter table ${ownTable("checkpoint")}
     add column project text not null default '',
     add column number bigint not null default 0,
     drop constraint checkpoint_pkey,
     add primary key (project, connection, stream_namespace, stream_name)`,
    addEnds(),
  ];
}

/** The tables that layout 1 did not have. */
export function createNewTables(): string[] {
  return [
    `create table ${ownTable("written_table")} (
     schema_name text not null,
     table_name text not null,
     table_oid oid not null,
     kind text not null,
     stream_namespace text not null,
     stream_name text not null,
     project text,
     connection text,
     lacks_rows boolean not null,
     generation bigint,
     files text,
     columns jsonb,
     updated_at timestamp with time zone not null default now(),
     primary key (schema_name, table_name)
   )`,
    `create table ${ownTable("staging")} (
     table_name text primary key,
     table_oid oid not null,
     replaces_schema text not null,
     replaces_name text not null,
     kind text not null,
     stream_namespace text not null,
     stream_name text not null,
     project text,
     connection text,
     writer_pid integer,
     writer_started_at timestamp with time zone,
     generation bigint,
     checkpoint bigint,
     updated_at timestamp with time zone not null default now()
   )`,
    `comment on table ${ownTable("connection")} is 'who writes: the fence of each connection and its last writer'`,
    `comment on table ${ownTable("checkpoint")} is 'the last STATE committed together with the data, per connection and stream'`,
    `comment on table ${ownTable("written_table")} is 'every table that streams are written to, by its oid, whose it is, and what it was when we left it'`,
    `comment on table ${ownTable("staging")} is 'tables that are being loaded to replace others, and the checkpoint that covers their rows'`,
    `create table ${ownTable("version")} (version integer not null, database text not null)`,
  ];
}

/** Makes the tables of layout 2 those of layout 3. What tables were like, nobody noted. */
export function addShapes(): string[] {
  return [
    `alter table ${ownTable("written_table")}
     add column generation bigint, add column files text, add column columns jsonb`,
    addEnds(),
    `update ${ownTable("version")} set version = 3`,
  ];
}

/**
 * Lets everybody who could keep checkpoints use the tables that layout 2 added: grants to share one
 * schema among users were given table by table.
 */
export function shareNewTables(): string {
  const tables = ["version", "written_table", "staging"].map(ownTable).join(", ");
  const grant = `grant select, insert, update, delete on ${tables} to `;
  return `
  do $$
  declare member text;
  begin
    for member in
      select distinct case a.grantee when 0 then 'public' else a.grantee::regrole::text end
        from pg_catalog.pg_class c cross join pg_catalog.aclexplode(c.relacl) a
       where c.oid = ${quoteLiteral(ownTable("checkpoint"))}::regclass
         and a.privilege_type = 'INSERT' and a.grantee <> c.relowner
    loop
      execute ${quoteLiteral(grant)} || member;
    end loop;
  end $$`;
}

/** Notes that our tables have layout `version`, in this database. */
export function noteVersion(version: number): string {
  return `insert into ${ownTable("version")} values (${version}, ${databaseIdentity()})`;
}

/**
 * After the database was copied: takes every table for the one that had its name, with the columns it
 * has. Whether its rows came along is to be looked at.
 */
export function relearnTables(): string[] {
  return [
    `update ${ownTable("written_table")}
      set table_oid = coalesce(pg_catalog.to_regclass(
            pg_catalog.format('%I.%I', schema_name, table_name))::oid, 0),
          files = 'of another database', columns = null`,
    `update ${ownTable("staging")}
      set table_oid = coalesce(pg_catalog.to_regclass(
            pg_catalog.format('%I.%I', ${quoteLiteral(ownSchema())}, table_name))::oid, 0)`,
    `update ${ownTable("version")} set database = ${databaseIdentity()}`,
  ];
}

/** The projects that have a connection of this name. */
export function projectsWith(connection: string): Sql {
  return {
    text: `select project from ${ownTable("connection")}
            where connection = $1 and project <> '' order by project`,
    values: [connection],
  };
}

/** What is noted of `tables`, one row for each: by their oid, and by their name. */
export function describeWritten(tables: readonly Table[]): Sql {
  return {
    text: `
      select wanted.schema, wanted.name, c.oid is not null as exists,
             t.schema_name, t.table_name, t.kind, t.stream_namespace, t.stream_name,
             t.project, t.connection, t.lacks_rows, t.generation, n.kind as kind_by_name, c.relkind,
             n.table_oid is not null and n.table_oid is distinct from c.oid as has_taken_name,
             t.files is distinct from now.files
               or t.columns is distinct from now.columns as is_other,
             t.files is not null and t.files <> now.files as has_other_files,
             case when t.columns <> now.columns then t.columns end as columns_then,
             case when t.columns <> now.columns then now.columns end as columns_now,
             case when t.table_oid is null
                  then pg_catalog.obj_description(c.oid, 'pg_class') end as comment
        from pg_catalog.json_to_recordset($1::json) as wanted (schema text, name text)
        left join pg_catalog.pg_namespace s on s.nspname = wanted.schema
        left join pg_catalog.pg_class c on c.relnamespace = s.oid and c.relname = wanted.name
        left join ${ownTable("written_table")} t on t.table_oid = c.oid
        left join lateral (select ${FILES_OF_C} as files, ${COLUMNS_OF_C} as columns
                            where t.table_oid is not null) now on true
        left join ${ownTable("written_table")} n
          on n.schema_name = wanted.schema and n.table_name = wanted.name`,
    values: [JSON.stringify(tables)],
  };
}

/** What is noted of a table. */
export interface TableNote {
  readonly table: Table;
  readonly kind: TableKind;
  readonly stream: StreamDescriptor;
  /** Undefined: nobody's, as of runs without a connection. */
  readonly owner: Owner | undefined;
  /** Whether records were synced, or may have been, while the stream had no such table. */
  readonly lacksRows: boolean;
  /** The oldest generation of its rows; undefined: none was told, or nobody knows. */
  readonly generation: number | undefined;
}

/** Notes those of the tables that exist, in place of what was noted of their oids and their names. */
export function noteTables(notes: readonly TableNote[]): string[] {
  if (notes.length === 0) return [];
  const rows = notes.map(({ table, kind, stream, owner, lacksRows, generation }) => ({
    schema_name: table.schema,
    table_name: table.name,
    kind,
    stream_namespace: stream.namespace || "",
    stream_name: stream.name,
    project: owner?.project ?? null,
    connection: owner?.connection ?? null,
    lacks_rows: lacksRows,
    generation: generation ?? null,
  }));
  const existing = `
    pg_catalog.json_to_recordset(${quoteLiteral(JSON.stringify(rows))}::json) as n
      (schema_name text, table_name text, kind text, stream_namespace text, stream_name text,
       project text, connection text, lacks_rows boolean, generation bigint)
    join pg_catalog.pg_namespace s on s.nspname = n.schema_name
    join pg_catalog.pg_class c on c.relnamespace = s.oid and c.relname = n.table_name`;
  return [
    `delete from ${ownTable("written_table")} w using ${existing}
      where w.table_oid = c.oid
         or (w.schema_name = n.schema_name and w.table_name = n.table_name)`,
    `insert into ${ownTable("written_table")}
            (schema_name, table_name, table_oid, kind, stream_namespace, stream_name,
             project, connection, lacks_rows, generation, files, columns)
     select n.schema_name, n.table_name, c.oid, n.kind, n.stream_namespace, n.stream_name,
            n.project, n.connection, n.lacks_rows, n.generation, ${FILES_OF_C}, ${COLUMNS_OF_C}
       from ${existing}`,
  ];
}

/** Notes what tables are like now, in the transaction that changed them. Of tables nobody noted, nothing. */
export function noteShapes(tables: readonly Table[]): string {
  return `
    update ${ownTable("written_table")} w
       set files = ${FILES_OF_C}, columns = ${COLUMNS_OF_C}, updated_at = now()
      from pg_catalog.pg_class c
     where c.oid = w.table_oid and (w.schema_name, w.table_name) in (${listed(tables)})`;
}

/** Notes of tables that rows of an older generation than theirs enter them, in the transaction that adds those. */
export function noteOlder(tables: readonly Table[], generation: number): string {
  return `
    update ${ownTable("written_table")} w
       set generation = ${generation}
     where w.generation > ${generation}
       and (w.schema_name, w.table_name) in (${listed(tables)})`;
}

function listed(tables: readonly Table[]): string {
  return tables
    .map(({ schema, name }) => `(${quoteLiteral(schema)}, ${quoteLiteral(name)})`)
    .join(", ");
}

/** Takes the note of layout 1 off a table: what it said is in a table of ours now. */
export function removeComment(table: Table): string {
  return `comment on table ${quoteTable(table)} is null`;
}

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

/** The staging tables of layout 1, with the notes in their comments. */
export function listOldStaging(): Sql {
  return {
    text: `
    select c.relname as name, pg_catalog.obj_description(c.oid, 'pg_class') as comment
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = ${quoteLiteral(ownSchema())} and c.relname like 'staging\\_%' and c.relkind = 'r'`,
    values: [],
  };
}

/** What a comment of layout 1 says of a staging table. */
export interface OldStaging {
  readonly name: string;
  readonly replaces: Table;
  readonly connection: string | null;
  readonly writer: string | null;
}

/** Notes a staging table of layout 1. Which rows it holds nobody noted, so no load goes on with it. */
export function insertOldStaging({ name, replaces, connection, writer }: OldStaging): Sql {
  return {
    text: `
      insert into ${ownTable("staging")}
             (table_name, table_oid, replaces_schema, replaces_name, kind, stream_namespace,
              stream_name, project, connection, writer_pid)
      values ($1, pg_catalog.to_regclass(pg_catalog.format('%I.%I', ${quoteLiteral(ownSchema())}, $1::text))::oid,
              $2, $3, '', '', '', case when $4::text is not null then '' end, $4, $5::integer)`,
    values: [name, replaces.schema, replaces.name, connection, writer],
  };
}
