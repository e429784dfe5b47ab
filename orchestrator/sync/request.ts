import { streamLabel } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import { didYouMean } from "../../protocol/nearest-name.ts";
import type { JobType } from "../store/jobs.ts";
import { eraseStreams } from "../store/global-state.ts";
import type { ConnectionState } from "../store/state-file.ts";
import type { PlannedStream } from "./streams/select-streams.ts";
import { entryOf, forgetPosition, nextGeneration } from "./positions/stream-states.ts";

/** Whatever has the source's name for a stream. */
type Named = Pick<PlannedStream, "source">;

/** What a job is to do. */
export interface Request {
  readonly type: JobType;
  /** For a refresh: whether rows that are not read again stay. */
  readonly keepsRows: boolean;
  /** The streams it is about, out of those of the connection. Throws `usage.invalid`. */
  streamsOf<Stream extends Named>(streams: readonly Stream[]): Stream[];
}

/** An ordinary sync of all streams. */
export const SYNC: Request = {
  type: "sync",
  keepsRows: true,
  streamsOf: (streams) => [...streams],
};

/** Whether rows that are not read again go. */
export function removesRows({ type, keepsRows }: Request): boolean {
  return type === "clear" || (type === "refresh" && !keepsRows);
}

/** A request about the streams with these names, or all of them. A name may carry its namespace. */
export function requestFor(type: JobType, keepsRows: boolean, names: readonly string[]): Request {
  return { type, keepsRows, streamsOf: (streams) => chooseStreams(streams, names) };
}

/** Those of the streams that have one of the names, or all. Throws `usage.invalid`. */
export function chooseStreams<Stream extends Named>(
  streams: readonly Stream[],
  names: readonly string[],
): Stream[] {
  if (names.length === 0) return [...streams];
  const chosen = new Set<Stream>();
  for (const name of names) {
    const matching = streams.filter(
      ({ source }) => source.name === name || streamLabel(source) === name,
    );
    if (matching.length === 0) {
      const known = streams.map(({ source }) => streamLabel(source));
      const names = streams.map(({ source }) => source.name);
      const hint = didYouMean(name, [...names, ...known]) || ` (there is ${known.join(", ")})`;
      throw new Failure("usage.invalid", `the connection has no stream ${name}${hint}`);
    }
    for (const stream of matching) chosen.add(stream);
  }
  return [...chosen];
}

/**
 * Marks in the state what is asked for, so that a refresh or clear that fails half-way is carried on
 * by whatever runs next: positions are forgotten, generations rise, and, unless rows are kept, all
 * older rows go as soon as the stream is whole. Throws `usage.invalid` for some of the streams of a
 * source that has one state for all.
 *
 * @param all the streams of the connection.
 */
export function requestRefresh(
  request: Request,
  state: ConnectionState,
  streams: readonly PlannedStream[],
  all: readonly PlannedStream[],
): void {
  if (request.type === "sync" || request.type === "normalize") return;
  forgetShared(state, streams, streams.length === all.length);
  for (const stream of streams) {
    const entry = entryOf(state, stream);
    forgetPosition(entry);
    if (removesRows(request)) {
      entry.truncating = true;
      entry.set_by_user = true;
      continue;
    }
    // Of the new generation the destination's word counts at once: what it has committed when we are
    // killed must not be added a second time.
    nextGeneration(state, entry);
    delete entry.set_by_user;
  }
}

/** Takes the streams out of a state of all streams. */
function forgetShared(
  state: ConnectionState,
  streams: readonly PlannedStream[],
  isWhole: boolean,
): void {
  if (state.global === undefined && state.legacy === undefined) return;
  if (state.legacy && !isWhole)
    throw new Failure(
      "usage.invalid",
      "the source keeps one state for all streams: none can be refreshed or cleared alone",
      { hint: "leave --stream out" },
    );
  const { global } = state;
  delete state.legacy;
  delete state.global;
  state.cleared = true;
  const left =
    global &&
    !isWhole &&
    eraseStreams(
      global,
      streams.map(({ source }) => source),
    );
  if (left) state.global = left;
}
