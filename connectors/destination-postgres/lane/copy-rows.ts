import { CopyBuffer } from "../encode/copy-buffer.ts";
import type { BlockPool } from "./block-pool.ts";

/** Rows from this size on keep the buffer they were encoded in: to copy them would need both at once. */
const OWN_BYTES = 1024 * 1024;

const NOTHING: Buffer = Buffer.alloc(0);

/** Memory, and how much of it holds rows. */
interface Block {
  readonly bytes: Buffer;
  length: number;
}

/**
 * Rows for COPY in blocks of a pool. `bytes` and `length` are those of the block in hand, in which the
 * encoder writes. A row for which a block may be too small is encoded in a larger buffer, and packed into
 * blocks behind its end; so blocks may end inside a row, and only all of them together are rows.
 */
export class CopyRows extends CopyBuffer {
  readonly #pool: BlockPool;
  /** The blocks before the one in hand. */
  #full: Block[] = [];
  #fullBytes = 0;
  /** Whether what is in hand is a larger buffer, to be packed. */
  #isLarge = false;

  constructor(pool: BlockPool) {
    super(0);
    this.#pool = pool;
  }

  /** Bytes of all rows. */
  get size(): number {
    return this.#fullBytes + this.length;
  }

  /** Bytes of memory that they take. */
  get heldBytes(): number {
    const blocks = this.#full.length + (this.bytes.length > 0 ? 1 : 0);
    return Math.max(this.size, blocks * this.#pool.blockBytes);
  }

  override reserve(extraBytes: number): void {
    if (this.length + extraBytes <= this.bytes.length) return;
    if (this.#isLarge) this.#pack(); // of a row that was taken back, with what was before it
    this.#setAside();
    this.#isLarge = extraBytes > this.#pool.blockBytes;
    this.bytes = this.#isLarge ? this.#pool.takeLarge(extraBytes) : this.#pool.take();
  }

  override grow(extraBytes: number): void {
    const wanted = this.length + extraBytes;
    if (wanted <= this.bytes.length) return;
    const { bytes } = this;
    this.bytes = this.#pool.takeLarge(Math.max(wanted, 2 * bytes.length));
    bytes.copy(this.bytes, 0, 0, this.length);
    this.#pool.giveBack(bytes);
    this.#isLarge = true;
  }

  /** To be called behind each row. */
  endRow(): void {
    if (this.#isLarge) this.#pack();
  }

  /** Forgets what is behind the first `size` bytes. */
  cut(size: number): void {
    while (this.#fullBytes > size) this.#pool.giveBack(this.#takeInHand());
    this.length = size - this.#fullBytes;
  }

  /** Moves what is behind the first `size` bytes to `rest`, which is empty. */
  moveTail(size: number, rest: CopyRows): void {
    const moved: Block[] = [];
    while (this.#fullBytes > size) {
      const { length } = this;
      moved.push({ bytes: this.#takeInHand(), length });
    }
    const from = size - this.#fullBytes;
    if (from < this.length) {
      rest.reserve(this.length - from);
      rest.verbatim(this.bytes, from, this.length);
      rest.endRow();
    }
    this.length = from;
    for (const { bytes, length } of moved.toReversed()) {
      rest.#setAside();
      rest.bytes = bytes;
      rest.length = length;
    }
  }

  /** The rows, in pieces that may end inside one; views into memory that `release` gives away. */
  pieces(): Buffer[] {
    const inHand = { bytes: this.bytes, length: this.length };
    return [...this.#full, inHand]
      .filter(({ length }) => length > 0)
      .map(({ bytes, length }) => bytes.subarray(0, length));
  }

  /** Gives all memory back, and has no rows any more. */
  release(): void {
    this.cut(0);
    this.#setAside();
  }

  /** Puts the block in hand to the others. Then none is. */
  #setAside(): void {
    const { bytes, length } = this;
    if (length > 0) {
      this.#full.push({ bytes, length });
      this.#fullBytes += length;
    } else this.#pool.giveBack(bytes);
    this.#putInHand({ bytes: NOTHING, length: 0 });
  }

  /** Takes the block in hand away; then the one before is. */
  #takeInHand(): Buffer {
    const { bytes } = this;
    const before = this.#full.pop()!;
    this.#fullBytes -= before.length;
    this.#putInHand(before);
    return bytes;
  }

  #putInHand({ bytes, length }: Block): void {
    this.bytes = bytes;
    this.length = length;
    this.#isLarge = false;
  }

  /** Copies what is in the larger buffer into blocks, from where the last one ends. */
  #pack(): void {
    const { bytes: large, length } = this;
    if (length >= OWN_BYTES) return this.#setAside();
    this.#putInHand(this.#full.pop() ?? { bytes: NOTHING, length: 0 });
    this.#fullBytes -= this.length;
    for (let at = 0; at < length;) {
      if (this.length === this.bytes.length) {
        this.#setAside();
        this.bytes = this.#pool.take();
      }
      const copied = large.copy(this.bytes, this.length, at, length);
      this.length += copied;
      at += copied;
    }
    this.#pool.giveBack(large);
  }
}
