import type { Client } from "pg";
import type { JsonObject } from "../../../protocol/messages.ts";
import { StoredOrder } from "./checkpoints.ts";
import { copyRecords } from "../rows/copy-records.ts";
import { DeliveredIds } from "../position/delivered-ids.ts";
import { hasStoredOrder } from "../catalog/discover.ts";
import { type InterruptedRefresh, interruptedRefresh, shapeOf } from "./interrupted-refresh.ts";
import type { StreamPlan } from "./plan.ts";
import { storedBytes } from "./queries.ts";
import type { ReadSettings } from "./read-settings.ts";
import { notDelivered } from "../position/row-versions.ts";
import type { StreamPosition } from "../position/state.ts";
import { StreamRead } from "./stream-read.ts";
import type { StreamReport } from "./stream-report.ts";

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
  const from = saved?.kind === "refresh" ? await interruptedRefresh(read, saved) : undefined;
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
async function copyInStoredOrder(
  read: StreamRead,
  from: InterruptedRefresh | undefined,
): Promise<void> {
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
