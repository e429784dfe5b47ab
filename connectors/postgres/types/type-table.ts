import {
  BINARY_KIND as B,
  VALUE_KIND as V,
  type BinaryKind,
  type ScalarTokenKind,
  type ValueKind,
} from "./kinds.ts";

/** A type and what both connectors do with it: one line of the table below. */
export interface TypeLine {
  /** `pg_type.typname`. */
  readonly name: string;
  /** What `format_type` prints, without length, precision and fields. */
  readonly format: string;
  /** Source: how a value becomes a JSON token. The schema that is announced follows from it. */
  readonly token: ScalarTokenKind;
  /** Source: a cast before COPY, where the type's own output is not exact or not a token. */
  readonly cast: string | null;
  /** Source: a cast of its arrays before `to_json`; `text[]`: elements travel as their texts. */
  readonly arrayCast: string | null;
  /** Source: whether the type has an order that a cursor can follow. */
  readonly isCursor: boolean;
  /** Destination: how a token is read for a column of this type. */
  readonly value: ValueKind;
  /** Destination: the type's binary form; null: rows with such a column are loaded as text. */
  readonly binary: BinaryKind | null;
  /** Destination: which types hold its values when a column has to change its type. */
  readonly widening: Widening | null;
}

/**
 * - `whole`, `float`, `date`, `time`: holds every value of those of the same family and lower rank.
 * - `number`: other numbers. `numeric` holds all numbers there are.
 * - `string`: text of limited length, where PostgreSQL may cut without a word what is longer.
 * - `json`: holds any value at all.
 *
 * Every type widens to `text`.
 */
export type WideningFamily = "whole" | "float" | "number" | "date" | "time" | "string" | "json";

export type Widening = readonly [family: WideningFamily, rank: number];

type Line = readonly [
  name: string,
  format: string,
  token: ScalarTokenKind,
  cast: string | null,
  arrayCast: string | null,
  isCursor: boolean,
  value: ValueKind,
  binary: BinaryKind | null,
  widening: Widening | null,
];

/**
 * THE type table: the built-in types that are more than text. Everything else (interval, inet, xml,
 * ranges, geometry, full text, …), enums, composites and what extensions bring travel as the server's
 * text: nothing is lost, only less is promised. Arrays follow from their elements, domains from the
 * type under them.
 *
 * `to_json` prints an oid as a string and a money with its currency, hence their casts.
 */
// prettier-ignore
const LINES: readonly Line[] = [
  // typname       format_type                    token          cast       array's cast  cursor  value          binary         widening
  ["bool",        "boolean",                     "boolean",     null,      null,         true,   V.boolean,     B.boolean,     null],
  ["int2",        "smallint",                    "integer",     null,      null,         true,   V.int2,        B.int2,        ["whole", 1]],
  ["int4",        "integer",                     "integer",     null,      null,         true,   V.int4,        B.int4,        ["whole", 2]],
  ["int8",        "bigint",                      "integer",     null,      null,         true,   V.int8,        B.int8,        ["whole", 3]],
  ["oid",         "oid",                         "integer",     null,      "bigint[]",   true,   V.int8,        null,          ["number", 0]],
  ["float4",      "real",                        "number",      null,      null,         true,   V.number,      null,          ["float", 1]],
  ["float8",      "double precision",            "number",      null,      null,         true,   V.number,      B.float8,      ["float", 2]],
  ["numeric",     "numeric",                     "number",      null,      null,         true,   V.number,      B.numeric,     ["number", 0]],
  ["money",       "money",                       "number",      "numeric", "numeric[]",  false,  V.number,      null,          ["number", 0]],
  ["xid8",        "xid8",                        "number",      null,      "text[]",     false,  V.number,      null,          null],

  ["text",        "text",                        "text",        null,      null,         true,   V.text,        B.text,        null],
  ["varchar",     "character varying",           "text",        null,      null,         true,   V.text,        B.text,        ["string", 0]],
  // One type: `bpchar` has no limit, `character(n)` has one, and `character` alone is `character(1)`.
  ["bpchar",      "bpchar",                      "text",        null,      null,         true,   V.text,        null,          ["string", 0]],
  ["bpchar",      "character",                   "text",        null,      null,         true,   V.text,        B.text,        ["string", 0]],
  ["name",        "name",                        "text",        null,      null,         true,   V.text,        null,          ["string", 0]],
  ["char",        '"char"',                      "text",        null,      null,         false,  V.text,        null,          ["string", 0]],
  ["uuid",        "uuid",                        "plain",       null,      "text[]",     true,   V.text,        B.uuid,        null],
  ["bit",         "bit",                         "plain",       null,      "text[]",     true,   V.text,        null,          null],
  ["varbit",      "bit varying",                 "plain",       null,      "text[]",     true,   V.text,        null,          null],
  ["bytea",       "bytea",                       "hex",         null,      "text[]",     true,   V.text,        null,          null],

  ["json",        "json",                        "json",        null,      "text[]",     false,  V.jsonOrNull,  B.jsonOrNull,  ["json", 2]],
  ["jsonb",       "jsonb",                       "json",        null,      "text[]",     false,  V.jsonbOrNull, B.jsonbOrNull, ["json", 1]],

  ["date",        "date",                        "date",        null,      null,         true,   V.date,        B.date,        ["date", 1]],
  ["timestamp",   "timestamp without time zone", "timestamp",   null,      null,         true,   V.timestamp,   B.timestamp,   ["date", 2]],
  ["timestamptz", "timestamp with time zone",    "timestamptz", null,      null,         true,   V.timestamp,   B.timestamptz, ["date", 3]],
  ["time",        "time without time zone",      "time",        null,      null,         true,   V.time,        B.time,        ["time", 1]],
  ["timetz",      "time with time zone",         "timetz",      null,      null,         true,   V.time,        B.timetz,      ["time", 2]],

  // Cast to text, an element of an array would keep the declaration of its encoding, which may be wrong here.
  ["xml",         "xml",                         "text",        null,      "text::text[]", false, V.text,        null,          null],
];
// prettier-ignore
const ANY_OTHER: Line =
  ["",            "",                            "text",        null,      "text[]",     false,  V.text,        null,          null];

