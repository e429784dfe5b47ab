import { streamKey, streamLabel } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import type { ConnectionConfig } from "../config/config.ts";
import type { AttemptLog } from "../store/attempt-log.ts";
import { readKnownCatalog, saveKnownCatalog } from "../store/known-catalog.ts";
import { configuredCatalog, withGeneration } from "./streams/catalogs.ts";
import { adoptDestinationState } from "./positions/destination-memory.ts";
import type { JobProgress } from "./positions/job-progress.ts";
import type { Ready } from "./ready.ts";
import { requestRefresh, type Request } from "./request.ts";
import { catalogToKnow } from "./streams/schema-changes.ts";
import type { PlannedStream } from "./streams/select-streams.ts";
import type { StateKeeper } from "./positions/state-keeper.ts";
import {
  entryOf,
  modeChange,
  settleStates,
  truncates,
  type Beginning,
} from "./positions/stream-states.ts";

/** What decides how an attempt begins. */
export interface PlanContext {
  readonly connection: ConnectionConfig;
  readonly request: Request;
  readonly keeper: StateKeeper;
  readonly progress: JobProgress;
  readonly job: number;
  /** The folder the orchestrator keeps its files in. */
  readonly home: string;
  readonly log: AttemptLog;
}

/** The streams of an attempt and how each begins. */
export interface AttemptPlan {
  /** With their generations. */
  readonly streams: readonly PlannedStream[];
  /** By `streamKey` of the source's names. */
  readonly beginnings: ReadonlyMap<string, Beginning>;
}

/**
 * Decides what an attempt does, and writes down what must be known before it starts: generations,
 * which must never come twice, and the catalog. Throws what `decideAttempt` throws, and
 * `state.unwritable`.
 */
export async function planAttempt(ready: Ready, context: PlanContext): Promise<AttemptPlan> {
  const plan = await decideAttempt(ready, context);
  const { connection, keeper, home, log } = context;
  keeper.changed();
  keeper.flush();
  const known = readKnownCatalog(home, connection.name);
  saveKnownCatalog(home, connection.name, {
    ...catalogToKnow(connection, ready.catalog, known),
    tables: ready.streams.map(({ destination }) => streamKey(destination)),
  });
  for (const { source } of plan.streams) {
    const text = beginningText(plan.beginnings.get(streamKey(source))!);
    if (text) log.own("INFO", `stream ${streamLabel(source)} ${text}`);
  }
  return plan;
}

/**
 * The same with nothing written: the state changes in memory only. Throws `state.invalid`,
 * `usage.invalid`, `config.invalid`, and what the destination reports when it is asked for its
 * checkpoints.
 */
export async function decideAttempt(ready: Ready, context: PlanContext): Promise<AttemptPlan> {
  const { connection, request, keeper, progress, job, home, log } = context;
  const { state } = keeper;
  const chosen = stillToDo(ready, context);
  if (!progress.isRequested) requestRefresh(request, state, chosen, ready.streams);
  progress.isRequested = true;
  if (ready.destinationRemembers && request.type !== "clear")
    await askDestination(ready, chosen, context);
  for (const stream of chosen) {
    const change = modeChange(stream, entryOf(state, stream));
    if (change) log.own("WARN", `stream ${streamLabel(stream.source)}: ${change}`);
  }
  const beginnings = settleStates(state, chosen, {
    connection: connection.name,
    job,
    destinationRemembers: ready.destinationRemembers,
    progress,
  });
  refuseSharedTables(connection, ready.streams, home);
  return { streams: chosen.map((stream) => inGeneration(stream, context)), beginnings };
}

/** The streams the request is about, without those an earlier attempt completed. */
function stillToDo({ streams }: Ready, { request, keeper, progress }: PlanContext) {
  const wanted = request.streamsOf(streams);
  // One state for all streams: none can be left out.
  return keeper.state.global || keeper.state.legacy
    ? wanted
    : wanted.filter(({ source }) => !progress.done.has(streamKey(source)));
}

async function askDestination(
  ready: Ready,
  streams: readonly PlannedStream[],
  context: PlanContext,
): Promise<void> {
  const { keeper, progress, log } = context;
  const concerned = streams.filter((stream) => {
    const entry = entryOf(keeper.state, stream);
    const startsAnew = stream.configured.sync_mode === "full_refresh" || entry.truncating === true;
    return !startsAnew || progress.begun.has(streamKey(stream.source));
  });
  if (concerned.length === 0) return;
  const catalog = configuredCatalog(
    concerned.map((stream) => inGeneration(stream, context)),
    "destination",
  );
  const committed = await ready.destination.committedStates(catalog);
  adoptDestinationState(keeper.state, concerned, ready.streams, committed, log);
}

function inGeneration(stream: PlannedStream, { keeper, job }: PlanContext): PlannedStream {
  const entry = entryOf(keeper.state, stream);
  return withGeneration(stream, entry.generation, job, truncates(stream, entry));
}

function beginningText(beginning: Beginning): string | undefined {
  if (beginning === "resumed") return "goes on where the earlier attempt stopped";
  if (beginning === "again") return "starts again from its beginning";
  if (beginning === "delivered") return "was read whole by an earlier attempt and is only finished";
  return undefined;
}

/**
 * Refuses to write a table that another connection to the same destination wrote in its last sync:
 * wildcards hide that from the check of the configuration file. Throws `config.invalid`.
 */
function refuseSharedTables(
  connection: ConnectionConfig,
  streams: readonly PlannedStream[],
  home: string,
): void {
  const problems = connection.siblings.flatMap((sibling) => {
    const tables = new Set(readKnownCatalog(home, sibling)?.tables);
    return streams
      .filter(({ destination }) => tables.has(streamKey(destination)))
      .map(({ destination }) => `${streamLabel(destination)} is written by connection ${sibling}`);
  });
  if (problems.length === 0) return;
  throw new Failure("config.invalid", `connection ${connection.name}: ${problems.join("; ")}`, {
    hint: "give one of the connections another prefix or namespace",
  });
}
