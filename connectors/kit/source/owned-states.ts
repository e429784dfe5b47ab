import {
  type ConfiguredCatalog,
  type StreamDescriptor,
  streamKey,
  streamLabel,
} from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import type { SavedState, SavedStreamState } from "../../../protocol/state-file.ts";
import { descriptorOf } from "./configured-stream.ts";
import { savedBlob } from "./saved-blob.ts";

/**
 * The state with what it says of each configured stream under that stream's own name: a name without a
 * namespace, on either side, is that of the only stream of that name. Throws `state.invalid` where
 * there are two: a position of one is not the other's, and without its own it would be read again.
 */
export function ownedStates(state: SavedState, catalog: ConfiguredCatalog): SavedState {
  const configured = catalog.streams.map(descriptorOf);
  const owned = new Map<string, SavedStreamState>(state.streams);
  for (const stream of configured) {
    if (savedBlob(state, stream) !== undefined) continue;
    const blob = stream.namespace
      ? unnamedBlob(state, stream, configured)
      : onlyBlob(state, stream, configured);
    if (blob !== undefined) owned.set(streamKey(stream), { stream, blob });
  }
  return { ...state, streams: owned };
}

/** What the state says of a stream's name without a namespace. */
function unnamedBlob(
  state: SavedState,
  { name }: StreamDescriptor,
  configured: readonly StreamDescriptor[],
): Buffer | undefined {
  const blob = savedBlob(state, { name });
  const namesakes = configured.filter((other) => other.name === name);
  if (blob === undefined || namesakes.some(({ namespace }) => !namespace)) return undefined;
  const without = namesakes.filter((other) => savedBlob(state, other) === undefined);
  if (without.length > 1) throw ambiguous(name, without);
  return blob;
}

/** What the state says of the only stream of a name, which is not otherwise configured. */
function onlyBlob(
  state: SavedState,
  { name }: StreamDescriptor,
  configured: readonly StreamDescriptor[],
): Buffer | undefined {
  const taken = new Set(configured.map(streamKey));
  const found = [...state.streams.entries()].filter(
    ([key, saved]) => saved.stream.name === name && !taken.has(key),
  );
  if (found.length > 1)
    throw ambiguous(
      name,
      found.map(([, saved]) => saved.stream),
    );
  return found[0]?.[1].blob;
}

function ambiguous(name: string, streams: readonly StreamDescriptor[]): Failure {
  return new Failure(
    "state.invalid",
    `the state cannot be used: ${name} has no namespace, and may be ${streams.map(streamLabel).join(" or ")}`,
    { hint: "name the namespace in the state and in the catalog, or leave the state out" },
  );
}
