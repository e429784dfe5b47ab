import { isUtf8 } from "node:buffer";
import { Failure } from "./errors.ts";

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = Buffer.from("\ufeff");

/**
 * Longest line accepted, in bytes, unless a caller says otherwise. A 256 MB row is promised; JSON
 * escaping may double it. Node cannot hold a longer string than 512 MiB anyway.
 */
export const DEFAULT_MAX_LINE_BYTES = 512 * 1024 * 1024;

/** Receives one line: `bytes[start..end)`, newline excluded. Valid during the call only. */
export type LineHandler = (bytes: Buffer, start: number, end: number) => void;

/**
 * Cuts a byte stream into lines at 0x0A and nowhere else. Every byte of a sync passes through here,
 * so it copies nothing except lines that straddle two chunks, never decodes UTF-8 and never waits:
 * 13–17 million lines of 300 bytes a second in chunks of 64 KiB on one core, 5–9 million with
 * `RecordReader` behind it.
 *
 * A byte order mark at the very beginning is none of them.
 *
 * The bytes handed out are a view into the chunk: copy what must outlive the call. Nothing of a chunk is
 * looked at after it.
 */
export class LineSplitter {
  readonly #maxLineBytes: number;
  /** What may become a byte order mark; undefined once the beginning is known. */
  #beginning: Buffer | undefined = Buffer.alloc(0);
  #held: Buffer[] = [];
  #heldBytes = 0;
  #lineIsUtf8 = true;

  constructor(maxLineBytes: number = DEFAULT_MAX_LINE_BYTES) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** Bytes of the unfinished last line. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /**
   * Whether the line in hand is UTF-8: to be asked during `onLine`. Decoding a line that is not
   * would silently put U+FFFD in the place of data. Whole lines are checked a chunk at a time (9 GB/s;
   * one by one it costs 0.1 µs each).
   */
  get lineIsUtf8(): boolean {
    return this.#lineIsUtf8;
  }

  /** Calls `onLine` for each line that `chunk` completes. Throws `protocol.line_too_long`. */
  push(chunk: Buffer, onLine: LineHandler): void {
    if (this.#beginning !== undefined) return this.#begin(this.#beginning, chunk, onLine);
    let start = 0;
    if (this.#heldBytes > 0) {
      const end = chunk.indexOf(NEWLINE);
      if (end === -1) return this.#hold(chunk);
      this.#checkLength(end);
      this.#handOutHeld(chunk.subarray(0, end), onLine);
      start = end + 1;
    }
    const stop = chunk.lastIndexOf(NEWLINE) + 1;
    if (start < stop) this.#handOutWhole(chunk, start, stop, onLine);
    if (Math.max(start, stop) < chunk.length) this.#hold(chunk.subarray(Math.max(start, stop)));
  }

  /** Call once at end of input: hands out the last line if it had no newline. */
  end(onLine: LineHandler): void {
    if (this.#beginning !== undefined) this.#hold(this.#beginning);
    this.#beginning = undefined;
    if (this.#heldBytes > 0) this.#handOutHeld(Buffer.alloc(0), onLine);
  }

  #begin(before: Buffer, chunk: Buffer, onLine: LineHandler): void {
    const bytes = before.length === 0 ? chunk : Buffer.concat([before, chunk]);
    const mark = bytes.subarray(0, BYTE_ORDER_MARK.length);
    const isOpen = mark.length < BYTE_ORDER_MARK.length;
    if (isOpen && BYTE_ORDER_MARK.subarray(0, mark.length).equals(mark)) {
      this.#beginning = Buffer.from(bytes);
      return;
    }
    this.#beginning = undefined;
    this.push(mark.equals(BYTE_ORDER_MARK) ? bytes.subarray(mark.length) : bytes, onLine);
  }

  /** The lines of `chunk[at..stop)`, which ends with a newline. */
  #handOutWhole(chunk: Buffer, at: number, stop: number, onLine: LineHandler): void {
    const areUtf8 = isUtf8(chunk.subarray(at, stop));
    let start = at;
    while (start < stop) {
      const end = chunk.indexOf(NEWLINE, start);
      this.#checkLength(end - start);
      this.#lineIsUtf8 = areUtf8 || isUtf8(chunk.subarray(start, end));
      onLine(chunk, start, end);
      start = end + 1;
    }
  }

  #handOutHeld(tail: Buffer, onLine: LineHandler): void {
    const line = this.#join(tail);
    this.#lineIsUtf8 = isUtf8(line);
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
    this.#held.push(Buffer.from(part)); // whoever reads may use its memory again
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
