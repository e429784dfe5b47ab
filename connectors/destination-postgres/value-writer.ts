import { MALFORMED, skipNumber, skipString, skipValue } from "../../protocol/json-scan.ts";
import { CopyText, unicodeEscape, UNSTORABLE } from "./copy-text.ts";
import { isDate, isTime, isTimestamp } from "./temporal.ts";

/** How a JSON token becomes the COPY text of a column. Numbers, so that the hot switch is a jump. */
export const VALUE_KIND = {
  text: 0,
  int2: 1,
  int4: 2,
  int8: 3,
  /** Any number, and the strings NaN, Infinity and -Infinity. */
  number: 4,
  boolean: 5,
  date: 6,
  time: 7,
  timestamp: 8,
  /** jsonb: JSON's null is SQL's. */
  jsonb: 9,
  /** jsonb from a json column of ours: an absent key is SQL's NULL, `null` is JSON's null. */
  jsonbOrNull: 10,
  /** As `jsonbOrNull`, into `json`, which takes every escape. */
  jsonOrNull: 11,
  /** A JSON array into a PostgreSQL array; a string is the array's own text form. */
  array: 12,
  /** The same for the one type whose elements are separated by `;`. */
  boxArray: 13,
} as const;

export type ValueKind = (typeof VALUE_KIND)[keyof typeof VALUE_KIND];

/** Why a value had to be replaced by NULL (protocol reference §1.3). */
export type Misfit =
  | "DESTINATION_TYPECAST_ERROR"
  | "DESTINATION_FIELD_SIZE_LIMITATION"
  | "DESTINATION_SERIALIZATION_ERROR";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const MINUS = 0x2d;
const NULL_START = 0x6e;

const MAX_INTEGER: Readonly<Record<number, string>> = {
  [VALUE_KIND.int2]: "32767",
  [VALUE_KIND.int4]: "2147483647",
  [VALUE_KIND.int8]: "9223372036854775807",
};
const MIN_INTEGER: Readonly<Record<number, string>> = {
  [VALUE_KIND.int2]: "32768",
  [VALUE_KIND.int4]: "2147483648",
  [VALUE_KIND.int8]: "9223372036854775808",
};
/** Fewer digits than this need no comparison with the limit. */
const SAFE_DIGITS = [0, 5, 10, 19];

/** Digits PostgreSQL's numeric has room for before the decimal point, and after it. */
const NUMERIC_INTEGER_DIGITS = 131_072;
const NUMERIC_FRACTION_DIGITS = 16_383;

const SPECIAL_NUMBERS = new Set(["NaN", "Infinity", "-Infinity"]);

/** The longest value PostgreSQL can take in: a field may not reach 1 GB (MaxAllocSize). */
const MAX_FIELD_BYTES = 1024 * 1024 * 1024 - 1024;

/**
 * Writes one JSON value after another as COPY text. A value that its column cannot hold is written
 * as NULL and `misfit` says why; the caller resets `misfit`.
 */
export class ValueWriter {
  misfit: Misfit | undefined = undefined;

  /**
   * Appends the value at `at` to `out` for a column of `kind`. Returns the index after the value,
   * or `MALFORMED` for bytes that are not JSON.
   */
  write(kind: ValueKind, source: Buffer, at: number, end: number, out: CopyText): number {
    const first = source[at]!;
    if (first === NULL_START && kind !== VALUE_KIND.jsonbOrNull && kind !== VALUE_KIND.jsonOrNull) {
      writeNull(out);
      return skipValue(source, at, end);
    }
    switch (kind) {
      case VALUE_KIND.text:
        return this.#text(source, at, end, out);
      case VALUE_KIND.int2:
      case VALUE_KIND.int4:
      case VALUE_KIND.int8:
        return this.#integer(kind, source, at, end, out);
      case VALUE_KIND.number:
        return this.#number(source, at, end, out);
      case VALUE_KIND.boolean:
        return this.#boolean(source, at, end, out);
      case VALUE_KIND.date:
      case VALUE_KIND.time:
      case VALUE_KIND.timestamp:
        return this.#temporal(kind, source, at, end, out);
      case VALUE_KIND.array:
        return this.#array(COMMA, source, at, end, out);
      case VALUE_KIND.boxArray:
        return this.#array(SEMICOLON, source, at, end, out);
      default:
        return this.#json(kind, source, at, end, out);
    }
  }

