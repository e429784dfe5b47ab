/**
 * How the COPY text of a column becomes a JSON token at the source.
 *
 * - `array`: the server built the JSON (`to_json`), copied.
 * - every other kind: see `ScalarTokenKind`.
 */
export type TokenKind = ScalarTokenKind | "array";

/**
 * How the COPY text of a column that is no array becomes a JSON token.
 *
 * - `integer`: digits, copied.
 * - `number`: digits, copied; `NaN`, `Infinity` and `-Infinity` become strings.
 * - `boolean`: `t`/`f`.
 * - `json`: a JSON document, copied. SQL NULL leaves the key out, `null` is JSON's null.
 * - `text`: any text, quoted and escaped.
 * - `plain`, `date`: text that can hold no character JSON escapes, quoted.
 * - `hex`: bytea's `\x…`, quoted; its backslash needs escaping alike in COPY and in JSON.
 * - `timestamp`, `timestamptz`, `time`, `timetz`: quoted, with `T`, six fraction digits and, with a
 *   zone, a full offset. `infinity` and `-infinity` stay words, ` BC` stays last.
 */
export type ScalarTokenKind =
  | "integer"
  | "number"
  | "boolean"
  | "json"
  | "text"
  | "plain"
  | "hex"
  | "date"
  | "timestamp"
  | "timestamptz"
  | "time"
  | "timetz";

/**
 * How a JSON token becomes the value of a column at the destination. Numbers, so that the switch of
 * the data path compares integers.
 */
export const VALUE_KIND = {
  text: 0,
  int2: 1,
  int4: 2,
  int8: 3,
  /** Any number, and the strings NaN, Infinity and -Infinity. */
  number: 4,
  boolean: 5,
  date: 6,
  time: 7,
  timestamp: 8,
  /** jsonb: JSON's null is SQL's. */
  jsonb: 9,
  /** jsonb from a json column of ours: an absent key is SQL's NULL, `null` is JSON's null. */
  jsonbOrNull: 10,
  /** As `jsonbOrNull`, into `json`, which takes every escape. */
  jsonOrNull: 11,
  /** A JSON array into a PostgreSQL array; a string is the array's own text form. */
  array: 12,
  /** As `array`, of boxes: the one type whose elements are not separated by a comma. */
  boxArray: 13,
} as const;

export type ValueKind = (typeof VALUE_KIND)[keyof typeof VALUE_KIND];

/** How a JSON token becomes the binary form of a column's type, which several types may share. */
export const BINARY_KIND = {
  text: 0,
  int2: 1,
  int4: 2,
  int8: 3,
  numeric: 4,
  float8: 5,
  boolean: 6,
  date: 7,
  time: 8,
  timetz: 9,
  timestamp: 10,
  timestamptz: 11,
  jsonb: 12,
  jsonbOrNull: 13,
  jsonOrNull: 14,
  uuid: 15,
} as const;

export type BinaryKind = (typeof BINARY_KIND)[keyof typeof BINARY_KIND];

/** The largest value of each integer kind, as digits. The smallest is one further from zero. */
export const MAX_INTEGER: Readonly<Record<number, string>> = {
  [VALUE_KIND.int2]: "32767",
  [VALUE_KIND.int4]: "2147483647",
  [VALUE_KIND.int8]: "9223372036854775807",
};
