import type { StreamDescriptor } from "./catalog.ts";
import { Failure } from "./errors.ts";
import {
  firstMember,
  forEachMember,
  MALFORMED,
  nextMember,
  skipColon,
  skipSpace,
  skipString,
  skipValue,
  spliced,
  type Span,
  type Splice,
} from "./json-scan.ts";

const CANONICAL_START = Buffer.from('{"type":"RECORD","record":{"stream":');
const RECORD_AT = '{"type":"RECORD","record":'.length;
const KEY = {
  type: Buffer.from('"type"'),
  record: Buffer.from('"record"'),
  stream: Buffer.from('"stream"'),
  namespace: Buffer.from('"namespace"'),
  emittedAt: Buffer.from('"emitted_at"'),
  data: Buffer.from('"data"'),
  meta: Buffer.from('"meta"'),
} as const;
const RECORD_TYPE = Buffer.from('"RECORD"');

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const COLON = 0x3a;
const COMMA = 0x2c;

/**
 * The head of a RECORD line in the canonical spelling, up to and including `"data":`. All lines of
 * a stream share it, so it is built once per block and not once per row:
 *
 *     {"type":"RECORD","record":{"stream":"s","namespace":"n","emitted_at":1,"data":{…}}}
 *
 * @param emittedAt milliseconds since the Unix epoch.
 */
export function recordHead(stream: StreamDescriptor, emittedAt: number): Buffer {
  const namespace = stream.namespace ? `"namespace":${JSON.stringify(stream.namespace)},` : "";
  return Buffer.from(
    `{"type":"RECORD","record":{"stream":${JSON.stringify(stream.name)},${namespace}"emitted_at":${emittedAt},"data":`,
  );
}

/** What follows `data` in a canonical RECORD line, newline included. */
export const RECORD_TAIL = Buffer.from("}}\n");

/**
 * Reads RECORD lines without parsing their data.
 *
 * Lines in canonical spelling cost one comparison with the head of the line before (0.1 µs); any
 * other key order and spacing takes a slower path with the same result, which walks the whole line
 * (5–15 times that for 300 bytes). After `read` returned true the fields
 * describe that line; they are overwritten by the next call.
 */
export class RecordReader {
  /**
   * The stream named by the line. Lines on the fast path share the object with all that have the
   * very same head, and with no others: whoever keeps something per head need only compare it.
   */
  stream: StreamDescriptor = { name: "" };
  /** Milliseconds since the Unix epoch, as the line says. */
  emittedAt = 0;
  /** Index of the `{` of `data`. */
  dataStart = 0;
  /** Index after the `}` of `data`, or -1 on the fast path: scan the object to learn it. */
  dataEnd = -1;
  /** The `meta` object of the line; both -1 when absent or (fast path) not looked for yet. */
  metaStart = -1;
  metaEnd = -1;

  #head: Buffer = Buffer.alloc(0);
  #headStream: StreamDescriptor = { name: "" };
  #headEmittedAt = 0;
  readonly #envelope = new Envelope();

