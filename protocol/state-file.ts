import { isUtf8 } from "node:buffer";
import { streamKey, streamLabel, type StreamDescriptor } from "./catalog.ts";
import { Failure } from "./errors.ts";
import {
  forEachItem,
  isNullAt,
  MALFORMED,
  membersOf,
  skipSpace,
  skipValue,
  textAt,
  type Span,
} from "./json-scan.ts";
import { PAYLOAD_KEYS } from "./messages.ts";
import { readStateBody, type StateLine, type StateType } from "./state.ts";

/** The last state of one stream. */
export interface SavedStreamState {
  readonly stream: StreamDescriptor;
  /** The source's own bytes. */
  readonly blob: Buffer;
}

/** What a source is given to continue from. */
export interface SavedState {
  /** Which form it came in; NONE when there is nothing to continue from. */
  readonly kind: StateType | "NONE";
  /** By `streamKey`. Empty for LEGACY. */
  readonly streams: ReadonlyMap<string, SavedStreamState>;
  /** GLOBAL's `shared_state`. */
  readonly shared: Buffer | undefined;
  /** LEGACY's blob. */
  readonly data: Buffer | undefined;
}

/** Nothing to continue from: every stream starts at its beginning. */
export const NO_STATE: SavedState = {
  kind: "NONE",
  streams: new Map(),
  shared: undefined,
  data: undefined,
};

const NEWLINE = 0x0a;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Reads what `read --state` is given, in every form in use: undefined, `[]` or `{}` (nothing), an
 * array of STREAM bodies or of one GLOBAL body, the bare object of an old source (LEGACY), alone, in an
 * array, or as its `data`.
 *
 * Also taken: what a destination prints, one message per line, so that the output of
 * `… | destination write` can be handed back as it is. There the last STATE of each stream counts;
 * messages of other types and lines that are no messages are passed over.
 *
 * Blobs are views into `file`, byte for byte. Throws `state.invalid` naming the place. A file that is
 * empty, cut short or without any STATE is refused: taken as "no state" it would copy everything
 * again.
 */
export function readStateFile(file: Buffer | undefined): SavedState {
  if (file === undefined) return NO_STATE;
  if (!isUtf8(file)) throw invalid("", "it is not UTF-8 text");
  const hasMark = file.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
  const start = skipSpace(file, hasMark ? BYTE_ORDER_MARK.length : 0, file.length);
  if (start === file.length) throw invalid("", "it is empty");
  const end = skipValue(file, start, file.length);
  const isOneValue = end !== MALFORMED && skipSpace(file, end, file.length) === file.length;
  if (isOneValue) return readOneValue(file, { start, end });
  if (file[start] === OPEN_BRACKET) throw invalid("", "it is cut short or not JSON");
  return readLines(file, start);
}

/** The state file for `state`, as any source accepts it. Blobs are copied byte for byte. */
export function formatStateFile(state: SavedState): Buffer {
  if (state.kind === "NONE") return Buffer.from("[]\n");
  if (state.kind === "LEGACY") return concat([state.data ?? "{}", "\n"]);
  const parts = [...state.streams.values()].map(({ stream, blob }) =>
    concat([`{"stream_descriptor":${JSON.stringify(stream)},"stream_state":`, blob, "}"]),
  );
  if (state.kind === "STREAM") {
    const bodies = parts.map((part) => concat(['{"type":"STREAM","stream":', part, "}"]));
    return concat(["[", ...separated(bodies), "]\n"]);
  }
  const shared = state.shared ?? "null";
  return concat([
    '[{"type":"GLOBAL","global":{"shared_state":',
    shared,
    ',"stream_states":[',
    ...separated(parts),
    "]}}]\n",
  ]);
}

function readOneValue(file: Buffer, value: Span): SavedState {
  if (file[value.start] === OPEN_BRACKET) return readArray(file, value);
  if (isNullAt(file, value)) return NO_STATE;
  if (file[value.start] !== OPEN_BRACE) throw invalid("", "expected an array or an object");
  const item = classify(file, value);
  const collector = new Collector(file);
  if (item.is === "state") collector.add(item.body, "", item.isMessage);
  else if (item.is === "message") throw invalid("", "it holds no STATE");
  else if (item.is === "empty") return NO_STATE;
  else return { ...NO_STATE, kind: "LEGACY", data: file.subarray(value.start, value.end) };
  return collector.finish();
}

function readArray(file: Buffer, array: Span): SavedState {
  const items: Span[] = [];
  forEachItem(file, array.start, array.end, (start, end) => void items.push({ start, end }));
  const [only] = items;
  const bare = items.length === 1 ? readBareItem(file, only!) : undefined;
  if (bare !== undefined) return bare;
  const collector = new Collector(file);
  for (const [index, value] of items.entries()) {
    const item = classify(file, value);
    if (item.is === "state") collector.add(item.body, `[${index}]`, item.isMessage);
    else if (item.is !== "message")
      throw invalid(`[${index}]`, "expected a STREAM or GLOBAL state");
  }
  return collector.finish();
}

/** Keys of a STATE: whatever has one of them is a state that is broken, and no blob of a source. */
const STATE_KEYS = [
  "type",
  "stream",
  "global",
  "stream_descriptor",
  "stream_state",
  "stream_states",
  "shared_state",
];

