/** A larger buffer than this, made for one huge row, is not kept. */
const KEPT_BYTES = 16 * 1024 * 1024;
/** Larger buffers that are kept: one for a row of the final table, one for the same of the raw table. */
const KEPT_LARGE = 2;

/**
 * Blocks of memory for the rows of all streams, used again by whichever is next: if each stream had its own,
 * memory would grow with their number, and one that grows by doubling leaves garbage behind. There are as
 * many as were in use at once.
 */
export class BlockPool {
  /** Of each block. */
  readonly blockBytes: number;
  readonly #spares: Buffer[] = [];
  readonly #large: Buffer[] = [];

  constructor(blockBytes: number) {
    this.blockBytes = blockBytes;
  }

  /** A block with whatever is in it. */
  take(): Buffer {
    return this.#spares.pop() ?? Buffer.allocUnsafeSlow(this.blockBytes);
  }

  /** The same with so many bytes at least, which are more than a block has. */
  takeLarge(bytes: number): Buffer {
    const kept = this.#large.pop();
    return kept !== undefined && kept.length >= bytes ? kept : Buffer.allocUnsafeSlow(bytes);
  }

  /** @param bytes nobody else's any more, of either size. */
  giveBack(bytes: Buffer): void {
    if (bytes.length === this.blockBytes) this.#spares.push(bytes);
    else if (bytes.length <= KEPT_BYTES && bytes.length > this.blockBytes)
      if (this.#large.length < KEPT_LARGE) this.#large.push(bytes);
  }
}
