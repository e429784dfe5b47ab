import { quoteName, quoteTable, type Sql, type Table } from "../../postgres/sql.ts";
import { rowsOf } from "../schema/queries.ts";
import type { ColumnDefinition } from "../plan/tables.ts";

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
                  left join pg_catalog.pg_class i
                    on d.classid = 'pg_catalog.pg_class'::regclass and i.oid = d.objid
                 where d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = c.oid
                   and d.deptype <> 'i'
                   and not coalesce(i.relkind = 'i' and i.relname = $3, false)) as dependents,
        exists (select from pg_catalog.pg_depend d
                 where d.refclassid = 'pg_catalog.pg_type'::regclass
                   and d.refobjid in (select t.oid from pg_catalog.pg_type t
                                       where t.oid = c.reltype
                                          or t.oid = (select r.typarray from pg_catalog.pg_type r
                                                       where r.oid = c.reltype))
                   and d.deptype <> 'i') as uses_of_its_row_type,
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
                        or coalesce(a.attstattarget, -1) <> -1 or a.attoptions is not null
                        or coalesce(pg_catalog.to_jsonb(a) ->> 'attcompression', '') <> ''
                        or a.attstorage <> (select t.typstorage from pg_catalog.pg_type t
                                             where t.oid = a.atttypid))) as column_settings,
        case when exists (select from pg_catalog.pg_publication p where p.puballtables) then true
             else exists (select from pg_catalog.pg_publication_tables p
                           where p.schemaname = n.nspname and p.tablename = c.relname)
        end as publications,
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