const NAMES_OBJECTS = "its values name objects of the source's database";
const SERVER_MADE = "only a server makes its values";

/**
 * Built-in types of which no other database can have a column: it would refuse their values or,
 * worse, take them for other objects. They travel as text and stay text.
 */
const BOUND_TYPES: ReadonlyMap<string, string> = new Map([
  ["aclitem", NAMES_OBJECTS],
  ["regclass", NAMES_OBJECTS],
  ["regcollation", NAMES_OBJECTS],
  ["regconfig", NAMES_OBJECTS],
  ["regdatabase", NAMES_OBJECTS],
  ["regdictionary", NAMES_OBJECTS],
  ["regnamespace", NAMES_OBJECTS],
  ["regoper", NAMES_OBJECTS],
  ["regoperator", NAMES_OBJECTS],
  ["regproc", NAMES_OBJECTS],
  ["regprocedure", NAMES_OBJECTS],
  ["regrole", NAMES_OBJECTS],
  ["regtype", NAMES_OBJECTS],
  ["gtsvector", SERVER_MADE],
  ["pg_brin_bloom_summary", SERVER_MADE],
  ["pg_brin_minmax_multi_summary", SERVER_MADE],
  ["pg_dependencies", SERVER_MADE],
  ["pg_mcv_list", SERVER_MADE],
  ["pg_ndistinct", SERVER_MADE],
  ["pg_node_tree", SERVER_MADE],
]);

function lineOf(line: Line): TypeLine {
  const [name, format, token, cast, arrayCast, isCursor, value, binary, widening] = line;
  return { name, format, token, cast, arrayCast, isCursor, value, binary, widening };
}

const TYPES = LINES.map(lineOf);
/** What holds for every type that has no line of its own. */
export const OTHER_TYPE = lineOf(ANY_OTHER);
const BY_NAME: ReadonlyMap<string, TypeLine> = new Map(TYPES.map((type) => [type.name, type]));
const BY_FORMAT: ReadonlyMap<string, TypeLine> = new Map(TYPES.map((type) => [type.format, type]));

/** The line of a type of `pg_catalog` by its `typname`. */
export function typeNamed(name: string): TypeLine {
  return BY_NAME.get(name) ?? OTHER_TYPE;
}

/** The line of a type by what `format_type` prints of it; types of users have a schema before it. */
export function typeOfFormat(format: string): TypeLine {
  return BY_FORMAT.get(parseFormat(format).name) ?? OTHER_TYPE;
}

/** A type as `format_type` prints it, taken apart: `numeric(10,2)` is `numeric`, 10 and 2. */
export interface ParsedFormat {
  /** Without modifiers and, for `interval`, without its fields; an array's brackets stay. */
  readonly name: string;
  readonly modifiers: readonly number[];
}

export function parseFormat(format: string): ParsedFormat {
  const [, modifiers] = /\((-?\d+(?:,-?\d+)?)\)/.exec(format) ?? [];
  return {
    name: format.replace(/\(-?\d+(?:,-?\d+)?\)/, "").replace(/^interval .*/, "interval"),
    // The fields of an interval limit it as a precision does.
    modifiers: modifiers?.split(",").map(Number) ?? (format.startsWith("interval ") ? [0] : []),
  };
}

/**
 * How a token is read for a column of a type, as `format_type` prints it.
 *
 * @param delimiter what separates the elements of an array's text (`pg_type.typdelim`): a semicolon
 * for boxes, a comma for every other built-in type.
 */
export function valueKindOf(format: string, delimiter = format === "box[]" ? ";" : ","): ValueKind {
  if (format.endsWith("[]")) return delimiter === ";" ? V.boxArray : V.array;
  return typeOfFormat(format).value;
}

/**
 * How values of `kind` are written in binary for a column of a type, as `format_type` prints it, or
 * undefined where only text will do: types of users and extensions, arrays, and those whose text is
 * read in ways of its own.
 */
export function binaryKindOf(format: string, kind: ValueKind): BinaryKind | undefined {
  const { value, binary } = typeOfFormat(format);
  if (value === V.jsonbOrNull && kind === V.jsonb) return B.jsonb;
  return value === kind ? (binary ?? undefined) : undefined;
}

/**
 * Why a column of a built-in type, by `format_type`, or of its arrays, cannot be had in another
 * database; a clause. Undefined for every other type.
 */
export function whyNotPortable(format: string): string | undefined {
  return BOUND_TYPES.get(format.replace(/\[\]$/, ""));
}
