import { streamKey, streamLabel } from "../../protocol/catalog.ts";
import type { StateLine } from "../../protocol/state.ts";
import type { AttemptLog } from "../store/attempt-log.ts";
import type { ConnectionState } from "../store/state-file.ts";
import type { PlannedStream } from "./select-streams.ts";
import { member } from "./state-fields.ts";
import { entryOf } from "./stream-states.ts";

/**
 * Makes the local state say what the destination says it has committed together with its data.
 * Rules:
 *
 * - the destination's word wins, whether it is ahead of the local file (a crash between its commit
 *   and ours) or behind it (it was restored from a backup, or emptied: then the stream starts anew);
 * - a position the user set or cleared by hand wins once, until the next acknowledgement;
 * - a full refresh does not go on from an earlier job, so only entries of this job are touched.
 *
 * @param committed what its `state` command printed, in the destination's names.
 */
export function adoptDestinationState(
  state: ConnectionState,
  streams: readonly PlannedStream[],
  committed: readonly StateLine[],
  log: AttemptLog,
): void {
  const global = committed.find((line) => line.type === "GLOBAL");
  const legacy = committed.find((line) => line.type === "LEGACY");
  if (global) {
    const { bytes, body } = global.places;
    const place = member(bytes, body.start, body.end, "global");
    if (place) state.global = bytes.subarray(place.start, place.end);
    return;
  }
  if (legacy?.data) {
    state.legacy = legacy.data;
    return;
  }
  const blobs = new Map<string, Buffer | undefined>();
  for (const { streams: parts } of committed)
    for (const { stream, blob } of parts) blobs.set(streamKey(stream), blob);
  for (const stream of streams) {
    const entry = entryOf(state, stream);
    if (entry.set_by_user) continue;
    const theirs = blobs.get(streamKey(stream.destination));
    if (theirs === undefined ? entry.blob === undefined : entry.blob?.equals(theirs)) continue;
    log.own("INFO", difference(streamLabel(stream.source), entry.blob, theirs));
    if (theirs) entry.blob = theirs;
    else delete entry.blob;
  }
}

function difference(label: string, ours: Buffer | undefined, theirs: Buffer | undefined): string {
  if (theirs === undefined)
    return `stream ${label}: the destination has no checkpoint of it, so it starts anew`;
  return ours === undefined
    ? `stream ${label}: going on from the destination's checkpoint; there was none here`
    : `stream ${label}: going on from the destination's checkpoint, which differs from the one here`;
}
