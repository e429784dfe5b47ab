import { MALFORMED } from "../../../../protocol/json-scan.ts";

/** Returned for a JSON string that PostgreSQL cannot hold as text: U+0000 or half a surrogate pair. */
export const UNSTORABLE = -2;

const BACKSLASH = 0x5c;

/** JSON's one-letter escapes → the byte they mean; 0 for everything else. */
export const PLAIN_ESCAPE = new Uint8Array(256);
for (const [letter, code] of Object.entries({
  '"': 0x22,
  "\\": 0x5c,
  "/": 0x2f,
  b: 0x08,
  f: 0x0c,
  n: 0x0a,
  r: 0x0d,
  t: 0x09,
}))
  PLAIN_ESCAPE[letter.charCodeAt(0)] = code;

/** The value of the `\uXXXX` at `at`, or -1 when there is none. */
export function unicodeEscape(source: Uint8Array, at: number, end: number): number {
  if (at + 6 > end || source[at] !== BACKSLASH || source[at + 1] !== 0x75) return -1;
  let code = 0;
  for (let i = at + 2; i < at + 6; i++) {
    const byte = source[i]! | 0x20;
    const isDigit = source[i]! >= 0x30 && source[i]! <= 0x39;
    if (!isDigit && (byte < 0x61 || byte > 0x66)) return -1;
    code = code * 16 + (isDigit ? source[i]! - 0x30 : byte - 0x57);
  }
  return code;
}

/** The character that the `\uXXXX` at `at` means, with the next one if it is a pair; or what is wrong. */
export function escapedCodePoint(source: Uint8Array, at: number, end: number): number {
  const code = unicodeEscape(source, at, end);
  if (code < 0) return MALFORMED;
  if (code === 0) return UNSTORABLE;
  if (code < 0xd800 || code > 0xdfff) return code;
  const low = code < 0xdc00 ? unicodeEscape(source, at + 6, end) : -1;
  if (low < 0xdc00 || low > 0xdfff) return UNSTORABLE;
  return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
}

/** How many bytes the escape of `escapedCodePoint` takes. */
export function escapeWidth(code: number): number {
  return code < 0x10000 ? 6 : 12;
}

/** Puts a code point as UTF-8 at `o` and returns the index after it. */
export function putUtf8(out: Uint8Array, o: number, code: number): number {
  if (code < 0x80) out[o++] = code;
  else if (code < 0x800) {
    out[o++] = 0xc0 | (code >> 6);
    out[o++] = 0x80 | (code & 0x3f);
  } else if (code < 0x10000) {
    out[o++] = 0xe0 | (code >> 12);
    out[o++] = 0x80 | ((code >> 6) & 0x3f);
    out[o++] = 0x80 | (code & 0x3f);
  } else {
    out[o++] = 0xf0 | (code >> 18);
    out[o++] = 0x80 | ((code >> 12) & 0x3f);
    out[o++] = 0x80 | ((code >> 6) & 0x3f);
    out[o++] = 0x80 | (code & 0x3f);
  }
  return o;
}
