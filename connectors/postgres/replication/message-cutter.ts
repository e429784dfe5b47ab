import { Failure } from "../../../protocol/errors.ts";
import { brokenProtocol } from "../answers.ts";

/** Type and length. */
export const HEADER_BYTES = 5;
const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Cuts what a server sends into messages. Holds one chunk, and one message where it straddles chunks:
 * copied into its place at once, so that a row of 1 GB is there only once.
 */
export class MessageCutter {
  readonly #take: (bytes: Buffer, start: number, end: number) => void;
  readonly #maxBytes: number;
  /** Room for an unfinished message, or for its header while its size is not known. */
  #held = NOTHING;
  #heldBytes = 0;

  /**
   * @param take gets each message, header included, as `bytes[start..end)`, valid during the call.
   * @param maxBytes of one message.
   */
  constructor(take: (bytes: Buffer, start: number, end: number) => void, maxBytes: number) {
    this.#take = take;
    this.#maxBytes = maxBytes;
  }

  /** Throws `postgres.too_large`, `postgres.failed` for what cannot be a message, and what `take` does. */
  push(chunk: Buffer): void {
    let at = this.#heldBytes > 0 ? this.#fill(chunk) : 0;
    while (chunk.length - at >= HEADER_BYTES) {
      const end = at + this.#sizeOf(chunk, at);
      if (end > chunk.length) break;
      this.#take(chunk, at, end);
      at = end;
    }
    if (at < chunk.length) this.#hold(chunk, at);
  }

  #sizeOf(bytes: Buffer, at: number): number {
    const size = 1 + bytes.readUInt32BE(at + 1);
    if (size < HEADER_BYTES) throw brokenProtocol();
    if (size > this.#maxBytes) throw tooLarge(size, this.#maxBytes);
    return size;
  }

  #hold(chunk: Buffer, at: number): void {
    const hasHeader = chunk.length - at >= HEADER_BYTES;
    this.#held = Buffer.allocUnsafe(hasHeader ? this.#sizeOf(chunk, at) : HEADER_BYTES);
    this.#heldBytes = chunk.copy(this.#held, 0, at);
  }

  /** Adds to the held message what it lacks; hands it on when complete. Returns the index after. */
  #fill(chunk: Buffer): number {
    let at = 0;
    for (;;) {
      const held = this.#held;
      const taken = Math.min(held.length - this.#heldBytes, chunk.length - at);
      chunk.copy(held, this.#heldBytes, at, at + taken);
      this.#heldBytes += taken;
      at += taken;
      if (this.#heldBytes < held.length) return at;
      const size = this.#sizeOf(held, 0);
      if (size > held.length) {
        this.#held = Buffer.allocUnsafe(size);
        held.copy(this.#held);
        continue;
      }
      this.#held = NOTHING;
      this.#heldBytes = 0;
      this.#take(held, 0, size);
      return at;
    }
  }
}

function tooLarge(bytes: number, limit: number): Failure {
  return new Failure(
    "postgres.too_large",
    `a change in the log has ${bytes} bytes, and at most ${limit} are taken`,
    {
      hint: "raise max_row_bytes",
      facts: { row_bytes: bytes, limit_bytes: limit },
    },
  );
}
