import { shortenName } from "../../postgres/sql.ts";
import type { EncodedColumn } from "../encode/row-encoder.ts";

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
