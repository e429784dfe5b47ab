import { Failure } from "../../../../protocol/errors.ts";
import { MALFORMED, skipString } from "../../../../protocol/json-scan.ts";
import { BINARY_KIND, type BinaryKind } from "../../../postgres/types/kinds.ts";
import { CopyBuffer } from "../copy-buffer.ts";
import { FIELD_ROOM } from "../field-writer.ts";
import { isDate, isTime, isTimestamp, saysNanoseconds, saysTime } from "../temporal.ts";
import { writeSafeInt64 } from "./binary-values.ts";

/** Dates and times as PostgreSQL keeps them: days and microseconds since 2000-01-01. */

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

const DAY_MICROSECONDS = 86_400_000_000;
/** 2000-01-01, counted from 1970-01-01. */
const EPOCH_DAY = 10_957;
/** Bytes of `"1999-01-08"`. */
const PLAIN_DATE_BYTES = 12;

/** `YYYY-MM-DDTHH:MM:SS.ffffff` */
const PLAIN_BYTES = 26;
const FIRST_YEAR = 1800;
const LAST_YEAR = 2200;

/** Binary fields of dates and times, made of JSON strings. */
export class TimeFields {
  /** Whether the string just written says more than its field: a time of the day, nanoseconds. */
  isCut = false;
  readonly #timestamps = new PlainTimestamps();

  /**
   * Appends the field of the string whose opening quote is at `at`. Returns the index after it,
   * `MALFORMED`, or `NO_TIME`.
   */
  write(kind: BinaryKind, source: Buffer, at: number, end: number, out: CopyBuffer): number {
    this.isCut = false;
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
    if (!writeFieldOfString(kind, source, at, after, out)) return NO_TIME;
    this.isCut =
      kind === BINARY_KIND.date
        ? after - at > PLAIN_DATE_BYTES && saysTime(source, at + 1, after - 1)
        : saysNanoseconds(source, at + 1, after - 1);
    return after;
  }
}

