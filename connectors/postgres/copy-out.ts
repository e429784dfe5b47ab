import type { Socket } from "node:net";
import type { Client, QueryResult } from "pg";
import { brokenProtocol, MAX_ANSWER_BYTES } from "./answers.ts";
import { type CopyLimits, type CopySink, Taker } from "./copy-sink.ts";
import { type Interception, interceptBytes, socketOf } from "./driver.ts";

const COPY_DATA = 0x64;
const READY = 0x5a;
const HEADER_BYTES = 5;
const NOTHING: Buffer = Buffer.alloc(0);

/** How a COPY is read. */
export interface CopyOutOptions extends CopyLimits {
  /**
   * The COPYs that are read next, sent behind this one without waiting for its end. Rows of theirs wait,
   * on the network, until they are asked for.
   */
  readonly next?: readonly string[];
}

/** A COPY that was sent, and is not asked for yet. */
interface SentCopy {
  readonly text: string;
  readonly answer: Promise<QueryResult>;
}

/**
 * Runs `copy … to stdout`, one after the other, and hands each row to a sink straight from the bytes of
 * the socket.
 *
 * The driver parses every message into an object and pg-copy-streams wraps every row in a chunk of
 * a stream; here a row costs a header to read. (1,000,000 rows as 397 MB of NDJSON: 1.31 to 1.45 s,
 * encoding included, beside 1.57 to 1.66 s of psql's own COPY.) All other messages go on to the
 * driver's parser, so errors, notices and the end of the command are its business as ever. Holds one
 * chunk, and one row when it straddles chunks.
 */
