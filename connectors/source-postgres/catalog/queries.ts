import type { Sql } from "../../postgres/sql.ts";

/** Which of the schemas exist, and whether the user may look into them. */
export function lookUpSchemas(schemas: readonly string[]): Sql {
  return {
    text: `select n.nspname as name, has_schema_privilege(n.oid, 'usage')::text as usable
from pg_namespace n where n.nspname in (select json_array_elements_text($1::json))`,
    values: [JSON.stringify(schemas)],
  };
}

/** The encoding of the database. */
export function lookUpEncoding(): Sql {
  return {
    text: `select pg_encoding_to_char(encoding) as encoding from pg_database where datname = current_database()`,
    values: [],
  };
}

/** Which relations to describe: all of some schemas, or some by name. */
export type RelationFilter =
  | { readonly schemas: readonly string[] | undefined }
  | { readonly tables: readonly { readonly schema: string; readonly name: string }[] };

/**
 * Everything `discover` and `read` want to know of the catalog, in one statement and so in one
 * snapshot: a row per relation, then a row per type that their columns use, however indirectly. Each
 * row is one JSON text; `describe-database.ts` says what is in it.
 *
 * By schema: what a user would call a table. Partitions are left out, since their parent holds the
 * same rows; so are temporary relations, system schemas, what destination-postgres keeps for itself
 * where the source is a destination of others, and views that an extension brought along.
 * By name: any relation that can be read.
 *
 * The privilege functions answer for the current user. They are asked per column only where the
 * table as a whole is not readable.
 */
export function lookUpRelations(filter: RelationFilter): Sql {
  const byName = "tables" in filter;
  return {
    text: `with recursive relation as (
  select c.oid, n.nspname, c.relname, c.relam, c.relkind, c.reltuples, c.relpages, c.relhassubclass,
         c.relispartition, pg_relation_filenode(c.oid) as filenode,
         has_schema_privilege(n.oid, 'usage') as usable,
         has_table_privilege(c.oid, 'select') as readable
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f')
    and ${byName ? BY_NAME : BY_SCHEMA}
), attribute as (
  select r.oid as relation, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull,
         case when a.attcollation <> t.typcollation then a.attcollation end as collation,
         r.readable or has_column_privilege(r.oid, a.attnum, 'select') as readable
  from relation r
  join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
  join pg_type t on t.oid = a.atttypid
), described as (
  select a.relation, json_agg(json_build_array(a.attname, a.atttypid::int8,
    format_type(a.atttypid, a.atttypmod), a.attnotnull, a.readable,
    ${collationName("a.collation")}) order by a.attnum) as columns
  from attribute a group by a.relation
), used(oid) as (
  select distinct atttypid from attribute
  union
  select part.oid from used join pg_type t on t.oid = used.oid
  cross join lateral (
    select t.typbasetype as oid
    union all select e.oid from pg_type e where e.typarray = t.oid
    union all select a.atttypid from pg_attribute a
      where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
    union all select g.rngsubtype from pg_range g where g.rngtypid = t.oid
    union all select g.rngtypid from pg_range g where t.typtype = 'm' and ${MULTIRANGE} = t.oid
  ) part where part.oid <> 0
)
select json_build_object(
  'oid', r.oid::int8, 'schema', r.nspname, 'name', r.relname, 'kind', r.relkind,
  'rows', r.reltuples, 'pages', r.relpages, 'filenode', r.filenode::int8,
  'is_heap', r.relam = ${HEAP}, 'has_other_parts', ${HAS_OTHER_PARTS},
  'has_children', r.relhassubclass and exists (select from pg_inherits i where i.inhparent = r.oid),
  'is_partition', r.relispartition, 'usable', r.usable, 'readable', r.readable,
  'columns', d.columns,
  'key', (
    select json_agg(a.attname order by k.position)
    from pg_constraint p
    cross join unnest(p.conkey) with ordinality k(attnum, position)
    join pg_attribute a on a.attrelid = r.oid and a.attnum = k.attnum
    where p.conrelid = r.oid and p.contype = 'p'))::text as json
from relation r left join described d on d.relation = r.oid
union all
select json_build_object(
  'oid', t.oid::int8, 'type_schema', n.nspname, 'name', t.typname, 'format', format_type(t.oid, null),
  'type', t.typtype, 'element', e.oid::int8, 'delimiter', t.typdelim, 'base', nullif(t.typbasetype, 0)::int8,
  'base_format', case when t.typtype = 'd' then format_type(t.typbasetype, t.typtypmod) end,
  'not_null', case when t.typtype = 'd' then t.typnotnull end,
  'checks', case when t.typtype = 'd' then (
    select json_agg(pg_get_constraintdef(c.oid) order by c.conname)
    from pg_constraint c where c.contypid = t.oid and c.contype = 'c') end,
  'collation', case when t.typtype = 'd' then (
    select ${collationName("t.typcollation")} from pg_type b
    where b.oid = t.typbasetype and b.typcollation <> t.typcollation) end,
  'labels', case when t.typtype = 'e' then (
    select json_agg(l.enumlabel order by l.enumsortorder) from pg_enum l where l.enumtypid = t.oid) end,
  'attributes', case when t.typtype = 'c' then (
    select json_agg(json_build_array(a.attname, a.atttypid::int8, format_type(a.atttypid, a.atttypmod),
      case when a.attcollation <> b.typcollation then ${collationName("a.attcollation")} end)
      order by a.attnum)
    from pg_attribute a join pg_type b on b.oid = a.atttypid
    where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped) end,
  'is_row', exists (select from pg_class c where c.oid = t.typrelid and c.relkind <> 'c'),
  'range_of', (select g.rngsubtype::int8 from pg_range g where g.rngtypid = t.oid),
  'range', (
    select json_build_object(
      'collation', case when g.rngcollation <> s.typcollation then ${collationName("g.rngcollation")} end,
      'operators', case when not o.opcdefault
        then quote_ident(op.nspname) || '.' || quote_ident(o.opcname) end,
      'multirange', (select json_build_object('schema', mn.nspname, 'name', m.typname)
        from pg_type m join pg_namespace mn on mn.oid = m.typnamespace where m.oid = ${MULTIRANGE}))
    from pg_range g join pg_type s on s.oid = g.rngsubtype
    join pg_opclass o on o.oid = g.rngsubopc join pg_namespace op on op.oid = o.opcnamespace
    where g.rngtypid = t.oid),
  'multirange_of', case when t.typtype = 'm' then (
    select g.rngtypid::int8 from pg_range g where ${MULTIRANGE} = t.oid) end,
  'extension', (
    select x.extname from pg_depend d join pg_extension x on x.oid = d.refobjid
    where d.classid = 'pg_type'::regclass and d.objid = t.oid and d.deptype = 'e'
      and d.refclassid = 'pg_extension'::regclass))::text
from used join pg_type t on t.oid = used.oid join pg_namespace n on n.oid = t.typnamespace
left join pg_type e on e.typarray = t.oid`,
    values: byName
      ? [JSON.stringify(filter.tables.map((table) => [table.schema, table.name]))]
      : [filter.schemas === undefined ? null : JSON.stringify(filter.schemas)],
  };
}

