import type { JsonObject } from "../../../protocol/json.ts";
import type { ReadPlan } from "../catalog/read-plan.ts";
import { hasStoredOrder } from "../catalog/relation.ts";
import { DeliveredIds } from "../position/delivered-ids.ts";
import {
  type InterruptedRefresh,
  interruptedRefresh,
  shapeOf,
} from "../position/resume-refresh.ts";
import { notDelivered } from "../position/row-versions.ts";
import type { StreamPosition } from "../position/stream-position.ts";
import type { OpenTable } from "../position/open-table.ts";
import type { RowPrinter } from "../rows/row-printer.ts";
import { StoredOrder } from "../rows/safe-places.ts";

/**
 * Reads a whole table, or what an interrupted read of it has left. The state it ends with says that
 * everything was read, and gives the next full refresh nothing to go on from.
 *
 * Resuming is exact. The rows delivered before are those stored up to the place where the read
 * stopped that its snapshot knew; where all of them are still there, they and what is read now are
 * the table as the new snapshot shows it. Where some were changed or deleted meanwhile, or the columns
 * were, a destination that replaces its table would show rows of two moments: then nothing is read,
 * and `state.superseded` says that the refresh has to start again. A destination that keeps versions
 * gets the rest, with a warning.
 *
 * @param checkpointSeconds how often a STATE is due on the way.
 */
export async function fullRefresh(
  table: OpenTable,
  rows: RowPrinter,
  saved: StreamPosition | undefined,
  checkpointSeconds: number,
): Promise<JsonObject> {
  if (saved?.kind === "unusable") table.log("WARN", `${saved.why}; everything is read again`);
  const from = isInterrupted(saved) ? await interruptedRefresh(table, saved) : undefined;
  const isLong = takesLong(table.plan, { ...table.settings, checkpointSeconds });
  const records = await (from !== undefined || isLong
    ? printInStoredOrder(table, rows, from)
    : rows.print({}));
  table.log("INFO", `${records} records`);
  return {
    state_type: "full_refresh",
    version: 1,
    stream_name: table.plan.relation.name,
    stream_namespace: table.plan.relation.schema,
    is_finished: true,
  };
}

/** Slower than this no sync is expected to be; slower ones start again when they are interrupted. */
const LEAST_BYTES_PER_SECOND = 2 * 1024 * 1024;

/** What decides how a table is refreshed. */
export interface RefreshSettings {
  /** How many bytes tables take on disk, by oid. */
  readonly storedBytes: ReadonlyMap<number, number>;
  /** How often a STATE is due on the way. */
  readonly checkpointSeconds: number;
}

/** Whether a table is refreshed by one COPY of all its columns, and nothing else is asked of it. */
export function isReadAtOnce(
  plan: ReadPlan,
  saved: StreamPosition | undefined,
  settings: RefreshSettings,
): boolean {
  return !isInterrupted(saved) && !takesLong(plan, settings);
}

const isInterrupted = (saved: StreamPosition | undefined): saved is StreamPosition =>
  saved?.kind === "refresh";

/**
 * Whether a STATE may become due before the end: only then every row carries its place, which costs
 * the server a tenth of its time.
 */
function takesLong({ relation }: ReadPlan, settings: RefreshSettings): boolean {
  if (!hasStoredOrder(relation)) return false;
  const bytes = settings.storedBytes.get(relation.oid) ?? 0;
  return bytes >= settings.checkpointSeconds * LEAST_BYTES_PER_SECOND;
}

/**
 * Lets STATEs come on the way, up to the row from which on a state could not hold the transactions of
 * the rows delivered any more.
 */
async function printInStoredOrder(
  table: OpenTable,
  rows: RowPrinter,
  from: InterruptedRefresh | undefined,
): Promise<number> {
  const { plan, settings } = table;
  const ids = new DeliveredIds(table);
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
  return rows.print({
    where: from && `ctid > '${from.ctid}'::tid or ${notDelivered(from.rows, settings.snapshot)}`,
    hidden: [...ids.hidden, "ctid"],
    onRow: ids.isNeeded ? (bytes, hidden) => ids.remember(bytes, hidden) : undefined,
    safePlaces: {
      isSafeBefore: () => false,
      isSafeAfter: (bytes, hidden) => ids.isBounded && order.isSafeAfter(bytes, hidden),
      stateAt: (records) => order.stateAt(records),
    },
  });
}
