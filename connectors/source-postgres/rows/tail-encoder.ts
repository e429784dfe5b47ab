import type { RecordEncoder } from "../../kit/source/record-blocks.ts";

/** Encodes rows with the same members behind those of each. */
export class TailEncoder implements RecordEncoder {
  readonly #encoder: RecordEncoder;
  readonly #tail: Buffer;

  /** @param tail members of an object, without its braces. */
  constructor(encoder: RecordEncoder, tail: Buffer) {
    this.#encoder = encoder;
    this.#tail = tail;
  }

  room(bytes: Buffer, start: number, end: number): number {
    return this.#encoder.room(bytes, start, end) + this.#tail.length + 1;
  }

  encode(bytes: Buffer, start: number, end: number, out: Buffer, at: number): number {
    let after = this.#encoder.encode(bytes, start, end, out, at) - 1;
    if (after > at + 1) out[after++] = 0x2c;
    after += this.#tail.copy(out, after);
    out[after++] = 0x7d;
    return after;
  }
}