const BY_NAME = `(n.nspname, c.relname) in (
      select wanted->>0, wanted->>1 from json_array_elements($1::json) wanted)`;

const BY_SCHEMA = `case when $1::json is null
      then n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
        and n.nspname !~ '^_syncline(_|$)'
      else n.nspname in (select json_array_elements_text($1::json)) end
    and not c.relispartition
    and c.relpersistence <> 't'
    and not (c.relkind in ('v', 'm', 'f') and exists (
      select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
        and d.deptype = 'e'))`;

/** `pg_am.oid` of the storage PostgreSQL comes with: the same everywhere. */
const HEAP = 2;

/** Whether a partition or child, however deep, is a foreign table or stored in another way. */
const HAS_OTHER_PARTS = `(r.relkind = 'p' or r.relhassubclass) and exists (
    with recursive part(oid) as (
      select i.inhrelid from pg_inherits i where i.inhparent = r.oid
      union select i.inhrelid from pg_inherits i join part on part.oid = i.inhparent)
    select from part join pg_class c on c.oid = part.oid
    where c.relkind = 'f' or c.relkind = 'r' and c.relam <> ${HEAP})`;

/** Servers before 14 have neither multiranges nor this column. */
const MULTIRANGE = `(to_jsonb(g)->>'rngmultitypid')::oid`;

function collationName(oid: string): string {
  return `(select quote_ident(cn.nspname) || '.' || quote_ident(co.collname)
    from pg_collation co join pg_namespace cn on cn.oid = co.collnamespace where co.oid = ${oid})`;
}
