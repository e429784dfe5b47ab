import { Failure } from "../../../protocol/errors.ts";
import type { RecordMeta } from "../../../protocol/messages.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { named } from "./keys.ts";

/**
 * Refuses a record that says of a change what its stream cannot have: rows would get NULL for values that
 * did not change, or stay although their table was emptied. Throws `catalog.invalid` and
 * `stream.key_invalid`.
 */
export function refuseChange(plan: StreamPlan, { unchanged = [], operation }: RecordMeta): void {
  const { changes, dedup, final, label, columns } = plan;
  if (changes === undefined) {
    if (unchanged.length === 0 && operation !== "truncate") return;
    throw new Failure(
      "catalog.invalid",
      `${label}: its records are changes, and the catalog has it without _ab_cdc_deleted_at or as a full refresh`,
      {
        hint: "keep _ab_cdc_deleted_at among the fields, and sync the stream incremental",
        stream: named(plan),
      },
    );
  }
  if (unchanged.length === 0 || dedup === undefined || final === undefined) return;
  const needed = [...dedup.key, ...changes.marks, ...(dedup.cursor ? [dedup.cursor] : [])];
  const missing = columns.find(
    (column) => needed.includes(column) && unchanged.includes(column.key),
  );
  if (missing === undefined) return;
  throw new Failure(
    "stream.key_invalid",
    `${label}: a change does not carry ${missing.name}, and without it nobody knows which row it is of, or when it was`,
    {
      hint: "a change has its key and its place in the log: choose a primary_key that all changes carry",
      stream: named(plan),
    },
  );
}
