import { VALUE_KIND, type ValueKind } from "../value-kind.ts";

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

/** The types written in binary: what `format_type` prints, without length and precision. */
const KINDS: Readonly<Record<string, Partial<Record<ValueKind, BinaryKind>>>> = {
  text: { [VALUE_KIND.text]: BINARY_KIND.text },
  "character varying": { [VALUE_KIND.text]: BINARY_KIND.text },
  character: { [VALUE_KIND.text]: BINARY_KIND.text },
  uuid: { [VALUE_KIND.text]: BINARY_KIND.uuid },
  smallint: { [VALUE_KIND.int2]: BINARY_KIND.int2 },
  integer: { [VALUE_KIND.int4]: BINARY_KIND.int4 },
  bigint: { [VALUE_KIND.int8]: BINARY_KIND.int8 },
  numeric: { [VALUE_KIND.number]: BINARY_KIND.numeric },
  "double precision": { [VALUE_KIND.number]: BINARY_KIND.float8 },
  boolean: { [VALUE_KIND.boolean]: BINARY_KIND.boolean },
  date: { [VALUE_KIND.date]: BINARY_KIND.date },
  "time without time zone": { [VALUE_KIND.time]: BINARY_KIND.time },
  "time with time zone": { [VALUE_KIND.time]: BINARY_KIND.timetz },
  "timestamp without time zone": { [VALUE_KIND.timestamp]: BINARY_KIND.timestamp },
  "timestamp with time zone": { [VALUE_KIND.timestamp]: BINARY_KIND.timestamptz },
  jsonb: {
    [VALUE_KIND.jsonb]: BINARY_KIND.jsonb,
    [VALUE_KIND.jsonbOrNull]: BINARY_KIND.jsonbOrNull,
  },
  json: { [VALUE_KIND.jsonOrNull]: BINARY_KIND.jsonOrNull },
};

/**
 * How values of `kind` are written for a column of `type`, or undefined where only text will do:
 * types of users and extensions, arrays, and those whose text is read in ways of its own.
 */
export function binaryKindOf(type: string, kind: ValueKind): BinaryKind | undefined {
  const bare = type.replace(/\(\d+(?:,-?\d+)?\)/, "");
  return Object.hasOwn(KINDS, bare) ? KINDS[bare]![kind] : undefined;
}