  #text(source: Buffer, at: number, end: number, out: CopyText): number {
    if (source[at] === QUOTE) {
      const start = out.length;
      const after = out.jsonString(source, at, end);
      if (after !== UNSTORABLE) {
        if (out.length - start <= MAX_FIELD_BYTES) return after;
        return this.#misfit("DESTINATION_FIELD_SIZE_LIMITATION", after, out, start);
      }
      const skipped = skipString(source, at, end);
      return this.#misfit("DESTINATION_SERIALIZATION_ERROR", skipped, out, start);
    }
    const after = skipValue(source, at, end);
    if (after !== MALFORMED) out.escaped(source, at, after);
    return after;
  }

  #integer(kind: ValueKind, source: Buffer, at: number, end: number, out: CopyText): number {
    const bytes = out.bytes;
    let o = out.length;
    let i = at;
    if (source[i] === MINUS) bytes[o++] = source[i++]!;
    const digitsAt = i;
    while (i < end) {
      const byte = source[i]!;
      if (byte < 0x30 || byte > 0x39) break;
      bytes[o++] = byte;
      i++;
    }
    const digits = i - digitsAt;
    const next = source[i]!;
    // `,` or `}` after a few digits is nearly every integer; anything else is looked at closely.
    const isPlain = digits > 0 && digits < SAFE_DIGITS[kind]! && source[digitsAt] !== 0x30;
    if ((isPlain || (digits === 1 && i > at)) && (next === 0x2c || next === 0x7d) && i < end) {
      out.length = o;
      return i;
    }
    return this.#oddInteger(kind, source, at, end, out);
  }

  #oddInteger(kind: ValueKind, source: Buffer, at: number, end: number, out: CopyText): number {
    const start = out.length;
    const quoted = source[at] === QUOTE;
    const after = skipValue(source, at, end);
    if (after === MALFORMED) return after;
    const from = quoted ? at + 1 : at;
    const to = quoted ? after - 1 : after;
    if (skipNumber(source, from, to) !== to)
      return this.#misfit("DESTINATION_TYPECAST_ERROR", after, out, start);
    const integer = integerText(source.toString("latin1", from, to));
    if (integer === undefined) return this.#misfit("DESTINATION_TYPECAST_ERROR", after, out, start);
    if (!isWithin(integer, kind))
      return this.#misfit("DESTINATION_FIELD_SIZE_LIMITATION", after, out, start);
    writeAscii(out, integer);
    return after;
  }

  #number(source: Buffer, at: number, end: number, out: CopyText): number {
    const first = source[at]!;
    if (first === QUOTE) return this.#numberInString(source, at, end, out);
    if (first !== MINUS && (first < 0x30 || first > 0x39)) return this.#notA(source, at, end, out);
    const after = skipNumber(source, at, end);
    if (after === MALFORMED) return after;
    if (after - at > 1000 || hasExponent(source, at, after)) {
      if (!fitsNumeric(source.toString("latin1", at, after)))
        return this.#misfit("DESTINATION_FIELD_SIZE_LIMITATION", after, out, out.length);
    }
    out.verbatim(source, at, after);
    return after;
  }

  #numberInString(source: Buffer, at: number, end: number, out: CopyText): number {
    const after = skipString(source, at, end);
    if (after === MALFORMED) return after;
    const text = source.toString("latin1", at + 1, after - 1);
    const isNumber =
      SPECIAL_NUMBERS.has(text) || skipNumber(source, at + 1, after - 1) === after - 1;
    if (!isNumber) return this.#misfit("DESTINATION_TYPECAST_ERROR", after, out, out.length);
    if (!SPECIAL_NUMBERS.has(text) && !fitsNumeric(text))
      return this.#misfit("DESTINATION_FIELD_SIZE_LIMITATION", after, out, out.length);
    out.verbatim(source, at + 1, after - 1);
    return after;
  }

  #boolean(source: Buffer, at: number, end: number, out: CopyText): number {
    const first = source[at]!;
    if (first !== 0x74 && first !== 0x66) return this.#notA(source, at, end, out);
    out.byte(first);
    return skipValue(source, at, end);
  }

  #temporal(kind: ValueKind, source: Buffer, at: number, end: number, out: CopyText): number {
    if (source[at] !== QUOTE) return this.#notA(source, at, end, out);
    // Some producers spell years past 9999 as ISO 8601 has it, which PostgreSQL refuses.
    const start = out.length;
    const from = source[at + 1] === 0x2b && kind !== VALUE_KIND.time ? at + 1 : at;
    const after = out.jsonString(source, from, end);
    if (after === MALFORMED) return after;
    if (after === UNSTORABLE) return this.#notA(source, at, end, out);
    const stop = out.length;
    if (stop === start) {
      // An empty string under a date or time schema is how CSV-like sources say NULL.
      writeNull(out);
      return after;
    }
    const fits =
      kind === VALUE_KIND.date
        ? isDate(out.bytes, start, stop)
        : kind === VALUE_KIND.time
          ? isTime(out.bytes, start, stop)
          : isTimestamp(out.bytes, start, stop);
    return fits ? after : this.#misfit("DESTINATION_TYPECAST_ERROR", after, out, start);
  }

  #json(kind: ValueKind, source: Buffer, at: number, end: number, out: CopyText): number {
    const after = skipValue(source, at, end);
    if (after === MALFORMED) return after;
    if (kind !== VALUE_KIND.jsonOrNull && holdsUnstorableEscape(source, at, after))
      return this.#misfit("DESTINATION_SERIALIZATION_ERROR", after, out, out.length);
    if (after - at > MAX_FIELD_BYTES)
      return this.#misfit("DESTINATION_FIELD_SIZE_LIMITATION", after, out, out.length);
    out.escaped(source, at, after);
    return after;
  }

  #array(delimiter: number, source: Buffer, at: number, end: number, out: CopyText): number {
    if (source[at] === QUOTE) return this.#text(source, at, end, out);
    if (source[at] !== OPEN_BRACKET) return this.#notA(source, at, end, out);
    const start = out.length;
    const after = skipValue(source, at, end);
    if (after === MALFORMED) return after;
    if (holdsUnstorableEscape(source, at, after))
      return this.#misfit("DESTINATION_SERIALIZATION_ERROR", after, out, start);
    writeArray(delimiter, source, at, after, out);
    return after;
  }

  #notA(source: Buffer, at: number, end: number, out: CopyText): number {
    const after = skipValue(source, at, end);
    return this.#misfit("DESTINATION_TYPECAST_ERROR", after, out, out.length);
  }

  #misfit(why: Misfit, after: number, out: CopyText, start: number): number {
    if (after === MALFORMED) return after;
    this.misfit = why;
    out.length = start;
    writeNull(out);
    return after;
  }
}

