import { quoteName, quoteTable, type Sql, type Table } from "../../postgres/sql.ts";
import { hashOf, keyHash } from "../plan/hashes.ts";
import type { DedupPlan, StreamPlan } from "../plan/stream-plan.ts";

/** The server's version as a number: 150018. */
export const SERVER_VERSION: Sql = {
  text: "select pg_catalog.current_setting('server_version_num') as version",
  values: [],
};

/** Columns of the relations in `tables` that exist; a relation without columns gives one row. */
export function describeRelations(tables: readonly Table[]): Sql {
  return {
    text: `
      with found as materialized (
        select n.nspname as schema, c.relname as name, c.relkind as kind, c.oid,
               pg_catalog.pg_has_role(c.relowner, 'member') as is_ours
          from (select distinct schema, name
                  from pg_catalog.json_to_recordset($1::json) as t (schema text, name text)) wanted
          join pg_catalog.pg_namespace n on n.nspname = wanted.schema
          join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = wanted.name
      ), granted as materialized (
        select f.*, case when not f.is_ours then pg_catalog.concat_ws(', ',
                 case when not pg_catalog.has_any_column_privilege(f.oid, 'SELECT') then 'SELECT' end,
                 case when not pg_catalog.has_any_column_privilege(f.oid, 'INSERT') then 'INSERT' end,
                 case when not pg_catalog.has_any_column_privilege(f.oid, 'UPDATE') then 'UPDATE' end,
                 case when not pg_catalog.has_table_privilege(f.oid, 'DELETE') then 'DELETE' end
               ) end as lacking
          from found f
      )
      select g.schema, g.name, g.kind, g.is_ours, g.lacking, a.attname as column,
             pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
             a.attnotnull and not a.atthasdef and a.attidentity = '' as must_be_given,
             a.attgenerated <> '' or a.attidentity = 'a' as is_generated
        from granted g
        left join pg_catalog.pg_attribute a
          on a.attrelid = g.oid and a.attnum > 0 and not a.attisdropped
       order by 1, 2, a.attnum`,
    values: [JSON.stringify(tables)],
  };
}

/**
 * About how many rows those of `tables` have that are there: as the server counts changes, and where it
 * has forgotten them, as it was analyzed last; null where it knows neither.
 */
export function estimateRows(tables: readonly Table[]): Sql {
  return {
    text: `
      select n.nspname as schema, c.relname as name,
             coalesce(nullif(pg_catalog.pg_stat_get_live_tuples(c.oid), 0),
                      nullif(greatest(c.reltuples, 0), 0),
                      case when pg_catalog.pg_relation_size(c.oid) = 0 then 0 end)::bigint as rows
        from pg_catalog.json_to_recordset($1::json) as wanted (schema text, name text)
        join pg_catalog.pg_namespace n on n.nspname = wanted.schema
        join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = wanted.name
       where c.relkind = 'r'`,
    values: [JSON.stringify(tables)],
  };
}

/** A row when there is a schema of that name. */
export function findSchema(schema: string): Sql {
  return {
    text: "select 1 as found from pg_catalog.pg_namespace where nspname = $1",
    values: [schema],
  };
}

/** Which of `schemas` exist, and whether we may create tables in them, or them. */
export function describeSchemas(schemas: readonly string[]): Sql {
  return {
    text: `
      select wanted as schema, n.oid is not null as exists,
             case when n.oid is null
                  then pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')
                  else pg_catalog.has_schema_privilege(n.oid, 'CREATE')
                       and pg_catalog.has_schema_privilege(n.oid, 'USAGE')
              end as may
        from pg_catalog.json_array_elements_text($1::json) wanted
        left join pg_catalog.pg_namespace n on n.nspname = wanted`,
    values: [JSON.stringify(schemas)],
  };
}

/**
 * The rows of a table as SQL names them, and not those of tables that inherit from it, which are none of
 * ours. Those of a partitioned table are all in its partitions. `kind` is `pg_class.relkind`.
 */
export function rowsOf(table: Table, { kind }: { readonly kind: string }): string {
  return kind === "p" ? quoteTable(table) : `only ${quoteTable(table)}`;
}

/** `create schema`, unless it is there. */
export function createSchema(schema: string): string {
  return `create schema if not exists ${quoteName(schema)}`;
}

/** A lock of a session on a name. */
export interface AdvisoryLock {
  readonly name: string;
  /** Whether others may have it at the same time, if it is shared with them, too. */
  readonly isShared: boolean;
}

/** What is under those of the types that are domains, however deep, with its modifiers. */
export function basesOfDomains(types: readonly string[]): Sql {
  return {
    text: `
      with recursive domain as (
        select wanted as name, t.typbasetype as oid, t.typtypmod as modifier
          from pg_catalog.json_array_elements_text($1::json) wanted
          join pg_catalog.pg_type t on t.oid = pg_catalog.to_regtype(wanted) and t.typtype = 'd'
        union all
        select d.name, t.typbasetype, case d.modifier when -1 then t.typtypmod else d.modifier end
          from domain d
          join pg_catalog.pg_type t on t.oid = d.oid and t.typtype = 'd')
      select d.name, pg_catalog.format_type(d.oid, d.modifier) as base
        from domain d
        join pg_catalog.pg_type t on t.oid = d.oid and t.typtype <> 'd'`,
    values: [JSON.stringify(types)],
  };
}

