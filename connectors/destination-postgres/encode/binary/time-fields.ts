import { MALFORMED, skipString } from "../../../../protocol/json-scan.ts";
import { BINARY_KIND, type BinaryKind } from "../../../postgres/types/kinds.ts";
import { writeDate, writeTime, writeTimestamp } from "./binary-temporal.ts";
import type { CopyBuffer } from "../copy-buffer.ts";
import { PlainTimestamps } from "./plain-timestamps.ts";

/** Returned for a string that is no date or time of the kind; nothing was appended. */
export const NO_TIME = -3;

const BACKSLASH = 0x5c;
const PLUS = 0x2b;

/** Binary fields of dates and times, made of JSON strings. */
export class TimeFields {
  readonly #timestamps = new PlainTimestamps();

  /**
   * Appends the field of the string whose opening quote is at `at`. Returns the index after it,
   * `MALFORMED`, or `NO_TIME`.
   */
  write(kind: BinaryKind, source: Buffer, at: number, end: number, out: CopyBuffer): number {
    if (kind === BINARY_KIND.timestamp || kind === BINARY_KIND.timestamptz) {
      const plainEnd = this.#timestamps.write(source, at + 1, end, out);
      if (plainEnd !== MALFORMED) return plainEnd;
    }
    const after = skipString(source, at, end);
    if (after === MALFORMED) return after;
    if (after === at + 2) {
      // An empty string under a date or time schema is how CSV-like sources say NULL.
      out.int32(-1);
      return after;
    }
    if (!holdsBackslash(source, at, after))
      return writeField(kind, source, at + 1, after - 1, out) ? after : NO_TIME;
    const text = Buffer.from(JSON.parse(source.toString("utf8", at, after)) as string);
    return writeField(kind, text, 0, text.length, out) ? after : NO_TIME;
  }
}

function writeField(
  kind: BinaryKind,
  text: Buffer,
  at: number,
  end: number,
  out: CopyBuffer,
): boolean {
  if (kind === BINARY_KIND.time || kind === BINARY_KIND.timetz)
    return writeTime(text, at, end, kind === BINARY_KIND.timetz, out);
  // Some producers spell years past 9999 as ISO 8601 has it, which PostgreSQL refuses.
  const from = text[at] === PLUS ? at + 1 : at;
  return kind === BINARY_KIND.date
    ? writeDate(text, from, end, out)
    : writeTimestamp(text, from, end, kind === BINARY_KIND.timestamptz, out);
}

function holdsBackslash(source: Uint8Array, at: number, end: number): boolean {
  for (let i = at; i < end; i++) if (source[i] === BACKSLASH) return true;
  return false;
}
