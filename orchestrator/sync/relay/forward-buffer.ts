const NEWLINE = Buffer.from("\n");

/** Lines under a new head are gathered in blocks of this size. */
const BLOCK_BYTES = 128 * 1024;

/**
 * Gathers what goes on to the destination: runs of unchanged lines as slices of the chunk they came
 * in, lines under a new head copied into blocks, anything else as it is. The order is kept.
 */
export class ForwardBuffer {
  #out: Buffer[] = [];
  /** The run of lines being forwarded as they are: `#run[#runStart..#runEnd)`. */
  #run: Buffer | undefined;
  #runStart = 0;
  #runEnd = 0;
  /** Lines under a new head, not handed out yet: `#block[#blockStart..#blockEnd)`. */
  #block: Buffer = Buffer.alloc(0);
  #blockStart = 0;
  #blockEnd = 0;

  /** Hands out what was gathered. The buffers may be views into the chunks it came from. */
  take(): Buffer[] {
    this.#endRun();
    const out = this.#out;
    this.#out = [];
    return out;
  }

  /** Adds the line `bytes[start..end)`, as part of a run when its newline is at hand too. */
  line(bytes: Buffer, start: number, end: number): void {
    if (this.#run === bytes && this.#runEnd === start) {
      this.#runEnd = end + 1;
      return;
    }
    this.#endRun();
    if (end < bytes.length) {
      this.#run = bytes;
      this.#runStart = start;
      this.#runEnd = end + 1;
    } else this.#out.push(bytes.subarray(start, end), NEWLINE);
  }

  /** Adds `head`, `bytes[start..end)` and a newline. A buffer per line would cost more than copying. */
  underHead(head: Buffer, bytes: Buffer, start: number, end: number): void {
    const length = head.length + (end - start) + 1;
    if (this.#blockEnd + length > this.#block.length) {
      this.#endRun();
      this.#block = Buffer.allocUnsafe(Math.max(BLOCK_BYTES, length));
      this.#blockStart = this.#blockEnd = 0;
    } else if (this.#run) this.#endRun();
    const block = this.#block;
    let at = this.#blockEnd;
    block.set(head, at);
    at += head.length;
    bytes.copy(block, at, start, end);
    block[this.#blockEnd + length - 1] = 0x0a;
    this.#blockEnd += length;
  }

  /** Adds the pieces of one or more whole lines, newlines included. */
  pieces(...pieces: Buffer[]): void {
    this.#endRun();
    this.#out.push(...pieces);
  }

  #endRun(): void {
    if (this.#run) this.#out.push(this.#run.subarray(this.#runStart, this.#runEnd));
    this.#run = undefined;
    if (this.#blockEnd === this.#blockStart) return;
    this.#out.push(this.#block.subarray(this.#blockStart, this.#blockEnd));
    this.#blockStart = this.#blockEnd;
  }
}