/** Tries to take locks; one row per name that somebody else holds. */
export function tryLocks(locks: readonly AdvisoryLock[]): Sql {
  return {
    text: `
      select name
        from pg_catalog.json_to_recordset($1::json) as wanted (name text, "isShared" boolean)
       where not case when "isShared"
         then pg_catalog.pg_try_advisory_lock_shared(${LOCK_CLASS}, pg_catalog.hashtext(name))
         else pg_catalog.pg_try_advisory_lock(${LOCK_CLASS}, pg_catalog.hashtext(name)) end`,
    values: [JSON.stringify(locks)],
  };
}

/** How many locks all sessions can have together, at least. */
export const LOCK_ROOM: Sql = {
  text: `
    select pg_catalog.current_setting('max_locks_per_transaction')::bigint
           * (pg_catalog.current_setting('max_connections')::bigint
              + pg_catalog.current_setting('max_prepared_transactions')::bigint) as locks`,
  values: [],
};

/** The first key of our advisory locks, so that they meet no one else's ("sync" as a number). */
const LOCK_CLASS = 0x73796e63;

/**
 * Columns of a table whose type cannot be chosen freely when its rows are replaced: something else
 * builds on it, so that PostgreSQL does not let it change; or (`may_widen`) there are rows that stay,
 * as those which foreign keys point to and those of tables that inherit from it.
 */
export function pinned(table: Table): Sql {
  return {
    text: `
      with wanted as (
        select c.oid, c.reltype, c.relkind,
               (select r.typarray from pg_catalog.pg_type r where r.oid = c.reltype) as array_type
          from pg_catalog.pg_class c
          join pg_catalog.pg_namespace n on n.oid = c.relnamespace
         where n.nspname = $1 and c.relname = $2),
      builds as (
        select d.refobjsubid as attnum
          from wanted c
          join pg_catalog.pg_depend d
            on d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = c.oid
         where d.classid in ('pg_catalog.pg_rewrite'::regclass, 'pg_catalog.pg_policy'::regclass,
                             'pg_catalog.pg_trigger'::regclass, 'pg_catalog.pg_proc'::regclass,
                             'pg_catalog.pg_attrdef'::regclass)),
      whole as (
        select exists (select from pg_catalog.pg_depend d
                        where d.refclassid = 'pg_catalog.pg_type'::regclass
                          and d.refobjid in (c.reltype, c.array_type) and d.deptype <> 'i'
                          and d.classid in ('pg_catalog.pg_class'::regclass,
                                            'pg_catalog.pg_type'::regclass)) as is_pinned,
               exists (select from pg_catalog.pg_constraint k
                        where k.confrelid = c.oid and k.contype = 'f')
                 or (c.relkind <> 'p' and exists (
                       select from pg_catalog.pg_inherits i where i.inhparent = c.oid)) as is_kept
          from wanted c)
      select a.attname as column, not (w.is_pinned or b.attnum is not null) as may_widen
        from wanted c
        cross join whole w
        join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        left join (select distinct attnum from builds) b on b.attnum = a.attnum
       where b.attnum is not null or w.is_pinned or w.is_kept`,
    values: [table.schema, table.name],
  };
}

/**
 * Whether the rows of a final table have keys of other values than `dedup` names. A few are looked at:
 * one may have been changed by hand. NULL when no row has a key.
 */
export function lookForOtherKey(final: Table, dedup: DedupPlan): Sql {
  return {
    text: `
      select bool_and(_airbyte_unique_key <> ${keyHash(dedup)}) as found
        from (select * from ${quoteTable(final)}
               where _airbyte_unique_key is not null limit 100) f`,
    values: [],
  };
}

/** Whether a table has rows; of `kind` `r` without those of tables that inherit from it. */
export function lookForRows(table: Table, kind = "p"): Sql {
  return { text: `select exists (select from ${rowsOf(table, { kind })}) as found`, values: [] };
}

/** Computes the hashes of a table again after its column `name` got a type with other texts. */
export function rekeyStatements(plan: StreamPlan, table: Table, name: string): string[] {
  const { dedup, final, history } = plan;
  if (dedup === undefined) return [];
  const isKey = dedup.key.some((column) => column.name === name);
  if (table === final && isKey)
    return [`update ${quoteTable(table)} set _airbyte_unique_key = ${keyHash(dedup)}`];
  if (table !== history || !(isKey || name === "_airbyte_start_at")) return [];
  return [
    `update ${quoteTable(table)}
        set _airbyte_unique_key = ${keyHash(dedup)},
            _airbyte_unique_key_scd = ${hashOf([keyHash(dedup), "_airbyte_start_at", "_airbyte_emitted_at"])}`,
  ];
}
