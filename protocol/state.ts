import type { StreamDescriptor } from "./catalog.ts";
import { Failure } from "./errors.ts";
import {
  forEachItem,
  isNullAt,
  MALFORMED,
  membersOf,
  numberAt,
  skipSpace,
  spliced,
  textAt,
  type Members,
  type Span,
  type Splice,
} from "./json-scan.ts";
import type { StateStats } from "./messages.ts";

/**
 * STREAM: the state of one stream. GLOBAL: one state for all of them. LEGACY: one blob about which
 * nothing is known, as sources of the first protocol print it.
 */
export type StateType = "STREAM" | "GLOBAL" | "LEGACY";

/** The state of one stream inside a STATE. */
export interface StreamStatePart {
  readonly stream: StreamDescriptor;
  /** The blob's own bytes; undefined when it is null or missing, which means "erase". A view. */
  readonly blob: Buffer | undefined;
  /** Where things are spelled; for `editState`. */
  readonly places: {
    readonly name: Span;
    readonly namespace: Span | undefined;
    readonly blob: Span | undefined;
  };
}

/**
 * A STATE message, read without parsing its blobs. Buffers in it are views into the caller's bytes:
 * copy what must outlive them.
 */
export interface StateLine {
  readonly type: StateType;
  /** One part for STREAM, one per stream in their order for GLOBAL, none for LEGACY. */
  readonly streams: readonly StreamStatePart[];
  /** GLOBAL's `shared_state`; undefined when it is null or missing, which means "erase". */
  readonly shared: Buffer | undefined;
  /** LEGACY's `data`; undefined when it is null or missing, which means "erase". */
  readonly data: Buffer | undefined;
  /** The number an orchestrator gave it. */
  readonly id: number | undefined;
  /**
   * Of a full refresh that appends, whether it is the last one of what its source read whole. Undefined:
   * of anything else, or no orchestrator said so.
   */
  readonly isLast: boolean | undefined;
  /** `sourceStats.recordCount`: records since the previous STATE of the same scope. */
  readonly sourceRecordCount: number | undefined;
  /** `destinationStats.recordCount`. */
  readonly destinationRecordCount: number | undefined;
  /** Where things are spelled; for `editState`. */
  readonly places: {
    readonly bytes: Buffer;
    readonly line: Span;
    /** The `state` object with its braces. */
    readonly body: Span;
    readonly bodyIsEmpty: boolean;
    readonly id: Span | undefined;
    readonly isLast: Span | undefined;
    readonly sourceStats: Span | undefined;
    readonly destinationStats: Span | undefined;
  };
}

/** What `editState` changes; whatever is left out stays byte for byte as it is. */
export interface StateEdits {
  /** Set as `state.id`, replacing one that is there. */
  readonly id?: number;
  /** Set as `state.is_last`, replacing one that is there. */
  readonly isLast?: boolean;
  /** New names for the streams it speaks of. Other fields of a descriptor stay. */
  readonly rename?: (stream: StreamDescriptor) => StreamDescriptor;
  /** Streams whose state becomes null, which means "erase". */
  readonly erase?: (stream: StreamDescriptor) => boolean;
  /** Set as `state.sourceStats.recordCount`; what else is in there stays. */
  readonly sourceRecordCount?: number;
  /** Set as `state.destinationStats`, replacing one that is there. */
  readonly destinationStats?: StateStats;
}

/**
 * Reads the STATE message in `bytes[start..end)`, whatever the order of its keys. Undefined when the
 * line is well-formed JSON but no STATE, or no object at all. As with `JSON.parse`, the last of two
 * equal keys counts. Throws `protocol.bad_message`, naming the field, for a STATE that lacks one.
 */
export function readStateLine(bytes: Buffer, start: number, end: number): StateLine | undefined {
  const message = membersOf(bytes, skipSpace(bytes, start, end), end);
  if (message === undefined || skipSpace(bytes, message.end, end) !== end) return undefined;
  if (textAt(bytes, message.of("type")) !== "STATE") return undefined;
  const body = message.of("state");
  if (body === undefined) throw badMessage("", "an object");
  return readStateBody(bytes, body, { start, end }, badMessage);
}

/** Makes the failure for a field (`stream.stream_descriptor`) that is not what it must be. */
export type BadField = (path: string, expected: string) => Failure;

