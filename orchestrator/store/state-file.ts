import { createHash } from "node:crypto";
import { lstatSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Failure } from "../../protocol/errors.ts";
import { streamKey, type StreamDescriptor } from "../../protocol/catalog.ts";
import { forEachItem, forEachMember, MALFORMED } from "../../protocol/json-scan.ts";
import { replaceFile } from "./atomic-file.ts";
import type { Home } from "./home.ts";
import { stateUnwritable } from "./unwritable.ts";

/** Format of the file; a reader refuses one above its own. */
const VERSION = 1;

/** What is kept of one stream, under the source's name for it. */
export interface StreamEntry {
  readonly stream: StreamDescriptor;
  /** The stream's `generation_id`: rises whenever its older rows are superseded. 0: never. */
  generation: number;
  /** How the state came about; compared with the configuration before it is used again. */
  sync_mode?: "full_refresh" | "incremental";
  cursor_field?: readonly string[];
  primary_key?: readonly (readonly string[])[];
  /** The job that ran it last. */
  job?: number;
  /** A refresh that replaces all rows was asked for and is not complete yet. */
  truncating?: boolean;
  /**
   * A full refresh that adds its rows to what is there has begun and is not complete: the next job
   * finishes it, so that no row is added twice.
   */
  unfinished?: boolean;
  /** The state is the last one of such a refresh: its source has nothing more to give. */
  is_whole?: boolean;
  /** What is there was replaced by nothing: there are no rows to lose. */
  is_empty?: boolean;
  /** Its source sends a STATE of it although nobody asks for the stream, and gets it back. */
  unasked?: boolean;
  /** Set or cleared by hand, in a generation of its own: counts until the destination knows of one. */
  set_by_user?: boolean;
  /** What a state of all streams said of it when it was begun anew: that does not count any more. */
  erased?: string;
  /** The source's own bytes. Undefined: no state. */
  blob?: Buffer;
}

/** Everything kept of one connection. */
export interface ConnectionState {
  streams: Map<string, StreamEntry>;
  /** The first generation of a stream that has none; see `emptyState`. */
  generation_base: number;
  /** Everything was set or cleared by hand: what the destination remembers of all streams, or of one
   * without an entry, does not count, until it acknowledges. */
  cleared?: boolean;
  /** The `global` object of a source with one state for all streams. */
  global?: Buffer;
  /** The bare blob of a source of the oldest kind. */
  legacy?: Buffer;
}

/**
 * A connection nothing is known of. Generations start with the milliseconds since the epoch: a file
 * that was lost or deleted may have had some, a destination may remember them, and one of them used
 * again would be taken for a retry of what is complete.
 */
export function emptyState(): ConnectionState {
  return { streams: new Map(), generation_base: Date.now() };
}

/** Where the state of a connection is kept. */
export function statePath(home: Home, connection: string): string {
  return join(home.state, `${connection}.json`);
}

/**
 * Reads the file of a connection; a missing one is an empty state. Anything else that is not exactly
 * what was written here (cut short, edited by hand, another connection's, a newer version's) throws
 * `state.invalid`: starting from nothing would copy everything again without being asked.
 */
export function readState(path: string, connection: string): ConnectionState {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return emptyState();
  const refuse = (why: string, cause?: unknown) =>
    new Failure("state.invalid", `the state file ${path} ${why}`, {
      hint: `the one before it is ${path}.bak: copy it back to go on from there, or run \`syncline state clear ${connection}\` to begin anew`,
      cause,
    });
  if (!stat.isFile()) throw refuse("is not a regular file");
  const bytes = readFileSync(path);
  try {
    return parse(bytes, connection, refuse);
  } catch (error) {
    throw error instanceof Failure ? error : refuse("is damaged", error);
  }
}

type Refuse = (why: string) => Failure;

