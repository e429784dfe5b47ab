import { randomFillSync } from "node:crypto";
import type { CopyBuffer } from "./copy-buffer.ts";

/** Random bytes fetched at once: a call per row would cost more than the row. */
const pool = Buffer.allocUnsafeSlow(16 * 4096);
let used = pool.length;

const HEX = Buffer.from("0123456789abcdef");

/** How `uuid` reads: 32 hex digits, hyphens after any four, in braces or not. */
const UUID = /^(?:[0-9a-f]{4}-?){7}[0-9a-f]{4}$/i;

/** Puts the 16 bytes of a random UUID (version 4) into `target`. */
export function randomUuid(target: Uint8Array): void {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  for (let i = 0; i < 16; i++) target[i] = pool[used + i]!;
  target[6] = (target[6]! & 0x0f) | 0x40;
  target[8] = (target[8]! & 0x3f) | 0x80;
  used += 16;
}

/** The 16 bytes of a UUID's text; undefined for any other text. */
export function uuidBytes(text: string): Buffer | undefined {
  const inner = text.startsWith("{") && text.endsWith("}") ? text.slice(1, -1) : text;
  return UUID.test(inner) ? Buffer.from(inner.replaceAll("-", ""), "hex") : undefined;
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
