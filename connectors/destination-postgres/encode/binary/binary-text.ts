import { MALFORMED } from "../../../../protocol/json-scan.ts";
import type { CopyBuffer } from "../copy-buffer.ts";
import { escapedCodePoint, escapeWidth, PLAIN_ESCAPE, putUtf8 } from "../json/json-string.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** 1 for the bytes of a JSON string that are not simply part of it: quote, backslash, controls. */
const ENDS_RUN = new Uint8Array(256).fill(1, 0, 0x20);
ENDS_RUN[QUOTE] = 1;
ENDS_RUN[BACKSLASH] = 1;

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
