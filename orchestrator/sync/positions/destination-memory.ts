import { streamKey, streamLabel } from "../../../protocol/catalog.ts";
import { editState, readStateLine, type StateLine } from "../../../protocol/state.ts";
import type { AttemptLog } from "../../store/attempt-log.ts";
import { blobIn, readGlobal, withoutStreams } from "../../store/global-state.ts";
import type { ConnectionState } from "../../store/state-file.ts";
import type { PlannedStream } from "../streams/select-streams.ts";
import { globalObject } from "./state-keeper.ts";
import { entryOf, mayBeUnfinished } from "./stream-states.ts";

/**
 * Makes the local state say what the destination says it has committed together with its data.
 * Rules:
 *
 * - the destination's word wins, whether it is ahead of the local file (a crash between its commit
 *   and ours) or behind it (it was restored from a backup, or emptied: then the stream starts anew);
 * - a position set or cleared by hand is one of a new generation, of which the destination knows
 *   nothing: what it says of that one was committed after;
 * - a full refresh does not go on from an earlier job, unless that one left it unfinished, so only
 *   such entries are touched, and those of this job. Where these files never saw the stream, a state
 *   says of itself whether it is one of an unfinished refresh.
 *
 * @param streams those that go on from a state.
 * @param all every stream of the connection.
 * @param committed what its `state` command printed, in the destination's names.
 */
export function adoptDestinationState(
  state: ConnectionState,
  streams: readonly PlannedStream[],
  all: readonly PlannedStream[],
  committed: readonly StateLine[],
  log: AttemptLog,
): void {
  const whole = committed.find(({ type }) => type !== "STREAM");
  if (whole || state.global || state.legacy) {
    adoptWhole(state, whole, all, log);
    if (whole) return;
  }
  const blobs = new Map<string, Buffer | undefined>();
  const wholes = new Set<string>();
  const begun = new Set<string>();
  for (const { streams: parts, isLast } of committed)
    for (const { stream, blob } of parts) {
      blobs.set(streamKey(stream), blob);
      if (isLast) wholes.add(streamKey(stream));
      else if (isLast === false) begun.add(streamKey(stream));
    }
  for (const stream of streams) {
    const entry = entryOf(state, stream);
    const key = streamKey(stream.destination);
    const theirs = blobs.get(key);
    if (entry.set_by_user && theirs === undefined) continue;
    if (mayBeUnfinished(stream, entry)) {
      if (theirs === undefined || !begun.has(key)) continue;
      entry.unfinished = true;
    }
    if (entry.unfinished && wholes.has(key)) entry.is_whole = true;
    else delete entry.is_whole;
    if (theirs === undefined ? entry.blob === undefined : entry.blob?.equals(theirs)) continue;
    log.own(
      theirs ? "INFO" : "WARN",
      difference(`stream ${streamLabel(stream.source)}`, entry.blob, theirs),
    );
    if (theirs) entry.blob = theirs;
    else delete entry.blob;
    delete entry.set_by_user;
  }
}

/** The same for the one state of all streams. */
function adoptWhole(
  state: ConnectionState,
  whole: StateLine | undefined,
  all: readonly PlannedStream[],
  log: AttemptLog,
): void {
  if (state.cleared) return;
  const global = whole && globalOf(whole, all);
  const theirs = { global: global && withoutErased(global, state), legacy: whole?.data };
  for (const key of ["global", "legacy"] as const) {
    const [ours, blob] = [state[key], theirs[key]];
    if (ours === undefined ? blob === undefined : blob !== undefined && ours.equals(blob)) continue;
    log.own(blob ? "INFO" : "WARN", difference("all streams", ours, blob));
    if (blob) state[key] = blob;
    else delete state[key];
  }
}

/**
 * The state of all streams that the destination has, without what it said of streams before these were
 * begun anew, as long as it has committed nothing since.
 */
function withoutErased(theirs: Buffer, { global: ours, streams }: ConnectionState): Buffer {
  if (ours === undefined) return theirs;
  const erased = readGlobal(theirs).parts.flatMap(({ stream, blob }) => {
    const isErased = blob?.toString("utf8") === streams.get(streamKey(stream))?.erased;
    return blob && isErased && blobIn(ours, stream) === undefined ? [stream] : [];
  });
  const left = withoutStreams(theirs, erased);
  return erased.length > 0 && left.equals(ours) ? left : theirs;
}

/** The `global` object of a GLOBAL, in the source's names. */
function globalOf(line: StateLine, all: readonly PlannedStream[]): Buffer | undefined {
  if (line.type !== "GLOBAL") return undefined;
  const sources = new Map(all.map((s) => [streamKey(s.destination), s.source]));
  const bytes = editState(line, { rename: (stream) => sources.get(streamKey(stream)) ?? stream });
  return globalObject(readStateLine(bytes, 0, bytes.length)!);
}

function difference(label: string, ours: Buffer | undefined, theirs: Buffer | undefined): string {
  if (theirs === undefined)
    return `${label}: the destination has no checkpoint of it, so it starts anew`;
  return ours === undefined
    ? `${label}: going on from the destination's checkpoint; there was none here`
    : `${label}: going on from the destination's checkpoint, which differs from the one here`;
}
