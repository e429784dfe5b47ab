import { streamKey, streamLabel } from "../../../protocol/catalog.ts";
import { blobIn, withoutStreams } from "../../store/global-state.ts";
import type { ConnectionState, StreamEntry } from "../../store/state-file.ts";
import { leftOut, type LeftOut } from "../streams/left-out.ts";
import type { PlannedStream } from "../streams/select-streams.ts";
import { JobProgress } from "./job-progress.ts";

/** What else decides how an attempt begins its streams. */
export interface Circumstances {
  readonly job: number;
  /** Whether the destination tells what it has committed; nobody else knows what is left of a load
   * that was not finished. */
  readonly destinationRemembers: boolean;
  /** What earlier attempts of the job came to. */
  readonly progress: Pick<JobProgress, "begun" | "mayHaveRows" | "readWhole" | "superseded">;
}

/**
 * How an attempt begins a stream. `next`: where the last sync ended. `anew`: from nothing, as every
 * full refresh of a new job. `retried`: the same, after an attempt that brought nothing. `resumed`:
 * where an earlier attempt of this job stopped. `again`: from nothing, although an earlier attempt
 * had brought something, or may have. `delivered`: an earlier attempt brought all of it.
 */
export type Beginning = "next" | "anew" | "retried" | "resumed" | "again" | "delivered";

/** The `streamKey`s of the streams that begin in one way. */
export function streamsThat(
  wanted: Beginning,
  beginnings: ReadonlyMap<string, Beginning>,
): Set<string> {
  return new Set([...beginnings].flatMap(([key, how]) => (how === wanted ? [key] : [])));
}

/** The entry of a stream, made when there is none. */
export function entryOf(state: ConnectionState, stream: PlannedStream): StreamEntry {
  const key = streamKey(stream.source);
  let entry = state.streams.get(key);
  if (entry === undefined || entry.unasked) {
    entry = { stream: stream.source, generation: 0 };
    if (state.cleared) {
      nextGeneration(state, entry);
      entry.set_by_user = true;
    }
    state.streams.set(key, entry);
  }
  return entry;
}

/** Whether a run of this stream replaces what the destination has. */
export function truncates(stream: PlannedStream, entry: StreamEntry): boolean {
  return stream.configured.destination_sync_mode === "overwrite" || entry.truncating === true;
}

/**
 * Decides, before an attempt, which states are of use and which generation each stream has,
 * and says so by `streamKey`. Rules:
 *
 * - a full refresh starts without state in a new job; a later attempt of the same job goes on where
 *   the last one stopped if source and destination both can, else it starts again;
 * - one whose rows are added to what is there goes on in the next job, too, until it is whole: what is
 *   committed of it is never added again;
 * - whatever starts again with data to be replaced gets a new generation; generations never fall;
 * - an incremental stream goes on from its state, which must fit (`misfits`).
 */
export function settleStates(
  state: ConnectionState,
  streams: readonly PlannedStream[],
  circumstances: Circumstances,
): Map<string, Beginning> {
  const beginnings = new Map<string, Beginning>();
  for (const stream of streams) {
    const entry = entryOf(state, stream);
    if (stream.configured.sync_mode === "full_refresh" || entry.truncating) {
      const beginning = beginningOf(state, stream, entry, circumstances);
      if (beginning === "anew" || beginning === "again") startAnew(state, entry);
      if (!truncates(stream, entry)) entry.unfinished = true;
      beginnings.set(streamKey(stream.source), beginning);
    } else {
      // In a generation of its own a destination does not take the old state for one of this mode.
      if (entry.sync_mode === "full_refresh") startAnew(state, entry);
      beginnings.set(streamKey(stream.source), hasState(state, stream, entry) ? "next" : "anew");
    }
    const { begun, mayHaveRows } = circumstances.progress;
    const key = streamKey(stream.source);
    const wasSynced = entry.job !== undefined || state.cleared === true;
    if (!begun.has(key) && wasSynced && !entry.is_empty) mayHaveRows.add(key);
    begun.add(key);
    remember(entry, stream, circumstances);
  }
  return beginnings;
}

