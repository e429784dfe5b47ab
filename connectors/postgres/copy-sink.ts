import { Failure } from "../../protocol/errors.ts";

/** Receives what a COPY delivers. */
export interface CopySink {
  /**
   * One row in COPY's text format, newline included, or one message of its binary format:
   * `bytes[start..end)`, valid during the call only. Throwing stops the copy.
   */
  row(bytes: Buffer, start: number, end: number): void;
  /**
   * Called when the rows of one chunk from the network are done. A promise holds the server back
   * until it resolves: this is where backpressure comes from. Throwing stops the copy.
   */
  chunkDone(): Promise<void> | undefined;
}

/** Until where a sink takes rows. */
export interface CopyLimits {
  /** A longer row throws `postgres.too_large` before it is read. */
  readonly maxRowBytes: number;
  /** Called once, when the sink fails or a row is too long, to have the server stop early. */
  readonly cancel: () => void;
}

/** Takes the rows of one COPY. */
export class Taker {
  failure: unknown;
  /** Resolves when the sink has taken in everything so far. */
  settled: Promise<void> = Promise.resolve();
  readonly #sink: CopySink;
  readonly #options: CopyLimits;

  constructor(sink: CopySink, options: CopyLimits) {
    this.#sink = sink;
    this.#options = options;
  }

  /** Whether a row of this size is to be taken in. */
  wants(rowBytes: number): boolean {
    if (this.failure !== undefined) return false;
    const { maxRowBytes } = this.#options;
    if (rowBytes <= maxRowBytes) return true;
    this.#fail(
      new Failure(
        "postgres.too_large",
        `a row has ${rowBytes} bytes, and max_row_bytes is ${maxRowBytes}`,
        {
          hint: "raise max_row_bytes, or leave the large column out of the stream",
          facts: { row_bytes: rowBytes, limit_bytes: maxRowBytes },
        },
      ),
    );
    return false;
  }

  row(bytes: Buffer, start: number, end: number): void {
    if (this.failure !== undefined) return;
    try {
      this.#sink.row(bytes, start, end);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Resolves when the sink has room for more; undefined: it has. */
  chunkDone(): Promise<void> | undefined {
    if (this.failure !== undefined) return undefined;
    let pending: Promise<void> | undefined;
    try {
      pending = this.#sink.chunkDone();
    } catch (error) {
      this.#fail(error);
    }
    if (pending !== undefined) this.settled = pending.catch((error: unknown) => this.#fail(error));
    return pending && this.settled;
  }

  #fail(error: unknown): void {
    if (this.failure !== undefined) return;
    this.failure = error;
    this.#options.cancel();
  }
}
