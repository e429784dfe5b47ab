import { streamKey, streamLabel, type ConfiguredStream } from "../../protocol/catalog.ts";
import { asFailure, Failure } from "../../protocol/errors.ts";
import type { ConnectionConfig } from "../config/config.ts";
import type { AttemptLog } from "../store/attempt-log.ts";
import { readKnownCatalog, saveKnownCatalog } from "../store/known-catalog.ts";
import type { ConnectionState } from "../store/state-file.ts";
import { destinationCatalog, withGeneration } from "./streams/catalogs.ts";
import { descriptorOf } from "./failures.ts";
import { requireRefreshes } from "./streams/destination-modes.ts";
import { allLeftOut, leftOut, type LeftOut } from "./streams/left-out.ts";
import { adoptDestinationState } from "./positions/destination-memory.ts";
import type { JobProgress } from "./positions/job-progress.ts";
import type { Ready } from "./ready.ts";
import { removesRows, requestRefresh, type Request } from "./request.ts";
import { tableKey } from "./streams/naming.ts";
import { catalogToKnow } from "./streams/schema-changes.ts";
import type { PlannedStream } from "./streams/select-streams.ts";
import type { StateKeeper } from "./positions/state-keeper.ts";
import {
  entryOf,
  isLeftUnfinished,
  mayBeUnfinished,
  misfits,
  modeChange,
  settleStates,
  truncates,
  withKnownKey,
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
  /** Those of what was asked for that cannot be synced. */
  readonly leftOut: readonly LeftOut[];
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
  saveKnownCatalog(home, connection.name, {
    ...catalogToKnow(connection, ready.catalog),
    tables: ready.streams.map((stream) => tableKey(stream.destination, ready.defaultNamespace)),
    ...(ready.gone.length > 0 && { gone: ready.gone }),
  });
  for (const { source } of plan.streams) {
    const text = beginningText(plan.beginnings.get(streamKey(source))!);
    if (text) log.own("INFO", `stream ${streamLabel(source)} ${text}`);
  }
  return plan;
}

/**
 * The same with nothing written: the state changes in memory only. Throws `usage.invalid`, what the
 * destination reports when it is asked for its checkpoints, and, where one state speaks of all
 * streams, whatever keeps one of them from being synced.
 */
export async function decideAttempt(ready: Ready, context: PlanContext): Promise<AttemptPlan> {
  const { connection, request, keeper, progress, job, log } = context;
  const { state } = keeper;
  const all = [...ready.streams, ...ready.leftOut];
  const named = request.streamsOf<PlannedStream | LeftOut>(all);
  // One state for all streams moves on for all of them: the others are synced beside.
  progress.isOfAll ||= request.type === "refresh" && state.global !== undefined;
  const wanted = progress.isOfAll ? all : named;
  const planned = wanted.filter(isPlanned);
  if (request.type === "sync" && wanted.length < all.length && (state.global || state.legacy))
    throw new Failure(
      "usage.invalid",
      "the source keeps one state for all streams: none can be synced alone",
      { hint: "leave --stream out" },
    );
  const out = wanted.filter((stream): stream is LeftOut => !isPlanned(stream));
  out.push(...wanted.flatMap(({ source }) => progress.refused.get(streamKey(source)) ?? []));
  out.push(...sharedTables(planned, ready.defaultNamespace, context));
  refuseToSplit(state, out);
  const chosen = stillToDo(without(out, planned), context);
  const anew = chosen.filter((stream) => named.includes(stream));
  if (removesRows(request) && anew.some(({ configured }) => isKept(configured)))
    requireRefreshes(await ready.destination.spec(), ready.destination.label);
  if (!progress.isRequested) requestRefresh(request, state, anew, ready.streams);
  progress.isRequested = true;
  const unusable: LeftOut[] = [];
  if (ready.destinationRemembers && request.type !== "clear")
    unusable.push(...(await askDestination(ready, chosen, context)));
  unusable.push(...misfits(state, without(unusable, chosen), connection.name));
  refuseToSplit(state, unusable);
  out.push(...unusable);
  const streams = without(unusable, chosen).map((stream) =>
    withKnownKey(stream, entryOf(state, stream)),
  );
  for (const stream of streams) {
    const change = modeChange(stream, entryOf(state, stream));
    if (change) log.own("WARN", `stream ${streamLabel(stream.source)}: ${change}`);
  }
  const beginnings = settleStates(state, streams, {
    job,
    destinationRemembers: ready.destinationRemembers,
    progress,
  });
  return {
    streams: streams.map((stream) => inGeneration(stream, context)),
    beginnings,
    leftOut: out,
  };
}

