import type { Writable } from "node:stream";

const NEWLINE = Buffer.from("\n");

/** Lines under a new head, and those made of pieces, are gathered in blocks of this size. */
const BLOCK_BYTES = 128 * 1024;

/** Pieces of more bytes than that are not copied. */
const MOST_COPIED_BYTES = 16 * 1024;

/** Bytes allowed to wait in our memory for the destination. */
const MAX_WAITING_BYTES = 1024 * 1024;

/**
 * What a destination gets on its stdin. Lines are gathered without waiting, in order: runs of
 * unchanged ones as slices of the chunk they came in, those under a new head and short ones of several
 * pieces copied into blocks, anything else as it is. `flush` hands them over at the pace the destination reads.
 *
 * A broken pipe is a state, not an error: who reads the process's exit knows more about it.
 */
export class DestinationInput {
  readonly #stream: Writable;
  readonly #onBroken: () => void;
  #wake: (() => void) | undefined;
  #isBroken = false;
  #isBlocked = false;
  #isEnded = false;

  #out: Buffer[] = [];
  /** The run of lines being forwarded as they are: `#run[#runStart..#runEnd)`. */
  #run: Buffer | undefined;
  #runStart = 0;
  #runEnd = 0;
  /** Copied lines, not handed over yet: `#block[#blockStart..#blockEnd)`. */
  #block: Buffer = Buffer.alloc(0);
  #blockStart = 0;
  #blockEnd = 0;

  /** @param onBroken called when nobody reads any more although the input has not ended. */
  constructor(stream: Writable, onBroken: () => void) {
    this.#stream = stream;
    this.#onBroken = onBroken;
    stream.on("drain", () => this.#wake?.());
    const broken = () => this.abandon();
    stream.on("error", broken).on("close", broken);
  }

  /** Whether nobody reads any more, be it that all was read. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Whether `flush` is waiting for room right now. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** Whether `end` was called, however it turned out. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Whether the pipe took all of it, to the end. */
  get wasTaken(): boolean {
    return this.#isEnded && this.#stream.writableFinished;
  }

  /** Bytes not yet handed to the pipe. */
  get waitingBytes(): number {
    return this.#isBroken ? 0 : this.#stream.writableLength;
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
    this.#makeRoom(length);
    const block = this.#block;
    let at = this.#blockEnd;
    block.set(head, at);
    at += head.length;
    bytes.copy(block, at, start, end);
    block[this.#blockEnd + length - 1] = 0x0a;
    this.#blockEnd += length;
  }

  /** Adds the pieces of one or more whole lines, newlines included. Those of short lines are copied. */
  pieces(...pieces: Buffer[]): void {
    let length = 0;
    for (const piece of pieces) length += piece.length;
    if (length > MOST_COPIED_BYTES) {
      this.#endRun();
      this.#out.push(...pieces);
      return;
    }
    this.#makeRoom(length);
    for (const piece of pieces) {
      this.#block.set(piece, this.#blockEnd);
      this.#blockEnd += piece.length;
    }
  }

  /** Has the block take so many bytes more, behind all that was added before. */
  #makeRoom(bytes: number): void {
    if (this.#blockEnd + bytes > this.#block.length) {
      this.#endRun();
      this.#block = Buffer.allocUnsafe(Math.max(BLOCK_BYTES, bytes));
      this.#blockStart = this.#blockEnd = 0;
    } else if (this.#run) this.#endRun();
  }

  /**
   * Hands over what was gathered; resolves when there is room for more, or nobody reads any more.
   * Until then the chunks that lines came in are held, and must not change.
   */
  async flush(): Promise<void> {
    this.#endRun();
    const pieces = this.#out;
    this.#out = [];
    if (this.#isBroken || pieces.length === 0) return;
    this.#stream.cork(); // one system call for all pieces
    for (const piece of pieces) this.#stream.write(piece);
    this.#stream.uncork();
    while (!this.#isBroken && this.#stream.writableLength > MAX_WAITING_BYTES) {
      this.#isBlocked = true;
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#isBlocked = false;
    }
  }

  /** No more input: the process sees the end of the pipe behind what was flushed. */
  end(): void {
    this.#isEnded = true;
    if (!this.#isBroken) this.#stream.end();
  }

  /** Nobody reads any more: stops waiting; what is flushed from now on is dropped. */
  abandon(): void {
    if (!this.#isBroken && !this.#isEnded) this.#onBroken();
    this.#isBroken = true;
    this.#wake?.();
  }

  #endRun(): void {
    if (this.#run) this.#out.push(this.#run.subarray(this.#runStart, this.#runEnd));
    this.#run = undefined;
    if (this.#blockEnd === this.#blockStart) return;
    this.#out.push(this.#block.subarray(this.#blockStart, this.#blockEnd));
    this.#blockStart = this.#blockEnd;
  }
}
