import { randomFillSync } from "node:crypto";
import type { CopyText } from "./copy-text.ts";

/** Random bytes fetched at once: a call per row would cost more than the row. */
const pool = Buffer.allocUnsafeSlow(16 * 4096);
let used = pool.length;

const HEX = Buffer.from("0123456789abcdef");

/** Appends a random UUID (version 4), 36 bytes. */
export function randomUuid(out: CopyText): void {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  pool[used + 6] = (pool[used + 6]! & 0x0f) | 0x40;
  pool[used + 8] = (pool[used + 8]! & 0x3f) | 0x80;
  const bytes = out.bytes;
  let o = out.length;
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) bytes[o++] = 0x2d;
    const byte = pool[used + i]!;
    bytes[o++] = HEX[byte >> 4]!;
    bytes[o++] = HEX[byte & 15]!;
  }
  out.length = o;
  used += 16;
}