/** Whether rows of a stream stay in its table unless a minimum generation says otherwise. */
function isKept({ destination_sync_mode }: ConfiguredStream): boolean {
  return destination_sync_mode !== "overwrite";
}

function isPlanned(stream: PlannedStream | LeftOut): stream is PlannedStream {
  return !("failure" in stream);
}

/** The streams but those that are left out. */
export function without(
  out: readonly LeftOut[],
  streams: readonly PlannedStream[],
): PlannedStream[] {
  const keys = new Set(out.map(({ source }) => streamKey(source)));
  return streams.filter(({ source }) => !keys.has(streamKey(source)));
}

/** Those of the streams that no earlier attempt completed. */
function stillToDo(streams: readonly PlannedStream[], { keeper, progress }: PlanContext) {
  // One state for all streams: none can be left out.
  return keeper.state.global || keeper.state.legacy
    ? [...streams]
    : streams.filter(({ source }) => !progress.done.has(streamKey(source)));
}

/**
 * One state for all streams moves on for those that are left out, too: what they would have brought
 * meanwhile would never come. Throws what keeps them from being synced.
 */
export function refuseToSplit(state: ConnectionState, out: readonly LeftOut[]): void {
  if (out.length > 0 && (state.global || state.legacy)) throw allLeftOut(out);
}

/** Streams that a destination may refuse one by one when it is asked for what it has committed. */
const MAX_REFUSALS = 20;

/**
 * Goes on from what the destination has committed. Gives the streams that it refuses by name; throws
 * what else it reports.
 */
async function askDestination(
  ready: Ready,
  streams: readonly PlannedStream[],
  context: PlanContext,
): Promise<LeftOut[]> {
  const refused: LeftOut[] = [];
  for (;;)
    try {
      await adoptCommitted(ready, without(refused, streams), context);
      return refused;
    } catch (error) {
      const { kind, stream } = asFailure(error);
      const key = stream && streamKey(descriptorOf(stream));
      const refusedOne = streams.find(({ destination }) => streamKey(destination) === key);
      const isRefusal = kind === "config_error" && refusedOne && refused.length < MAX_REFUSALS;
      if (!isRefusal) throw error;
      refused.push({ source: refusedOne.source, failure: asFailure(error) });
    }
}

async function adoptCommitted(
  ready: Ready,
  streams: readonly PlannedStream[],
  context: PlanContext,
): Promise<void> {
  const { keeper, progress, log } = context;
  const concerned = streams.filter((stream) => {
    const entry = entryOf(keeper.state, stream);
    const startsAnew = stream.configured.sync_mode === "full_refresh" || entry.truncating === true;
    const isBegun = progress.begun.has(streamKey(stream.source));
    const isUnfinished = isLeftUnfinished(stream, entry) || mayBeUnfinished(stream, entry);
    return !startsAnew || isBegun || isUnfinished;
  });
  if (concerned.length === 0) return;
  const catalog = destinationCatalog(concerned.map((stream) => inGeneration(stream, context)));
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
 * The streams whose tables another connection to the same destination wrote in its last sync:
 * wildcards hide that from the check of the configuration file.
 */
function sharedTables(
  streams: readonly PlannedStream[],
  defaultNamespace: string | undefined,
  { connection, home }: PlanContext,
): LeftOut[] {
  return connection.siblings.flatMap((sibling) => {
    const tables = new Set(readKnownCatalog(home, sibling)?.tables);
    return streams
      .filter(({ destination }) => tables.has(tableKey(destination, defaultNamespace)))
      .map(({ source, destination }) =>
        leftOut(
          source,
          "config.invalid",
          `connection ${connection.name}: ${streamLabel(destination)} is written by connection ${sibling}`,
          { hint: "give one of the connections another prefix or namespace" },
        ),
      );
  });
}