/** The field of the well-formed string in `[at, end)`; false for one that is no date or time. */
function writeFieldOfString(
  kind: BinaryKind,
  source: Buffer,
  at: number,
  end: number,
  out: CopyBuffer,
): boolean {
  if (!holdsBackslash(source, at, end)) return writeField(kind, source, at + 1, end - 1, out);
  const text = Buffer.from(JSON.parse(source.toString("utf8", at, end)) as string);
  return writeField(kind, text, 0, text.length, out);
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

/** What the functions below found out about one text. */
interface Parts {
  days: number;
  /** Of the day. */
  microseconds: number;
  /** East of Greenwich, 0 when nothing is said. */
  zoneSeconds: number;
  /** Where to go on. */
  next: number;
}

const parts: Parts = { days: 0, microseconds: 0, zoneSeconds: 0, next: 0 };

/*
 * Each of the next three takes text in `[at, end)`, appends a field with its length before it, and is
 * false for what `isDate`, `isTime` or `isTimestamp` refuse (then nothing was appended).
 */

/** A `date`; of a timestamp its date. */
function writeDate(bytes: Buffer, at: number, end: number, out: CopyBuffer): boolean {
  if (!isDate(bytes, at, end) && !isTimestamp(bytes, at, end)) return false;
  out.int32(4);
  const infinite = infinity(bytes, at, end);
  if (infinite !== 0) out.int32(infinite > 0 ? 0x7fff_ffff : -0x8000_0000);
  else {
    readDays(bytes, at, isBc(bytes, at, end));
    out.int32(parts.days);
  }
  return true;
}

/** A `timestamp`, with a zone or not; a zone in the text counts only for `withZone`. */
function writeTimestamp(
  bytes: Buffer,
  at: number,
  end: number,
  withZone: boolean,
  out: CopyBuffer,
): boolean {
  if (!isTimestamp(bytes, at, end)) return false;
  const infinite = infinity(bytes, at, end);
  if (infinite !== 0) {
    out.int32(8);
    out.int32(infinite > 0 ? 0x7fff_ffff : -0x8000_0000);
    out.int32(infinite > 0 ? -1 : 0);
    return true;
  }
  const bc = isBc(bytes, at, end);
  const stop = bc ? end - 3 : end;
  readDays(bytes, at, bc);
  parts.microseconds = parts.zoneSeconds = 0;
  if (parts.next < stop) readTime(bytes, parts.next + 1, stop);
  if (parts.microseconds > DAY_MICROSECONDS) return false;
  const zone = withZone ? parts.zoneSeconds * 1_000_000 : 0;
  out.int32(8);
  writeInt64(parts.days, parts.microseconds - zone, out);
  return true;
}

/** A `time`, with its zone if `withZone`. */
function writeTime(
  bytes: Buffer,
  at: number,
  end: number,
  withZone: boolean,
  out: CopyBuffer,
): boolean {
  if (!isTime(bytes, at, end)) return false;
  parts.zoneSeconds = 0;
  readTime(bytes, at, end);
  if (parts.microseconds > DAY_MICROSECONDS) return false;
  out.int32(withZone ? 12 : 8);
  writeInt64(0, parts.microseconds, out);
  if (withZone) out.int32(-parts.zoneSeconds); // PostgreSQL counts westwards
  return true;
}

function writeInt64(days: number, microseconds: number, out: CopyBuffer): void {
  const total = days * DAY_MICROSECONDS + microseconds;
  if (Number.isSafeInteger(total)) return writeSafeInt64(total, out);
  // Before 1714 or after 2285.
  const exact = BigInt(days) * BigInt(DAY_MICROSECONDS) + BigInt(microseconds);
  out.length = out.bytes.writeBigInt64BE(exact, out.length);
}

/** Reads `YYYY-MM-DD` into `parts`. */
function readDays(bytes: Uint8Array, at: number, bc: boolean): void {
  const isNegative = bytes[at] === MINUS;
  let i = isNegative ? at + 1 : at;
  let year = 0;
  for (; bytes[i] !== MINUS; i++) year = year * 10 + (bytes[i]! - ZERO);
  const month = twoDigits(bytes, i + 1);
  const day = twoDigits(bytes, i + 4);
  parts.next = i + 6;
  parts.days = daysFrom(bc ? 1 - year : isNegative ? -year : year, month, day);
}

/** Days since 2000-01-01 in the proleptic Gregorian calendar, years counted through 0. */
function daysFrom(year: number, month: number, day: number): number {
  // The year begins in March here, so that the leap day comes last (Howard Hinnant, chrono-dates).
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const monthFromMarch = month > 2 ? month - 3 : month + 9;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468 - EPOCH_DAY;
}

/** Reads `HH:MM[:SS[.f]]` and a zone into `parts`. */
function readTime(bytes: Buffer, at: number, end: number): void {
  let seconds = twoDigits(bytes, at) * 3600 + twoDigits(bytes, at + 3) * 60;
  let i = at + 5;
  let fraction = 0;
  if (i < end && bytes[i] === COLON) {
    seconds += twoDigits(bytes, i + 1);
    i += 3;
    if (i < end && bytes[i] === DOT) {
      const digitsAt = i + 1;
      for (i = digitsAt; i < end && isDigit(bytes[i]!); i++);
      fraction = microsecondsOf(bytes, digitsAt, i);
    }
  }
  parts.microseconds = seconds * 1_000_000 + fraction;
  if (i < end) readZone(bytes, i, end);
}

/** The digits after the point, rounded as PostgreSQL rounds them. */
function microsecondsOf(bytes: Buffer, at: number, end: number): number {
  if (end - at <= 6) {
    let value = 0;
    for (let i = 0; i < 6; i++) value = value * 10 + (at + i < end ? bytes[at + i]! - ZERO : 0);
    return value;
  }
  // It computes rint(strtod("0.…") * 1e6); a half goes to the even side.
  const scaled = Number(`0.${bytes.toString("latin1", at, end)}`) * 1e6;
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** Reads `Z`, `+05`, `+0530`, `+05:30` or `+05:30:15`, a space before it or not, into `parts`. */
function readZone(bytes: Uint8Array, at: number, end: number): void {
  let i = bytes[at] === 0x20 ? at + 1 : at;
  const sign = bytes[i] === PLUS ? 1 : bytes[i] === MINUS ? -1 : 0;
  parts.zoneSeconds = 0;
  if (sign === 0) return;
  let seconds = twoDigits(bytes, i + 1) * 3600;
  i += 3;
  for (let unit = 60; unit >= 1 && i < end; unit /= 60) {
    if (bytes[i] === COLON) i++;
    seconds += twoDigits(bytes, i) * unit;
    i += 2;
  }
  parts.zoneSeconds = sign * seconds;
}

function twoDigits(bytes: Uint8Array, at: number): number {
  return (bytes[at]! - ZERO) * 10 + bytes[at + 1]! - ZERO;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}

function isBc(bytes: Uint8Array, at: number, end: number): boolean {
  return end - at > 3 && (bytes[end - 1]! | 0x20) === 0x63; // the C of BC
}

/** 1 or -1 for an infinity, 0 for a day. */
function infinity(bytes: Uint8Array, at: number, end: number): number {
  const last = bytes[end - 1]! | 0x20;
  if (last !== 0x79) return 0; // the y of infinity
  return bytes[at] === MINUS ? -1 : 1;
}
