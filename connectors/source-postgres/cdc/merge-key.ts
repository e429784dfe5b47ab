import { type ConfiguredStream, streamLabel } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import { label } from "../../postgres/sql.ts";
import { descriptorOf } from "../../kit/source/configured-stream.ts";
import { tableOf } from "../catalog/read-plan.ts";
import type { LogTable } from "./log-table.ts";

/** The columns by which a destination is to merge the rows of a stream; empty: it does not. */
export function mergeKeyOf({
  destination_sync_mode: mode,
  primary_key: key = [],
}: ConfiguredStream): readonly string[] {
  return mode === "append_dedup" ? key.flatMap((path) => path.slice(0, 1)) : [];
}

/**
 * Why rows cannot be merged as configured; undefined: they can. Of a deleted row the log has the columns
 * of the replica identity alone, which have to say which merged row that is.
 */
export function mergeProblem(
  configured: ConfiguredStream,
  { key, isFull }: LogTable,
): Failure | undefined {
  if (isFull || key.length === 0) return undefined; // all columns, or no deletion at all
  const missing = mergeKeyOf(configured).filter((name) => !key.includes(name));
  if (missing.length === 0) return undefined;
  const stream = descriptorOf(configured);
  return new Failure(
    "cdc.not_set_up",
    `the rows of the stream ${streamLabel(stream)} are to be merged by ${missing.join(", ")}, which the log does not have of deleted rows: only ${key.join(", ")}`,
    {
      hint: `leave primary_key out, or run alter table ${label(tableOf(stream))} replica identity full`,
    },
  );
}
