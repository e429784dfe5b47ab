import { streamKey } from "../../../protocol/catalog.ts";
import { globalInput } from "../../store/global-state.ts";
import type { ConnectionState, StreamEntry } from "../../store/state-file.ts";
import type { PlannedStream } from "../streams/select-streams.ts";

/**
 * What `read --state` gets: an array of STREAM bodies, an array of one GLOBAL body, or the bare blob
 * of a LEGACY source (protocol reference §1.7), blobs in their own bytes. Undefined when there is no
 * state.
 */
export function stateInput(
  state: ConnectionState,
  streams: readonly PlannedStream[],
): Buffer | undefined {
  if (state.legacy) return state.legacy;
  if (state.global) return globalInput(state.global);
  const entries = streams.flatMap((stream) => state.streams.get(streamKey(stream.source)) ?? []);
  const bodies = entries.flatMap((entry) => (entry.blob ? [streamBody(entry, entry.blob)] : []));
  if (bodies.length === 0) return undefined;
  const parts = bodies.flatMap((body, index) => [Buffer.from(index === 0 ? "[" : ","), body]);
  return Buffer.concat([...parts, Buffer.from("]\n")]);
}

function streamBody(entry: StreamEntry, blob: Buffer): Buffer {
  const descriptor = JSON.stringify(entry.stream);
  return Buffer.concat([
    Buffer.from(`{"type":"STREAM","stream":{"stream_descriptor":${descriptor},"stream_state":`),
    blob,
    Buffer.from("}}"),
  ]);
}
