import { MALFORMED } from "../../protocol/json-scan.ts";

/** Returned for a JSON string that PostgreSQL cannot hold as text: U+0000 or half a surrogate pair. */
export const UNSTORABLE = -2;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** JSON's one-letter escapes → the byte they mean; 0 for everything else. */
const PLAIN_ESCAPE = new Uint8Array(256);
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

/** Bytes that COPY text wants escaped → the letter after the backslash; 0 for everything else. */
const COPY_ESCAPE = new Uint8Array(256);
COPY_ESCAPE[BACKSLASH] = BACKSLASH;
COPY_ESCAPE[TAB] = 0x74;
COPY_ESCAPE[NEWLINE] = 0x6e;
COPY_ESCAPE[RETURN] = 0x72;

/**
 * A growing buffer of COPY text. Nothing here checks for room: call `reserve` once per row with
 * enough for the worst case, so that the loops that see every byte stay bare.
 */
export class CopyText {
  bytes: Buffer;
  length = 0;

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
  }

  /** Makes room for `extraBytes` more; grows by doubling. */
  reserve(extraBytes: number): void {
    const wanted = this.length + extraBytes;
    if (wanted <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(wanted, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }

  byte(value: number): void {
    this.bytes[this.length++] = value;
  }

  /** Appends bytes that need no escaping. */
  verbatim(source: Buffer, start: number, end: number): void {
    let o = this.length;
    const out = this.bytes;
    // Under a few dozen bytes a loop is faster than the call into native code.
    if (end - start < 48) for (let i = start; i < end; i++) out[o++] = source[i]!;
    else o += source.copy(out, o, start, end);
    this.length = o;
  }

  /** Appends bytes, escaping what COPY would misread. Needs up to twice their room. */
  escaped(source: Uint8Array, start: number, end: number): void {
    const out = this.bytes;
    let o = this.length;
    for (let i = start; i < end; i++) {
      const byte = source[i]!;
      const letter = COPY_ESCAPE[byte]!;
      if (letter === 0) out[o++] = byte;
      else {
        out[o++] = BACKSLASH;
        out[o++] = letter;
      }
    }
    this.length = o;
  }

  /**
   * Appends the text of the JSON string whose opening quote is at `at`, in one pass from JSON
   * escapes to COPY escapes; never longer than the source. Returns the index after the closing
   * quote, `MALFORMED`, or `UNSTORABLE` (then nothing was appended).
   */
  jsonString(source: Uint8Array, at: number, end: number): number {
    const out = this.bytes;
    let o = this.length;
    let i = at + 1;
    while (i < end) {
      const byte = source[i]!;
      if (byte === QUOTE) {
        this.length = o;
        return i + 1;
      }
      if (byte < 0x20) return MALFORMED;
      if (byte !== BACKSLASH) {
        out[o++] = byte;
        i++;
        continue;
      }
      if (i + 1 >= end) return MALFORMED;
      const escape = source[i + 1]!;
      const plain = PLAIN_ESCAPE[escape]!;
      if (plain !== 0) {
        i += 2;
        const letter = COPY_ESCAPE[plain]!;
        if (letter !== 0) {
          out[o++] = BACKSLASH;
          out[o++] = letter;
        } else out[o++] = plain;
        continue;
      }
      let code = unicodeEscape(source, i, end);
      if (code < 0) return MALFORMED;
      i += 6;
      if (code === 0) return UNSTORABLE;
      if (code >= 0xd800 && code <= 0xdfff) {
        const low = code < 0xdc00 ? unicodeEscape(source, i, end) : -1;
        if (low < 0xdc00 || low > 0xdfff) return UNSTORABLE;
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        i += 6;
      }
      o = putCodePoint(out, o, code);
    }
    return MALFORMED;
  }
}

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

/** Writes a code point as UTF-8, escaped for COPY. */
function putCodePoint(out: Uint8Array, o: number, code: number): number {
  if (code < 0x80) {
    const letter = COPY_ESCAPE[code]!;
    if (letter !== 0) {
      out[o++] = BACKSLASH;
      out[o++] = letter;
    } else out[o++] = code;
  } else if (code < 0x800) {
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
