import type { TokenKind } from "../../../postgres/types/kinds.ts";

/**
 * Ways to make a token of a value's own text, as small integers for the switch of the data path.
 *
 * `rows/copy-text-encoder.ts` prints the same tokens of the same values, but reads them in COPY's
 * escapes and finds their ends on the way; shared functions would cost it up to half of its time.
 */
export const WRITE = {
  /** Any text: quoted and escaped. */
  text: 0,
  /** Copied. */
  bare: 1,
  /** Copied; words (`NaN`) are quoted. */
  number: 2,
  boolean: 3,
  /** Copied; line breaks become spaces. */
  json: 4,
  /** An array, which `ArrayWriter` writes. */
  array: 5,
  /** Quoted; holds nothing that JSON escapes. */
  plain: 6,
  /** Quoted; a backslash comes first. */
  hex: 7,
  timestamp: 8,
  timestamptz: 9,
  time: 10,
  timetz: 11,
  /** As `lc_monetary = 'C'` prints it: `-$1,234.50` becomes `-1234.50`. */
  money: 12,
} as const;

export type Write = (typeof WRITE)[keyof typeof WRITE];

/** How values of a token's kind are written, but for money, whose own text is no number. */
export const WRITE_OF: Readonly<Record<TokenKind, Write>> = {
  text: WRITE.text,
  integer: WRITE.bare,
  number: WRITE.number,
  boolean: WRITE.boolean,
  json: WRITE.json,
  array: WRITE.array,
  plain: WRITE.plain,
  date: WRITE.plain,
  hex: WRITE.hex,
  timestamp: WRITE.timestamp,
  timestamptz: WRITE.timestamptz,
  time: WRITE.time,
  timetz: WRITE.timetz,
};

/** Bytes a token may be longer than its text, besides escaping: quotes, `.000000`, a completed offset. */
export const TOKEN_EXTRA_BYTES = 16;
/** The longest escape, `\u0001`, for one byte of text. */
export const MAX_ESCAPE_FACTOR = 6;

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const DOLLAR = 0x24;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const HEX = Buffer.from("0123456789abcdef");
const TRUE = Buffer.from("true");
const FALSE = Buffer.from("false");

/** 1 for the bytes that cannot stand in a JSON string as they are. */
const IS_SPECIAL = new Uint8Array(256);
IS_SPECIAL.fill(1, 0, 0x20);
IS_SPECIAL[QUOTE] = IS_SPECIAL[BACKSLASH] = 1;

/** The letter of a control character's short escape; 0 where it has none. */
const ESCAPE_LETTER = new Uint8Array(256);
for (const [character, letter] of ["\bb", "\tt", "\nn", "\ff", "\rr", '""', "\\\\"])
  ESCAPE_LETTER[character!.charCodeAt(0)] = letter!.charCodeAt(0);

/**
 * Writes the value that a type's output function printed as `bytes[start..end)` as a JSON token into
 * `out` at `at`, and returns the index after it: the same token that the value has in a COPY.
 */
export function writeToken(
  write: Write,
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
): number {
  switch (write) {
    case WRITE.text:
      return writeString(bytes, start, end, out, at);
    case WRITE.bare:
      return copy(bytes, start, end, out, at);
    case WRITE.number: {
      // NaN, Infinity and -Infinity are the only ones with a letter this early.
      const isWord = bytes[start]! > COLON || (bytes[start] === MINUS && bytes[start + 1]! > COLON);
      return isWord ? writeQuoted(bytes, start, end, out, at) : copy(bytes, start, end, out, at);
    }
    case WRITE.boolean: {
      const word = bytes[start] === 0x74 ? TRUE : FALSE;
      return copy(word, 0, word.length, out, at);
    }
    case WRITE.json:
      for (let i = start; i < end; i++) {
        const byte = bytes[i]!;
        // Between tokens only; a record is one line.
        out[at++] = byte === NEWLINE || byte === RETURN ? SPACE : byte;
      }
      return at;
    case WRITE.plain:
      return writeQuoted(bytes, start, end, out, at);
    case WRITE.hex:
      out[at++] = QUOTE;
      out[at++] = BACKSLASH;
      at = copy(bytes, start, end, out, at);
      out[at++] = QUOTE;
      return at;
    case WRITE.money:
      for (let i = start; i < end; i++) {
        const byte = bytes[i]!;
        if (byte !== DOLLAR && byte !== COMMA) out[at++] = byte;
      }
      return at;
    default:
      return writeTime(write, bytes, start, end, out, at);
  }
}

