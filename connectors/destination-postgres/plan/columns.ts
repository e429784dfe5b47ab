import type { PropertySchema } from "../../../protocol/catalog.ts";
import { logicalType, type LogicalType } from "../../../protocol/schema-types.ts";
import { shortenName } from "../../postgres/sql.ts";
import { isJsonColumn } from "../../postgres/types/types.ts";
import type { EncodedColumn } from "../encode/row-encoder.ts";
import { VALUE_KIND, type ValueKind } from "../encode/value-kind.ts";

/** A column of a final table and where its values come from. */
export interface Column extends EncodedColumn {
  readonly name: string;
  /** The SQL type, as `format_type` prints it. */
  readonly type: string;
  /** Quoted name of the collation, where it is to be another than the type's own. */
  readonly collation?: string;
}

/** Columns of ours that any table may have, whatever the options are today. */
export const OWN_COLUMNS = [
  "_airbyte_ab_id",
  "_airbyte_emitted_at",
  "_airbyte_normalized_at",
  "_airbyte_meta",
  "_airbyte_unique_key",
  "_airbyte_unique_key_scd",
  "_airbyte_start_at",
  "_airbyte_end_at",
  "_airbyte_active_row",
] as const;

/** PostgreSQL's own columns, which no table may define. */
const SYSTEM_COLUMNS = ["tableoid", "ctid", "xmin", "xmax", "cmin", "cmax"];

const PROTOCOL_TYPES: Readonly<Record<LogicalType, readonly [type: string, kind: ValueKind]>> = {
  string: ["text", VALUE_KIND.text],
  boolean: ["boolean", VALUE_KIND.boolean],
  date: ["date", VALUE_KIND.date],
  timestamp_with_timezone: ["timestamp with time zone", VALUE_KIND.timestamp],
  timestamp_without_timezone: ["timestamp without time zone", VALUE_KIND.timestamp],
  time_with_timezone: ["time with time zone", VALUE_KIND.time],
  time_without_timezone: ["time without time zone", VALUE_KIND.time],
  integer: ["bigint", VALUE_KIND.int8],
  number: ["numeric", VALUE_KIND.number],
  // Base64 as it came: decoding it would make two spellings of one value equal.
  binary: ["text", VALUE_KIND.text],
  array: ["jsonb", VALUE_KIND.jsonb],
  object: ["jsonb", VALUE_KIND.jsonb],
  json: ["jsonb", VALUE_KIND.jsonb],
  union: ["jsonb", VALUE_KIND.jsonb],
  unknown: ["jsonb", VALUE_KIND.jsonb],
};

/** The type of a column that any destination could derive from the schema alone, and how to fill it. */
export function protocolType(schema: PropertySchema): { type: string; kind: ValueKind } {
  const [type, kind] = PROTOCOL_TYPES[logicalType(schema)];
  return {
    type,
    kind: kind === VALUE_KIND.jsonb && isJsonColumn(schema) ? VALUE_KIND.jsonbOrNull : kind,
  };
}

/**
 * A name for each key of a stream, in order: the key itself where PostgreSQL can have it. One that
 * is ours or the server's (`_airbyte_meta`, `ctid`) gets underscores appended, one over 63 bytes is
 * shortened, and an empty one becomes `_`. The same keys always give the same names.
 */
export function columnNames(keys: readonly string[], hashColumn: string): string[] {
  const reserved = new Set<string>([...OWN_COLUMNS, ...SYSTEM_COLUMNS, hashColumn]);
  // Keys that can keep their name keep it, whoever else would like to have it.
  const taken = new Set<string>(reserved);
  for (const key of keys) if (isUsable(key, reserved)) taken.add(key);
  return keys.map((key) => {
    if (isUsable(key, reserved)) return key;
    let name = key === "" ? "_" : key;
    while (taken.has(shortenName(name))) name += "_";
    taken.add(shortenName(name));
    return shortenName(name);
  });
}

function isUsable(key: string, reserved: ReadonlySet<string>): boolean {
  return key !== "" && !reserved.has(key) && shortenName(key) === key;
}
