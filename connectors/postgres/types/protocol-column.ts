import type { PropertySchema } from "../../../protocol/catalog.ts";
import { logicalType, type LogicalType } from "../../../protocol/schema-types.ts";
import { VALUE_KIND, type ValueKind } from "./kinds.ts";
import { valueKindOf } from "./type-table.ts";

/** What a column is that any destination could derive from the protocol's schema alone. */
const COLUMNS: Readonly<Record<LogicalType, string>> = {
  boolean: "boolean",
  integer: "bigint",
  big_integer: "numeric",
  number: "numeric",
  string: "text",
  // Base64 as it came: decoding it would make two spellings of one value equal.
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

/** A column's type, as `format_type` prints it, and how values are read for it. */
export interface TypedColumn {
  readonly type: string;
  readonly kind: ValueKind;
}

/**
 * The column for a property's schema: `text` for strings, `jsonb` for objects, arrays, unions and
 * what is unknown.
 */
export function protocolColumn(schema: PropertySchema): TypedColumn {
  const type = COLUMNS[logicalType(schema)];
  const kind = valueKindOf(type);
  const isForeignJson = kind === VALUE_KIND.jsonbOrNull && !isJsonColumn(schema);
  return { type, kind: isForeignJson ? VALUE_KIND.jsonb : kind };
}

/**
 * Whether a column's values follow the rule of `json` columns of our source: an absent key is SQL
 * NULL and the token `null` is JSON's null. True for `json`, `jsonb` and domains over them.
 */
function isJsonColumn(schema: PropertySchema): boolean {
  const type = schema["x-postgres-base-type"] ?? schema["x-postgres-type"];
  return type === "json" || type === "jsonb";
}
