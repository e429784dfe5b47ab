import { MALFORMED } from "../../../../protocol/json-scan.ts";
import type { CopyBuffer } from "../copy-buffer.ts";
import { escapedCodePoint, escapeWidth, PLAIN_ESCAPE, putUtf8 } from "../json/json-string.ts";

/** The binary forms of single values, as PostgreSQL receives them: numbers, texts and UUIDs. */

const QUOTE = 0x22;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const BACKSLASH = 0x5c;

const TWO_32 = 4_294_967_296;

const POSITIVE = 0x0000;
const NEGATIVE = 0x4000;
const SPECIAL: Readonly<Record<string, number>> = {
  NaN: 0xc000,
  Infinity: 0xd000,
  "-Infinity": 0xf000,
};

/** 1 for the bytes of a JSON string that are not simply part of it: quote, backslash, controls. */
const ENDS_RUN = new Uint8Array(256).fill(1, 0, 0x20);
ENDS_RUN[QUOTE] = 1;
ENDS_RUN[BACKSLASH] = 1;

/** How `uuid` reads: 32 hex digits, hyphens after any four, in braces or not. */
const UUID = /^(?:[0-9a-f]{4}-?){7}[0-9a-f]{4}$/i;

/** Appends an integer of at most 53 bits as 8 bytes. */
export function writeSafeInt64(value: number, out: CopyBuffer): void {
  const high = Math.floor(value / TWO_32);
  out.int32(high);
  out.int32(value - high * TWO_32);
}

/**
 * Appends the number that the digits in `[at, end)` spell as 8 bytes, negated if `isNegative`. At
 * most 18 digits: ids made of a time and a counter have that many, and a BigInt each would cost more
 * than the rest of the row.
 */
export function writeDigitsAsInt64(
  source: Uint8Array,
  at: number,
  end: number,
  isNegative: boolean,
  out: CopyBuffer,
): void {
  const split = Math.max(at, end - 9);
  let top = 0;
  for (let i = at; i < split; i++) top = top * 10 + source[i]! - ZERO;
  let rest = 0;
  for (let i = split; i < end; i++) rest = rest * 10 + source[i]! - ZERO;
  // top < 10⁹ and so top · 10⁹ is exact in two parts: top = a · 2¹⁵ + b.
  const a = Math.floor(top / 32_768);
  const low = (top - a * 32_768) * 1e9 + rest;
  const highPart = a * 1e9; // · 2¹⁵
  const carried = low + (highPart % 131_072) * 32_768;
  let high = Math.floor(highPart / 131_072) + Math.floor(carried / TWO_32);
  let word = carried % TWO_32;
  if (isNegative) {
    word = (TWO_32 - word) % TWO_32;
    high = word === 0 ? -high : ~high;
  }
  out.int32(high);
  out.int32(word);
}

/**
 * Appends the decimal number in `[at, end)`, digits and a point without exponent, as a `numeric`
 * with its length before it. Digits after the point stay as many as they are, zeros included.
 */
export function writeNumeric(source: Uint8Array, at: number, end: number, out: CopyBuffer): void {
  const isNegative = source[at] === MINUS;
  let i = isNegative ? at + 1 : at;
  while (i < end && source[i] === ZERO) i++;
  const wholeAt = i;
  while (i < end && source[i] !== DOT) i++;
  const wholeEnd = i;
  const fractionAt = Math.min(i + 1, end);
  // Groups of four digits, counted from the point both ways.
  const wholeGroups = Math.ceil((wholeEnd - wholeAt) / 4);
  const fractionGroups = Math.ceil((end - fractionAt) / 4);
  const groups = wholeGroups + fractionGroups;
  out.int32(8 + 2 * groups);
  out.int16(groups);
  out.int16(wholeGroups - 1);
  out.int16(isNegative ? NEGATIVE : POSITIVE);
  out.int16(end - fractionAt);
  const bytes = out.bytes;
  let o = out.length;
  for (let groupEnd = wholeEnd - 4 * (wholeGroups - 1); groupEnd <= wholeEnd; groupEnd += 4) {
    let group = 0;
    for (let k = Math.max(wholeAt, groupEnd - 4); k < groupEnd; k++)
      group = group * 10 + source[k]! - ZERO;
    bytes[o++] = group >>> 8;
    bytes[o++] = group;
  }
  for (let groupAt = fractionAt; groupAt < end; groupAt += 4) {
    let group = 0;
    for (let k = groupAt; k < groupAt + 4; k++)
      group = group * 10 + (k < end ? source[k]! - ZERO : 0);
    bytes[o++] = group >>> 8;
    bytes[o++] = group;
  }
  out.length = o;
}

/** Appends NaN or an infinity as a `numeric`; false for any other text. */
export function writeSpecialNumeric(text: string, out: CopyBuffer): boolean {
  const sign = SPECIAL[text];
  if (sign === undefined) return false;
  out.int32(8);
  out.int32(0);
  out.int16(sign);
  out.int16(0);
  return true;
}

/** A JSON number without its exponent: `1.50e1` is `15.0`, as PostgreSQL counts digits. */
export function plainDecimal(number: string): string {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? [];
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  const scale = Math.max(0, digits.length - point);
  if (!/[1-9]/.test(digits)) return scale === 0 ? "0" : `0.${"0".repeat(scale)}`;
  const padded = point <= 0 ? "0".repeat(1 - point) + digits : digits.padEnd(point, "0");
  const cut = Math.max(point, 1);
  return sign + padded.slice(0, cut) + (scale === 0 ? "" : `.${padded.slice(cut)}`);
}

/**
 * Appends the text of the JSON string whose opening quote is at `at`, as UTF-8; never longer than the
 * source. Returns the index after the closing quote, `MALFORMED`, or `UNSTORABLE` (then nothing was
 * appended).
 */
export function writeString(source: Uint8Array, at: number, end: number, out: CopyBuffer): number {
  const bytes = out.bytes;
  let o = out.length;
  let i = at + 1;
  while (i < end) {
    const byte = source[i]!;
    if (ENDS_RUN[byte] === 0) {
      bytes[o++] = byte;
      i++;
      continue;
    }
    if (byte === QUOTE) {
      out.length = o;
      return i + 1;
    }
    if (byte !== BACKSLASH || i + 1 >= end) return MALFORMED;
    const plain = PLAIN_ESCAPE[source[i + 1]!]!;
    if (plain !== 0) {
      bytes[o++] = plain;
      i += 2;
      continue;
    }
    const code = escapedCodePoint(source, i, end);
    if (code < 0) return code;
    o = putUtf8(bytes, o, code);
    i += escapeWidth(code);
  }
  return MALFORMED;
}

/** The 16 bytes of a UUID's text; undefined for any other text. */
export function uuidBytes(text: string): Buffer | undefined {
  const inner = text.startsWith("{") && text.endsWith("}") ? text.slice(1, -1) : text;
  return UUID.test(inner) ? Buffer.from(inner.replaceAll("-", ""), "hex") : undefined;
}
