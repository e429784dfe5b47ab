import { streamLabel } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import { didYouMean } from "../config/nearest.ts";
import type { JobType } from "../store/jobs.ts";
import type { ConnectionState } from "../store/state-file.ts";
import type { PlannedStream } from "./select-streams.ts";
import { entryOf } from "./stream-states.ts";

/** What a job is to do. */
export interface Request {
  readonly type: JobType;
  /** For a refresh: whether rows that are not read again stay. */
  readonly keepsRows: boolean;
  /** The streams it is about, out of those of the connection. Throws `usage.invalid`. */
  streamsOf(streams: readonly PlannedStream[]): PlannedStream[];
}

/** An ordinary sync of all streams. */
export const SYNC: Request = {
  type: "sync",
  keepsRows: true,
  streamsOf: (streams) => [...streams],
};

/** A request about the streams with these names, or all of them. A name may carry its namespace. */
export function requestFor(
  type: "clear" | "refresh" | "normalize",
  keepsRows: boolean,
  names: readonly string[],
): Request {
  return { type, keepsRows, streamsOf: (streams) => chooseStreams(streams, names) };
}

function chooseStreams(
  streams: readonly PlannedStream[],
  names: readonly string[],
): PlannedStream[] {
  if (names.length === 0) return [...streams];
  const chosen = new Set<PlannedStream>();
  for (const name of names) {
    const matching = streams.filter(
      ({ source }) => source.name === name || streamLabel(source) === name,
    );
    if (matching.length === 0) {
      const known = streams.map(({ source }) => streamLabel(source));
      const hint = didYouMean(name, known) || ` (there is ${known.join(", ")})`;
      throw new Failure("usage.invalid", `the connection has no stream ${name}${hint}`);
    }
    for (const stream of matching) chosen.add(stream);
  }
  return [...chosen];
}

/**
 * Marks in the state what is asked for, so that a refresh or clear that fails half-way is carried on
 * by whatever runs next: positions are forgotten, generations rise, and, unless rows are kept, all
 * older rows go as soon as the stream is whole.
 */
export function requestRefresh(
  request: Request,
  state: ConnectionState,
  streams: readonly PlannedStream[],
): void {
  if (request.type === "sync" || request.type === "normalize") return;
  for (const stream of streams) {
    const entry = entryOf(state, stream);
    delete entry.blob;
    entry.set_by_user = true;
    if (request.type === "clear" || !request.keepsRows) entry.truncating = true;
    else entry.generation++;
  }
}
