import type { Socket } from "node:net";
import type { Client } from "pg";
import { Failure } from "../../../protocol/errors.ts";
import { brokenProtocol, MAX_ANSWER_BYTES } from "../answers.ts";
import { type Interception, interceptBytes, socketOf } from "../driver.ts";
import type { Lsn } from "./lsn.ts";
import { HEADER_BYTES, MessageCutter } from "./message-cutter.ts";

/** Who takes what the server sends of its log. */
export interface LogReceiver {
  /** One message of the decoding plugin, `bytes[start..end)`, valid during the call only. */
  message(bytes: Buffer, start: number, end: number, lsn: Lsn): void;
  /** The server has nothing more to send that was committed at or before this place. */
  keepalive(walEnd: Lsn): void;
  /**
   * Called when the messages of one chunk from the network are done. A promise holds the server back until
   * it resolves.
   */
  chunkDone(): Promise<void> | undefined;
}

/** What to do about a publication that is missing where the log is read. */
export const NO_PUBLICATION_HINT =
  "create the publication; what changed without it is not in the log, so load the streams anew";

/** How a log is taken. */
export interface LogOptions {
  /** Milliseconds between two words to the server, which else would take us for gone. Default: 10,000. */
  readonly statusMs?: number | undefined;
  /** Seconds for which the server may leave us without an answer before it is given up. Default: 300. */
  readonly answerSeconds?: number;
  /** A longer message fails the stream. Default: 1.5 GB, more than the server can send. */
  readonly maxMessageBytes?: number | undefined;
}

const DEFAULT_STATUS_MS = 10_000;
const DEFAULT_ANSWER_SECONDS = 300;
const DEFAULT_MAX_MESSAGE_BYTES = 1.5 * 1024 * 1024 * 1024;

/** How long the server may go on with the transaction at hand after it was asked to end. */
const STOP_MS = 2_000;

/**
 * A server that shuts down waits until everything it sent is confirmed, and asks for it again as soon as
 * it is answered. So many questions at one place are no other server's; from then on they are answered
 * slowly, and so many later it is let go.
 */
const PRESSING_QUESTIONS = 20;
const LAST_QUESTIONS = 50;
const SLOW_ANSWER_MS = 100;

const [COPY_DATA, COPY_DONE, COPY_BOTH, XLOG_DATA, KEEPALIVE, STATUS] = Buffer.from("dcWwkr");

/** Of what a server warns on the way, only this. */
const SKIPS_PUBLICATION = "55000";

/** Where the message of the plugin begins in a message of the server. */
const XLOG_HEADER_BYTES = HEADER_BYTES + 25;
const KEEPALIVE_BYTES = HEADER_BYTES + 18;

/** Microseconds from the Unix epoch to the one of PostgreSQL. */
const EPOCH_MICROSECONDS = 946_684_800_000_000n;

/**
 * The stream that START_REPLICATION begins, from the first byte to the last. Everything that is not of
 * the stream goes on to the driver, so errors and the end of the command are its business as ever.
 */
export class LogStream {
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #receiver: LogReceiver;
  readonly #statusMs: number;
  /** Questions that a server may leave unanswered: not a time, for which we may have been stopped. */
  readonly #mostUnanswered: number;
  readonly #cutter: MessageCutter;
  #driver: Interception | undefined;
  #confirmed: Lsn;
  #isStreaming = false;
  #isStopping = false;
  #failure: unknown;
  /** Where the server asked for an answer last, and how often it did since without sending anything. */
  #askedAt: Lsn = -1n;
  #questions = 0;
  /** How often the server was asked for an answer since it said anything. */
  #unanswered = 0;
  /** Whether it is held back. */
  #isHeld = false;
  #ended: Promise<void> = Promise.resolve();

