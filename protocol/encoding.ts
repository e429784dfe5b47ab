import { isUtf8 } from "node:buffer";

/** What is wrong with bytes that are to be a text of a person, as a clause; undefined: nothing. */
export function encodingMistake(bytes: Buffer): string | undefined {
  const [first, second] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (isUtf16) return "is UTF-16";
  if (bytes.subarray(0, 4).includes(0)) return "is UTF-16 or no text";
  return isUtf8(bytes) ? undefined : "is not UTF-8";
}

/** The same without the byte order mark that some editors put before a text. */
export function withoutMark(bytes: Buffer): Buffer {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return hasMark ? bytes.subarray(3) : bytes;
}
