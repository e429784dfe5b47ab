import type { Writable } from "node:stream";

/** Bytes allowed to wait in our memory for the destination. */
const MAX_WAITING_BYTES = 1024 * 1024;

/**
 * Writes to a process at the pace it reads. A broken pipe is a state, not an error: who reads the
 * process's exit knows more about it.
 */
export class PacedWriter {
  readonly #stream: Writable;
  #wake: (() => void) | undefined;
  /** Whether nobody reads any more. */
  isBroken = false;
  /** Whether `write` is waiting for room right now. */
  isBlocked = false;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on("drain", () => this.#wake?.());
    const broken = () => this.abandon();
    stream.on("error", broken).on("close", broken);
  }

  /** Bytes not yet handed to the pipe. */
  get waitingBytes(): number {
    return this.isBroken ? 0 : this.#stream.writableLength;
  }

  /** Queues the pieces; resolves when there is room for more, or nobody reads any more. */
  async write(pieces: readonly Buffer[]): Promise<void> {
    if (this.isBroken || pieces.length === 0) return;
    this.#stream.cork(); // one system call for all pieces
    for (const piece of pieces) this.#stream.write(piece);
    this.#stream.uncork();
    while (!this.isBroken && this.#stream.writableLength > MAX_WAITING_BYTES) {
      this.isBlocked = true;
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.isBlocked = false;
    }
  }

  /** No more input: the process sees the end of the pipe. */
  end(): void {
    if (!this.isBroken) this.#stream.end();
  }

  /** Stops waiting; what is written from now on is dropped. */
  abandon(): void {
    this.isBroken = true;
    this.#wake?.();
  }
}
