import type { CopyBuffer } from "../copy-buffer.ts";

const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;

const TWO_32 = 4_294_967_296;

const POSITIVE = 0x0000;
const NEGATIVE = 0x4000;
const SPECIAL: Readonly<Record<string, number>> = {
  NaN: 0xc000,
  Infinity: 0xd000,
  "-Infinity": 0xf000,
};

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
