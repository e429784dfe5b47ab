import type { Sql, Table } from "../postgres/sql.ts";

/** Columns of the relations in `tables` that exist; a relation without columns gives one row. */
export function describeRelations(tables: readonly Table[]): Sql {
  return {
    text: `
      select n.nspname as schema, c.relname as name, c.relkind as kind,
             pg_catalog.pg_has_role(c.relowner, 'member') as is_ours,
             pg_catalog.obj_description(c.oid, 'pg_class') as comment,
             a.attname as column,
             pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
             a.attnotnull and not a.atthasdef and a.attidentity = '' as must_be_given,
             a.attgenerated <> '' or a.attidentity = 'a' as is_generated
        from (select distinct * from unnest($1::text[], $2::text[])) as wanted (schema, name)
        join pg_catalog.pg_namespace n on n.nspname = wanted.schema
        join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = wanted.name
        left join pg_catalog.pg_attribute a
          on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       order by 1, 2, a.attnum`,
    values: [array(tables.map((t) => t.schema)), array(tables.map((t) => t.name))],
  };
}

/** Process id of this session at the server. */
export const BACKEND_PID: Sql = {
  text: "select pg_catalog.pg_backend_pid() as pid",
  values: [],
};

/** Our staging tables, what is noted on them, and the process ids of all sessions of the server. */
export function listStaging(schema: string): Sql {
  return {
    text: `
      select c.relname as name, pg_catalog.obj_description(c.oid, 'pg_class') as comment,
             (select pg_catalog.string_agg(pid::text, ',') from pg_catalog.pg_stat_activity) as sessions
        from pg_catalog.pg_class c
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where n.nspname = $1 and c.relname like 'staging\\_%' and c.relkind = 'r'
         and pg_catalog.pg_has_role(c.relowner, 'member')`,
    values: [schema],
  };
}

/** Which of `schemas` exist, and whether we may create tables in them. */
export function describeSchemas(schemas: readonly string[]): Sql {
  return {
    text: `
      select n.nspname as schema,
             pg_catalog.has_schema_privilege(n.oid, 'CREATE') as may_create,
             pg_catalog.has_schema_privilege(n.oid, 'USAGE') as may_use
        from pg_catalog.pg_namespace n
       where n.nspname = any ($1::text[])`,
    values: [array(schemas)],
  };
}

/** Tries to take the session's lock on each name; one row per name that somebody else holds. */
export function tryLocks(names: readonly string[]): Sql {
  return {
    text: `
      select name
        from unnest($1::text[]) as wanted (name)
       where not pg_catalog.pg_try_advisory_lock(${LOCK_CLASS}, pg_catalog.hashtext(name))`,
    values: [array(names)],
  };
}

/** The first key of our advisory locks, so that they meet no one else's ("sync" as a number). */
const LOCK_CLASS = 0x73796e63;

/**
 * Whether anything hangs on a table besides the columns we gave it: then it must keep its identity.
 * One row with one column per reason; all false for a table only we know.
 */
export function attachments(table: Table, ownIndex: string | null): Sql {
  return {
    text: `
      select
        c.relkind <> 'r' or c.relispartition or c.relhassubclass
          or exists (select from pg_catalog.pg_inherits i where i.inhrelid = c.oid) as inheritance,
        exists (select from pg_catalog.pg_depend d
                 where d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = c.oid
                   and d.classid in ('pg_catalog.pg_rewrite'::regclass, 'pg_catalog.pg_proc'::regclass,
                                     'pg_catalog.pg_policy'::regclass)) as views,
        c.relacl is not null
          or exists (select from pg_catalog.pg_attribute a
                      where a.attrelid = c.oid and a.attacl is not null) as grants,
        exists (select from pg_catalog.pg_index x
                  join pg_catalog.pg_class i on i.oid = x.indexrelid
                 where x.indrelid = c.oid and i.relname is distinct from $3) as indexes,
        exists (select from pg_catalog.pg_trigger t where t.tgrelid = c.oid)
          or c.relhasrules as triggers,
        exists (select from pg_catalog.pg_constraint k
                 where k.conrelid = c.oid or k.confrelid = c.oid) as constraints,
        c.relrowsecurity
          or exists (select from pg_catalog.pg_policy p where p.polrelid = c.oid) as policies,
        exists (select from pg_catalog.pg_attribute a
                 where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                   and (a.attnotnull or a.atthasdef or a.attidentity <> ''
                        or coalesce(a.attstattarget, -1) <> -1 or a.attoptions is not null)) as column_settings,
        exists (select from pg_catalog.pg_publication_rel p where p.prrelid = c.oid)
          or exists (select from pg_catalog.pg_publication p where p.puballtables) as publications,
        exists (select from pg_catalog.pg_statistic_ext s where s.stxrelid = c.oid) as statistics,
        exists (select from pg_catalog.pg_description d
                 where d.classoid = 'pg_catalog.pg_class'::regclass and d.objoid = c.oid)
          or exists (select from pg_catalog.pg_seclabel s
                      where s.classoid = 'pg_catalog.pg_class'::regclass and s.objoid = c.oid) as comments,
        c.reloptions is not null or c.relreplident <> 'd' or c.reltablespace <> 0
          or c.relpersistence <> 'p' as storage,
        c.relowner <> (select oid from pg_catalog.pg_roles where rolname = current_user) as another_owner
        from pg_catalog.pg_class c
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where n.nspname = $1 and c.relname = $2`,
    values: [table.schema, table.name, ownIndex],
  };
}

/** Columns of a table whose type something else builds on, so that PostgreSQL does not let it change. */
export function pinned(table: Table): Sql {
  return {
    text: `
      select distinct a.attname as column
        from pg_catalog.pg_class c
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        join pg_catalog.pg_depend d
          on d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = c.oid
        join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = d.refobjsubid
       where n.nspname = $1 and c.relname = $2
         and d.classid in ('pg_catalog.pg_rewrite'::regclass, 'pg_catalog.pg_policy'::regclass,
                           'pg_catalog.pg_trigger'::regclass, 'pg_catalog.pg_proc'::regclass,
                           'pg_catalog.pg_attrdef'::regclass)`,
    values: [table.schema, table.name],
  };
}

/** Whether tables we create in `schema` get privileges of their own, which a moved table would lack. */
export function defaultPrivileges(schema: string): Sql {
  return {
    text: `
      select 1 as found
        from pg_catalog.pg_default_acl d
        left join pg_catalog.pg_namespace n on n.oid = d.defaclnamespace
       where d.defaclobjtype = 'r'
         and d.defaclrole = (select oid from pg_catalog.pg_roles where rolname = current_user)
         and (d.defaclnamespace = 0 or n.nspname = $1)
       limit 1`,
    values: [schema],
  };
}

/** A PostgreSQL array of texts as a parameter's text. */
function array(items: readonly string[]): string {
  return `{${items.map((item) => `"${item.replace(/["\\]/g, "\\$&")}"`).join(",")}}`;
}

/** The values that are none of `type`, by their number from 1, with the SQLSTATE (PostgreSQL 16). */
export function judgeInput(values: readonly (string | null)[], type: string): Sql {
  return {
    text: `
      select v.line, (pg_catalog.pg_input_error_info(v.value, $2)).sql_error_code as code
        from pg_catalog.json_array_elements_text($1) with ordinality v (value, line)
       where not pg_catalog.pg_input_is_valid(v.value, $2)
       order by v.line`,
    values: [JSON.stringify(values), type],
  };
}
