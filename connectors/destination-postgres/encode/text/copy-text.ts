import { MALFORMED } from "../../../../protocol/json-scan.ts";
import type { CopyBuffer } from "../copy-buffer.ts";
import { escapedCodePoint, escapeWidth, PLAIN_ESCAPE, putUtf8 } from "../json/json-string.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const HEX = Buffer.from("0123456789abcdef");

/** Bytes that COPY text wants escaped → the letter after the backslash; 0 for everything else. */
const COPY_ESCAPE = new Uint8Array(256);
COPY_ESCAPE[BACKSLASH] = BACKSLASH;
COPY_ESCAPE[0x09] = 0x74;
COPY_ESCAPE[0x0a] = 0x6e;
COPY_ESCAPE[0x0d] = 0x72;

/** Appends bytes, escaping what COPY text would misread. Needs up to twice their room. */
export function writeEscaped(
  source: Uint8Array,
  start: number,
  end: number,
  out: CopyBuffer,
): void {
  const bytes = out.bytes;
  let o = out.length;
  for (let i = start; i < end; i++) {
    const byte = source[i]!;
    const letter = COPY_ESCAPE[byte]!;
    if (letter !== 0) bytes[o++] = BACKSLASH;
    bytes[o++] = letter === 0 ? byte : letter;
  }
  out.length = o;
}

/**
 * Appends the text of the JSON string whose opening quote is at `at`, in one pass from JSON
 * escapes to COPY escapes; never longer than the source. Returns the index after the closing
 * quote, `MALFORMED`, or `UNSTORABLE` (then nothing was appended).
 */
export function writeEscapedString(
  source: Uint8Array,
  at: number,
  end: number,
  out: CopyBuffer,
): number {
  const bytes = out.bytes;
  let o = out.length;
  let i = at + 1;
  while (i < end) {
    const byte = source[i]!;
    if (byte === QUOTE) {
      out.length = o;
      return i + 1;
    }
    if (byte < 0x20) return MALFORMED;
    if (byte !== BACKSLASH) {
      bytes[o++] = byte;
      i++;
      continue;
    }
    if (i + 1 >= end) return MALFORMED;
    const plain = PLAIN_ESCAPE[source[i + 1]!]!;
    const code = plain === 0 ? escapedCodePoint(source, i, end) : plain;
    if (code < 0) return code;
    i += plain === 0 ? escapeWidth(code) : 2;
    const letter = code < 0x80 ? COPY_ESCAPE[code]! : 0;
    if (letter !== 0) {
      bytes[o++] = BACKSLASH;
      bytes[o++] = letter;
    } else o = putUtf8(bytes, o, code);
  }
  return MALFORMED;
}

/** Appends the text of the UUID at `at`, 36 bytes. */
export function writeUuidText(source: Uint8Array, at: number, out: CopyBuffer): void {
  const bytes = out.bytes;
  let o = out.length;
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) bytes[o++] = 0x2d;
    const byte = source[at + i]!;
    bytes[o++] = HEX[byte >> 4]!;
    bytes[o++] = HEX[byte & 15]!;
  }
  out.length = o;
}