/**
 * Reads the body of a STATE (the value of its `state` key) at `body`; `line` is what `editState`
 * copies. Throws what `bad` makes.
 */
export function readStateBody(bytes: Buffer, body: Span, line: Span, bad: BadField): StateLine {
  const members = membersOf(bytes, body.start, body.end);
  if (members === undefined) throw bad("", "an object");
  const type = typeOf(bytes, members, bad);
  const common = {
    type,
    id: numberAt(bytes, members.of("id")),
    isLast: members.of("is_last") && isTrueAt(bytes, members.of("is_last")),
    sourceRecordCount: recordCountAt(bytes, members.of("sourceStats")),
    destinationRecordCount: recordCountAt(bytes, members.of("destinationStats")),
    places: {
      bytes,
      line,
      body,
      bodyIsEmpty: members.isEmpty,
      id: members.of("id"),
      isLast: members.of("is_last"),
      sourceStats: members.of("sourceStats"),
      destinationStats: members.of("destinationStats"),
    },
  };
  const nothing = { streams: [], shared: undefined, data: undefined };
  if (type === "LEGACY") return { ...common, ...nothing, data: blobAt(bytes, members.of("data")) };
  if (type === "STREAM") {
    const part = readPart(bytes, members.of("stream"), "stream", bad);
    return { ...common, ...nothing, streams: [part] };
  }
  return { ...common, ...nothing, ...readGlobal(bytes, members.of("global"), bad) };
}

/** A copy of a STATE that outlives the bytes it was read from. */
export function ownCopy(line: StateLine): StateLine {
  const { bytes, line: at } = line.places;
  const own = Buffer.from(bytes.subarray(at.start, at.end));
  return readStateLine(own, 0, own.length)!;
}

/**
 * The line with `edits` applied and a newline at its end. Nothing else changes: blobs, unknown
 * fields, key order and spacing stay byte for byte.
 */
export function editState(line: StateLine, edits: StateEdits): Buffer {
  const { places } = line;
  const splices = edits.rename ? line.streams.flatMap((part) => renamed(part, edits.rename!)) : [];
  for (const { stream, places: at } of line.streams)
    if (at.blob && edits.erase?.(stream)) splices.push({ ...at.blob, text: "null" });
  const first: string[] = [];
  const last: string[] = [];
  if (edits.id !== undefined) {
    if (places.id) splices.push({ ...places.id, text: String(edits.id) });
    else first.push(`"id":${edits.id}`);
  }
  if (edits.isLast !== undefined) {
    if (places.isLast) splices.push({ ...places.isLast, text: String(edits.isLast) });
    else first.push(`"is_last":${edits.isLast}`);
  }
  if (edits.sourceRecordCount !== undefined) {
    const count = `"recordCount":${edits.sourceRecordCount}`;
    if (places.sourceStats) splices.push(counted(places.bytes, places.sourceStats, count));
    else last.push(`"sourceStats":{${count}}`);
  }
  if (edits.destinationStats !== undefined) {
    const text = JSON.stringify(edits.destinationStats);
    if (places.destinationStats) splices.push({ ...places.destinationStats, text });
    else last.push(`"destinationStats":${text}`);
  }
  const { body, bodyIsEmpty } = places;
  const insert = (at: number, texts: readonly string[], before: string, after: string) => {
    const text = texts.length === 0 ? "" : before + texts.join(",") + after;
    splices.push({ start: at, end: at, text });
  };
  if (bodyIsEmpty) insert(body.start + 1, [...first, ...last], "", "");
  else {
    insert(body.start + 1, first, "", ",");
    insert(body.end - 1, last, ",", "");
  }
  return spliced(places.bytes, places.line.start, places.line.end, splices, "\n");
}

/** Sets the count in the stats at `span`; `null`, and anything else that holds none, is replaced. */
function counted(bytes: Buffer, span: Span, count: string): Splice {
  const stats = membersOf(bytes, span.start, span.end);
  if (stats === undefined || stats.isEmpty) return { ...span, text: `{${count}}` };
  const old = stats.of("recordCount");
  if (old) return { ...old, text: count.slice(count.indexOf(":") + 1) };
  return { start: span.start + 1, end: span.start + 1, text: `${count},` };
}

