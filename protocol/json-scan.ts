/**
 * JSON scanning on bytes: finds where values start and end without building anything. This is what
 * keeps numbers, duplicate keys and number spellings exactly as they were sent.
 *
 * All functions take the range `[at, end)` of a buffer and return an index just after what they
 * skipped, or `MALFORMED`. No recursion, so depth is limited by nothing but the input.
 */

/** Returned instead of an index when the bytes are not JSON. */
export const MALFORMED = -1;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;

/** Skips white space. Never fails. */
export function skipSpace(bytes: Uint8Array, at: number, end: number): number {
  while (at < end) {
    const byte = bytes[at]!;
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) break;
    at++;
  }
  return at;
}

/** Skips the string whose opening quote is at `at`. */
export function skipString(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end || bytes[at] !== QUOTE) return MALFORMED;
  for (let i = at + 1; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === QUOTE) return i + 1;
    if (byte === BACKSLASH) {
      i = skipEscape(bytes, i + 1, end);
      if (i === MALFORMED) return MALFORMED;
    } else if (byte < 0x20) return MALFORMED;
  }
  return MALFORMED;
}

/** Steps to the last byte of the escape whose letter is at `at`. */
function skipEscape(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return MALFORMED;
  switch (bytes[at]) {
    case QUOTE:
    case BACKSLASH:
    case 0x2f: // /
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return at;
    case 0x75: // u
      return hasFourHexDigits(bytes, at + 1, end) ? at + 4 : MALFORMED;
    default:
      return MALFORMED;
  }
}

function hasFourHexDigits(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + 4 > end) return false;
  for (let i = at; i < at + 4; i++) {
    const byte = bytes[i]!;
    const isDigit = byte >= 0x30 && byte <= 0x39;
    const lower = byte | 0x20;
    if (!isDigit && (lower < 0x61 || lower > 0x66)) return false;
  }
  return true;
}

/** Skips a number, `true`, `false` or `null`. */
function skipScalar(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]!;
  if (first === 0x74) return matches(bytes, at, end, "true");
  if (first === 0x66) return matches(bytes, at, end, "false");
  if (first === 0x6e) return matches(bytes, at, end, "null");
  return skipNumber(bytes, at, end);
}

function matches(bytes: Uint8Array, at: number, end: number, word: string): number {
  if (at + word.length > end) return MALFORMED;
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word.charCodeAt(i)) return MALFORMED;
  return at + word.length;
}

/** Skips a number as RFC 8259 §6 spells it. */
export function skipNumber(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  if (i < end && bytes[i] === 0x2d) i++;
  if (i < end && bytes[i] === 0x30) i++;
  else {
    const after = skipDigits(bytes, i, end);
    if (after === i) return MALFORMED;
    i = after;
  }
  if (i < end && bytes[i] === 0x2e) {
    const after = skipDigits(bytes, i + 1, end);
    if (after === i + 1) return MALFORMED;
    i = after;
  }
  if (i < end && (bytes[i] === 0x65 || bytes[i] === 0x45)) {
    i++;
    if (i < end && (bytes[i] === 0x2b || bytes[i] === 0x2d)) i++;
    const after = skipDigits(bytes, i, end);
    if (after === i) return MALFORMED;
    i = after;
  }
  return i;
}

function skipDigits(bytes: Uint8Array, at: number, end: number): number {
  while (at < end) {
    const byte = bytes[at]!;
    if (byte < 0x30 || byte > 0x39) break;
    at++;
  }
  return at;
}

/** Skips any JSON value. `at` must be its first byte, not white space before it. */
export function skipValue(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return MALFORMED;
  const first = bytes[at]!;
  if (first === QUOTE) return skipString(bytes, at, end);
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return skipScalar(bytes, at, end);
  return skipContainer(bytes, at, end);
}

