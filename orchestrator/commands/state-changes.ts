import { streamKey, streamLabel } from "../../protocol/catalog.ts";
import { positionText } from "../output/positions.ts";
import { readGlobal } from "../store/global-state.ts";
import { readState, type ConnectionState, type StreamEntry } from "../store/state-file.ts";
import { allEntries } from "../store/state-entries.ts";

/** What a change makes of each stream's position: `public.items: after id = 7 → after id = 5`. */
export function changeLines(name: string, path: string, changed: ConnectionState): string[] {
  const before = entriesOf(() => readState(path, name));
  const after = entriesOf(() => changed);
  const keys = new Set([...before.keys(), ...after.keys()]);
  const lines = [...keys].flatMap((key) => {
    const [then, now] = [before.get(key), after.get(key)];
    const { stream } = (now ?? then)!;
    const [was, is] = [textOf(then), textOf(now, then)];
    return was === is ? [] : [`  ${streamLabel(stream)}: ${was} → ${is}`];
  });
  return [`${name}: ${lines.length === 0 ? "no position changes" : "positions change:"}`, ...lines];
}

/** Whether there is a position that a change could lose; of a damaged file, that is not known. */
export function hasPositions(name: string, path: string): boolean {
  try {
    const state = readState(path, name);
    return state.global !== undefined || positions(state).some((entry) => entry.blob !== undefined);
  } catch {
    return true;
  }
}

/** None of a file that is damaged: it is about to be replaced. */
function entriesOf(read: () => ConnectionState): Map<string, StreamEntry> {
  try {
    return new Map(positions(read()).map((entry) => [streamKey(entry.stream), entry]));
  } catch {
    return new Map();
  }
}

/** Those of streams, and the one that a source keeps for all of them. */
function positions(state: ConnectionState): StreamEntry[] {
  const blob = state.legacy ?? (state.global && readGlobal(state.global).shared);
  const one = blob ? [{ stream: { name: "all streams" }, generation: 0, blob }] : [];
  return [...one, ...allEntries(state)];
}

function textOf(entry: StreamEntry | undefined, other?: StreamEntry): string {
  return positionText(entry?.blob, entry?.cursor_field ?? other?.cursor_field);
}
