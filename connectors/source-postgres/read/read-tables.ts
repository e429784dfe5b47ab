import type { ConfiguredCatalog, ConfiguredStream } from "../../../protocol/catalog.ts";
import { asFailure, Failure } from "../../../protocol/errors.ts";
import type { SavedState } from "../../../protocol/state-file.ts";
import type { WriteContext } from "../../kit/contract.ts";
import { descriptorOf } from "../../kit/source/configured-stream.ts";
import { readStreams } from "../../kit/source/read-streams.ts";
import { savedBlob } from "../../kit/source/saved-blob.ts";
import type { Session } from "../../postgres/session.ts";
import type { DatabaseDescription } from "../catalog/describe-database.ts";
import { planRead, type ReadPlan, tableOf } from "../catalog/read-plan.ts";
import { checkCursors } from "../position/cursor.ts";
import { notDeliveredIds } from "../position/delivered-rows.ts";
import { type IdRange, rangesOf } from "../position/id-ranges.ts";
import { readOpenTransactions, readSnapshot } from "../position/snapshot.ts";
import { readPosition } from "../position/stream-position.ts";
import { followsTransactions } from "./incremental.ts";
import { beginSnapshot } from "./snapshot.ts";
import { TableReader, type TableReaderSettings } from "./table-reader.ts";

/** What the user chose for a read. */
export type ReadOptions = Omit<TableReaderSettings, "snapshot" | "log">;

/**
 * Reads all configured streams, one after the other, in one snapshot.
 *
 * A stream that fails does not keep the others from being read, as long as the connection lives (see
 * `readStreams`). A cursor that cannot be followed fails everything before anything is read.
 */
export async function readTables(
  session: Session,
  options: ReadOptions,
  catalog: ConfiguredCatalog,
  state: SavedState,
  context: WriteContext,
): Promise<void> {
  // The server may wait for a lock, or be at work, for hours before it says anything.
  context.signal.addEventListener("abort", () => void session.cancel(), { once: true });
  const tables = catalog.streams.map((configured) => tableOf(descriptorOf(configured)));
  const doubtful = doubtfulIds(catalog.streams, state);
  const open = await session.whileReading(() =>
    readOpenTransactions(session, options.lateCommitSeconds, doubtful),
  );
  const plans = planReads(catalog, await beginSnapshot(session, tables));
  const followed = [...plans.values()].filter(
    (plan): plan is ReadPlan =>
      !(plan instanceof Failure) &&
      plan.configured.sync_mode === "incremental" &&
      !followsTransactions(options.method, plan),
  );
  await checkCursors(session, followed);
  const settings: TableReaderSettings = {
    ...options,
    snapshot: await readSnapshot(session, open),
    log: (level, message) => context.log(level, message),
  };
  const limits = { ...context.limits, checkpointSeconds: options.checkpointSeconds };
  await readStreams(catalog, state, { ...context, limits }, (configured) => {
    const plan = plans.get(configured)!;
    if (plan instanceof Failure) throw plan;
    return new TableReader(session, plan, settings);
  });
  // Everything is read: a connection lost only now has cost nothing.
  await session.rollback().catch(() => {});
}

/** Ids that the states leave open: the reads that printed them knew them, and delivered no row. */
function doubtfulIds(streams: readonly ConfiguredStream[], state: SavedState): IdRange[] {
  const ranges = streams
    .filter(({ sync_mode: mode }) => mode === "incremental")
    .map((configured) => readPosition(savedBlob(state, descriptorOf(configured)))?.rows)
    .flatMap((rows) => (rows === undefined ? [] : notDeliveredIds(rows)));
  return rangesOf([], ranges, 0n);
}

/** What to read for each stream, or why it cannot be read. */
function planReads(
  catalog: ConfiguredCatalog,
  description: DatabaseDescription,
): Map<ConfiguredStream, ReadPlan | Failure> {
  const plans = new Map<ConfiguredStream, ReadPlan | Failure>();
  for (const configured of catalog.streams)
    try {
      plans.set(configured, planRead(configured, description));
    } catch (error) {
      plans.set(configured, asFailure(error));
    }
  return plans;
}