  /**
   * Whether `bytes[start..end)` is a RECORD. False for anything else, which the caller parses.
   * The fast path leaves `dataEnd` at -1 and the rest of the line unread: call `finish` with the end
   * of the data, or `locateData`. Throws `protocol.bad_message` for a RECORD lacking a field.
   */
  read(bytes: Buffer, start: number, end: number): boolean {
    const head = this.#head;
    const dataAt = start + head.length;
    if (
      head.length > 0 &&
      dataAt < end &&
      bytes[dataAt] === OPEN_BRACE &&
      bytes.compare(head, 0, head.length, start, dataAt) === 0
    ) {
      this.stream = this.#headStream;
      this.emittedAt = this.#headEmittedAt;
      this.dataStart = dataAt;
      this.dataEnd = this.metaStart = this.metaEnd = -1;
      return true;
    }
    if (this.#learnHead(bytes, start, end)) return true;
    return this.#readAnyOrder(bytes, start, end);
  }

  /**
   * Whether a fast-path line ends right after its data, at `dataEnd`, as nearly every one does. If
   * not, it has a `meta` or is broken: call `locateData`.
   */
  finish(bytes: Buffer, dataEnd: number, end: number): boolean {
    this.dataEnd = dataEnd;
    return (
      end - dataEnd === 2 && bytes[dataEnd] === CLOSE_BRACE && bytes[dataEnd + 1] === CLOSE_BRACE
    );
  }

  /**
   * Reads a line whole, in any key order, and fills every field. Throws `protocol.bad_message`
   * when it is not a well-formed RECORD.
   */
  locateData(bytes: Buffer, start: number, end: number): void {
    if (!this.#readAnyOrder(bytes, start, end)) throw badRecord("it is not well-formed JSON");
  }

  /**
   * Takes the head of a line in canonical spelling: its keys before `data` without white space,
   * whatever they are. They are compared as a whole from then on, so an unknown key is in order;
   * only a `meta` would have to be looked at in each line.
   */
  #learnHead(bytes: Buffer, start: number, end: number): boolean {
    const prefix = CANONICAL_START.length;
    if (end - start <= prefix) return false;
    if (bytes.compare(CANONICAL_START, 0, prefix, start, start + prefix) !== 0) return false;
    const envelope = this.#envelope;
    envelope.clear();
    let i = start + RECORD_AT + 1;
    for (;;) {
      const keyEnd = skipString(bytes, i, end);
      if (keyEnd === MALFORMED || bytes[keyEnd] !== COLON) return false;
      if (isKey(bytes, i, keyEnd, KEY.data)) {
        i = keyEnd + 1;
        break;
      }
      const valueEnd = skipValue(bytes, keyEnd + 1, end);
      if (valueEnd === MALFORMED || bytes[valueEnd] !== COMMA) return false;
      if (isKey(bytes, i, keyEnd, KEY.meta)) return false;
      envelope.take(bytes, i, keyEnd, keyEnd + 1, valueEnd);
      i = valueEnd + 1;
    }
    if (i >= end || bytes[i] !== OPEN_BRACE || envelope.problem() !== undefined) return false;
    this.#head = Buffer.from(bytes.subarray(start, i));
    this.#headStream = this.stream = { ...envelope.stream };
    this.#headEmittedAt = this.emittedAt = envelope.emittedAt;
    this.dataStart = i;
    this.dataEnd = this.metaStart = this.metaEnd = -1;
    return true;
  }

  /** One walk over the line, of any spelling. False for what is no well-formed RECORD. */
  #readAnyOrder(bytes: Buffer, start: number, end: number): boolean {
    let isRecord = false;
    let hasRecord = false;
    let i = firstMember(bytes, skipSpace(bytes, start, end), end);
    while (i !== MALFORMED && bytes[i] !== CLOSE_BRACE) {
      const keyEnd = skipString(bytes, i, end);
      const valueStart = keyEnd === MALFORMED ? MALFORMED : skipColon(bytes, keyEnd, end);
      if (valueStart === MALFORMED) return false;
      let valueEnd: number;
      if (isKey(bytes, i, keyEnd, KEY.record)) {
        hasRecord = bytes[valueStart] === OPEN_BRACE;
        valueEnd = hasRecord
          ? this.#readFields(bytes, valueStart, end)
          : skipValue(bytes, valueStart, end);
      } else {
        valueEnd = skipValue(bytes, valueStart, end);
        if (valueEnd !== MALFORMED && isKey(bytes, i, keyEnd, KEY.type))
          isRecord = bytes[valueStart] === QUOTE && isKey(bytes, valueStart, valueEnd, RECORD_TYPE);
      }
      if (valueEnd === MALFORMED) return false;
      i = nextMember(bytes, valueEnd, end);
    }
    if (i === MALFORMED || skipSpace(bytes, i + 1, end) !== end || !isRecord) return false;
    if (!hasRecord) throw badRecord("`record` is not an object");
    const envelope = this.#envelope;
    const problem = envelope.problem();
    if (problem !== undefined) throw badRecord(problem);
    if (this.dataStart === -1 || bytes[this.dataStart] !== OPEN_BRACE)
      throw badRecord("`record.data` is not an object");
    this.stream = envelope.stream;
    this.emittedAt = envelope.emittedAt;
    return true;
  }

  /** Walks the `record` object at `at`, noting where its fields are. */
  #readFields(bytes: Buffer, at: number, end: number): number {
    this.dataStart = this.dataEnd = this.metaStart = this.metaEnd = -1;
    const envelope = this.#envelope;
    envelope.clear();
    let i = firstMember(bytes, at, end);
    while (i !== MALFORMED && bytes[i] !== CLOSE_BRACE) {
      const keyEnd = skipString(bytes, i, end);
      const valueStart = keyEnd === MALFORMED ? MALFORMED : skipColon(bytes, keyEnd, end);
      const valueEnd = valueStart === MALFORMED ? MALFORMED : skipValue(bytes, valueStart, end);
      if (valueEnd === MALFORMED) return MALFORMED;
      if (isKey(bytes, i, keyEnd, KEY.data)) {
        this.dataStart = valueStart;
        this.dataEnd = valueEnd;
      } else if (isKey(bytes, i, keyEnd, KEY.meta)) {
        const isObject = bytes[valueStart] === OPEN_BRACE;
        this.metaStart = isObject ? valueStart : -1;
        this.metaEnd = isObject ? valueEnd : -1;
      } else envelope.take(bytes, i, keyEnd, valueStart, valueEnd);
      i = nextMember(bytes, valueEnd, end);
    }
    return i === MALFORMED ? MALFORMED : i + 1;
  }
}

/** Ends a head (up to `"data":`) so that it is a whole line, to be cut off again. */
const REST = Buffer.from("{}}}");

/**
 * The RECORD line `bytes[start..end)` under another stream name and namespace, with a newline.
 * Everything else stays byte for byte, in any key order.
 */
