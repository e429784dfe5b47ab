import { quoteLiteral, quoteTable, type Sql, type Table } from "../../postgres/sql.ts";
import { FIRST_OWN_SCHEMA, ownSchema, ownTable } from "../plan/own-schema.ts";

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

/** Takes the note of layout 1 off a table: what it said is in a table of ours now. */
export function removeComment(table: Table): string {
  return `comment on table ${quoteTable(table)} is null`;
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
