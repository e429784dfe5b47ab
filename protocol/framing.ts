import { Failure } from "./errors.ts";

const NEWLINE = 0x0a;

/**
 * Longest line accepted, in bytes, unless a caller says otherwise. A 256 MB row is promised; JSON
 * escaping may double it. Node cannot hold a longer string than 512 MiB anyway.
 */
export const DEFAULT_MAX_LINE_BYTES = 512 * 1024 * 1024;

/** Receives one line: `bytes[start..end)`, newline excluded. Valid during the call only. */
export type LineHandler = (bytes: Buffer, start: number, end: number) => void;

/**
 * Cuts a byte stream into lines at 0x0A and nowhere else. Every byte of a sync passes through here,
 * so it copies nothing except a line that straddles two chunks, never decodes UTF-8 and never waits.
 *
 * The bytes handed out are a view into the chunk: copy what must outlive the call.
 */
export class LineSplitter {
  readonly #maxLineBytes: number;
  #held: Buffer[] = [];
  #heldBytes = 0;

  constructor(maxLineBytes: number = DEFAULT_MAX_LINE_BYTES) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** Bytes of the unfinished last line. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Calls `onLine` for each line that `chunk` completes. Throws `protocol.line_too_long`. */
  push(chunk: Buffer, onLine: LineHandler): void {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end === -1) break;
      this.#checkLength(end - start);
      if (this.#heldBytes === 0) onLine(chunk, start, end);
      else {
        const line = this.#join(chunk.subarray(start, end));
        onLine(line, 0, line.length);
      }
      start = end + 1;
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start));
  }

  /** Call once at end of input: hands out the last line if it had no newline. */
  end(onLine: LineHandler): void {
    if (this.#heldBytes === 0) return;
    const line = this.#join(Buffer.alloc(0));
    onLine(line, 0, line.length);
  }

  #join(tail: Buffer): Buffer {
    // Gathered and joined once: joining at every chunk would cost n² copies for a line of n chunks.
    const line = Buffer.concat([...this.#held, tail], this.#heldBytes + tail.length);
    this.#held = [];
    this.#heldBytes = 0;
    return line;
  }

  #hold(part: Buffer): void {
    this.#checkLength(part.length);
    this.#held.push(part);
    this.#heldBytes += part.length;
  }

  #checkLength(extraBytes: number): void {
    const bytes = this.#heldBytes + extraBytes;
    if (bytes <= this.#maxLineBytes) return;
    throw new Failure(
      "protocol.line_too_long",
      `a line is longer than ${this.#maxLineBytes} bytes`,
      {
        facts: { limit_bytes: this.#maxLineBytes },
      },
    );
  }
}
