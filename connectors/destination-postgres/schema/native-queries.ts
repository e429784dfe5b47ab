import { quoteLiteral, quoteTable, type Sql, type Table } from "../../postgres/sql.ts";
import type { LabelPlace } from "../plan/type-descriptions.ts";

/**
 * Those of the types that exist and that a column of this session's may have, and what separates their
 * elements if they are arrays: no pseudo-types, and no rows of somebody's table. Before version 16 an error where a text is no type name at all.
 */
export function lookUpTypes(types: readonly string[]): Sql {
  return {
    text: `select wanted as type, e.typdelim as delimiter
from pg_catalog.json_array_elements_text($1::json) wanted
join pg_catalog.pg_type t on t.oid = pg_catalog.to_regtype(wanted)
left join pg_catalog.pg_type e on e.typarray = t.oid
left join pg_catalog.pg_class c on c.oid = coalesce(nullif(e.typrelid, 0), t.typrelid)
where pg_catalog.has_type_privilege(t.oid, 'usage') and t.typtype <> 'p'
  and coalesce(c.relkind = 'c', true)`,
    values: [JSON.stringify(types)],
  };
}

/** What a type of ours to make is, if there is one of its name: in the words of its description. */
export function describeType({ schema, name }: Table): Sql {
  return {
    text: `select t.typtype as kind,
  case when t.typtype = 'd' then pg_catalog.format_type(t.typbasetype, t.typtypmod) end as base,
  (select pg_catalog.json_agg(l.enumlabel order by l.enumsortorder)
    from pg_catalog.pg_enum l where l.enumtypid = t.oid) as labels,
  (select pg_catalog.json_agg(pg_catalog.json_build_array(a.attname,
      pg_catalog.format_type(a.atttypid, a.atttypmod)) order by a.attnum)
    from pg_catalog.pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as attributes,
  c.relkind as relation,
  (select pg_catalog.format_type(g.rngsubtype, null)
    from pg_catalog.pg_range g where g.rngtypid = t.oid) as subtype,
  (select x.extname from pg_catalog.pg_depend d
    join pg_catalog.pg_extension x on x.oid = d.refobjid
    where d.classid = 'pg_catalog.pg_type'::regclass and d.objid = t.oid and d.deptype = 'e'
      and d.refclassid = 'pg_catalog.pg_extension'::regclass) as extension
from pg_catalog.pg_type t
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
left join pg_catalog.pg_class c on c.oid = t.typrelid
where n.nspname = $1 and t.typname = $2`,
    values: [schema, name],
  };
}

/** A type that an extension brought, wherever it was installed, as `format_type` prints it. */
export function findExtensionType(extension: string, name: string): Sql {
  return {
    text: `select pg_catalog.format_type(t.oid, null) as type
from pg_catalog.pg_extension x
join pg_catalog.pg_depend d on d.refobjid = x.oid and d.deptype = 'e'
  and d.refclassid = 'pg_catalog.pg_extension'::regclass
  and d.classid = 'pg_catalog.pg_type'::regclass
join pg_catalog.pg_type t on t.oid = d.objid
where x.extname = $1 and t.typname = $2`,
    values: [extension, name],
  };
}

/** Those of the collations, by quoted name, that exist for this database's encoding. */
export function findCollations(names: readonly string[]): Sql {
  return {
    text: `select pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.collname) as name
from pg_catalog.pg_collation c
join pg_catalog.pg_namespace n on n.oid = c.collnamespace
join pg_catalog.pg_database d on d.datname = pg_catalog.current_database()
where c.collencoding in (-1, d.encoding)
  and pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.collname)
    in (select pg_catalog.json_array_elements_text($1::json))`,
    values: [JSON.stringify(names)],
  };
}

/** `create type` or `create domain`, with what follows `as`. */
export function createType(what: "type" | "domain", type: Table, body: string): string {
  return `create ${what} ${quoteTable(type)} as ${body}`;
}

/** `alter type … add attribute`; `attribute` is its name and type as SQL. */
export function addAttribute(type: Table, attribute: string): string {
  return `alter type ${quoteTable(type)} add attribute ${attribute}`;
}

/** `alter type … add value`; `place` says before or after which label. */
export function addLabel(type: Table, label: string, place: LabelPlace | undefined): string {
  const at = place === undefined ? "" : ` ${place.where} ${quoteLiteral(place.label)}`;
  return `alter type ${quoteTable(type)} add value if not exists ${quoteLiteral(label)}${at}`;
}
