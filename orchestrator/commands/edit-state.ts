import { readFileSync } from "node:fs";
import { streamKey, type StreamDescriptor } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import { skipSpace, skipValue } from "../../protocol/json-scan.ts";
import { readStateFile } from "../../protocol/state-file.ts";
import type { Invocation } from "../invocation.ts";
import { eraseStreams, globalOf, setStream } from "../store/global-state.ts";
import { lockConnection } from "../store/lock.ts";
import {
  emptyState,
  readState,
  statePath,
  writeState,
  type ConnectionState,
  type StreamEntry,
} from "../store/state-file.ts";
import { forgetPosition, nextGeneration } from "../sync/positions/stream-states.ts";
import type { StreamOptions } from "./command.ts";
import { EXIT } from "./exit-status.ts";
import { chosenEntries, descriptorOf } from "./state-entries.ts";

/** Forgets positions; the tables stay as they are. Works on a damaged file too, as a whole. */
export function clearState(
  invocation: Invocation,
  [name]: readonly string[],
  { stream = [] }: StreamOptions,
): Promise<number> {
  return change(invocation, name!, (path) => {
    if (stream.length === 0) return cleared(path, name!);
    const state = readState(path, name!);
    if (state.legacy) throw oneForAll("cleared");
    const streams = chosenEntries(state, stream, name!);
    for (const { stream: descriptor } of streams) forget(state, entryFor(state, descriptor));
    if (state.global) {
      const left = eraseStreams(
        state.global,
        streams.map((entry) => entry.stream),
      );
      delete state.global;
      if (left) state.global = left;
      state.cleared = true;
    }
    return state;
  });
}

/** Without positions, and with the generations as far as they can be read. */
function cleared(path: string, connection: string): ConnectionState {
  let state: ConnectionState;
  try {
    state = readState(path, connection);
  } catch {
    return { ...emptyState(), cleared: true };
  }
  for (const entry of state.streams.values()) forget(state, entry);
  delete state.global;
  delete state.legacy;
  state.cleared = true;
  return state;
}

/** In a new generation, so that what the destination remembers of the old one does not count. */
function forget(state: ConnectionState, entry: StreamEntry): void {
  nextGeneration(state, entry);
  forgetPosition(entry);
  delete entry.cursor_field; // whoever sets a state by hand vouches that it fits
  entry.set_by_user = true;
}

function oneForAll(what: string): Failure {
  return new Failure(
    "usage.invalid",
    `the source keeps one state for all streams: none can be ${what} alone`,
    { hint: "`syncline state export` and `syncline state import` handle it as a whole" },
  );
}

/** Sets the position of one stream to a JSON object, as the source wrote it once. */
export function setState(
  invocation: Invocation,
  [name, json]: readonly string[],
  { stream = [] }: StreamOptions,
): Promise<number> {
  const blob = Buffer.from(json!.trim());
  const end = blob[0] === 0x7b ? skipValue(blob, 0, blob.length) : -1;
  if (end === -1 || skipSpace(blob, end, blob.length) !== blob.length || blob.includes(0x0a))
    throw new Failure("usage.invalid", "the state must be one JSON object on one line");
  if (stream.length !== 1)
    throw new Failure("usage.invalid", "state set wants exactly one --stream");
  return change(invocation, name!, (path) => {
    const state = readState(path, name!);
    if (state.legacy) throw oneForAll("set");
    const descriptor = descriptorOf(state, stream[0]!);
    if (!state.global) setBlob(state, descriptor, blob);
    else {
      state.global = setStream(state.global, descriptor, blob);
      state.cleared = true;
    }
    return state;
  });
}

/** Takes over a state file of a source, or what a destination printed. Replaces what is there. */
export function importState(
  invocation: Invocation,
  [name, file]: readonly string[],
): Promise<number> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file === "-" ? 0 : file!);
  } catch (error) {
    throw new Failure("usage.invalid", `${file} cannot be read`, { cause: error });
  }
  const saved = readStateFile(bytes);
  return change(invocation, name!, (path) => {
    const state = readState(path, name!);
    for (const entry of state.streams.values()) forget(state, entry);
    delete state.global;
    delete state.legacy;
    state.cleared = true;
    if (saved.kind === "LEGACY" && saved.data) state.legacy = oneLine(saved.data);
    else if (saved.kind === "GLOBAL")
      state.global = oneLine(globalOf(saved.shared, saved.streams.values()));
    else
      for (const { stream, blob } of saved.streams.values()) setBlob(state, stream, oneLine(blob));
    return state;
  });
}

/** Line breaks between the tokens of an imported blob become spaces: here a state is one line. */
function oneLine(blob: Buffer): Buffer {
  const copy = Buffer.from(blob);
  for (let at = 0; at < copy.length; at++)
    if (copy[at] === 0x0a || copy[at] === 0x0d) copy[at] = 0x20;
  return copy;
}

async function change(
  invocation: Invocation,
  name: string,
  edit: (path: string) => ConnectionState,
): Promise<number> {
  await invocation.connections([name]);
  const home = await invocation.home();
  const path = statePath(home, name);
  const lock = await lockConnection(home.locks, name);
  try {
    writeState(path, name, edit(path));
  } finally {
    lock.release();
  }
  const { console } = invocation;
  const before = `${path}.bak`;
  if (console.json) console.print(JSON.stringify({ connection: name, changed: true, before }));
  else if (!console.quiet) console.note(`${name}: state changed; the one before it is ${before}`);
  return EXIT.done;
}

function entryFor(state: ConnectionState, stream: StreamDescriptor): StreamEntry {
  const key = streamKey(stream);
  const entry: StreamEntry = state.streams.get(key) ?? { stream, generation: 0 };
  state.streams.set(key, entry);
  return entry;
}

function setBlob(state: ConnectionState, stream: StreamDescriptor, blob: Buffer): void {
  const entry = entryFor(state, stream);
  forget(state, entry);
  entry.sync_mode = "incremental";
  entry.blob = blob;
}
