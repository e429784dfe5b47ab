import { sameStream, type StreamDescriptor, streamKey } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import { forEachItem, membersOf, textAt } from "../../../protocol/json-scan.ts";
import type { SavedState } from "../../../protocol/state-file.ts";

/**
 * What a state says of one stream: the bytes of its own JSON; undefined for nothing. Found in every
 * form, also in the one state for all streams that Airbyte's database sources once wrote. Throws
 * `state.invalid` for another object: taken as nothing, it would copy everything again.
 */
export function savedBlob(state: SavedState, stream: StreamDescriptor): Buffer | undefined {
  const saved = state.streams.get(streamKey(stream))?.blob;
  return saved ?? (state.data === undefined ? undefined : legacyBlob(state.data, stream));
}

/** Of `{"cdc":false,"streams":[{"stream_name":"s","stream_namespace":"n",…}]}`, the stream's entry. */
function legacyBlob(data: Buffer, stream: StreamDescriptor): Buffer | undefined {
  const outer = membersOf(data, 0, data.length);
  const state = outer?.of("state");
  const list = ((state && membersOf(data, state.start, state.end)) ?? outer)?.of("streams");
  if (list === undefined)
    throw new Failure("state.invalid", "the state is none of this source's: it names no streams", {
      hint: "give back a state a sync saved, or leave it out to start from the beginning",
    });
  let found: Buffer | undefined;
  forEachItem(data, list.start, list.end, (start, end) => {
    const entry = membersOf(data, start, end);
    const name = textAt(data, entry?.of("stream_name"));
    const namespace = textAt(data, entry?.of("stream_namespace"));
    if (name !== undefined && sameStream({ name, namespace: namespace ?? null }, stream))
      found ??= data.subarray(start, end);
  });
  return found;
}
