import { readFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { streamKey, type StreamDescriptor } from "../../protocol/catalog.ts";
import { Failure } from "../../protocol/errors.ts";
import { membersOf, skipSpace, skipValue } from "../../protocol/json-scan.ts";
import { readStateFile } from "../../protocol/state-file.ts";
import type { Invocation } from "../invocation.ts";
import { logPosition } from "../output/log-position.ts";
import { eraseStreams, globalOf, readGlobal, setStream } from "../store/global-state.ts";
import { lockConnection } from "../store/lock.ts";
import {
  emptyState,
  readState,
  statePath,
  writeState,
  type ConnectionState,
  type StreamEntry,
} from "../store/state-file.ts";
import { requireFitting, stateAt } from "../sync/positions/fitting-state.ts";
import { forgetPosition, nextGeneration } from "../sync/positions/stream-states.ts";
import { chooseStreams } from "../sync/request.ts";
import type { StreamOptions } from "./command.ts";
import { consents, requireConsent, type YesOption } from "./consent.ts";
import { EXIT } from "../output/exit-status.ts";
import { withAsking } from "./ask-connectors.ts";
import { knownStreams, offeredStreams, refuseStrangers } from "../api/known-streams.ts";
import { changeLines, hasPositions } from "./state-changes.ts";
import { withNamespaces } from "./bare-names.ts";
import { allEntries, chosenEntries } from "../store/state-entries.ts";

/** Forgets positions; the tables stay as they are. Works on a damaged file too, as a whole. */
export function clearState(
  invocation: Invocation,
  [name]: readonly string[],
  { stream = [], yes }: StreamOptions & YesOption,
): Promise<number> {
  const asking = { yes, what: "state clear", question: "Forget these positions?" };
  return change(invocation, name!, asking, (path) => {
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

function inLog(connection: string): Failure {
  return new Failure(
    "usage.invalid",
    "the streams follow the log of the source's server, which has one position for all of them and no cursor",
    { hint: `\`syncline refresh ${connection} --stream NAME\` reads a stream anew` },
  );
}

export interface SetOptions extends StreamOptions, YesOption {
  readonly cursor?: string;
}

/**
 * Sets the position of one stream: to a value of its cursor, or to a JSON object as the source writes
 * it. Throws `usage.invalid` for one that does not fit what the source offers.
 */
export async function setState(
  invocation: Invocation,
  [name, json]: readonly string[],
  { stream = [], cursor, yes }: SetOptions,
): Promise<number> {
  if ((json === undefined) === (cursor === undefined))
    throw new Failure("usage.invalid", "state set wants either --cursor or a state as JSON");
  if (stream.length !== 1)
    throw new Failure("usage.invalid", "state set wants exactly one --stream");
  const given = json === undefined ? undefined : jsonObject(json);
  requireConsent({ yes }, "state set");
  const [connection] = await invocation.connections([name!]);
  const { source } = connection!;
  const isBuiltIn = source.program.kind === "built-in";
  const offered = await withAsking(invocation, (one) => offeredStreams(one, connection!));
  const chosen = chooseStreams(offered, stream);
  if (chosen.length > 1)
    throw new Failure("usage.invalid", `there are several streams ${stream[0]}`, {
      hint: "name its namespace, too",
    });
  const [planned] = chosen;
  const asking = { yes, what: "state set", question: "Set this position?" };
  return change(invocation, name!, asking, (path) => {
    const state = readState(path, name!);
    if (state.legacy) throw oneForAll("set");
    if (cursor !== undefined && state.global && logPosition(readGlobal(state.global).shared))
      throw inLog(name!);
    const key = streamKey(planned!.source);
    const former = allEntries(state).find((entry) => streamKey(entry.stream) === key)?.blob;
    const owner = { stream: planned!, isBuiltIn, former };
    if (given) requireFitting(given, owner);
    const blob = given ?? stateAt(cursor!, owner);
    if (!state.global) setBlob(state, planned!.source, blob);
    else {
      state.global = setStream(state.global, planned!.source, blob);
      state.cleared = true;
    }
    return state;
  });
}

function jsonObject(json: string): Buffer {
  const blob = Buffer.from(json.trim());
  const end = blob[0] === 0x7b ? skipValue(blob, 0, blob.length) : -1;
  if (end === -1 || skipSpace(blob, end, blob.length) !== blob.length || blob.includes(0x0a))
    throw new Failure("usage.invalid", "the state must be one JSON object on one line");
  return blob;
}

/**
 * Takes over a state file of a source, or what a destination printed. Replaces what is there. Throws
 * `usage.invalid` for one that would only take positions away, for states of other streams alone, and for a
 * state that does not fit its stream, as the last sync knew it.
 */
export async function importState(
  invocation: Invocation,
  [name, file]: readonly string[],
  { yes }: YesOption,
): Promise<number> {
  const home = await invocation.home();
  const saved = readStateFile(await bytesOf(file!));
  if (saved.data && isOwnFile(saved.data))
    throw new Failure("usage.invalid", `${file} is a file of syncline's own, not a state`, {
      hint: `to go back to it, copy it to ${statePath(home, name!)}`,
    });
  if (saved.kind === "NONE")
    throw new Failure("usage.invalid", `${file} holds no position`, {
      hint: `\`syncline state clear ${name}\` forgets those that are there`,
    });
  const [connection] = await invocation.connectionsAtRest([name!]);
  const isBuiltIn = connection!.source.program.kind === "built-in";
  if (saved.kind !== "LEGACY")
    refuseStrangers(
      home.path,
      connection!,
      [...saved.streams.values()].map(({ stream }) => stream),
    );
  let known = knownStreams(home.path, connection!);
  const hasBareNames = [...saved.streams.values()].some(({ stream }) => !stream.namespace);
  if (hasBareNames && known.length === 0) {
    const [asked] = await invocation.connections([name!]);
    known = await withAsking(invocation, (one) => offeredStreams(one, asked!));
  }
  const states = withNamespaces(saved.streams, known);
  if (saved.kind === "STREAM")
    for (const stream of known) {
      const blob = states.get(streamKey(stream.source))?.blob;
      if (blob) requireFitting(blob, { stream, isBuiltIn, former: undefined });
    }
  const question = "Replace the positions that are there?";
  const asking = { yes, what: "state import", question, onlyToReplace: true };
  return change(invocation, name!, asking, (path) => {
    const state = readState(path, name!);
    for (const entry of state.streams.values()) forget(state, entry);
    delete state.global;
    delete state.legacy;
    state.cleared = true;
    if (saved.kind === "LEGACY" && saved.data) state.legacy = oneLine(saved.data);
    else if (saved.kind === "GLOBAL")
      state.global = oneLine(globalOf(saved.shared, states.values()));
    else for (const { stream, blob } of states.values()) setBlob(state, stream, oneLine(blob));
    return state;
  });
}

/** Of `-`, what stdin brings until its end: whoever writes the pipe may not have begun. */
async function bytesOf(file: string): Promise<Buffer> {
  try {
    return file === "-" ? await buffer(process.stdin) : readFileSync(file);
  } catch (error) {
    const what = file === "-" ? "stdin" : file;
    throw new Failure("usage.invalid", `${what} cannot be read`, { cause: error });
  }
}

/** Whether it is one of `.syncline/state`, which a sync would take for a state of nothing. */
function isOwnFile(data: Buffer): boolean {
  const members = membersOf(data, 0, data.length);
  return ["connection", "sha256", "content"].every((key) => members?.of(key));
}

/** Line breaks between the tokens of an imported blob become spaces: here a state is one line. */
function oneLine(blob: Buffer): Buffer {
  const copy = Buffer.from(blob);
  for (let at = 0; at < copy.length; at++)
    if (copy[at] === 0x0a || copy[at] === 0x0d) copy[at] = 0x20;
  return copy;
}

/** How a change is asked for. */
interface Asking extends YesOption {
  readonly what: string;
  readonly question: string;
  /** Nothing is asked where there is no position yet. */
  readonly onlyToReplace?: boolean;
}

/** Changes the state of a connection under its lock. */
async function change(
  invocation: Invocation,
  name: string,
  asking: Asking,
  edit: (path: string) => ConnectionState,
): Promise<number> {
  await invocation.connectionsAtRest([name]);
  const home = await invocation.home();
  const path = statePath(home, name);
  const isFree = asking.onlyToReplace === true && !hasPositions(name, path);
  const consent = isFree ? { yes: true } : asking;
  requireConsent(consent, asking.what);
  const lock = await lockConnection(home.locks, name);
  try {
    const state = edit(path);
    const lines = changeLines(name, path, state);
    if (!(await consents(invocation, consent, lines, asking.question))) return EXIT.interrupted;
    lock.lost.throwIfAborted();
    writeState(path, name, state);
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