export function renameRecord(
  bytes: Buffer,
  start: number,
  end: number,
  to: StreamDescriptor,
): Buffer {
  return spliced(bytes, start, end, nameSplices(bytes, start, end, to), "\n");
}

/** A canonical head, `{"type":"RECORD",…,"data":`, under another name. */
export function renameHead(head: Buffer, to: StreamDescriptor): Buffer {
  const line = renameRecord(Buffer.concat([head, REST]), 0, head.length + REST.length, to);
  return line.subarray(0, line.length - REST.length - 1);
}

function nameSplices(bytes: Buffer, start: number, end: number, to: StreamDescriptor): Splice[] {
  const splices: Splice[] = [];
  forEachMember(bytes, skipSpace(bytes, start, end), end, (keyStart, keyEnd, valueStart) => {
    if (!isKey(bytes, keyStart, keyEnd, KEY.record)) return;
    const named: { name?: Span; namespace?: Span } = {};
    forEachMember(bytes, valueStart, end, (innerStart, innerEnd, from, after) => {
      if (isKey(bytes, innerStart, innerEnd, KEY.stream)) named.name = { start: from, end: after };
      else if (isKey(bytes, innerStart, innerEnd, KEY.namespace))
        named.namespace = { start: from, end: after };
    });
    const { name, namespace } = named;
    if (name === undefined) return;
    splices.push({ ...name, text: JSON.stringify(to.name) });
    const text = JSON.stringify(to.namespace ?? null);
    if (namespace !== undefined) splices.push({ ...namespace, text });
    else if (to.namespace)
      splices.push({ start: name.end, end: name.end, text: `,"namespace":${text}` });
  });
  return splices;
}

/**
 * The fields of a RECORD that most lines share. A name spelled as in the line before is not decoded
 * again, and the same stream is the same object.
 */
class Envelope {
  stream: StreamDescriptor = { name: "" };
  emittedAt = Number.NaN;
  readonly #name = new CachedText();
  readonly #namespace = new CachedText();
  #hasName = false;
  #hasNamespace = false;
  #badNamespace = false;

  clear(): void {
    this.#hasName = this.#hasNamespace = this.#badNamespace = false;
    this.emittedAt = Number.NaN;
  }

  /** Takes a member of `record`; of two with one key the last counts. */
  take(bytes: Buffer, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number) {
    if (isKey(bytes, keyStart, keyEnd, KEY.stream)) {
      this.#hasName = this.#name.read(bytes, valueStart, valueEnd);
    } else if (isKey(bytes, keyStart, keyEnd, KEY.namespace)) {
      this.#hasNamespace = this.#namespace.read(bytes, valueStart, valueEnd);
      this.#badNamespace = !this.#hasNamespace && bytes[valueStart] !== 0x6e; // null
    } else if (isKey(bytes, keyStart, keyEnd, KEY.emittedAt)) {
      this.emittedAt = Number(bytes.toString("latin1", valueStart, valueEnd));
    }
  }

  /** What is wrong with the fields taken, or undefined; then `stream` is set. */
  problem(): string | undefined {
    if (!this.#hasName) return "`record.stream` is not a string";
    if (this.#badNamespace) return "`record.namespace` is not a string";
    if (!Number.isFinite(this.emittedAt)) return "`record.emitted_at` is not a number";
    const name = this.#name.text;
    const namespace = this.#hasNamespace ? this.#namespace.text : undefined;
    if (this.stream.name !== name || this.stream.namespace !== namespace)
      this.stream = namespace === undefined ? { name } : { name, namespace };
    return undefined;
  }
}

/** A decoded string that remembers its spelling. */
class CachedText {
  text = "";
  #spelling: Buffer = Buffer.from('""');

  /** Whether a string is at `[start, end)`; then it is in `text`. */
  read(bytes: Buffer, start: number, end: number): boolean {
    if (bytes[start] !== QUOTE) return false;
    if (isSame(bytes, start, end, this.#spelling)) return true;
    this.#spelling = Buffer.from(bytes.subarray(start, end));
    this.text = JSON.parse(this.#spelling.toString("utf8")) as string;
    return true;
  }
}

/** Whether the string at `[start, end)`, quotes included, says the same as `key`. */
function isKey(bytes: Buffer, start: number, end: number, key: Buffer): boolean {
  if (isSame(bytes, start, end, key)) return true;
  for (let i = start; i < end; i++)
    if (bytes[i] === BACKSLASH)
      return JSON.parse(bytes.toString("utf8", start, end)) === JSON.parse(key.toString("latin1"));
  return false;
}

function isSame(bytes: Buffer, start: number, end: number, word: Buffer): boolean {
  if (end - start !== word.length) return false;
  for (let i = 0; i < word.length; i++) if (bytes[start + i] !== word[i]) return false;
  return true;
}

function badRecord(why: string): Failure {
  return new Failure("protocol.bad_message", `a RECORD cannot be read: ${why}`);
}