/** Skips an object or array, checking the grammar with a stack of brackets instead of recursion. */
function skipContainer(bytes: Uint8Array, at: number, end: number): number {
  const inObject: boolean[] = [];
  let i = at;
  // What may come next: a value (or the closing bracket of an empty container), or a separator.
  let expectValue = true;
  let mayClose = false;
  for (;;) {
    i = skipSpace(bytes, i, end);
    if (i >= end) return MALFORMED;
    const byte = bytes[i]!;
    if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (expectValue && !mayClose) return MALFORMED;
      if (inObject.pop() !== (byte === CLOSE_BRACE)) return MALFORMED;
      i++;
      if (inObject.length === 0) return i;
      expectValue = false;
      mayClose = false;
      continue;
    }
    if (!expectValue) {
      if (byte !== COMMA) return MALFORMED;
      i++;
      expectValue = true;
      mayClose = false;
      continue;
    }
    if (inObject.length > 0 && inObject[inObject.length - 1]!) {
      i = skipString(bytes, i, end);
      if (i === MALFORMED) return MALFORMED;
      i = skipSpace(bytes, i, end);
      if (bytes[i] !== COLON || i >= end) return MALFORMED;
      i = skipSpace(bytes, i + 1, end);
      if (i >= end) return MALFORMED;
    }
    const start = bytes[i]!;
    if (start === OPEN_BRACE || start === OPEN_BRACKET) {
      inObject.push(start === OPEN_BRACE);
      i++;
      expectValue = true;
      mayClose = true;
      continue;
    }
    i = start === QUOTE ? skipString(bytes, i, end) : skipScalar(bytes, i, end);
    if (i === MALFORMED) return MALFORMED;
    expectValue = false;
    mayClose = false;
  }
}

/** Positions of one object member: the key with its quotes, and the value. */
export type MemberVisitor = (
  keyStart: number,
  keyEnd: number,
  valueStart: number,
  valueEnd: number,
) => void;

/** Walks the members of the object at `at`, in order, duplicates included. */
export function forEachMember(
  bytes: Uint8Array,
  at: number,
  end: number,
  visit: MemberVisitor,
): number {
  if (bytes[at] !== OPEN_BRACE) return MALFORMED;
  let i = skipSpace(bytes, at + 1, end);
  if (bytes[i] === CLOSE_BRACE && i < end) return i + 1;
  for (;;) {
    const keyEnd = skipString(bytes, i, end);
    if (keyEnd === MALFORMED) return MALFORMED;
    const colon = skipSpace(bytes, keyEnd, end);
    if (colon >= end || bytes[colon] !== COLON) return MALFORMED;
    const valueStart = skipSpace(bytes, colon + 1, end);
    const valueEnd = skipValue(bytes, valueStart, end);
    if (valueEnd === MALFORMED) return MALFORMED;
    visit(i, keyEnd, valueStart, valueEnd);
    i = skipSpace(bytes, valueEnd, end);
    if (i >= end) return MALFORMED;
    if (bytes[i] === CLOSE_BRACE) return i + 1;
    if (bytes[i] !== COMMA) return MALFORMED;
    i = skipSpace(bytes, i + 1, end);
  }
}

/** Walks the items of the array at `at`, in order. */
export function forEachItem(
  bytes: Uint8Array,
  at: number,
  end: number,
  visit: (valueStart: number, valueEnd: number) => void,
): number {
  if (bytes[at] !== OPEN_BRACKET) return MALFORMED;
  let i = skipSpace(bytes, at + 1, end);
  if (bytes[i] === CLOSE_BRACKET && i < end) return i + 1;
  for (;;) {
    const valueEnd = skipValue(bytes, i, end);
    if (valueEnd === MALFORMED) return MALFORMED;
    visit(i, valueEnd);
    i = skipSpace(bytes, valueEnd, end);
    if (i >= end) return MALFORMED;
    if (bytes[i] === CLOSE_BRACKET) return i + 1;
    if (bytes[i] !== COMMA) return MALFORMED;
    i = skipSpace(bytes, i + 1, end);
  }
}
