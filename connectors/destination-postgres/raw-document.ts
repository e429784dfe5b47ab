import { forEachMember } from "../../protocol/json-scan.ts";
import { holdsUnstorableEscape } from "./value-writer.ts";

const TAB = 0x09;
const RETURN = 0x0d;
const BACKSLASH = 0x5c;

/** A record's data as the raw table takes it. */
export interface RawDocument {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** Whether the bytes hold nothing COPY wants escaped. */
  readonly isPlain: boolean;
  /** Fields whose value jsonb cannot hold (U+0000, half a surrogate pair); they became null. */
  readonly dropped: readonly string[];
}

/** The well-formed object in `source[start..end)`. The same bytes wherever jsonb takes them. */
export function rawDocument(source: Buffer, start: number, end: number): RawDocument {
  const hasEscapes = nextOf.backslash(source, start) < end;
  if (hasEscapes && holdsUnstorableEscape(source, start, end)) return storable(source, start, end);
  const isPlain =
    !hasEscapes && nextOf.tab(source, start) >= end && nextOf.return(source, start) >= end;
  return { bytes: source, start, end, isPlain, dropped: [] };
}

function storable(source: Buffer, start: number, end: number): RawDocument {
  const parts: string[] = [];
  const dropped: string[] = [];
  forEachMember(source, start, end, (keyStart, keyEnd, valueStart, valueEnd) => {
    const key = source.toString("utf8", keyStart, keyEnd);
    if (holdsUnstorableEscape(source, keyStart, keyEnd)) {
      dropped.push(JSON.parse(key) as string); // such a name cannot be a key of jsonb at all
    } else if (holdsUnstorableEscape(source, valueStart, valueEnd)) {
      dropped.push(JSON.parse(key) as string);
      parts.push(`${key}:null`);
    } else parts.push(`${key}:${source.toString("utf8", valueStart, valueEnd)}`);
  });
  const bytes = Buffer.from(`{${parts.join(",")}}`);
  return { bytes, start: 0, end: bytes.length, isPlain: false, dropped };
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
const tabs = new NextByte(TAB);
const returns = new NextByte(RETURN);
const nextOf = {
  backslash: (source: Buffer, at: number) => backslashes.after(source, at),
  tab: (source: Buffer, at: number) => tabs.after(source, at),
  return: (source: Buffer, at: number) => returns.after(source, at),
};
