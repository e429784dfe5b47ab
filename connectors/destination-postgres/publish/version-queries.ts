import { quoteName, quoteTable } from "../../postgres/sql.ts";
import { columnRef, keyHash } from "../plan/hashes.ts";
import type { DedupPlan, StreamPlan } from "../plan/stream-plan.ts";
import { arrivalColumn } from "../plan/tables.ts";
import { cursorOf, keyAliases, type MergeTables } from "./merge-terms.ts";

/**
 * The staged versions without their data: key, cursor, time, when the row came and where it is.
 *
 * @param more further columns of the staged row `s`, and which rows are wanted, as SQL.
 */
export function stagedVersions(
  plan: StreamPlan,
  dedup: DedupPlan,
  { stage }: MergeTables,
  { more = "", where = "" } = {},
): string {
  const keys = keyAliases(dedup);
  const selected = [
    ...dedup.key.map((column, i) => `${columnRef(column, "s")} as ${keys[i]}`),
    ...(dedup.foundBy === "hash" ? [`${keyHash(dedup, "s")} as unique_key`] : []),
  ];
  const cursor = cursorOf(dedup, "s");
  return `select s.ctid as place, s.${quoteName(arrivalColumn(plan))} as arrival, ${selected.join(", ")}, ${cursor} as cursor, s._airbyte_emitted_at as emitted_at${more}
            from ${quoteTable(stage)} s ${where}`;
}
