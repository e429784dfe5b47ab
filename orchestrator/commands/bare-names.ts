import { streamKey, streamLabel } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import type { SavedStreamState } from "../../protocol/state-file.ts";
import type { PlannedStream } from "../sync/streams/select-streams.ts";

/**
 * Positions by the `streamKey` of the stream that each is of: one without a namespace is that of the only
 * stream of its name, and stays as it is where there is none. Throws `usage.invalid` where there are
 * several, or two positions of one stream.
 */
export function withNamespaces(
  states: ReadonlyMap<string, SavedStreamState>,
  streams: readonly PlannedStream[],
): Map<string, SavedStreamState> {
  const found = new Map<string, SavedStreamState>();
  for (const state of states.values()) {
    const stream = ownerOf(state, streams);
    const key = streamKey(stream);
    if (found.has(key))
      throw new Failure("usage.invalid", `the file has two positions of ${streamLabel(stream)}`, {
        hint: "take one of them out",
      });
    found.set(key, { ...state, stream });
  }
  return found;
}

function ownerOf({ stream }: SavedStreamState, streams: readonly PlannedStream[]) {
  if (stream.namespace) return stream;
  const owners = streams.map(({ source }) => source).filter(({ name }) => name === stream.name);
  const exact = owners.find(({ namespace }) => !namespace);
  if (exact || owners.length === 0) return stream;
  const [owner, ...others] = owners;
  if (others.length === 0) return owner!;
  throw new Failure(
    "usage.invalid",
    `the file does not say of which stream ${stream.name} its position is: there are ${owners.map(streamLabel).join(", ")}`,
    { hint: "add the namespace to its stream_descriptor" },
  );
}