/** In a generation of its own, from nothing; what one state says of all other streams stays. */
function startAnew(state: ConnectionState, entry: StreamEntry): void {
  nextGeneration(state, entry);
  const former = state.global && blobIn(state.global, entry.stream);
  if (former) {
    entry.erased = former.toString("utf8");
    state.global = withoutStreams(state.global!, [entry.stream]);
  }
  forgetPosition(entry);
}

/** The streams that have a position which belongs to another cursor or key: `state.invalid`. */
export function misfits(
  state: ConnectionState,
  streams: readonly PlannedStream[],
  connection: string,
): LeftOut[] {
  return streams.flatMap((stream) => {
    const entry = entryOf(state, stream);
    const startsAnew = stream.configured.sync_mode === "full_refresh" || entry.truncating === true;
    if (startsAnew || !hasState(state, stream, entry)) return [];
    const problem = misfit(stream, entry);
    if (problem === undefined) return [];
    const hint = `\`syncline refresh ${connection} --stream NAME --remove\` reads a stream anew; \`syncline state clear ${connection} --stream NAME\` only forgets its position`;
    return [leftOut(stream.source, "state.invalid", problem, { hint })];
  });
}

/** Whether a later attempt of the job goes on where the stream stands now. */
export function goesOn(
  state: ConnectionState,
  stream: PlannedStream,
  circumstances: Circumstances,
): boolean {
  const entry = entryOf(state, stream);
  if (stream.configured.sync_mode === "incremental" && !entry.truncating) return true;
  return ["resumed", "delivered"].includes(beginningOf(state, stream, entry, circumstances));
}

/** Whether another job goes on behind what is committed of a stream, instead of at its beginning. */
export function isResumedByNext(
  state: ConnectionState,
  stream: PlannedStream,
  destinationRemembers: boolean,
): boolean {
  const entry = entryOf(state, stream);
  if (stream.configured.sync_mode === "incremental" && !entry.truncating)
    return hasState(state, stream, entry);
  const progress = new JobProgress();
  const beginning = beginningOf(state, stream, entry, {
    job: 0,
    destinationRemembers,
    progress,
  });
  return beginning === "resumed" || beginning === "delivered";
}

function beginningOf(
  state: ConnectionState,
  stream: PlannedStream,
  entry: StreamEntry,
  circumstances: Circumstances,
): Beginning {
  const { begun, readWhole, superseded } = circumstances.progress;
  const key = streamKey(stream.source);
  const blob = state.global ? blobIn(state.global, stream.source) : entry.blob;
  if (isLeftUnfinished(stream, entry) && !superseded.has(key)) {
    if (entry.is_whole) return "delivered";
    const canContinue = stream.configured.stream.is_resumable === true;
    if (canContinue && blob) return "resumed";
    if (canContinue && begun.has(key)) return "retried";
    // Whatever has committed a part of it that nobody can go on from keeps that.
    return blob || begun.has(key) ? "again" : "anew";
  }
  if (!begun.has(key)) return "anew";
  if (superseded.has(key)) return "again";
  const { sync_mode, stream: offered } = stream.configured;
  const canContinue = sync_mode === "incremental" || offered.is_resumable === true;
  // What is to replace older rows waits beside them, and only a destination that says so keeps it.
  const isKept = circumstances.destinationRemembers && canContinue;
  const whole = readWhole.get(key);
  if (whole && blob?.equals(whole.blob)) return whole.isCertain && isKept ? "delivered" : "again";
  // A destination that had something and has lost it may have kept some of the rows.
  if (!isKept || (whole && blob === undefined)) return "again";
  return blob ? "resumed" : "retried";
}

/** Whether a full refresh whose rows are added to what is there has begun, and is to be finished. */
export function isLeftUnfinished(stream: PlannedStream, entry: StreamEntry): boolean {
  const isFullRefresh = stream.configured.sync_mode === "full_refresh";
  return entry.unfinished === true && isFullRefresh && !truncates(stream, entry);
}