function renamed(
  part: StreamStatePart,
  rename: (stream: StreamDescriptor) => StreamDescriptor,
): Splice[] {
  const { stream, places } = part;
  const next = rename(stream);
  const splices: Splice[] = [];
  if (next.name !== stream.name) splices.push({ ...places.name, text: JSON.stringify(next.name) });
  if ((next.namespace || null) === (stream.namespace || null)) return splices;
  const namespace = JSON.stringify(next.namespace || null);
  if (places.namespace) splices.push({ ...places.namespace, text: namespace });
  else {
    const { end } = places.name;
    splices.push({ start: end, end, text: `,"namespace":${namespace}` });
  }
  return splices;
}

function typeOf(bytes: Buffer, members: Members, bad: BadField): StateType {
  const span = members.of("type");
  if (span !== undefined && !isNullAt(bytes, span)) {
    const type = textAt(bytes, span);
    if (type === "STREAM" || type === "GLOBAL" || type === "LEGACY") return type;
    throw bad("type", "STREAM, GLOBAL or LEGACY");
  }
  // A missing type means LEGACY; but without `data` that would read as "erase everything".
  if (members.of("data") !== undefined) return "LEGACY";
  if (members.of("stream") !== undefined) return "STREAM";
  if (members.of("global") !== undefined) return "GLOBAL";
  throw bad("type", "STREAM, GLOBAL or LEGACY");
}

function readGlobal(
  bytes: Buffer,
  span: Span | undefined,
  bad: BadField,
): Pick<StateLine, "streams" | "shared"> {
  const members = span && membersOf(bytes, span.start, span.end);
  if (members === undefined) throw bad("global", "an object");
  const shared = blobAt(bytes, members.of("shared_state"));
  const states = members.of("stream_states");
  const streams: StreamStatePart[] = [];
  if (states === undefined || isNullAt(bytes, states)) return { streams, shared };
  const after = forEachItem(bytes, states.start, states.end, (start, end) => {
    const path = `global.stream_states[${streams.length}]`;
    streams.push(readPart(bytes, { start, end }, path, bad));
  });
  if (after === MALFORMED) throw bad("global.stream_states", "an array");
  return { streams, shared };
}

function readPart(
  bytes: Buffer,
  span: Span | undefined,
  path: string,
  bad: BadField,
): StreamStatePart {
  const members = span && membersOf(bytes, span.start, span.end);
  if (members === undefined) throw bad(path, "an object");
  const at = members.of("stream_descriptor");
  const descriptor = at && membersOf(bytes, at.start, at.end);
  if (descriptor === undefined) throw bad(`${path}.stream_descriptor`, "an object");
  const namePlace = descriptor.of("name");
  const name = textAt(bytes, namePlace);
  if (namePlace === undefined || name === undefined)
    throw bad(`${path}.stream_descriptor.name`, "a string");
  const namespacePlace = descriptor.of("namespace");
  const namespace = textAt(bytes, namespacePlace);
  if (namespace === undefined && namespacePlace !== undefined && !isNullAt(bytes, namespacePlace))
    throw bad(`${path}.stream_descriptor.namespace`, "a string or null");
  const blobPlace = members.of("stream_state");
  return {
    stream: namespace === undefined ? { name } : { name, namespace },
    blob: blobAt(bytes, blobPlace),
    places: { name: namePlace, namespace: namespacePlace, blob: blobPlace },
  };
}

function isTrueAt(bytes: Buffer, span: Span | undefined): boolean {
  return span !== undefined && bytes.toString("latin1", span.start, span.end) === "true";
}

function recordCountAt(bytes: Buffer, span: Span | undefined): number | undefined {
  const members = span && membersOf(bytes, span.start, span.end);
  return members && numberAt(bytes, members.of("recordCount"));
}

function blobAt(bytes: Buffer, span: Span | undefined): Buffer | undefined {
  if (span === undefined || isNullAt(bytes, span)) return undefined;
  return bytes.subarray(span.start, span.end);
}

function badMessage(path: string, expected: string): Failure {
  const field = path === "" ? "state" : `state.${path}`;
  return new Failure("protocol.bad_message", `a STATE is broken: ${field}: expected ${expected}`);
}
