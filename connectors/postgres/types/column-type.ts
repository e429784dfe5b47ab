import type { PropertySchema } from "../../../protocol/catalog.ts";
import type { ScalarTokenKind, TokenKind } from "./kinds.ts";
import { OTHER_TYPE, typeNamed, type TypeLine } from "./type-table.ts";

/** A column's type as the server's catalog describes it. */
export interface PostgresType {
  /** `pg_type.oid`, where a catalog was read. */
  readonly oid?: number;
  /** Schema of the type: `pg_catalog` for built-in ones. */
  readonly schema: string;
  /** `pg_type.typname`: `int8`, `_text`, `mood`. */
  readonly name: string;
  /** `format_type` under an empty search_path: `character varying(200)`, `public.mood[]`. */
  readonly format: string;
  readonly kind: "base" | "array" | "enum" | "domain" | "composite" | "range" | "multirange";
  /** Of an array. */
  readonly element?: PostgresType;
  /** Of an array: what separates the elements of its text, where that is no comma. */
  readonly delimiter?: string;
  /** Of a domain: the type under it, which may be a domain again. */
  readonly base?: PostgresType;
}

/** Everything the source needs to know of one column's type. */
export interface ColumnType {
  /** The property's JSON schema, `x-postgres-type` included. */
  readonly schema: PropertySchema;
  readonly token: TokenKind;
  /** Wraps the quoted column name for the SELECT list of a COPY. */
  readonly select: (column: string) => string;
  /** Whether the type has an order that a cursor can follow. */
  readonly isCursor: boolean;
}

const STRING: PropertySchema = { type: "string" };

/** What is announced of a column whose values travel as these tokens. */
const SCHEMAS: Readonly<Record<ScalarTokenKind, PropertySchema>> = {
  boolean: { type: "boolean" },
  integer: { type: "integer" },
  number: { type: "number" },
  text: STRING,
  plain: STRING,
  hex: STRING,
  date: { type: "string", format: "date" },
  time: { type: "string", format: "time", airbyte_type: "time_without_timezone" },
  timetz: { type: "string", format: "time", airbyte_type: "time_with_timezone" },
  timestamp: {
    type: "string",
    format: "date-time",
    airbyte_type: "timestamp_without_timezone",
  },
  timestamptz: { type: "string", format: "date-time", airbyte_type: "timestamp_with_timezone" },
  // The protocol's way to say "any JSON at all".
  json: {
    type: "object",
    oneOf: [
      { type: "array" },
      { type: "object" },
      { type: "number" },
      { type: "string" },
      { type: "boolean" },
    ],
    airbyte_type: "json",
  },
};

/** How a column of `type` is announced, selected and printed. Knows an answer for every type. */
export function columnType(type: PostgresType): ColumnType {
  const base = baseOf(type);
  const identity = typeIdentity(type, base);
  if (base.kind === "array" && base.element !== undefined) {
    const element = lineOf(baseOf(base.element));
    return {
      schema: { type: "array", items: elementSchema(element), ...identity },
      token: "array",
      select: selectArray(element),
      isCursor: false,
    };
  }
  const line = lineOf(base);
  const { cast } = line;
  return {
    schema: { ...SCHEMAS[line.token], ...identity },
    token: line.token,
    select: (column) => (cast === null ? column : `${column}::${cast}`),
    isCursor: line.isCursor,
  };
}

/** The type under a domain, however deep; any other type itself. */
export function baseOf(type: PostgresType): PostgresType {
  return type.kind === "domain" && type.base !== undefined ? baseOf(type.base) : type;
}

/** The line of the type table for a type that is no domain. */
export function lineOf(type: PostgresType): TypeLine {
  if (type.kind !== "base") return OTHER_TYPE;
  // citext prints and orders like text; its order is its own, which the server applies.
  if (type.name === "citext") return typeNamed("text");
  return type.schema === "pg_catalog" ? typeNamed(type.name) : OTHER_TYPE;
}

function typeIdentity(type: PostgresType, base: PostgresType): PropertySchema {
  const identity: PropertySchema = { "x-postgres-type": type.format };
  if (base !== type) identity["x-postgres-base-type"] = base.format;
  return identity;
}

function elementSchema({ arrayCast, token }: TypeLine): PropertySchema {
  return arrayCast === "text[]" ? STRING : SCHEMAS[token];
}

function selectArray({ arrayCast }: TypeLine): (column: string) => string {
  const cast = arrayCast === null ? "" : `::${arrayCast}`;
  // `to_json` drops lower bounds; an array that has its own travels as text, bounds and all. Nearly
  // every array has one dimension from 1 on: asking for that first costs a sixth of an array, the
  // regular expression alone more than the array.
  return (column) => {
    const json = `to_json(${column}${cast})`;
    return `case when array_lower(${column}, 1) = 1 and array_ndims(${column}) = 1 then ${json} when array_dims(${column}) ~ '\\[(?!1:)' then to_json(${column}::text) else ${json} end`;
  };
}
