import type { PropertySchema } from "../../../protocol/catalog.ts";
import { logicalType, type LogicalType } from "../../../protocol/schema-types.ts";

/**
 * How the COPY text of a column becomes a JSON token (source) and back (destination).
 *
 * - `integer`: digits, copied.
 * - `number`: digits, copied; `NaN`, `Infinity` and `-Infinity` become strings.
 * - `boolean`: `t`/`f`.
 * - `json`: a JSON document, copied. SQL NULL leaves the key out, `null` is JSON's null.
 * - `array`: the server built the JSON (`to_json`), copied.
 * - `text`: any text, quoted and escaped.
 * - `plain`: text that can hold no character JSON escapes, quoted.
 * - `hex`: bytea's `\x…`, quoted; its backslash needs escaping alike in COPY and in JSON.
 * - `timestamp`, `timestamptz`, `time`, `timetz`: quoted, with `T`, six fraction digits and, with a
 *   zone, a full offset. `infinity` and `-infinity` stay words, ` BC` stays last.
 */
export type TokenKind =
  | "integer"
  | "number"
  | "boolean"
  | "json"
  | "array"
  | "text"
  | "plain"
  | "hex"
  | "timestamp"
  | "timestamptz"
  | "time"
  | "timetz";

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

interface TypeEntry {
  readonly token: TokenKind;
  readonly schema: PropertySchema;
  /** A cast to apply before printing, where the type's own output is not exact or not a token. */
  readonly cast?: string;
  /** How `to_json` sees an array of this type; absent: its elements travel as text. */
  readonly inArray?: { readonly cast?: string };
  readonly isCursor?: true;
}

const STRING = { type: "string" } as const;
const INTEGER = { type: "integer" } as const;
const NUMBER = { type: "number" } as const;

/** Any JSON at all (protocol reference §2.1). */
const ANY_JSON: PropertySchema = {
  type: "object",
  oneOf: [
    { type: "array" },
    { type: "object" },
    { type: "number" },
    { type: "string" },
    { type: "boolean" },
  ],
  airbyte_type: "json",
};

const TEXT_CURSOR: TypeEntry = { token: "text", schema: STRING, inArray: {}, isCursor: true };
const INTEGER_CURSOR: TypeEntry = {
  token: "integer",
  schema: INTEGER,
  inArray: {},
  isCursor: true,
};
const NUMBER_CURSOR: TypeEntry = { token: "number", schema: NUMBER, inArray: {}, isCursor: true };

/**
 * The built-in types that are more than text, by `typname`. Everything else in `pg_catalog`
 * (interval, inet, xml, ranges, geometry, full text, registry types …), enums, composites and what
 * extensions bring travel as the server's text: nothing is lost, only less is promised.
 */
const BUILT_IN: Readonly<Record<string, TypeEntry>> = {
  bool: { token: "boolean", schema: { type: "boolean" }, inArray: {}, isCursor: true },
  int2: INTEGER_CURSOR,
  int4: INTEGER_CURSOR,
  int8: INTEGER_CURSOR,
  // `to_json` quotes an oid, so an array of them goes through bigint.
  oid: { ...INTEGER_CURSOR, inArray: { cast: "bigint[]" } },
  float4: NUMBER_CURSOR,
  float8: NUMBER_CURSOR,
  numeric: NUMBER_CURSOR,
  money: { token: "number", schema: NUMBER, cast: "numeric", inArray: { cast: "numeric[]" } },
  xid8: { token: "number", schema: NUMBER },

  text: TEXT_CURSOR,
  varchar: TEXT_CURSOR,
  bpchar: TEXT_CURSOR,
  name: TEXT_CURSOR,
  char: { token: "text", schema: STRING, inArray: {} },
  uuid: { token: "plain", schema: STRING, isCursor: true },
  bit: { token: "plain", schema: STRING, isCursor: true },
  varbit: { token: "plain", schema: STRING, isCursor: true },
  bytea: { token: "hex", schema: STRING, isCursor: true },

  json: { token: "json", schema: ANY_JSON },
  jsonb: { token: "json", schema: ANY_JSON },

  date: {
    token: "plain",
    schema: { type: "string", format: "date" },
    inArray: {},
    isCursor: true,
  },
  time: {
    token: "time",
    schema: { type: "string", format: "time", airbyte_type: "time_without_timezone" },
    inArray: {},
    isCursor: true,
  },
  timetz: {
    token: "timetz",
    schema: { type: "string", format: "time", airbyte_type: "time_with_timezone" },
    inArray: {},
    isCursor: true,
  },
  timestamp: {
    token: "timestamp",
    schema: { type: "string", format: "date-time", airbyte_type: "timestamp_without_timezone" },
    inArray: {},
    isCursor: true,
  },
  timestamptz: {
    token: "timestamptz",
    schema: { type: "string", format: "date-time", airbyte_type: "timestamp_with_timezone" },
    inArray: {},
    isCursor: true,
  },
};

