import type { CopyBuffer } from "../copy-buffer.ts";
import { isDate, isTime, isTimestamp } from "../temporal.ts";

/**
 * Dates and times as PostgreSQL keeps them: days and microseconds since 2000-01-01. Each function
 * takes text in `[at, end)`, appends a field with its length before it, and is false for what
 * `isDate`, `isTime` or `isTimestamp` refuse (then nothing was appended).
 */

const MINUS = 0x2d;
const PLUS = 0x2b;
const COLON = 0x3a;
const DOT = 0x2e;
const ZERO = 0x30;

export const DAY_MICROSECONDS = 86_400_000_000;
/** 2000-01-01, counted from 1970-01-01. */
const EPOCH_DAY = 10_957;
const TWO_32 = 4_294_967_296;

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

/** A `date`; of a timestamp its date. */
export function writeDate(bytes: Buffer, at: number, end: number, out: CopyBuffer): boolean {
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
export function writeTimestamp(
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
export function writeTime(
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
  if (Number.isSafeInteger(total)) {
    const high = Math.floor(total / TWO_32);
    out.int32(high);
    out.int32(total - high * TWO_32);
    return;
  }
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
export function daysFrom(year: number, month: number, day: number): number {
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
