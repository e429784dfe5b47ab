import type { StreamDescriptor } from "./catalog.ts";
import { Failure } from "./errors.ts";
import { forEachMember, MALFORMED, skipSpace, skipValue } from "./json-scan.ts";

const CANONICAL_START = Buffer.from('{"type":"RECORD","record":{"stream":');
const DATA_KEY = Buffer.from('"data":');

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
 * Lines in canonical spelling cost one comparison with the head of the line before; any other key
 * order and spacing takes a slower path with the same result. After `read` returned true the fields
 * describe that line; they are overwritten by the next call.
 */
export class RecordReader {
  /** The stream named by the line. The same object for consecutive lines with the same head. */
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
   * Reads what follows the data of a fast-path line: the end, or a `meta`. Returns false when the
   * line does not end as a canonical RECORD does; then call `locateData`.
   */
  finish(bytes: Buffer, dataEnd: number, end: number): boolean {
    this.dataEnd = dataEnd;
    // `}}` and nothing else is nearly every line.
    if (end - dataEnd === 2 && bytes[dataEnd] === 0x7d && bytes[dataEnd + 1] === 0x7d) return true;
    return false;
  }

  /**
   * Reads a line whole, in any key order, and fills every field. Throws `protocol.bad_message`
   * when it is not a well-formed RECORD.
   */
  locateData(bytes: Buffer, start: number, end: number): void {
    if (!this.#readAnyOrder(bytes, start, end)) throw badRecord("it is not well-formed JSON");
  }

  #learnHead(bytes: Buffer, start: number, end: number): boolean {
    const prefix = CANONICAL_START.length;
    if (end - start <= prefix) return false;
    if (bytes.compare(CANONICAL_START, 0, prefix, start, start + prefix) !== 0) return false;
    // Every key before `data` must be one of ours, each value complete, no white space between.
    const recordAt = start + '{"type":"RECORD","record":'.length;
    let i = recordAt + 1;
    for (;;) {
      const isData =
        i + DATA_KEY.length < end &&
        bytes.compare(DATA_KEY, 0, DATA_KEY.length, i, i + DATA_KEY.length) === 0;
      if (isData) break;
      const keyEnd = skipValue(bytes, i, end);
      if (keyEnd === MALFORMED || bytes[keyEnd] !== 0x3a) return false;
      const valueEnd = skipValue(bytes, keyEnd + 1, end);
      if (valueEnd === MALFORMED || bytes[valueEnd] !== 0x2c) return false;
      i = valueEnd + 1;
    }
    const dataStart = i + DATA_KEY.length;
    if (bytes[dataStart] !== 0x7b) return false;
    const envelope = parseEnvelope(
      Buffer.concat([bytes.subarray(recordAt, i - 1), Buffer.from("}")]),
    );
    if (envelope === undefined) return false;
    this.#head = Buffer.from(bytes.subarray(start, dataStart));
    this.#headStream = envelope.stream;
    this.#headEmittedAt = envelope.emittedAt;
    this.stream = envelope.stream;
    this.emittedAt = envelope.emittedAt;
    this.dataStart = dataStart;
    this.dataEnd = this.metaStart = this.metaEnd = -1;
    return true;
  }

  #readAnyOrder(bytes: Buffer, start: number, end: number): boolean {
    let isRecord = false;
    let recordStart = -1;
    const lineStart = skipSpace(bytes, start, end);
    const after = forEachMember(bytes, lineStart, end, (keyStart, keyEnd, valueStart, valueEnd) => {
      const key = keyOf(bytes, keyStart, keyEnd);
      if (key === "type") isRecord = keyOf(bytes, valueStart, valueEnd) === "RECORD";
      else if (key === "record") recordStart = valueStart;
    });
    if (after === MALFORMED || skipSpace(bytes, after, end) !== end || !isRecord) return false;
    if (recordStart === -1 || bytes[recordStart] !== 0x7b) throw badRecord("it has no `record`");

    let stream: unknown;
    let namespace: unknown;
    let emittedAt: unknown;
    this.dataStart = this.dataEnd = this.metaStart = this.metaEnd = -1;
    forEachMember(bytes, recordStart, end, (keyStart, keyEnd, valueStart, valueEnd) => {
      const key = keyOf(bytes, keyStart, keyEnd);
      const value = () => JSON.parse(bytes.toString("utf8", valueStart, valueEnd)) as unknown;
      if (key === "stream") stream = value();
      else if (key === "namespace") namespace = value();
      else if (key === "emitted_at") emittedAt = value();
      else if (key === "data") {
        this.dataStart = valueStart;
        this.dataEnd = valueEnd;
      } else if (key === "meta" && bytes[valueStart] === 0x7b) {
        this.metaStart = valueStart;
        this.metaEnd = valueEnd;
      }
    });
    if (typeof stream !== "string") throw badRecord("`record.stream` is not a string");
    if (this.dataStart === -1 || bytes[this.dataStart] !== 0x7b)
      throw badRecord("`record.data` is not an object");
    if (typeof emittedAt !== "number") throw badRecord("`record.emitted_at` is not a number");
    this.stream = typeof namespace === "string" ? { name: stream, namespace } : { name: stream };
    this.emittedAt = emittedAt;
    return true;
  }
}

function parseEnvelope(json: Buffer): { stream: StreamDescriptor; emittedAt: number } | undefined {
  let value: { stream?: unknown; namespace?: unknown; emitted_at?: unknown; meta?: unknown };
  try {
    value = JSON.parse(json.toString("utf8")) as typeof value;
  } catch {
    return undefined; // the any-order path says what is wrong
  }
  const { stream, namespace, emitted_at: emittedAt } = value;
  // A `meta` in the head differs from row to row, so it must not be cached with the head.
  if (typeof stream !== "string" || typeof emittedAt !== "number" || "meta" in value)
    return undefined;
  if (typeof namespace === "string") return { stream: { name: stream, namespace }, emittedAt };
  return namespace === undefined || namespace === null
    ? { stream: { name: stream }, emittedAt }
    : undefined;
}

function keyOf(bytes: Buffer, start: number, end: number): unknown {
  try {
    return JSON.parse(bytes.toString("utf8", start, end));
  } catch {
    return undefined;
  }
}

function badRecord(why: string): Failure {
  return new Failure("protocol.bad_message", `a RECORD cannot be read: ${why}`);
}