const AS_TEXT: TypeEntry = { token: "text", schema: STRING };

/** How a column of `type` is announced, selected and printed. Knows an answer for every type. */
export function columnType(type: PostgresType): ColumnType {
  const base = baseOf(type);
  const identity = typeIdentity(type, base);
  if (base.kind === "array" && base.element !== undefined) {
    return { ...arrayColumn(base.element), schema: { ...arraySchema(base.element), ...identity } };
  }
  const entry = entryOf(base);
  return {
    schema: { ...entry.schema, ...identity },
    token: entry.token,
    select: (column) => (entry.cast === undefined ? column : `${column}::${entry.cast}`),
    isCursor: entry.isCursor === true,
  };
}

/** The type under a domain, however deep; any other type itself. */
export function baseOf(type: PostgresType): PostgresType {
  return type.kind === "domain" && type.base !== undefined ? baseOf(type.base) : type;
}

/**
 * Whether a column's values follow the rule of `json` columns: an absent key is SQL NULL and the
 * token `null` is JSON's null. True for `json`, `jsonb` and domains over them, as our source
 * announces them.
 */
export function isJsonColumn(schema: PropertySchema): boolean {
  const type = schema["x-postgres-base-type"] ?? schema["x-postgres-type"];
  return type === "json" || type === "jsonb";
}

/**
 * The column type of the protocol reading of a schema: what any destination could derive from the
 * schema alone. `text` for what is a string or unknown, `jsonb` for objects, arrays and unions.
 */
export function protocolColumn(schema: PropertySchema): ProtocolColumn {
  return PROTOCOL_COLUMNS[logicalType(schema)];
}

export type ProtocolColumn =
  | "boolean"
  | "bigint"
  | "numeric"
  | "text"
  | "date"
  | "time without time zone"
  | "time with time zone"
  | "timestamp without time zone"
  | "timestamp with time zone"
  | "jsonb";

const PROTOCOL_COLUMNS: Readonly<Record<LogicalType, ProtocolColumn>> = {
  boolean: "boolean",
  integer: "bigint",
  number: "numeric",
  string: "text",
  binary: "text",
  date: "date",
  time_without_timezone: "time without time zone",
  time_with_timezone: "time with time zone",
  timestamp_without_timezone: "timestamp without time zone",
  timestamp_with_timezone: "timestamp with time zone",
  array: "jsonb",
  object: "jsonb",
  json: "jsonb",
  union: "jsonb",
  unknown: "jsonb",
};

function entryOf(type: PostgresType): TypeEntry {
  if (type.kind === "base") {
    if (type.schema === "pg_catalog" && Object.hasOwn(BUILT_IN, type.name))
      return BUILT_IN[type.name]!;
    // citext prints and orders like text; its order is its own, which the server applies.
    if (type.name === "citext") return TEXT_CURSOR;
  }
  return AS_TEXT;
}

function typeIdentity(type: PostgresType, base: PostgresType): PropertySchema {
  const identity: PropertySchema = { "x-postgres-type": type.format };
  if (base !== type) identity["x-postgres-base-type"] = base.format;
  return identity;
}

function arraySchema(element: PostgresType): PropertySchema {
  const entry = entryOf(baseOf(element));
  return { type: "array", items: entry.inArray === undefined ? STRING : entry.schema };
}

function arrayColumn(element: PostgresType): Omit<ColumnType, "schema"> {
  const entry = entryOf(baseOf(element));
  const cast = entry.inArray === undefined ? "::text[]" : castSuffix(entry.inArray.cast);
  return {
    token: "array",
    // `to_json` drops lower bounds; an array that has its own travels as text, bounds and all. Nearly
    // every array has one dimension from 1 on: asking for that first costs a sixth of an array, the
    // regular expression alone more than the array.
    select: (column) => {
      const json = `to_json(${column}${cast})`;
      return `case when array_lower(${column}, 1) = 1 and array_ndims(${column}) = 1 then ${json} when array_dims(${column}) ~ '\\[(?!1:)' then to_json(${column}::text) else ${json} end`;
    },
    isCursor: false,
  };
}

function castSuffix(cast: string | undefined): string {
  return cast === undefined ? "" : `::${cast}`;
}