/** COPY's NULL. */
export function writeNull(out: CopyText): void {
  out.bytes[out.length++] = BACKSLASH;
  out.bytes[out.length++] = 0x4e;
}

/** Appends ASCII text that needs no escaping. */
export function writeAscii(out: CopyText, text: string): void {
  out.length += out.bytes.write(text, out.length, "latin1");
}

/**
 * Whether the JSON in `[at, end)` holds what jsonb refuses: U+0000 or half a surrogate pair, in a
 * value or in a key. The bytes must be well-formed JSON.
 */
export function holdsUnstorableEscape(source: Buffer, at: number, end: number): boolean {
  for (let i = source.indexOf(BACKSLASH, at); i !== -1 && i < end;) {
    const code = unicodeEscape(source, i, end);
    if (code === 0) return true;
    let next = i + (code === -1 ? 2 : 6);
    if (code >= 0xd800 && code <= 0xdfff) {
      const low = code < 0xdc00 ? unicodeEscape(source, next, end) : -1;
      if (low < 0xdc00 || low > 0xdfff) return true;
      next += 6;
    }
    i = source.indexOf(BACKSLASH, next);
  }
  return false;
}

/** The digits of a JSON number that is whole (`12`, `1.0`, `12e2`); undefined for any other. */
function integerText(number: string): string | undefined {
  const [, sign, whole, fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? [];
  if (sign === undefined || whole === undefined) return undefined;
  const shift = Number(exponent);
  // Past any integer type anyway; and padding with a billion zeros must not be possible.
  if (Math.abs(shift) > 10_000 || number.length > 10_000) return undefined;
  const digits = whole + fraction;
  const point = whole.length + shift;
  const rest = point < 0 ? digits : digits.slice(point);
  if (/[1-9]/.test(rest)) return undefined;
  const kept = point <= 0 ? "" : digits.slice(0, point).padEnd(point, "0");
  const trimmed = kept.replace(/^0+/, "");
  return trimmed === "" ? "0" : sign + trimmed;
}

function isWithin(integer: string, kind: ValueKind): boolean {
  const negative = integer.startsWith("-");
  const digits = negative ? integer.slice(1) : integer;
  const limit = (negative ? MIN_INTEGER : MAX_INTEGER)[kind]!;
  return digits.length < limit.length || (digits.length === limit.length && digits <= limit);
}

function hasExponent(source: Uint8Array, at: number, end: number): boolean {
  for (let i = at; i < end; i++) if ((source[i]! | 0x20) === 0x65) return true;
  return false;
}

function fitsNumeric(number: string): boolean {
  const [, whole = "", fraction = "", exponent = "0"] =
    /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? [];
  const shift = Number(exponent);
  const isZero = !/[1-9]/.test(whole + fraction);
  if (!isZero && whole.length + shift > NUMERIC_INTEGER_DIGITS) return false;
  return fraction.length - shift <= NUMERIC_FRACTION_DIGITS && Math.abs(shift) < 1_000_000;
}

/**
 * A well-formed JSON array as PostgreSQL's `{…}`: brackets become braces, strings stay quoted
 * (there is no escape in JSON that does not become one character here), objects are quoted text.
 */
function writeArray(
  delimiter: number,
  source: Buffer,
  at: number,
  end: number,
  out: CopyText,
): void {
  for (let i = at; i < end;) {
    const byte = source[i]!;
    if (byte === OPEN_BRACKET) out.byte(OPEN_BRACE);
    else if (byte === 0x5d) out.byte(0x7d);
    else if (byte === COMMA) out.byte(delimiter);
    else if (byte === QUOTE || byte === OPEN_BRACE) {
      const after = skipValue(source, i, end);
      const text =
        byte === QUOTE
          ? (JSON.parse(source.toString("utf8", i, after)) as string)
          : source.toString("utf8", i, after);
      const quoted = Buffer.from(`"${text.replace(/["\\]/g, "\\$&")}"`);
      out.escaped(quoted, 0, quoted.length);
      i = after;
      continue;
    } else if (byte > 0x20) out.byte(byte);
    i++;
  }
}
