import { asFailure, Failure } from "../../../protocol/errors.ts";
import { LineSplitter, type LineHandler } from "../../../protocol/framing.ts";

export interface MessageReaderOptions {
  /** Longest line accepted, in bytes. Default: `DEFAULT_MAX_LINE_BYTES` of the protocol. */
  readonly maxLineBytes?: number;
}

/**
 * Reads the lines of an input chunk by chunk, at the pace of its caller:
 *
 *     while (await reader.next((bytes, start, end) => batch.add(bytes, start, end)))
 *       if (batch.isFull) await batch.load();
 *
 * The handler is synchronous and sees every line of a chunk before `next` resolves; nothing more is
 * read meanwhile. Lines that are empty or white space are skipped, but counted.
 */
export class MessageReader {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #splitter: LineSplitter;
  #chunk: IteratorResult<Buffer, unknown> | undefined;
  #lines = 0;
  #bytes = 0;
  #isUnterminated = false;
  #isDone = false;

  constructor(input: AsyncIterable<Buffer>, options: MessageReaderOptions = {}) {
    this.#chunks = input[Symbol.asyncIterator]();
    this.#splitter = new LineSplitter(options.maxLineBytes);
  }

  /** The line the handler sees now, or saw last; the first is 1. */
  get lineNumber(): number {
    return this.#lines;
  }

  /** Whether the line the handler sees now is UTF-8: decoding another would change it. */
  get lineIsUtf8(): boolean {
    return this.#splitter.lineIsUtf8;
  }

  /** Bytes read so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Waits for the next chunk and hands out the lines it completes; at the end of the input, the last
   * line even when it has no newline. Resolves with false once everything was handed out.
   *
   * Rejects with `protocol.line_too_long`, or with what the handler throws; a `protocol.bad_message`
   * from within gets the number of the line, as `badLine` gives it.
   */
  async next(onLine: LineHandler): Promise<boolean> {
    return (await this.fetch()) && this.handOut(onLine);
  }

  /**
   * Waits for the next chunk and holds it for `handOut`. Resolves with false when there is nothing
   * more to hand out. For callers that have other work while they wait, and want no line before it
   * is done.
   */
  async fetch(): Promise<boolean> {
    if (this.#isDone) return false;
    this.#chunk = await this.#chunks.next();
    return true;
  }

  /** Hands out the lines of the chunk that `fetch` waited for; throws what `next` rejects with. */
  handOut(onLine: LineHandler): boolean {
    const { value, done } = this.#chunk!;
    this.#chunk = undefined;
    const handle: LineHandler = (bytes, start, end) => {
      this.#lines++;
      if (isBlank(bytes, start, end)) return;
      try {
        onLine(bytes, start, end);
      } catch (error) {
        throw this.#located(error, end - start);
      }
    };
    try {
      if (done === true) {
        this.#isDone = true;
        this.#isUnterminated = this.#splitter.heldBytes > 0;
        this.#splitter.end(handle);
        return this.#isUnterminated;
      }
      this.#bytes += value.length;
      this.#splitter.push(value, handle);
      return true;
    } catch (error) {
      throw error instanceof Failure && error.code === "protocol.line_too_long"
        ? this.#tooLong(error)
        : error;
    }
  }

  /**
   * The failure for the line the handler sees now, which has `byteCount` bytes and cannot be used.
   * Says where it is and never what it holds. A last line without newline is `protocol.torn_line`:
   * whoever wrote it died.
   *
   * @param why continues "line 7 (312 bytes) …", for example "is not JSON".
   */
  badLine(byteCount: number, why: string, cause?: unknown): Failure {
    const where = `line ${this.#lines} of the input (${byteCount} bytes)`;
    const facts = { line: this.#lines, bytes: byteCount };
    return this.#isUnterminated
      ? new Failure("protocol.torn_line", `${where} ends in the middle`, {
          facts,
          cause,
          hint: "whatever wrote it ended too early; look there for the cause",
        })
      : new Failure("protocol.bad_message", `${where} ${why}`, { facts, cause });
  }

  #located(error: unknown, byteCount: number): unknown {
    const isUnplaced =
      error instanceof Failure && error.code === "protocol.bad_message" && !("line" in error.facts);
    return isUnplaced ? this.badLine(byteCount, `cannot be used: ${error.message}`, error) : error;
  }

  #tooLong(cause: Failure): Failure {
    const line = this.#lines + 1;
    return new Failure(
      "protocol.line_too_long",
      `line ${line} of the input is longer than ${cause.facts["limit_bytes"]} bytes`,
      { facts: { ...cause.facts, line }, cause },
    );
  }
}

/** Says that the line at hand cannot be used; the caller knows its number. */
export class BadLine extends Error {}

/** What to throw for the line that a reader sees now, of which `error` was thrown: it says where the line is. */
export function lineFailure(reader: MessageReader, byteCount: number, error: unknown): Failure {
  if (error instanceof BadLine) return reader.badLine(byteCount, error.message);
  if (!(error instanceof Failure)) return asFailure(error);
  if (error.code === "protocol.bad_message")
    return reader.badLine(byteCount, `is broken: ${error.message}`, error);
  if (error.code !== "protocol.unknown_stream") return error;
  return new Failure(error.code, `line ${reader.lineNumber} of the input: ${error.message}`, {
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  }
  return true;
}