/**
 * Whether such a full refresh may have begun before these files: lost ones know nothing of it, the
 * destination does.
 */
export function mayBeUnfinished(stream: PlannedStream, entry: StreamEntry): boolean {
  return entry.job === undefined && isLeftUnfinished(stream, { ...entry, unfinished: true });
}

/** What a stream was to go on from is nothing any more. */
export function forgetPosition(entry: StreamEntry): void {
  delete entry.blob;
  delete entry.unfinished;
  delete entry.is_whole;
}

/** Gives a stream a generation that it never had. */
export function nextGeneration(state: ConnectionState, entry: StreamEntry): void {
  entry.generation = Math.max(entry.generation + 1, state.generation_base);
}

/** What it means that a stream is synced in another mode than before; undefined when it is not. */
export function modeChange(stream: PlannedStream, entry: StreamEntry): string | undefined {
  const { sync_mode: mode, destination_sync_mode: target } = stream.configured;
  if (entry.sync_mode === undefined || entry.sync_mode === mode) return undefined;
  const before = `it was synced as ${entry.sync_mode} before`;
  if (mode === "full_refresh") return `${before}; its position is forgotten`;
  const meaning = target === "append_dedup" ? "merged into" : "added to";
  return `${before}; it is read from its beginning once more, and its rows are ${meaning} those that are there (\`syncline refresh --remove\` replaces them)`;
}

/** Whether an incremental stream has a position, of its own or in a state of all streams. */
function hasState(state: ConnectionState, stream: PlannedStream, entry: StreamEntry): boolean {
  if (state.legacy) return true;
  if (!state.global) return entry.blob !== undefined;
  return blobIn(state.global, stream.source) !== undefined;
}

/** Why a state cannot be used with this configuration. */
function misfit(stream: PlannedStream, entry: StreamEntry): string | undefined {
  if (entry.sync_mode !== "incremental") return undefined;
  const { cursor_field: cursor, primary_key: key, destination_sync_mode } = stream.configured;
  const label = streamLabel(stream.source);
  if (entry.cursor_field && cursor && entry.cursor_field.join(".") !== cursor.join("."))
    return `stream ${label}: its position was taken with cursor ${entry.cursor_field.join(".")}, which is now ${cursor.join(".")}`;
  const isDedup = destination_sync_mode === "append_dedup" && entry.primary_key && key;
  if (isDedup && !isSameKey(entry.primary_key!, key))
    return `stream ${label}: its rows were merged by ${keyText(entry.primary_key!)}, now they are to be by ${keyText(key)}`;
  return undefined;
}

type Key = readonly (readonly string[])[];

function isSameKey(one: Key, other: Key): boolean {
  const parts = (key: Key) => JSON.stringify(key.map((path) => JSON.stringify(path)).sort());
  return parts(one) === parts(other);
}

/** The stream with the parts of its key in the order they had: another order is no other key. */
export function withKnownKey(
  stream: PlannedStream,
  { primary_key: known }: StreamEntry,
): PlannedStream {
  const { configured } = stream;
  if (!known || !configured.primary_key || !isSameKey(known, configured.primary_key)) return stream;
  return { ...stream, configured: { ...configured, primary_key: known.map((path) => [...path]) } };
}

function keyText(key: readonly (readonly string[])[]): string {
  return key.map((path) => path.join(".")).join(", ");
}

/** Notes how this run makes the state. */
function remember(entry: StreamEntry, stream: PlannedStream, { job }: Circumstances): void {
  const { sync_mode, cursor_field, primary_key } = stream.configured;
  entry.sync_mode = sync_mode;
  entry.job = job;
  if (sync_mode === "incremental" && cursor_field) entry.cursor_field = cursor_field;
  else delete entry.cursor_field;
  if (primary_key) entry.primary_key = primary_key;
  else delete entry.primary_key;
}
