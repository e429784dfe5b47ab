import { forEachMember, skipString, skipValue } from "../../../../protocol/json-scan.ts";
import { unicodeEscape } from "./json-string.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

const NULL = Buffer.from("null");

/** A record's data as the raw table takes it. */
export interface RawDocument {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** Fields that lost what jsonb cannot hold (U+0000, half a surrogate pair). */
  readonly losses: readonly FieldLoss[];
}

/** What became of a field: it is gone, or something within it is. */
export interface FieldLoss {
  readonly field: string;
  readonly change: "NULLED" | "TRUNCATED";
}

/** The well-formed object in `source[start..end)`. The same bytes wherever jsonb takes them. */
export function rawDocument(source: Buffer, start: number, end: number): RawDocument {
  return holdsUnstorableEscape(source, start, end)
    ? storable(source, start, end)
    : { bytes: source, start, end, losses: [] };
}

function storable(source: Buffer, start: number, end: number): RawDocument {
  const losses: FieldLoss[] = [];
  forEachMember(source, start, end, (keyStart, keyEnd, valueStart, valueEnd) => {
    const isGone = holdsUnstorableEscape(source, keyStart, keyEnd);
    if (!isGone && !holdsUnstorableEscape(source, valueStart, valueEnd)) return;
    const key = JSON.parse(source.toString("utf8", keyStart, keyEnd)) as string;
    const change = isGone || source[valueStart] === QUOTE ? "NULLED" : "TRUNCATED";
    // What is said of it goes into jsonb, too.
    losses.push({ field: Buffer.from(key).toString().replaceAll("\0", "\ufffd"), change });
  });
  const bytes = storableJson(source, start, end);
  return { bytes, start: 0, end: bytes.length, losses };
}

/**
 * The well-formed JSON in `[at, end)` as jsonb takes it: null in the place of every string that holds
 * what it refuses (U+0000, half a surrogate pair), and no member of such a name. All else is as it was.
 */
export function storableJson(source: Buffer, at: number, end: number): Buffer {
  const parts: Buffer[] = [];
  let copied = at;
  for (let i = at; i < end;) {
    if (source[i] !== QUOTE) {
      i++;
      continue;
    }
    const after = skipString(source, i, end);
    if (!holdsUnstorableEscape(source, i, after)) {
      i = after;
      continue;
    }
    parts.push(source.subarray(copied, i));
    const colon = afterSpace(source, after, end);
    if (source[colon] === COLON) {
      const valueEnd = skipValue(source, afterSpace(source, colon + 1, end), end);
      const next = afterSpace(source, valueEnd, end);
      if (source[next] === COMMA) copied = next + 1;
      else {
        dropComma(parts);
        copied = next;
      }
    } else {
      parts.push(NULL);
      copied = after;
    }
    i = copied;
  }
  return Buffer.concat([...parts, source.subarray(copied, end)]);
}

/**
 * Whether the JSON in `[at, end)` holds what jsonb refuses: U+0000 or half a surrogate pair, in a
 * value or in a key. The bytes must be well-formed JSON.
 */
export function holdsUnstorableEscape(source: Buffer, at: number, end: number): boolean {
  for (let i = backslashes.after(source, at); i < end;) {
    const code = unicodeEscape(source, i, end);
    if (code === 0) return true;
    let next = i + (code === -1 ? 2 : 6);
    if (code >= 0xd800 && code <= 0xdfff) {
      const low = code < 0xdc00 ? unicodeEscape(source, next, end) : -1;
      if (low < 0xdc00 || low > 0xdfff) return true;
      next += 6;
    }
    i = backslashes.after(source, next);
  }
  return false;
}

/** Takes the comma off the end that led to a member that is gone. */
function dropComma(parts: Buffer[]): void {
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    let end = part.length;
    while (end > 0 && part[end - 1]! <= 0x20) end--;
    if (end === 0) continue;
    parts.push(part.subarray(0, part[end - 1] === COMMA ? end - 1 : end));
    return;
  }
}

function afterSpace(source: Buffer, at: number, end: number): number {
  let i = at;
  while (i < end && source[i]! <= 0x20) i++;
  return i;
}

/**
 * Where a byte next occurs, remembered between calls: rows come in the order of their buffer, so
 * each byte of it is searched once and a row without the byte costs a comparison.
 */
class NextByte {
  readonly #byte: number;
  #source: Buffer | undefined;
  #from = 0;
  #found = 0;

  constructor(byte: number) {
    this.#byte = byte;
  }

  /** The first index at or after `at`, or Infinity. */
  after(source: Buffer, at: number): number {
    if (source === this.#source && at >= this.#from && at <= this.#found) return this.#found;
    const index = source.indexOf(this.#byte, at);
    this.#source = source;
    this.#from = at;
    this.#found = index === -1 ? Infinity : index;
    return this.#found;
  }
}

const backslashes = new NextByte(BACKSLASH);
