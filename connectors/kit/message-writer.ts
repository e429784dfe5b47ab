import type { Writable } from "node:stream";
import { Failure } from "../../protocol/errors.ts";
import type { Message } from "../../protocol/messages.ts";
import { isReaderGone, unwritableText } from "./closed-output.ts";
import type { Output } from "./contract.ts";

/**
 * Bytes gathered before a write. A pipe holds 64 KiB; blocks of four times that cost a quarter of
 * the wake-ups on both sides and are no faster when larger.
 */
const BLOCK_BYTES = 256 * 1024;

/** How long an unfinished block may wait for more before it is written anyway. */
const LINGER_MS = 20;

/**
 * Prints protocol lines in large writes, at the pace of the reader.
 *
 * Whatever is appended comes out in that order and in whole lines. At most one block is on its way
 * to the pipe and one is being gathered, so memory is bounded by two blocks and the largest `lines`.
 * Appending while another call waits is allowed (LOG does it): the order of the calls counts.
 *
 * Once the reader has gone, or the output cannot be written, every call rejects with `output.closed`.
 */
export class MessageWriter implements Output {
  readonly #out: Writable;
  readonly #textOf: (message: Message) => string;
  #gathered: Buffer[] = [];
  #gatheredBytes = 0;
  /** Called when what is gathered is taken. */
  #onTaken: (() => void)[] = [];
  /** Settles when everything handed to the pipe so far is taken; undefined when nothing is. */
  #writing: Promise<void> | undefined;
  #taken: () => void = () => {};
  #linger: NodeJS.Timeout | undefined;
  #failure: Failure | undefined;
  #isEnded = false;

  /** `textOf` turns a message into its line, without the newline; it may mask secrets. */
  constructor(out: Writable, textOf: (message: Message) => string = JSON.stringify) {
    this.#out = out;
    this.#textOf = textOf;
    out.on("error", this.#fail);
  }

  /** Why nothing can be printed any more; undefined while it can. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  async message(message: Message): Promise<void> {
    this.append(message);
    return this.#room();
  }

  async lines(bytes: Buffer, onTaken?: () => void): Promise<void> {
    this.#gather(bytes);
    if (onTaken) this.#onTaken.push(onTaken);
    return this.#room();
  }

  /** Appends a message without waiting for room: for the rare line that cannot wait, such as LOG. */
  append(message: Message): void {
    this.#gather(Buffer.from(`${this.#textOf(message)}\n`));
  }

  /** Resolves when the pipe has taken everything appended before the call. */
  async flush(): Promise<void> {
    while (this.#gatheredBytes > 0 || this.#writing !== undefined) await this.#write();
    this.#assertOpen();
  }

  /**
   * Prints what is gathered and, after it, nothing more: work that goes on after the end must not
   * leave half a line behind. Resolves when the pipe has taken it all.
   */
  async end(): Promise<void> {
    this.#isEnded = true;
    while (this.#gatheredBytes > 0 || this.#writing !== undefined) await this.#write();
    clearTimeout(this.#linger);
    this.#out.off("error", this.#fail); // a session has many commands, and a writer for each
    if (this.#failure !== undefined) throw this.#failure;
  }

  #gather(bytes: Buffer): void {
    if (this.#isEnded || this.#failure !== undefined || bytes.length === 0) return;
    this.#gathered.push(bytes);
    this.#gatheredBytes += bytes.length;
    this.#linger ??= setTimeout(() => void this.#write(), LINGER_MS);
  }

  async #room(): Promise<void> {
    this.#assertOpen();
    if (this.#gatheredBytes < BLOCK_BYTES) return;
    // One block may be on its way while the next is gathered; a third has to wait.
    if (this.#writing !== undefined) await this.#writing;
    this.#assertOpen();
    if (this.#gatheredBytes >= BLOCK_BYTES && this.#writing === undefined) this.#start();
  }

  async #write(): Promise<void> {
    if (this.#writing !== undefined) await this.#writing;
    if (this.#gatheredBytes > 0 && this.#writing === undefined) this.#start();
    if (this.#writing !== undefined) await this.#writing;
  }

  #start(): void {
    clearTimeout(this.#linger);
    this.#linger = undefined;
    const block =
      this.#gathered.length === 1
        ? this.#gathered[0]!
        : Buffer.concat(this.#gathered, this.#gatheredBytes);
    const onTaken = this.#onTaken;
    this.#gathered = [];
    this.#gatheredBytes = 0;
    this.#onTaken = [];
    this.#writing = new Promise((resolve) => {
      this.#taken = resolve;
      this.#out.write(block, (error) => {
        if (error) return this.#fail(error);
        for (const tell of onTaken) tell();
        this.#settle();
      });
    });
  }

  #settle(): void {
    this.#writing = undefined;
    this.#taken();
  }

  readonly #fail = (error: Error): void => {
    const message = isReaderGone(error)
      ? "the reader of the output has gone"
      : unwritableText(error);
    this.#failure ??= new Failure("output.closed", message, { cause: error });
    this.#gathered = [];
    this.#gatheredBytes = 0;
    this.#settle(); // a stream destroyed during a write never calls back
  };

  #assertOpen(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#isEnded) throw new Failure("output.closed", "the output has ended");
  }
}