/** Writes any text as a JSON string. */
export function writeString(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
): number {
  out[at++] = QUOTE;
  at = writeEscaped(bytes, start, end, out, at);
  out[at++] = QUOTE;
  return at;
}

/** Writes any text as it stands between the quotes of a JSON string. */
export function writeEscaped(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
): number {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (IS_SPECIAL[byte] === 0) out[at++] = byte;
    else at = writeSpecial(byte, out, at);
  }
  return at;
}

/** Writes a byte that cannot stand in a JSON string as it is. */
function writeSpecial(byte: number, out: Uint8Array, at: number): number {
  out[at++] = BACKSLASH;
  const letter = ESCAPE_LETTER[byte]!;
  if (letter !== 0) {
    out[at++] = letter;
    return at;
  }
  out[at++] = 0x75;
  out[at++] = 0x30;
  out[at++] = 0x30;
  out[at++] = HEX[byte >> 4]!;
  out[at++] = HEX[byte & 15]!;
  return at;
}

/** Writes a text that holds nothing that JSON escapes as a string. */
function writeQuoted(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
): number {
  out[at++] = QUOTE;
  at = copy(bytes, start, end, out, at);
  out[at++] = QUOTE;
  return at;
}

/** Bytes that a text may need between the quotes of a JSON string. */
export function escapedRoom(bytes: Uint8Array, start: number, end: number): number {
  let escapes = 0;
  for (let i = start; i < end; i++) escapes += IS_SPECIAL[bytes[i]!]!;
  return end - start + escapes * (MAX_ESCAPE_FACTOR - 1);
}

/** Copies `bytes[start..end)` to `out` at `at`; returns the index after it. */
export function copy(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
): number {
  for (let i = start; i < end; i++) out[at++] = bytes[i]!;
  return at;
}

/** Writes a time: `T`, six digits of fraction, a whole offset where it has one; ` BC` stays last. */
function writeTime(
  write: Write,
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
): number {
  let i = start;
  out[at++] = QUOTE;
  if (write <= WRITE.timestamptz) {
    while (i < end && bytes[i] !== SPACE) out[at++] = bytes[i++]!;
    if (i === end) {
      out[at++] = QUOTE; // `infinity`
      return at;
    }
    out[at++] = 0x54;
    i++;
  }
  const fraction = Math.min(i + 8, end);
  at = copy(bytes, i, fraction, out, at); // `16:30:13`
  i = fraction;
  let digits = 0;
  out[at++] = POINT;
  if (i < end && bytes[i] === POINT)
    for (i++; i < end && bytes[i]! >= 0x30 && bytes[i]! <= 0x39; i++, digits++)
      out[at++] = bytes[i]!;
  for (; digits < 6; digits++) out[at++] = 0x30;
  if (write === WRITE.timestamptz || write === WRITE.timetz) {
    const offset = i;
    while (i < end && bytes[i]! > SPACE) i++;
    const isShort = i - offset === 3;
    const isUtc = isShort && bytes[offset + 1] === 0x30 && bytes[offset + 2] === 0x30;
    if (isUtc && write === WRITE.timestamptz) out[at++] = 0x5a;
    else {
      at = copy(bytes, offset, i, out, at);
      if (isShort) at = copy(MINUTES, 0, MINUTES.length, out, at);
    }
  }
  at = copy(bytes, i, end, out, at); // ` BC`
  out[at++] = QUOTE;
  return at;
}

/** What a whole offset has behind the hours. */
export const MINUTES = Buffer.from(":00");
