import { streamKey, streamLabel } from "../../protocol/catalog.ts";
import { formatStateFile } from "../../protocol/state-file.ts";
import type { Invocation } from "../invocation.ts";
import { escapeControls } from "../escape.ts";
import { logPosition, logPositionText } from "../output/log-position.ts";
import { positionText } from "../output/positions.ts";
import { globalInput, readGlobal } from "../store/global-state.ts";
import {
  readState,
  statePath,
  type ConnectionState,
  type StreamEntry,
} from "../store/state-file.ts";
import type { StreamOptions } from "./command.ts";
import { EXIT } from "../output/exit-status.ts";
import { chosenEntries } from "../store/state-entries.ts";

/** Prints where each stream of a connection (or of all) stands. */
export async function showState(
  invocation: Invocation,
  names: readonly string[],
  { stream = [] }: StreamOptions,
): Promise<number> {
  const { console } = invocation;
  const home = await invocation.formerHome();
  for (const { name } of await invocation.connectionsAtRest(names)) {
    const state = readState(statePath(home, name), name);
    const entries = chosenEntries(state, stream, name);
    if (console.json) {
      console.print(showJson(name, state, entries));
      continue;
    }
    console.print(
      `${name}:${entries.length === 0 && !state.global && !state.legacy ? " no state" : ""}`,
    );
    const shared = state.legacy ?? (state.global && readGlobal(state.global).shared);
    const position = logPosition(shared);
    const text = position ? logPositionText(position) : shared?.toString("utf8");
    if (text) console.print(`  all streams  ${escapeControls(text)}`);
    for (const entry of entries) console.print(`  ${describe(entry)}`);
  }
  return EXIT.done;
}

function describe(entry: StreamEntry): string {
  const { stream, generation, sync_mode: mode, cursor_field: cursor, blob } = entry;
  const facts = [
    mode ?? "",
    cursor ? `cursor ${cursor.join(".")}` : "",
    `generation ${generation}`,
    entry.truncating ? "refresh not complete" : "",
    entry.set_by_user ? "set by hand" : "",
  ].filter((fact) => fact !== "");
  const text = blob ? positionText(blob, cursor) : "no state";
  return escapeControls(`${streamLabel(stream)}  (${facts.join(", ")})  ${text}`);
}

/** Blobs in their own bytes: numbers in them may be larger than JavaScript's. */
function showJson(connection: string, state: ConnectionState, entries: StreamEntry[]): string {
  const streams = entries.map(({ blob, ...entry }) => {
    const text = JSON.stringify(entry);
    return blob ? `${text.slice(0, -1)},"state":${blob.toString("utf8")}}` : text;
  });
  const global = state.global ? `,"global":${state.global.toString("utf8")}` : "";
  const legacy = state.legacy ? `,"legacy":${state.legacy.toString("utf8")}` : "";
  return `{"connection":${JSON.stringify(connection)},"streams":[${streams.join(",")}]${global}${legacy}}`;
}

/** Prints the state as a source's `--state` file has it. */
export async function exportState(
  invocation: Invocation,
  [name]: readonly string[],
): Promise<number> {
  await invocation.connectionsAtRest([name!]);
  const home = await invocation.formerHome();
  const state = readState(statePath(home, name!), name!);
  const streams = [...state.streams.values()].flatMap(({ stream, blob }) =>
    blob ? [[streamKey(stream), { stream, blob }] as const] : [],
  );
  const kind = state.legacy ? "LEGACY" : streams.length > 0 ? "STREAM" : "NONE";
  const data = state.legacy;
  const file =
    (state.global && globalInput(state.global)) ??
    formatStateFile({ kind, streams: new Map(streams), shared: undefined, data });
  invocation.console.print(file.toString("utf8").trimEnd());
  return EXIT.done;
}
