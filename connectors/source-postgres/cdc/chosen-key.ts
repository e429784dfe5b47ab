import { type ConfiguredStream, streamLabel } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import { label } from "../../postgres/sql.ts";
import { descriptorOf } from "../../kit/source/configured-stream.ts";
import { tableOf } from "../catalog/read-plan.ts";
import type { LogTable } from "./log-table.ts";

/** The columns that are to tell the rows of a stream apart: those of its table's key, or what a user chose. */
export function chosenKeyOf({ primary_key: key = [] }: ConfiguredStream): readonly string[] {
  return key.flatMap((path) => path.slice(0, 1));
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
  if (configured.destination_sync_mode !== "append_dedup") return undefined;
  const missing = chosenKeyOf(configured).filter((name) => !key.includes(name));
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
