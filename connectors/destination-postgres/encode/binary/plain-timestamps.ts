import { MALFORMED } from "../../../../protocol/json-scan.ts";
import { DAY_MICROSECONDS, daysFrom } from "./binary-temporal.ts";
import type { CopyBuffer } from "../copy-buffer.ts";
import { writeSafeInt64 } from "./binary-number.ts";
import { isDate } from "../temporal.ts";

const QUOTE = 0x22;
const MINUS = 0x2d;
const DOT = 0x2e;
const COLON = 0x3a;
const UPPER_T = 0x54;
const UPPER_Z = 0x5a;
const ZERO = 0x30;

/** `YYYY-MM-DDTHH:MM:SS.ffffff` */
const PLAIN_BYTES = 26;
const FIRST_YEAR = 1800;
const LAST_YEAR = 2200;

/**
 * Timestamps as our source prints nearly all of them, `2022-09-01T16:30:13.939030` with or without
 * `Z`, of 1800 to 2199: read in one pass, and the day looked at only when it is another than the
 * last one's.
 */
export class PlainTimestamps {
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
