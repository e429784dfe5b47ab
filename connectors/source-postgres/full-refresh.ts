import { createHash } from "node:crypto";
import type { Client } from "pg";
import { type ConfiguredStream, streamLabel } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import type { JsonObject } from "../../protocol/messages.ts";
import { storedBytes } from "./queries.ts";
import { StoredOrder } from "./checkpoints.ts";
import { copyRecords } from "./copy-records.ts";
import { DeliveredIds } from "./delivered-ids.ts";
import { hasStoredOrder } from "./discover.ts";
import type { ReadSettings } from "./read-settings.ts";
import type { StreamPlan } from "./plan.ts";
import { notDelivered, whyForeign } from "./row-versions.ts";
import type { DeliveredRows } from "./delivered-rows.ts";
import type { StreamPosition } from "./state.ts";
import { StreamRead } from "./stream-read.ts";
import type { StreamReport } from "./stream-report.ts";

/** Where a full refresh stopped, and what it had delivered up to there. */
interface Interrupted {
  readonly ctid: string;
  readonly rows: DeliveredRows;
  /** Of the delivered rows, those that are still in the table. */
  readonly count: number;
}

/**
 * Reads a whole table, or what an interrupted read of it has left. Its last STATE says that
 * everything was read, and gives the next full refresh nothing to go on from.
 *
 * Resuming is exact. The rows delivered before are those stored up to the place where the read
 * stopped that its snapshot knew; where all of them are still there, they and what is read now are
 * the table as the new snapshot shows it. Where some were changed or deleted meanwhile, or the columns
 * were, a destination that replaces its table would show rows of two moments: then nothing is read,
 * and `state.superseded` says that the refresh has to start again. A destination that keeps versions
 * gets the rest, with a warning.
 */
export async function fullRefresh(
  client: Client,
  plan: StreamPlan,
  saved: StreamPosition | undefined,
  report: StreamReport,
  settings: ReadSettings,
): Promise<void> {
  const read = new StreamRead(client, plan, report, settings);
  if (saved?.kind === "unusable") read.log("WARN", `${saved.why}; everything is read again`);
  const from = saved?.kind === "refresh" ? await interrupted(read, saved) : undefined;
  if (from !== undefined || (await takesLong(read))) await copyInStoredOrder(read, from);
  else await copyRecords(client, plan, {}, report, settings);
  await report.state({
    state_type: "full_refresh",
    version: 1,
    stream_name: plan.relation.name,
    stream_namespace: plan.relation.schema,
    is_finished: true,
  });
}

/** Slower than this no sync is expected to be; slower ones start again when they are interrupted. */
const LEAST_BYTES_PER_SECOND = 2 * 1024 * 1024;

/**
 * Whether a STATE may become due before the end: only then every row carries its place, which costs
 * the server a tenth of its time.
 */
async function takesLong(read: StreamRead): Promise<boolean> {
  const { relation } = read.plan;
  if (!hasStoredOrder(relation)) return false;
  const [row] = await read.ask(storedBytes(relation.oid));
  const seconds = read.settings.checkpointMilliseconds / 1000;
  return Number(row![0]) >= seconds * LEAST_BYTES_PER_SECOND;
}

/**
 * Prints STATEs on the way, up to the row from which on a state could not hold the transactions of
 * the rows delivered any more.
 */
async function copyInStoredOrder(read: StreamRead, from: Interrupted | undefined): Promise<void> {
  const { client, plan, report, settings } = read;
  const ids = new DeliveredIds(read);
  const order = new StoredOrder(ids.hidden.length, from?.ctid, (ctid, records): JsonObject => ({
    state_type: "ctid",
    version: 2,
    stream_name: plan.relation.name,
    stream_namespace: plan.relation.schema,
    ctid,
    relation_filenode: plan.relation.filenode ?? null,
    incremental_state: {},
    columns: shapeOf(plan),
    delivered_count: (from?.count ?? 0) + records,
    snapshot: ids.printSoFar(from?.rows),
  }));
  await copyRecords(
    client,
    plan,
    {
      ...(from === undefined
        ? {}
        : { where: `ctid > '${from.ctid}'::tid or ${notDelivered(from.rows, settings.snapshot)}` }),
      hidden: [...ids.hidden, "ctid"],
      ...(ids.isNeeded ? { onRow: (bytes, hidden) => ids.remember(bytes, hidden) } : {}),
      checkpoints: {
        isSafeBefore: () => false,
        isSafeAfter: (bytes, hidden) => ids.isBounded && order.isSafeAfter(bytes, hidden),
        state: (records) => order.state(records),
      },
    },
    report,
    settings,
  );
}

/** Where the read can go on; undefined to read everything. Throws `state.superseded`. */
async function interrupted(
  read: StreamRead,
  saved: StreamPosition,
): Promise<Interrupted | undefined> {
  const { relation, configured } = read.plan;
  const { snapshot } = read.settings;
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
    if (isReplaced(configured)) throw superseded(read, why);
    read.log("WARN", `${why}; everything is read again`);
    return undefined;
  }
  // Rows delivered before lack a new column's default, and a destination's unfinished table the column.
  if (saved.blob["columns"] !== shapeOf(read.plan) && isReplaced(configured))
    throw superseded(read, "its columns were changed since");
  const count = await countDelivered(read, ctid!, rows!);
  const lost = deliveredCount! - count;
  if (lost !== 0) {
    const what = `${lost} of ${deliveredCount!} rows that were delivered already were changed or deleted since the read was interrupted`;
    if (isReplaced(configured)) throw superseded(read, what);
    read.log("WARN", `${what}; the destination keeps them as they were`);
  }
  read.log("INFO", `goes on behind the ${count} rows that were delivered already`);
  return { ctid: ctid!, rows: rows!, count };
}

/** Reads the blocks up to the place and no further, where the server can (PostgreSQL 14). */
async function countDelivered(
  read: StreamRead,
  ctid: string,
  rows: DeliveredRows,
): Promise<number> {
  const [row] = await read.ask(
    `select count(*) from ${read.table} where ctid <= '${ctid}'::tid and not ${notDelivered(rows, read.settings.snapshot)}`,
  );
  return Number(row![0]);
}

/** Names and types of the columns that are read, as a short text to compare. */
function shapeOf({ columns }: StreamPlan): string {
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

function superseded({ plan }: StreamRead, why: string): Failure {
  return new Failure(
    "state.superseded",
    `the full refresh of ${streamLabel(plan.descriptor)} cannot go on where it was interrupted: ${why}`,
    { hint: "read it again without the state" },
  );
}
