import type { Client } from "pg";
import type { StateInput, WriteContext } from "../../kit/contract.ts";
import type { ConfiguredCatalog } from "../../../protocol/catalog.ts";
import { streamLabel } from "../../../protocol/catalog.ts";
import { asFailure, Failure } from "../../../protocol/errors.ts";
import { postgresFailure } from "../../postgres/errors.ts";
import {
  changedTypes,
  descriptorOf,
  planStreams,
  type StreamPlan,
  tableOf,
  type FailedStream,
} from "./plan.ts";
import { fullRefresh } from "./full-refresh.ts";
import { Canceller } from "../../postgres/cancel.ts";
import { checkCursors } from "../position/cursor.ts";
import { hasRowVersions } from "../catalog/discover.ts";
import { readIncrement } from "./incremental.ts";
import type { ReadSettings } from "./read-settings.ts";
import { readOpenTransactions, readSnapshot } from "../position/row-versions.ts";
import { readPositions, type StreamPosition } from "../position/state.ts";
import { beginSnapshot } from "./snapshot.ts";
import {
  DEFAULT_CHECKPOINT_SECONDS,
  DEFAULT_LATE_COMMIT_SECONDS,
  DEFAULT_MAX_ROW_BYTES,
  type SourceConfig,
} from "../spec.ts";
import { StreamReport } from "./stream-report.ts";

/**
 * Reads all configured streams, one after the other, in one snapshot.
 *
 * A stream that fails is reported INCOMPLETE with its reason and the others go on, as long as the
 * connection lives; the read as a whole then fails at the end with `stream.incomplete`.
 */
export async function readStreams(
  client: Client,
  config: SourceConfig,
  catalog: ConfiguredCatalog,
  state: StateInput,
  context: WriteContext,
): Promise<void> {
  const canceller = new Canceller(client, config);
  // The server may wait for a lock, or be at work, for hours before it says anything.
  context.signal.addEventListener("abort", () => void canceller.request(), { once: true });
  const tables = catalog.streams.map((configured) => tableOf(descriptorOf(configured)));
  const positionOf = readPositions(state);
  const lateCommitSeconds = config.late_commit_window ?? DEFAULT_LATE_COMMIT_SECONDS;
  const open = await readOpenTransactions(client, lateCommitSeconds);
  const description = await beginSnapshot(client, tables);
  const { plans, unreadable } = planStreams(catalog, description);
  const followed = plans.filter(
    ({ configured, relation }) =>
      configured.sync_mode === "incremental" &&
      !(config.replication_method?.method === "Xmin" && hasRowVersions(relation)),
  );
  await checkCursors(client, followed);
  const failed: FailedStream[] = [...unreadable];
  for (const { descriptor, failure } of unreadable)
    await new StreamReport(descriptor, context).incomplete(failure);
  const settings: ReadSettings = {
    snapshot: await readSnapshot(client, open),
    method: config.replication_method?.method ?? "Standard",
    lateCommitSeconds,
    log: (level, message) => context.log(level, message),
    maxRowBytes: config.max_row_bytes ?? DEFAULT_MAX_ROW_BYTES,
    checkpointMilliseconds:
      1000 * (config.checkpoint_target_interval_seconds ?? DEFAULT_CHECKPOINT_SECONDS),
    now: () => context.now(),
    canceller,
    signal: context.signal,
  };
  for (const plan of plans) {
    if (context.signal.aborted) break;
    const failure = await readStream(client, settings, plan, positionOf(plan.descriptor), context);
    if (failure !== undefined) failed.push({ descriptor: plan.descriptor, failure });
  }
  await canceller.settled;
  // Everything is read: a connection lost only now has cost nothing.
  await client.query("rollback").catch(() => {});
  if (failed.length > 0) throw incomplete(failed, catalog.streams.length);
}

async function readStream(
  client: Client,
  settings: ReadSettings,
  plan: StreamPlan,
  position: StreamPosition | undefined,
  context: WriteContext,
): Promise<Failure | undefined> {
  const report = new StreamReport(plan.descriptor, context);
  try {
    await run(client, plan, "savepoint stream");
    await report.started(plan.relation);
    const changed = changedTypes(plan);
    if (changed.length > 0)
      settings.log(
        "WARN",
        `${streamLabel(plan.descriptor)}: not of the type in the configured catalog: ${changed.join(", ")}; a value that does not fit there is NULL in the destination (run discover again to take the types over)`,
      );
    if (plan.configured.sync_mode === "incremental")
      await readIncrement(client, plan, position, report, settings);
    else await fullRefresh(client, plan, position, report, settings);
    await run(client, plan, "release stream");
    await report.complete();
    return undefined;
  } catch (error) {
    const failure = asFailure(error);
    if (failure.code === "output.closed") throw failure;
    await report.incomplete(failure);
    await settings.canceller.settled;
    // When this fails too the connection is gone, and so are the streams that were to follow.
    await run(client, plan, "rollback to stream");
    return failure;
  }
}

async function run(client: Client, plan: StreamPlan, sql: string): Promise<void> {
  try {
    await client.query(sql);
  } catch (error) {
    throw postgresFailure(`read ${streamLabel(plan.descriptor)}`, error);
  }
}

/** Sums up, since each stream's own failure has been printed. Retried when a retry may help one. */
function incomplete(failed: readonly FailedStream[], total: number): Failure {
  const kinds = failed.map(({ failure }) => failure.kind);
  const kind = (["transient_error", "system_error"] as const).find((one) => kinds.includes(one));
  return new Failure(
    "stream.incomplete",
    `${failed.length} of ${total} ${total === 1 ? "stream" : "streams"} could not be read: ${failed.map(({ descriptor }) => streamLabel(descriptor)).join(", ")}`,
    { kind: kind ?? "config_error" },
  );
}