  /** @param confirmed what is told to the server as soon as it listens. */
  constructor(client: Client, receiver: LogReceiver, confirmed: Lsn, options: LogOptions) {
    this.#client = client;
    this.#socket = socketOf(client);
    this.#receiver = receiver;
    this.#confirmed = confirmed;
    this.#statusMs = options.statusMs ?? DEFAULT_STATUS_MS;
    const answerMs = 1000 * (options.answerSeconds ?? DEFAULT_ANSWER_SECONDS);
    this.#mostUnanswered = Math.ceil(answerMs / this.#statusMs);
    const maxBytes = options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES;
    this.#cutter = new MessageCutter(
      (bytes, start, end) => this.#message(bytes, start, end),
      maxBytes + XLOG_HEADER_BYTES,
    );
  }

  /** Resolves after `stop`. Rejects with what the server or the receiver says otherwise. */
  run(command: string): Promise<void> {
    const run = this.#run(command);
    this.#ended = run.catch(() => {});
    return run;
  }

  /** Says what needs not be sent again. */
  confirm(lsn: Lsn): void {
    this.#confirmed = lsn;
    this.#sendStatus();
  }

  /** Asks the server to end, and throws away what it sends until then. */
  async stop(): Promise<void> {
    if (!this.#isStopping) this.#beginStop();
    await this.#ended;
  }

  async #run(command: string): Promise<void> {
    this.#driver = interceptBytes(this.#client, (chunk) => this.#push(chunk));
    const timer = setInterval(() => this.#ask(), this.#statusMs);
    this.#client.on("notice", this.#onNotice);
    try {
      await this.#client.query(command);
      if (!this.#isStopping) throw endedByServer();
    } catch (error) {
      // What is lost after the stop was not wanted any more.
      if (!this.#isStopping) throw error;
    } finally {
      clearInterval(timer);
      this.#client.off("notice", this.#onNotice);
      this.#isStreaming = false;
      this.#driver.end();
      this.#socket.resume();
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** From PostgreSQL 18 on a publication that is missing is no error: its changes would just be missing. */
  readonly #onNotice = (notice: {
    readonly code?: string | undefined;
    readonly message?: string | undefined;
  }) => {
    if (notice.code === SKIPS_PUBLICATION) this.#fail(noPublication(notice.message ?? ""));
  };

  #push(chunk: Buffer): void {
    this.#unanswered = 0;
    try {
      this.#cutter.push(chunk);
      if (!this.#isStopping) this.#chunkDone();
    } catch (error) {
      this.#fail(error);
      // What the rest of the bytes belongs to is not known.
      this.#socket.destroy();
    }
  }

  #chunkDone(): void {
    const pending = this.#receiver.chunkDone();
    if (pending === undefined) return;
    this.#socket.pause();
    this.#isHeld = true;
    void pending
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#isHeld = false;
        this.#socket.resume();
      });
  }

  #message(bytes: Buffer, start: number, end: number): void {
    switch (bytes[start]) {
      case COPY_DATA:
        return this.#copyData(bytes, start, end);
      case COPY_BOTH:
        this.#isStreaming = true;
        return this.#sendStatus();
      case COPY_DONE:
        this.#isStreaming = false;
        return;
      default:
        if (end - start > MAX_ANSWER_BYTES) throw brokenProtocol();
        this.#driver!.toDriver(bytes.subarray(start, end));
    }
  }

  #copyData(bytes: Buffer, start: number, end: number): void {
    if (this.#isStopping) return;
    const type = bytes[start + HEADER_BYTES];
    const place = start + HEADER_BYTES + 1;
    if (type === XLOG_DATA && end - start >= XLOG_HEADER_BYTES) {
      this.#questions = 0;
      const lsn = bytes.readBigUInt64BE(place);
      this.#receiver.message(bytes, start + XLOG_HEADER_BYTES, end, lsn);
    } else if (type === KEEPALIVE && end - start === KEEPALIVE_BYTES) {
      const walEnd = bytes.readBigUInt64BE(place);
      this.#receiver.keepalive(walEnd);
      if (bytes[end - 1] !== 0) this.#answer(walEnd);
    } else throw brokenProtocol();
  }

  #answer(walEnd: Lsn): void {
    this.#questions = walEnd === this.#askedAt ? this.#questions + 1 : 0;
    this.#askedAt = walEnd;
    if (this.#questions < PRESSING_QUESTIONS) return this.#sendStatus();
    if (this.#questions < LAST_QUESTIONS) setTimeout(() => this.#sendStatus(), SLOW_ANSWER_MS);
    else this.#fail(shuttingDown());
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    if (!this.#isStopping) this.#beginStop();
  }

  #beginStop(): void {
    this.#isStopping = true;
    this.#sendStatus();
    this.#socket.write(Buffer.from([COPY_DONE!, 0, 0, 0, 4]));
    this.#socket.resume();
    const late = setTimeout(() => this.#socket.destroy(), STOP_MS);
    void this.#ended.finally(() => clearTimeout(late));
  }

  /** Says that we live, and asks whether the server does: a connection may be gone without a word. */
  #ask(): void {
    this.#sendStatus({ asks: true });
    if (this.#isHeld || !this.#isStreaming) return;
    this.#unanswered++;
    if (this.#unanswered > this.#mostUnanswered) this.#fail(silent());
  }

  /** Says that we live, and what needs not be sent again. */
  #sendStatus({ asks = false } = {}): void {
    if (!this.#isStreaming || !this.#socket.writable) return;
    const message = Buffer.alloc(1 + 4 + 34);
    message[0] = COPY_DATA!;
    message.writeUInt32BE(4 + 34, 1);
    message[5] = STATUS!;
    // Written, flushed, applied: each is a promise that it needs not come again.
    for (const at of [6, 14, 22]) message.writeBigUInt64BE(this.#confirmed, at);
    message.writeBigInt64BE(BigInt(Date.now()) * 1000n - EPOCH_MICROSECONDS, 30);
    message[38] = asks ? 1 : 0;
    this.#socket.write(message);
  }
}

function noPublication(said: string): Failure {
  return new Failure("cdc.not_set_up", `the log lacks changes: the server ${said}`, {
    hint: NO_PUBLICATION_HINT,
  });
}

function shuttingDown(): Failure {
  return new Failure("postgres.connection_lost", "the server is shutting down");
}

function silent(): Failure {
  return new Failure(
    "postgres.connection_lost",
    "the server does not answer while its log is read",
  );
}

/** A server that shuts down says so when it has nothing more to send. */
function endedByServer(): Failure {
  return new Failure("postgres.connection_lost", "the server ended the stream of its log");
}
