import { skipNumber } from "../../../../protocol/json-scan.ts";
import type { Misfit } from "../field-writer.ts";

const QUOTE = 0x22;

/** Digits PostgreSQL's numeric has room for before the decimal point, and after it. */
const NUMERIC_INTEGER_DIGITS = 131_072;
const NUMERIC_FRACTION_DIGITS = 16_383;

/** Numbers that JSON has no token for; they travel as strings. */
const SPECIAL_NUMBERS: ReadonlySet<string> = new Set(["NaN", "Infinity", "-Infinity"]);

/** A number's text, or why the column cannot hold it. */
export type NumberText =
  | { readonly text: string; readonly misfit?: never }
  | { readonly text?: never; readonly misfit: Misfit };

const NO_NUMBER: NumberText = { misfit: "DESTINATION_TYPECAST_ERROR" };
const TOO_LARGE: NumberText = { misfit: "DESTINATION_FIELD_SIZE_LIMITATION" };

/**
 * The integer that the well-formed value in `[at, end)` is, however it is spelled (`12`, `1.0`,
 * `12e2`, `"12"`), if it is within `[-(max + 1), max]`.
 *
 * @param max a limit as digits, all nines or one less than a power of two: its negative counterpart
 * is one further.
 */
export function integerIn(source: Buffer, at: number, end: number, max: string): NumberText {
  const quoted = source[at] === QUOTE;
  const from = quoted ? at + 1 : at;
  const to = quoted ? end - 1 : end;
  if (skipNumber(source, from, to) !== to) return NO_NUMBER;
  const text = wholeNumber(source.toString("latin1", from, to));
  if (text === undefined) return NO_NUMBER;
  return isWithin(text, max) ? { text } : TOO_LARGE;
}

/** The number in the well-formed string in `[at, end)`, quotes included, `NaN` and infinities too. */
export function numberInString(source: Buffer, at: number, end: number): NumberText {
  const text = source.toString("latin1", at + 1, end - 1);
  if (SPECIAL_NUMBERS.has(text)) return { text };
  if (skipNumber(source, at + 1, end - 1) !== end - 1) return NO_NUMBER;
  return fitsNumeric(text) ? { text } : TOO_LARGE;
}

/** Whether the number in `[at, end)` may be too large or too fine for `numeric`: rarely. */
export function needsCheck(source: Uint8Array, at: number, end: number): boolean {
  if (end - at > 1000) return true;
  for (let i = at; i < end; i++) if ((source[i]! | 0x20) === 0x65) return true;
  return false;
}

/** Whether PostgreSQL's numeric can hold a JSON number. */
export function fitsNumeric(number: string): boolean {
  const [, whole = "", fraction = "", exponent = "0"] =
    /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? [];
  const shift = Number(exponent);
  const isZero = !/[1-9]/.test(whole + fraction);
  if (!isZero && whole.length + shift > NUMERIC_INTEGER_DIGITS) return false;
  return fraction.length - shift <= NUMERIC_FRACTION_DIGITS && Math.abs(shift) < 1_000_000;
}

/** The digits of a JSON number that is whole (`12`, `1.0`, `12e2`); undefined for any other. */
function wholeNumber(number: string): string | undefined {
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

function isWithin(integer: string, max: string): boolean {
  if (!integer.startsWith("-")) return isAtMost(integer, max);
  // Two's complement reaches one further below zero.
  return isAtMost(
    integer.slice(1),
    max.replace(/\d$/, (last) => String(Number(last) + 1)),
  );
}

function isAtMost(digits: string, limit: string): boolean {
  return digits.length < limit.length || (digits.length === limit.length && digits <= limit);
}
