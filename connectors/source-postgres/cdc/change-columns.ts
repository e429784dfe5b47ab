import type { ConfiguredStream } from "../../../protocol/catalog.ts";
import { isObject } from "../../../protocol/json.ts";
import type { Lsn } from "../../postgres/replication/lsn.ts";

/** What every record says of its change, behind the columns of the table. */
const CHANGE_COLUMNS: ReadonlySet<string> = new Set([
  "_ab_cdc_lsn",
  "_ab_cdc_updated_at",
  "_ab_cdc_deleted_at",
]);

/** The stream as its table is, which does not have them. */
export function ofTable(configured: ConfiguredStream): ConfiguredStream {
  const { stream } = configured;
  const { properties } = stream.json_schema;
  if (!isObject(properties)) return configured;
  const own = Object.entries(properties).filter(([name]) => !CHANGE_COLUMNS.has(name));
  const schema = { ...stream.json_schema, properties: Object.fromEntries(own) };
  return {
    ...configured,
    stream: { ...stream, json_schema: schema },
  };
}

/**
 * What stands behind the columns of a row that was read from its table.
 *
 * @param takenAt when it was like that, as a record has a time.
 */
export function unchangedSince(lsn: Lsn, takenAt: string): Buffer {
  return Buffer.from(
    `"_ab_cdc_lsn":${lsn},"_ab_cdc_updated_at":"${takenAt}","_ab_cdc_deleted_at":null`,
  );
}
