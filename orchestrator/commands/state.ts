import { readFileSync } from "node:fs";
import { join } from "node:path";
import { streamKey, streamLabel, type StreamDescriptor } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import { skipSpace, skipValue } from "../../protocol/json-scan.ts";
import { formatStateFile, readStateFile } from "../../protocol/state-file.ts";
import type { Session } from "../cli.ts";
import { didYouMean } from "../config/nearest.ts";
import { escapeControls } from "../output/escape.ts";
import { lockConnection } from "../store/lock.ts";
import {
  emptyState,
  readState,
  writeState,
  type ConnectionState,
  type StreamEntry,
} from "../store/state-file.ts";
import { EXIT } from "./exit-status.ts";
import { chooseConnections } from "./sync.ts";

interface Options {
  readonly stream?: string[];
}

/** Prints where each stream of a connection (or of all) stands. */
export async function showState(
  session: Session,
  names: readonly string[],
  { stream = [] }: Options,
): Promise<number> {
  const { console } = session;
  const home = await session.home();
  for (const { name } of chooseConnections(await session.config(), names)) {
    const state = readState(join(home.state, `${name}.json`), name);
    const entries = chosen(state, stream, name);
    if (console.json) {
      console.print(showJson(name, state, entries));
      continue;
    }
    console.print(
      `${name}:${entries.length === 0 && !state.global && !state.legacy ? " no state" : ""}`,
    );
    if (state.global) console.print(`  all streams  ${state.global.toString("utf8")}`);
    if (state.legacy) console.print(`  all streams  ${state.legacy.toString("utf8")}`);
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
  const text = blob ? blob.toString("utf8") : "no state";
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

/** Forgets positions; the tables stay as they are. Works on a damaged file too, as a whole. */
export function clearState(
  session: Session,
  [name]: readonly string[],
  { stream = [] }: Options,
): Promise<number> {
  return change(session, name!, (path) => {
    if (stream.length === 0) return { ...emptyState(), cleared: true };
    const state = readState(path, name!);
    for (const entry of chosen(state, stream, name!)) {
      delete entry.blob;
      entry.set_by_user = true;
    }
    return state;
  });
}

/** Sets the position of one stream to a JSON object, as the source wrote it once. */
export function setState(
  session: Session,
  [name, json]: readonly string[],
  { stream = [] }: Options,
): Promise<number> {
  const blob = Buffer.from(json!.trim());
  const end = blob[0] === 0x7b ? skipValue(blob, 0, blob.length) : -1;
  if (end === -1 || skipSpace(blob, end, blob.length) !== blob.length || blob.includes(0x0a))
    throw new Failure("usage.invalid", "the state must be one JSON object on one line");
  if (stream.length !== 1)
    throw new Failure("usage.invalid", "state set wants exactly one --stream");
  return change(session, name!, (path) => {
    const state = readState(path, name!);
    setBlob(state, descriptorOf(state, stream[0]!), blob);
    return state;
  });
}

/** Prints the state as a source's `--state` file has it. */
export async function exportState(session: Session, [name]: readonly string[]): Promise<number> {
  chooseConnections(await session.config(), [name!]);
  const home = await session.home();
  const state = readState(join(home.state, `${name}.json`), name!);
  const streams = [...state.streams.values()].flatMap(({ stream, blob }) =>
    blob ? [[streamKey(stream), { stream, blob }] as const] : [],
  );
  const file = state.global
    ? Buffer.from(`[{"type":"GLOBAL","global":${state.global.toString("utf8")}}]\n`)
    : formatStateFile({
        kind: state.legacy ? "LEGACY" : streams.length > 0 ? "STREAM" : "NONE",
        streams: new Map(streams),
        shared: undefined,
        data: state.legacy,
      });
  session.console.print(file.toString("utf8").trimEnd());
  return EXIT.done;
}

/** Takes over a state file of a source, or what a destination printed. Replaces what is there. */
export function importState(session: Session, [name, file]: readonly string[]): Promise<number> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file === "-" ? 0 : file!);
  } catch (error) {
    throw new Failure("usage.invalid", `${file} cannot be read`, { cause: error });
  }
  const saved = readStateFile(bytes);
  return change(session, name!, (path) => {
    const state = readState(path, name!);
    for (const entry of state.streams.values()) {
      delete entry.blob;
      entry.set_by_user = true;
    }
    delete state.global;
    delete state.legacy;
    if (saved.kind === "LEGACY" && saved.data) state.legacy = Buffer.from(saved.data);
    else if (saved.kind === "GLOBAL") state.global = globalOf(bytes);
    else
      for (const { stream, blob } of saved.streams.values()) setBlob(state, stream, oneLine(blob));
    return state;
  });
}

/** The `global` object of an imported file, on one line. */
function globalOf(bytes: Buffer): Buffer {
  const text = bytes.toString("utf8");
  const parsed = JSON.parse(text.trim().split("\n").at(-1)!) as unknown;
  const body = [parsed].flat()[0] as { global?: unknown; state?: { global?: unknown } };
  return Buffer.from(JSON.stringify(body.global ?? body.state?.global));
}

/** Line breaks between the tokens of an imported blob become spaces: here a state is one line. */
function oneLine(blob: Buffer): Buffer {
  const copy = Buffer.from(blob);
  for (let at = 0; at < copy.length; at++)
    if (copy[at] === 0x0a || copy[at] === 0x0d) copy[at] = 0x20;
  return copy;
}

async function change(
  session: Session,
  name: string,
  edit: (path: string) => ConnectionState,
): Promise<number> {
  chooseConnections(await session.config(), [name]);
  const home = await session.home();
  const path = join(home.state, `${name}.json`);
  const lock = await lockConnection(home.locks, name);
  try {
    writeState(path, name, edit(path));
  } finally {
    lock.release();
  }
  session.console.note(`${name}: state changed; the one before it is ${path}.bak`);
  return EXIT.done;
}

function setBlob(state: ConnectionState, stream: StreamDescriptor, blob: Buffer): void {
  const key = streamKey(stream);
  const entry: StreamEntry = state.streams.get(key) ?? { stream, generation: 0 };
  entry.sync_mode = "incremental";
  entry.blob = blob;
  entry.set_by_user = true;
  delete entry.cursor_field; // whoever sets a state by hand vouches that it fits
  state.streams.set(key, entry);
}

function chosen(
  state: ConnectionState,
  names: readonly string[],
  connection: string,
): StreamEntry[] {
  const entries = [...state.streams.values()];
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

/** A stream by its name, `namespace.name` when it is not known yet. */
function descriptorOf(state: ConnectionState, label: string): StreamDescriptor {
  const known = [...state.streams.values()].find(
    ({ stream }) => stream.name === label || streamLabel(stream) === label,
  );
  if (known) return known.stream;
  const dot = label.indexOf(".");
  return dot === -1
    ? { name: label }
    : { namespace: label.slice(0, dot), name: label.slice(dot + 1) };
}
