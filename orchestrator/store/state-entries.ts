import { streamKey, streamLabel } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import { didYouMean } from "../../protocol/nearest-name.ts";
import { readGlobal } from "./global-state.ts";
import type { ConnectionState, StreamEntry } from "./state-file.ts";

/** The entries of the named streams, or all. Throws `usage.invalid` for a name that has none. */
export function chosenEntries(
  state: ConnectionState,
  names: readonly string[],
  connection: string,
): StreamEntry[] {
  const entries = allEntries(state);
  if (names.length === 0) return entries;
  return names.map((name) => {
    const found = entries.find(
      ({ stream }) => stream.name === name || streamLabel(stream) === name,
    );
    if (found) return found;
    const known = entries.map(({ stream }) => streamLabel(stream));
    throw new Failure(
      "usage.invalid",
      `connection ${connection} has no state of a stream ${name}${didYouMean(name, known)}`,
    );
  });
}

/** What is known of each stream, also of those that only a GLOBAL state speaks of. */
export function allEntries(state: ConnectionState): StreamEntry[] {
  const entries = new Map(state.streams);
  if (!state.global) return [...entries.values()];
  for (const { stream, blob } of readGlobal(state.global).parts) {
    const key = streamKey(stream);
    const entry = entries.get(key) ?? { stream, generation: 0 };
    entries.set(key, blob ? { ...entry, blob } : entry);
  }
  return [...entries.values()];
}