/** The first of `names` that nothing in the schema of `table` has, but for indexes of that table itself. */
export function freeName(table: Table, names: readonly string[]): Sql {
  return {
    text: `
      select wanted.name
        from pg_catalog.json_array_elements_text($2::json) with ordinality as wanted (name, place)
       where not exists (select from pg_catalog.pg_class c
                           join pg_catalog.pg_namespace s on s.oid = c.relnamespace
                          where s.nspname = $1 and c.relname = wanted.name
                            and not exists (select from pg_catalog.pg_index i
                                             where i.indexrelid = c.oid
                                               and i.indrelid = pg_catalog.to_regclass($3)))
       order by wanted.place
       limit 1`,
    values: [table.schema, JSON.stringify(names), quoteTable(table)],
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

/**
 * Keeps others from writing to a table, from locking rows of it, and from altering it, until the
 * transaction ends. Whoever has a row locked already is waited for now, before there is anything that they
 * could wait for.
 */
export function lockAgainstWriters(target: Table, kind: string): string {
  return `lock table ${rowsOf(target, { kind })} in exclusive mode`;
}

/** `delete from`, all rows. */
export function deleteRows(target: Table, kind: string): string {
  return `delete from ${rowsOf(target, { kind })}`;
}

/** Copies all rows of a staging table. */
export function insertRows(
  target: Table,
  staging: Table,
  columns: readonly ColumnDefinition[],
): string {
  const names = columns.map((column) => quoteName(column.name)).join(", ");
  return `insert into ${quoteTable(target)} (${names}) select ${names} from ${quoteTable(staging)}`;
}

/**
 * Makes the rows of a table those of its staging table, and lets every row that stays be the same
 * one: only rows whose key is gone are deleted. One row with the numbers of what was done.
 *
 * It is one statement, so that foreign keys are checked when all of it is done. The counts of what goes
 * before put its parts in order: what is deleted makes room in unique indexes for what comes.
 */
export function mergeByKey(
  target: Table,
  staging: Table,
  { key, columns, cleared, kind }: KeyedRefill,
): Sql {
  const names = columns.map((column) => quoteName(column.name));
  const changes = [
    ...names.map((name) => `${name} = s.${name}`),
    ...cleared.map((name) => `${quoteName(name)} = null`),
  ];
  const rows = rowsOf(target, { kind });
  const match = key
    .map(({ column, operator }) => `t.${quoteName(column)} ${operator} s.${quoteName(column)}`)
    .join(" and ");
  return {
    text: `
      with gone as (
        delete from ${rows} t
         where not exists (select from ${quoteTable(staging)} s where ${match})
        returning 1),
      changed as (
        update ${rows} t set ${changes.join(", ")}
          from ${quoteTable(staging)} s
         where ${match} and (select count(*) from gone) >= 0
        returning 1),
      added as (
        insert into ${quoteTable(target)} (${names.join(", ")})
        select ${names.map((name) => `s.${name}`).join(", ")} from ${quoteTable(staging)} s
         where not exists (select from ${rows} t where ${match})
           and (select count(*) from changed) >= 0
        returning 1)
      select (select count(*) from changed) + (select count(*) from added) as taken`,
    values: [],
  };
}

/** How `mergeByKey` finds the row that a row takes the place of. */
export interface KeyedRefill {
  readonly key: readonly KeyColumn[];
  readonly columns: readonly ColumnDefinition[];
  /** Columns that become NULL. */
  readonly cleared: readonly string[];
  readonly kind: string;
}

/** A column of a unique index and the operator by which the index tells its values apart. */
export interface KeyColumn {
  readonly column: string;
  /** As SQL: `operator(pg_catalog.=)`. */
  readonly operator: string;
}

/** Has every check and trigger that waits for the commit come now, while what it does can be seen. */
export const CHECK_NOW = "set constraints all immediate";

/** How many rows a table and its staging table have. */
export function compareCounts(target: Table, staging: Table, kind: string): Sql {
  return {
    text: `select (select count(*) from ${rowsOf(target, { kind })}) as there,
                  (select count(*) from ${quoteTable(staging)}) as sent`,
    values: [],
  };
}

/**
 * What hangs on `tables` and matters to whoever changes their rows, one row for each that exists. The
 * lists are JSON.
 */
export function describeDependents(tables: readonly Table[]): Sql {
  return {
    text: `
      with published as materialized (
        select t.schemaname, t.tablename, pg_catalog.json_agg(t.pubname order by t.pubname) as names
          from pg_catalog.pg_publication_tables t
          join pg_catalog.pg_publication p on p.pubname = t.pubname and (p.pubupdate or p.pubdelete)
         group by 1, 2)
      select n.nspname as schema, c.relname as name, c.relkind as kind,
             c.relkind <> 'p' and exists (
               select from pg_catalog.pg_inherits i where i.inhparent = c.oid) as has_children,
             coalesce(p.names, '[]') as publications,
             c.relreplident as identity,
             case c.relreplident
               when 'f' then true
               when 'n' then false
               else exists (select from pg_catalog.pg_index x
                             where x.indrelid = c.oid and x.indisvalid and x.indimmediate
                               and case c.relreplident when 'i' then x.indisreplident
                                                       else x.indisprimary end)
             end as has_identity,
             (select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                       'name', r.rulename, 'isInstead', r.is_instead) order by r.rulename), '[]')
                from pg_catalog.pg_rewrite r
               where r.ev_class = c.oid and r.ev_type in ('2', '3', '4')
                 and r.ev_enabled in ('O', 'A')) as rules,
             (select coalesce(pg_catalog.jsonb_agg(distinct pg_catalog.jsonb_build_object(
                       'name', t.tgname, 'isOnDelete', t.tgtype & 8 <> 0)), '[]')
                from pg_catalog.pg_trigger t
               where (t.tgrelid = c.oid
                      or c.relkind = 'p' and t.tgrelid in (
                           select p.relid from pg_catalog.pg_partition_tree(c.oid) p))
                 and not t.tgisinternal and t.tgenabled in ('O', 'A')) as triggers,
             (select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                       'name', k.conname, 'from', kn.nspname || '.' || kc.relname)
                       order by k.conname), '[]')
                from pg_catalog.pg_constraint k
                join pg_catalog.pg_class kc on kc.oid = k.conrelid
                join pg_catalog.pg_namespace kn on kn.oid = kc.relnamespace
               where k.confrelid = c.oid and k.contype = 'f') as "references",
             (select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                       'isReferenced', x.is_referenced, 'columns', x.columns)
                       order by x.indisprimary desc, x.name), '[]')
                from (select i.relname as name, x.indisprimary,
                             exists (select from pg_catalog.pg_constraint k
                                      where k.confrelid = c.oid and k.contype = 'f'
                                        and k.conindid = x.indexrelid) as is_referenced,
                             (select pg_catalog.json_agg(pg_catalog.json_build_object(
                                       'column', a.attname,
                                       'operator', pg_catalog.format('operator(%I.%s)',
                                                     opn.nspname, op.oprname)) order by u.position)
                                from unnest(pg_catalog.string_to_array(x.indkey::text, ' ')::smallint[],
                                            pg_catalog.string_to_array(x.indclass::text, ' ')::oid[])
                                     with ordinality u (attnum, opclass, position)
                                join pg_catalog.pg_attribute a
                                  on a.attrelid = c.oid and a.attnum = u.attnum
                                join pg_catalog.pg_opclass oc on oc.oid = u.opclass
                                join pg_catalog.pg_amop o
                                  on o.amopfamily = oc.opcfamily and o.amopstrategy = 3
                                 and o.amoplefttype = oc.opcintype and o.amoprighttype = oc.opcintype
                                join pg_catalog.pg_operator op on op.oid = o.amopopr
                                join pg_catalog.pg_namespace opn on opn.oid = op.oprnamespace
                               where u.position <= x.indnkeyatts) as columns
                        from pg_catalog.pg_index x
                        join pg_catalog.pg_class i on i.oid = x.indexrelid
                        join pg_catalog.pg_am m on m.oid = i.relam and m.amname = 'btree'
                       where x.indrelid = c.oid and x.indisunique and x.indisvalid
                         and x.indpred is null and x.indexprs is null) x) as keys
        from pg_catalog.json_to_recordset($1::json) as wanted (schema text, name text)
        join pg_catalog.pg_namespace n on n.nspname = wanted.schema
        join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = wanted.name
        left join published p on p.schemaname = n.nspname and p.tablename = c.relname`,
    values: [JSON.stringify(tables)],
  };
}

/** `drop table`. */
export function dropTable(table: Table): string {
  return `drop table ${quoteTable(table)}`;
}

/** How long the statements that follow in the transaction wait for a lock; 0: for ever. */
export function limitLockWait(milliseconds: number): string {
  return `set local lock_timeout = ${milliseconds}`;
}

/** Locks a table against everybody, or gives up at once. */
export function lockAtOnce(table: Table): string {
  return `lock table ${quoteTable(table)} in access exclusive mode nowait`;
}

/** Statements that lock a table against everybody, or give up after `timeout`. */
export function lockStatements(table: Table, timeout: string): string[] {
  return [
    `set local lock_timeout = '${timeout}'`,
    `lock table ${quoteTable(table)} in access exclusive mode`,
    "set local lock_timeout = 0",
  ];
}
