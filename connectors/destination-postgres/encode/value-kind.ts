/** How a JSON token becomes the value of a column. Numbers, so that the hot switch is a jump. */
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

/** Why a value had to be replaced by NULL (protocol reference §1.3). */
export type Misfit =
  | "DESTINATION_TYPECAST_ERROR"
  | "DESTINATION_FIELD_SIZE_LIMITATION"
  | "DESTINATION_SERIALIZATION_ERROR";

/** The largest value of each integer kind, as digits. */
export const MAX_INTEGER: Readonly<Record<number, string>> = {
  [VALUE_KIND.int2]: "32767",
  [VALUE_KIND.int4]: "2147483647",
  [VALUE_KIND.int8]: "9223372036854775807",
};