function parse(bytes: Buffer, connection: string, refuse: Refuse): ConnectionState {
  const headEnd = bytes.indexOf(0x0a);
  if (headEnd === -1) throw refuse("is damaged: it is cut short");
  const head = JSON.parse(`${bytes.toString("utf8", 0, headEnd)}null}`) as Record<string, unknown>;
  if (typeof head["version"] !== "number" || typeof head["connection"] !== "string")
    throw refuse("is not a state file");
  if (head["version"] > VERSION)
    throw refuse(
      `was written by a newer syncline (format ${head["version"]}, this one knows ${VERSION})`,
    );
  if (head["connection"] !== connection)
    throw refuse(`belongs to connection ${head["connection"]}, not to ${connection}`);
  const bodyEnd = bytes.length - 2;
  if (bytes.toString("latin1", bodyEnd) !== "}\n") throw refuse("is damaged: it is cut short");
  const body = bytes.subarray(headEnd + 1, bodyEnd);
  if (head["sha256"] !== digest(body))
    throw refuse("is damaged or was edited: its checksum does not match");
  return parseBody(body);
}

function parseBody(body: Buffer): ConnectionState {
  // A file of an earlier version has no base: its generations count from 1.
  const state: ConnectionState = { streams: new Map(), generation_base: 1 };
  const end = forEachMember(body, 0, body.length, (keyStart, keyEnd, start, valueEnd) => {
    const key = JSON.parse(body.toString("utf8", keyStart, keyEnd)) as string;
    if (key === "global") state.global = body.subarray(start, valueEnd);
    else if (key === "legacy") state.legacy = body.subarray(start, valueEnd);
    else if (key === "generation_base")
      state.generation_base = Number(body.toString("latin1", start, valueEnd));
    else if (key === "cleared") state.cleared = body[start] === 0x74;
    else if (key === "streams")
      forEachItem(body, start, valueEnd, (itemStart, itemEnd) => {
        const entry = parseEntry(body, itemStart, itemEnd);
        state.streams.set(streamKey(entry.stream), entry);
      });
  });
  if (end === MALFORMED) throw new Error("malformed");
  return state;
}

function parseEntry(bytes: Buffer, start: number, end: number): StreamEntry {
  let blob: Buffer | undefined;
  const members: string[] = [];
  forEachMember(bytes, start, end, (keyStart, keyEnd, valueStart, valueEnd) => {
    const key = bytes.toString("utf8", keyStart, keyEnd);
    if (key === '"state"') blob = bytes.subarray(valueStart, valueEnd);
    else members.push(`${key}:${bytes.toString("utf8", valueStart, valueEnd)}`);
  });
  const entry = JSON.parse(`{${members.join(",")}}`) as StreamEntry;
  return blob === undefined ? entry : { ...entry, blob };
}

/**
 * Writes the file of a connection, whole and durably; the one before it stays beside it as `.bak`.
 * Throws `state.unwritable`; the old file is then still the one in force.
 */
export function writeState(path: string, connection: string, state: ConnectionState): void {
  const body: Buffer[] = [Buffer.from('{"streams":[')];
  let first = true;
  for (const { blob, ...entry } of state.streams.values()) {
    const text = JSON.stringify(entry);
    body.push(Buffer.from(`${first ? "" : ","}\n${blob ? `${text.slice(0, -1)},"state":` : text}`));
    if (blob) body.push(blob, Buffer.from("}"));
    first = false;
  }
  body.push(Buffer.from(`\n],"generation_base":${state.generation_base}`));
  if (state.global) body.push(Buffer.from(',"global":'), state.global);
  if (state.legacy) body.push(Buffer.from(',"legacy":'), state.legacy);
  if (state.cleared) body.push(Buffer.from(',"cleared":true'));
  body.push(Buffer.from("}"));
  const whole = Buffer.concat(body);
  const head = `${JSON.stringify({ version: VERSION, connection, sha256: digest(whole) }).slice(0, -1)},"content":\n`;
  try {
    keepPrevious(path);
    replaceFile(path, [Buffer.from(head), whole, Buffer.from("}\n")], { durable: true });
  } catch (error) {
    throw stateUnwritable(
      `the state of connection ${connection} cannot be saved in ${dirname(path)}`,
      error,
    );
  }
}

function keepPrevious(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isFile()) replaceFile(`${path}.bak`, [readFileSync(path)], { durable: false });
}

function digest(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
