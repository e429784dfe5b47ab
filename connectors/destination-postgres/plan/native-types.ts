import type { PropertySchema } from "../../../protocol/catalog.ts";
import { VALUE_KIND, type ValueKind } from "../encode/value-kind.ts";

/** What a database has of the types and collations of a catalog's columns. */
export interface NativeTypes {
  /** By `x-postgres-type`; those that are not in it get protocol types. */
  readonly types: ReadonlyMap<string, LocalType>;
  /** Those of `x-postgres-collation` that exist here. */
  readonly collations: ReadonlySet<string>;
}

/** A type of the source as it is called here. */
export interface LocalType {
  /** As `format_type` prints it. Another name than at the source where an extension lives elsewhere. */
  readonly type: string;
  /** What separates the elements of an array; undefined for what is none. */
  readonly delimiter: string | undefined;
}

/** Nothing native: every column gets its protocol type. */
export const NO_NATIVE_TYPES: NativeTypes = { types: new Map(), collations: new Set() };

/** How tokens of our source become the text of a type; every other type reads text as it is. */
const KINDS: Readonly<Record<string, ValueKind>> = {
  smallint: VALUE_KIND.int2,
  integer: VALUE_KIND.int4,
  bigint: VALUE_KIND.int8,
  oid: VALUE_KIND.int8,
  real: VALUE_KIND.number,
  "double precision": VALUE_KIND.number,
  numeric: VALUE_KIND.number,
  money: VALUE_KIND.number,
  xid8: VALUE_KIND.number,
  boolean: VALUE_KIND.boolean,
  date: VALUE_KIND.date,
  "time without time zone": VALUE_KIND.time,
  "time with time zone": VALUE_KIND.time,
  "timestamp without time zone": VALUE_KIND.timestamp,
  "timestamp with time zone": VALUE_KIND.timestamp,
  json: VALUE_KIND.jsonOrNull,
  jsonb: VALUE_KIND.jsonbOrNull,
};

/** The source's own type of a column and its collation, where this database has the type. */
export function nativeType(
  schema: PropertySchema,
  native: NativeTypes,
): { type: string; kind: ValueKind; collation?: string } | undefined {
  const name = schema["x-postgres-type"];
  const local = typeof name === "string" ? native.types.get(name) : undefined;
  if (local === undefined) return undefined;
  const base = schema["x-postgres-base-type"];
  const collation = schema["x-postgres-collation"];
  return {
    type: local.type,
    kind: kindOf(typeof base === "string" ? base : (name as string), local),
    ...(typeof collation === "string" && native.collations.has(collation) ? { collation } : {}),
  };
}

function kindOf(type: string, { delimiter }: LocalType): ValueKind {
  if (type.endsWith("[]")) return delimiter === ";" ? VALUE_KIND.boxArray : VALUE_KIND.array;
  return kindOfType(type);
}

/**
 * How a value is written for a column that has this type already, as `format_type` prints it, and was
 * to be written as `planned`: which NULL is JSON's depends on the source, not on the column.
 */
export function kindForExisting(type: string, planned: ValueKind): ValueKind {
  if (type.endsWith("[]")) return type === "box[]" ? VALUE_KIND.boxArray : VALUE_KIND.array;
  const kind = kindOfType(type);
  const isJson = kind === VALUE_KIND.jsonOrNull || kind === VALUE_KIND.jsonbOrNull;
  const keepsNull = planned === VALUE_KIND.jsonOrNull || planned === VALUE_KIND.jsonbOrNull;
  return isJson && !keepsNull ? VALUE_KIND.jsonb : kind;
}

function kindOfType(type: string): ValueKind {
  return KINDS[type.replace(/\(-?\d+(,-?\d+)?\)/, "")] ?? VALUE_KIND.text;
}