/** The only item of an array, where it has no type: an old source's blob, alone or as `data`. */
function readBareItem(file: Buffer, value: Span): SavedState | undefined {
  const members = membersOf(file, value.start, value.end);
  if (members === undefined || STATE_KEYS.some((key) => members.of(key))) return undefined;
  if (members.isEmpty) return NO_STATE;
  const data = members.of("data") ?? value;
  if (isNullAt(file, data)) return NO_STATE;
  return { ...NO_STATE, kind: "LEGACY", data: file.subarray(data.start, data.end) };
}

function readLines(file: Buffer, start: number): SavedState {
  const collector = new Collector(file);
  let found = false;
  let number = 0;
  for (let at = start; at < file.length; number++) {
    const newline = file.indexOf(NEWLINE, at);
    const end = newline === -1 ? file.length : newline;
    const place = `line ${number + 1}`;
    const line = skipSpace(file, at, end);
    at = end + 1;
    if (line === end || file[line] !== OPEN_BRACE) continue;
    const after = skipValue(file, line, end);
    if (after === MALFORMED || skipSpace(file, after, end) !== end)
      throw invalid(place, "it is cut short or not JSON");
    const item = classify(file, { start: line, end: after });
    if (item.is === "other" || item.is === "empty") throw invalid(place, "expected a message");
    if (item.is === "message") continue;
    collector.add(item.body, place, true);
    found = true;
  }
  if (!found) throw invalid("", "it holds no STATE");
  return collector.finish();
}

type Item =
  | { is: "state"; body: Span; isMessage: boolean }
  | { is: "message" }
  | { is: "empty" }
  | { is: "other" };

/** Tells a STATE message, a bare STATE body and a message of another type apart. */
function classify(file: Buffer, value: Span): Item {
  const members = membersOf(file, value.start, value.end);
  if (members === undefined) return { is: "other" };
  if (members.isEmpty) return { is: "empty" };
  const type = textAt(file, members.of("type"));
  const state = members.of("state");
  if (type === "STATE" && state !== undefined) return { is: "state", body: state, isMessage: true };
  const has = (key: string) => members.of(key) !== undefined;
  const isBody =
    (type === "STREAM" && has("stream")) ||
    (type === "GLOBAL" && has("global")) ||
    (type === "LEGACY" && has("data"));
  if (isBody) return { is: "state", body: value, isMessage: false };
  const payload = new Map<string, string>(Object.entries(PAYLOAD_KEYS)).get(type ?? "");
  return { is: payload !== undefined && has(payload) ? "message" : "other" };
}

/** Puts STATEs together, the last of each scope counting, and refuses what does not go together. */
class Collector {
  readonly #file: Buffer;
  #kind: StateType | undefined;
  #firstPlace = "";
  #streams = new Map<string, SavedStreamState>();
  #shared: Buffer | undefined;
  #data: Buffer | undefined;

  constructor(file: Buffer) {
    this.#file = file;
  }

  /** @param mayRepeat whether a later STATE of the same scope replaces this one. */
  add(body: Span, place: string, mayRepeat: boolean): void {
    const state = readStateBody(this.#file, body, body, (field, expected) =>
      invalid([place, field].filter(Boolean).join("."), `expected ${expected}`),
    );
    this.#checkKind(state.type, place);
    if (state.type === "STREAM") this.#addStreams(state, place, mayRepeat);
    else {
      if (this.#firstPlace !== place && !mayRepeat)
        throw invalid(place, `a second ${state.type} state after ${this.#firstPlace}`);
      this.#streams = new Map();
      this.#addStreams(state, place, false);
      this.#shared = state.shared;
      this.#data = state.data;
    }
  }

  finish(): SavedState {
    const state = { streams: this.#streams, shared: this.#shared, data: this.#data };
    const isNothing = this.#streams.size === 0 && !this.#shared && !this.#data;
    return { kind: isNothing ? "NONE" : this.#kind!, ...state };
  }

  #checkKind(type: StateType, place: string): void {
    if (this.#kind === undefined) this.#firstPlace = place;
    else if (this.#kind !== type)
      throw invalid(place, `it is ${type}, but ${this.#firstPlace} is ${this.#kind}`);
    this.#kind = type;
  }

  #addStreams(state: StateLine, place: string, mayRepeat: boolean): void {
    for (const { stream, blob } of state.streams) {
      const key = streamKey(stream);
      if (this.#streams.has(key) && !mayRepeat)
        throw invalid(place, `a second state of the stream ${streamLabel(stream)}`);
      if (blob === undefined) this.#streams.delete(key);
      else this.#streams.set(key, { stream, blob });
    }
  }
}

function concat(parts: readonly (Buffer | string)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
}

function separated(items: readonly Buffer[]): (Buffer | string)[] {
  return items.flatMap((item, index) => (index === 0 ? [item] : [",\n", item]));
}

function invalid(place: string, problem: string): Failure {
  const at = place === "" ? "" : `${place}: `;
  return new Failure("state.invalid", `the state file cannot be used: ${at}${problem}`, {
    hint: "give back a state a sync saved, or leave it out to start from the beginning",
  });
}