export class CopiesOut {
  readonly #client: Client;
  /** Those on their way, in the order in which the server answers them. */
  #sent: SentCopy[] = [];
  /** Takes the server's bytes while there are any. */
  #reader: CopyReader | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  /**
   * Hands the rows of a COPY to `sink`. The client must be idle, but for COPYs sent ahead, and is busy
   * until the promise settles, and until `drop` where some are on their way then. After a throwing sink
   * the rest of the answer is discarded unread. When it fails, what was sent ahead is thrown away.
   *
   * @returns the rows the server says it sent.
   * @throws what the driver throws for the statement, or what the sink threw.
   */
  async read(text: string, sink: CopySink, options: CopyOutOptions): Promise<number> {
    const wanted = [text, ...(options.next ?? [])];
    if (this.#sent.some((one, at) => one.text !== wanted[at])) await this.drop();
    const reader = (this.#reader ??= new CopyReader(this.#client));
    for (const one of wanted.slice(this.#sent.length)) this.#send(one, reader);
    const { answer } = this.#sent.shift()!;
    const taker = reader.take(sink, options);
    try {
      const { command, rowCount } = await answer;
      if (command !== "COPY") throw brokenProtocol();
      await taker.settled;
      if (taker.failure !== undefined) throw taker.failure;
      if (this.#sent.length === 0) this.#end();
      return rowCount ?? 0;
    } catch (error) {
      await this.drop();
      throw taker.failure ?? error;
    }
  }

  /** Throws away what was sent ahead, unread. After it the client is idle. */
  async drop(): Promise<void> {
    if (this.#reader === undefined) return;
    await this.#reader.discard();
    this.#sent = [];
    this.#end();
  }

  #send(text: string, reader: CopyReader): void {
    reader.expectAnswer();
    const answer = this.#client.query(text);
    answer.catch(() => {}); // who asks for it hears of it
    this.#sent.push({ text, answer });
  }

  #end(): void {
    this.#reader?.end();
    this.#reader = undefined;
  }
}

/** Splits the server's bytes into rows of COPYs, for their takers, and everything else, for the driver. */
class CopyReader {
  readonly #socket: Socket;
  readonly #driver: Interception;
  /** Who takes the rows of the COPY that is answered now; undefined: that is not asked for yet. */
  #taker: Taker | undefined;
  #isDiscarding = false;
  /** COPYs that the server has not done with. */
  #unanswered = 0;
  #whenAnswered = () => {};
  /** Whether the sink has no room for more. */
  #isBusy = false;
  #isPaused = false;
  /** What came of COPYs that nobody has asked for yet. */
  #early = NOTHING;
  /** Room for an unfinished message, or for its header while its size is not known. */
  #held = NOTHING;
  /** How many bytes of it are there. */
  #heldBytes = 0;
  /** Bytes of a row that is thrown away because the sink failed or the row is too long. */
  #skipBytes = 0;

  constructor(client: Client) {
    this.#socket = socketOf(client);
    this.#driver = interceptBytes(client, (chunk) => this.#push(chunk));
  }

  /** Hands the rows of the COPY that is answered next to `sink`. */
  take(sink: CopySink, options: CopyOutOptions): Taker {
    const taker = new Taker(sink, options);
    this.#taker = taker;
    this.#goOn();
    return taker;
  }

  /** Says that another COPY was sent. */
  expectAnswer(): void {
    this.#unanswered++;
  }

  /** From now on nobody takes any rows. Resolves when all COPYs are answered, or will never be. */
  async discard(): Promise<void> {
    this.#isDiscarding = true;
    this.#isBusy = false;
    const answered = new Promise<void>((resolve) => (this.#whenAnswered = resolve));
    this.#goOn();
    if (this.#unanswered === 0 || this.#socket.destroyed) return;
    this.#socket.once("close", this.#whenAnswered);
    await answered;
    this.#socket.off("close", this.#whenAnswered);
  }

  /** Lets the driver read the socket itself again. */
  end(): void {
    this.#driver.end();
    const rest = this.#heldBytes > 0 ? this.#held.subarray(0, this.#heldBytes) : this.#early;
    this.#early = NOTHING;
    if (rest.length > 0) this.#driver.toDriver(rest);
    this.#isBusy = false;
    this.#flow();
  }

  #goOn(): void {
    const early = this.#early;
    this.#early = NOTHING;
    if (early.length > 0) this.#push(early);
    this.#flow();
  }

  get #isAsked(): boolean {
    return this.#taker !== undefined || this.#isDiscarding;
  }

  #push(arrived: Buffer): void {
    const chunk = this.#early.length > 0 ? Buffer.concat([this.#early, arrived]) : arrived;
    let at = 0;
    if (this.#skipBytes > 0) {
      at = Math.min(this.#skipBytes, chunk.length);
      this.#skipBytes -= at;
    }
    if (this.#heldBytes > 0) at = this.#fill(chunk, at);
    while (at < chunk.length && this.#isAsked) {
      const left = chunk.length - at;
      if (left < HEADER_BYTES) {
        at = this.#hold(chunk, at, HEADER_BYTES);
        break;
      }
      const messageBytes = 1 + chunk.readUInt32BE(at + 1);
      const isRow = chunk[at] === COPY_DATA;
      if (this.#isBroken(isRow, messageBytes)) return;
      if (isRow && !this.#wants(messageBytes)) {
        const skipped = Math.min(messageBytes, left);
        this.#skipBytes = messageBytes - skipped;
        at += skipped;
        continue;
      }
      if (messageBytes > left) {
        at = this.#hold(chunk, at, messageBytes);
        break;
      }
      this.#message(chunk, at, at + messageBytes);
      at += messageBytes;
    }
    this.#early = at < chunk.length ? Buffer.from(chunk.subarray(at)) : NOTHING;
    this.#chunkDone();
    this.#flow();
  }

  #message(bytes: Buffer, start: number, end: number): void {
    if (bytes[start] === COPY_DATA) {
      this.#taker?.row(bytes, start + HEADER_BYTES, end);
      return;
    }
    if (bytes[start] === READY) {
      this.#chunkDone();
      this.#taker = undefined;
      this.#unanswered--;
    }
    this.#driver.toDriver(bytes.subarray(start, end));
    if (this.#unanswered === 0) this.#whenAnswered();
  }

  /** Whether nothing can be as long as this; then the connection is over. */
  #isBroken(isRow: boolean, messageBytes: number): boolean {
    const isSound = messageBytes >= HEADER_BYTES && (isRow || messageBytes <= MAX_ANSWER_BYTES);
    if (!isSound) this.#socket.destroy(brokenProtocol());
    return !isSound;
  }

  #wants(messageBytes: number): boolean {
    return this.#taker?.wants(messageBytes - HEADER_BYTES) ?? false;
  }

  #chunkDone(): void {
    const pending = this.#taker?.chunkDone();
    if (pending === undefined) return;
    this.#isBusy = true;
    void pending.finally(() => {
      this.#isBusy = false;
      this.#flow();
    });
  }

  /** Reads on, or does not: then the server waits. */
  #flow(): void {
    const isPaused = this.#isBusy || this.#early.length > 0;
    if (isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    if (isPaused) this.#socket.pause();
    else this.#socket.resume();
  }

  /**
   * Returns the index behind it. Copied, since the chunk is valid during the call only, and at once: a row of 200 MB kept as chunks until it can be joined
   * would be there twice.
   */
  #hold(chunk: Buffer, at: number, wantedBytes: number): number {
    this.#held = Buffer.allocUnsafe(wantedBytes);
    this.#heldBytes = chunk.copy(this.#held, 0, at);
    return chunk.length;
  }

  /** Adds to the held message what it lacks; hands it on when complete. Returns the index after. */
  #fill(chunk: Buffer, start: number): number {
    let at = start;
    for (;;) {
      const message = this.#held;
      const taken = Math.min(message.length - this.#heldBytes, chunk.length - at);
      chunk.copy(message, this.#heldBytes, at, at + taken);
      this.#heldBytes += taken;
      at += taken;
      if (this.#heldBytes < message.length) return at;
      if (message.length === HEADER_BYTES) {
        const messageBytes = 1 + message.readUInt32BE(1);
        if (this.#isBroken(message[0] === COPY_DATA, messageBytes)) return chunk.length;
        if (message[0] === COPY_DATA && !this.#wants(messageBytes)) {
          this.#release();
          this.#skipBytes = messageBytes - HEADER_BYTES;
          const skipped = Math.min(this.#skipBytes, chunk.length - at);
          this.#skipBytes -= skipped;
          return at + skipped;
        }
        if (messageBytes > HEADER_BYTES) {
          this.#hold(message, 0, messageBytes);
          continue;
        }
      }
      this.#release();
      this.#message(message, 0, message.length);
      return at;
    }
  }

  #release(): void {
    this.#held = NOTHING;
    this.#heldBytes = 0;
  }
}
