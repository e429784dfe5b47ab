import { quoteName, quoteTable, type Sql, type Table } from "../../postgres/sql.ts";
import { changeColumnType, type ColumnDefinition } from "../plan/tables.ts";

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

/** Moves a staging table to where its target is, or was; our own index with it. */
export function renameStatements(
  target: Table,
  staging: Table,
  index: { readonly target: string; readonly staging: string } | undefined,
): string[] {
  const moved = { schema: target.schema, name: staging.name };
  const statements = [
    `alter table ${quoteTable(staging)} set schema ${quoteName(target.schema)}`,
    `alter table ${quoteTable(moved)} rename to ${quoteName(target.name)}`,
  ];
  if (index === undefined) return statements;
  const moving = { schema: target.schema, name: index.staging };
  return [...statements, `alter index ${quoteTable(moving)} rename to ${quoteName(index.target)}`];
}

/** Replaces the rows of a table by those of its staging table; `changed` columns get new types. */
export function refillStatements(
  target: Table,
  staging: Table,
  columns: readonly ColumnDefinition[],
  changed: readonly ColumnDefinition[],
): string[] {
  const names = columns.map((column) => quoteName(column.name)).join(", ");
  return [
    `delete from ${quoteTable(target)}`,
    // Nothing is left to convert.
    ...changed.map(({ name, type }) => changeColumnType(target, name, type, "null")),
    `insert into ${quoteTable(target)} (${names}) select ${names} from ${quoteTable(staging)}`,
    dropTable(staging),
  ];
}

/** `drop table`. */
export function dropTable(table: Table): string {
  return `drop table ${quoteTable(table)}`;
}

/** Statements that lock a table against everybody, or give up after `timeout`. */
export function lockStatements(table: Table, timeout: string): string[] {
  return [
    `set local lock_timeout = '${timeout}'`,
    `lock table ${quoteTable(table)} in access exclusive mode`,
    "set local lock_timeout = 0",
  ];
}
