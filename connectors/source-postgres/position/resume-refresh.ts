import { createHash } from "node:crypto";
import { type ConfiguredStream, streamLabel } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import type { DeliveredRows } from "./delivered-rows.ts";
import { hasStoredOrder } from "../catalog/relation.ts";
import type { ReadPlan } from "../catalog/read-plan.ts";
import { notDelivered, whyForeign } from "./row-versions.ts";
import type { StreamPosition } from "./stream-position.ts";
import type { OpenTable } from "./open-table.ts";

/** Where a full refresh stopped, and what it had delivered up to there. */
export interface InterruptedRefresh {
  readonly ctid: string;
  readonly rows: DeliveredRows;
  /** Of the delivered rows, those that are still in the table. */
  readonly count: number;
}

/**
 * Where an interrupted full refresh can go on; undefined, with a warning, to read everything. Throws
 * `state.superseded` where the destination replaces its table and rows of two moments would mix.
 */
export async function interruptedRefresh(
  table: OpenTable,
  saved: StreamPosition,
): Promise<InterruptedRefresh | undefined> {
  const { relation, configured } = table.plan;
  const { snapshot } = table.settings;
  const { rows, ctid, deliveredCount } = saved;
  const why =
    rows === undefined ||
    ctid === undefined ||
    deliveredCount === undefined ||
    !hasStoredOrder(relation)
      ? "the state does not say which rows the interrupted read delivered"
      : (whyForeign(rows, snapshot, relation) ??
        (rows.filenode === relation.filenode
          ? undefined
          : "the table was emptied or rewritten (TRUNCATE, VACUUM FULL, CLUSTER, ALTER TABLE) since its read was interrupted"));
  if (why !== undefined) {
    if (isReplaced(configured)) throw superseded(table, why);
    table.log("WARN", `${why}; everything is read again`);
    return undefined;
  }
  // Rows delivered before lack a new column's default, and a destination's unfinished table the column.
  if (saved.blob["columns"] !== shapeOf(table.plan) && isReplaced(configured))
    throw superseded(table, "its columns were changed since");
  const count = await countDelivered(table, ctid!, rows!);
  const lost = deliveredCount! - count;
  if (lost !== 0) {
    const what = `${lost} of ${deliveredCount!} rows that were delivered already were changed or deleted since the read was interrupted`;
    if (isReplaced(configured)) throw superseded(table, what);
    table.log("WARN", `${what}; the destination keeps them as they were`);
  }
  table.log("INFO", `goes on behind the ${count} rows that were delivered already`);
  return { ctid: ctid!, rows: rows!, count };
}

/** Reads the blocks up to the place and no further, where the server can (PostgreSQL 14). */
async function countDelivered(
  table: OpenTable,
  ctid: string,
  rows: DeliveredRows,
): Promise<number> {
  const row = await table.askRow(
    `select count(*) as count from ${table.quotedName} where ctid <= '${ctid}'::tid and not ${notDelivered(rows, table.settings.snapshot)}`,
  );
  return Number(row["count"]);
}

/** Names and types of the columns that are read, as a short text to compare. */
export function shapeOf({ columns }: ReadPlan): string {
  const shape = columns.map(({ name, type }) => [name, type.format]);
  return createHash("sha256").update(JSON.stringify(shape)).digest("base64url").slice(0, 22);
}

/** Whether the rows of this refresh are to be all that the destination shows. */
function isReplaced(configured: ConfiguredStream): boolean {
  const { destination_sync_mode: mode, generation_id: generation } = configured;
  const isOnlyGeneration =
    typeof generation === "number" &&
    generation > 0 &&
    configured.minimum_generation_id === generation;
  return isOnlyGeneration || (mode !== "append" && mode !== "append_dedup");
}

function superseded({ plan }: OpenTable, why: string): Failure {
  return new Failure(
    "state.superseded",
    `the full refresh of ${streamLabel(plan.descriptor)} cannot go on where it was interrupted: ${why}`,
    { hint: "read it again without the state" },
  );
}
