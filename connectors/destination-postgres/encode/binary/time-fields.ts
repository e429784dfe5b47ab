import { Failure } from "../../../../protocol/errors.ts";
import { MALFORMED, skipString } from "../../../../protocol/json-scan.ts";
import { BINARY_KIND, type BinaryKind } from "../../../postgres/types/kinds.ts";
import { CopyBuffer } from "../copy-buffer.ts";
import { FIELD_ROOM } from "../field-writer.ts";
import { isDate } from "../temporal.ts";
import { writeSafeInt64 } from "./binary-values.ts";
import {
  DAY_MICROSECONDS,
  daysFrom,
  writeDate,
  writeTime,
  writeTimestamp,
} from "./binary-temporal.ts";

/** Returned for a string that is no date or time of the kind; nothing was appended. */
export const NO_TIME = -3;

const QUOTE = 0x22;
const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const UPPER_T = 0x54;
const UPPER_Z = 0x5a;
const BACKSLASH = 0x5c;

/** `YYYY-MM-DDTHH:MM:SS.ffffff` */
const PLAIN_BYTES = 26;
const FIRST_YEAR = 1800;
const LAST_YEAR = 2200;

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

/**
 * Timestamps as our source prints nearly all of them, `2022-09-01T16:30:13.939030` with or without
 * `Z`, of 1800 to 2199: read in one pass, and the day looked at only when it is another than the
 * last one's.
 */
class PlainTimestamps {
  #date = 0;
  #days = 0;

  /**
   * Appends the field of the timestamp whose first digit is at `at`. Returns the index after the
   * closing quote, or `MALFORMED` for every other spelling (then nothing was appended).
   */
  write(bytes: Buffer, at: number, end: number, out: CopyBuffer): number {
    const zoneAt = at + PLAIN_BYTES;
    if (zoneAt + 1 >= end) return MALFORMED;
    const closeAt = bytes[zoneAt] === UPPER_Z ? zoneAt + 1 : zoneAt;
    if (
      bytes[closeAt] !== QUOTE ||
      bytes[at + 4] !== MINUS ||
      bytes[at + 7] !== MINUS ||
      bytes[at + 10] !== UPPER_T ||
      bytes[at + 13] !== COLON ||
      bytes[at + 16] !== COLON ||
      bytes[at + 19] !== DOT
    )
      return MALFORMED;
    const year = digits(bytes, at, 2) * 100 + digits(bytes, at + 2, 2);
    const hour = digits(bytes, at + 11, 2);
    const minute = digits(bytes, at + 14, 2);
    const second = digits(bytes, at + 17, 2);
    const micros = digits(bytes, at + 20, 3) * 1000 + digits(bytes, at + 23, 3);
    // What is no digit makes a number NaN, which is within no range.
    if (!(year >= FIRST_YEAR && year < LAST_YEAR && hour < 24 && minute < 60 && second < 60))
      return MALFORMED;
    const month = digits(bytes, at + 5, 2);
    const day = digits(bytes, at + 8, 2);
    const date = year * 10_000 + month * 100 + day;
    if (date !== this.#date) {
      if (!isDate(bytes, at, at + 10)) return MALFORMED;
      this.#date = date;
      this.#days = daysFrom(year, month, day);
    }
    if (!(micros >= 0)) return MALFORMED;
    const time = ((hour * 60 + minute) * 60 + second) * 1_000_000 + micros;
    out.int32(8);
    writeSafeInt64(this.#days * DAY_MICROSECONDS + time, out);
    return closeAt + 1;
  }
}

/** The number that `count` digits spell, NaN when one of them is none. */
function digits(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const digit = bytes[i]! - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

interface Instant {
  readonly text: string;
  readonly field: Buffer;
}

/**
 * Fields of times with time zone, made of their text. The last two are remembered: the rows of a
 * block have the same two, when they were emitted and when they were loaded.
 */
export class RecentInstants {
  #one: Instant = { text: "", field: Buffer.alloc(0) };
  #other: Instant = this.#one;

  /** @param text a time PostgreSQL reads, in UTC unless it says otherwise; `\N` is NULL. */
  fieldOf(text: string): Buffer {
    if (text === this.#one.text) return this.#one.field;
    const recent = this.#other;
    this.#other = this.#one;
    this.#one = text === recent.text ? recent : { text, field: instantField(text) };
    return this.#one.field;
  }
}

function instantField(text: string): Buffer {
  const field = new CopyBuffer(FIELD_ROOM);
  const bytes = Buffer.from(text);
  if (text === "\\N") field.int32(-1);
  else if (!writeTimestamp(bytes, 0, bytes.length, true, field))
    throw new Failure("internal.bug", "a time of ours is none");
  return field.bytes.subarray(0, field.length);
}
