import { Failure } from "../../protocol/errors.ts";
import { SignInOrder } from "./sign-in.ts";

/**
 * Most of the answer to one statement, in bytes: as much as a catalog of 5,000 tables of 1,600 columns
 * takes. Rows of a COPY are not among them.
 */
export const MAX_ANSWER_BYTES = 512 * 1024 * 1024;

/** What each message takes beside its bytes once it is read: rows may be tiny. */
const MESSAGE_OVERHEAD_BYTES = 100;

const HEADER_BYTES = 5;
const NOTHING = Buffer.alloc(0);

/** The types of messages a server sends. */
const TYPES = new Set(Buffer.from("123ACDEGHIKNRSTVZcdnst"));
/** Those that it may begin with. */
const FIRST_TYPES = new Set(Buffer.from("ENR"));
/** More than the longest of these. */
const MAX_FIRST_BYTES = 64 * 1024;
/** Those that come until it is ready for a first statement. */
const SIGN_IN_TYPES = new Set(Buffer.from("EKNRSZ"));
/** More than all of these take: some twenty settings, and notices. */
const MAX_SIGN_IN_BYTES = 1024 * 1024;

const [AUTHENTICATION, COMPLETE, ERROR, NOTICE, NOTIFICATION, PARAMETER, READY, ROW_DESCRIPTION] =
  Buffer.from("RCENASZT");

/**
 * Looks over what a server sends before the driver's parser does, which trusts it: an endless answer
 * would fill the memory, a message that is not what its length says would be read for ever, or end
 * the process.
 */
export class Answers {
  readonly #take: (messages: Buffer) => void;
  readonly #maxBytes: number;
  /** Room for an unfinished message, or for its header. */
  #held = NOTHING;
  #heldBytes = 0;
  #answerBytes = 0;
  #isFirst = true;
  readonly #signIn = new SignInOrder();
  #isReady = false;

  /** @param take gets whole messages, valid during the call. */
  constructor(take: (messages: Buffer) => void, maxBytes: number = MAX_ANSWER_BYTES) {
    this.#take = take;
    this.#maxBytes = maxBytes;
  }

  /** Throws `postgres.unreachable` for what is no PostgreSQL server, and `postgres.failed` later on. */
  push(chunk: Buffer): void {
    let at = this.#heldBytes > 0 ? this.#fill(chunk) : 0;
    const start = at;
    while (chunk.length - at >= HEADER_BYTES) {
      const end = at + this.#sizeOf(chunk, at);
      if (end > chunk.length) break;
      this.#check(chunk, at, end);
      at = end;
    }
    if (at > start) this.#hand(chunk.subarray(start, at));
    if (at < chunk.length) this.#hold(chunk, at);
  }

  /** Throws for a message that cannot be one, by its header alone. */
  #sizeOf(bytes: Buffer, at: number): number {
    const type = bytes[at]!;
    const size = 1 + bytes.readUInt32BE(at + 1);
    if (this.#isFirst) {
      if (type === ERROR && size > MAX_FIRST_BYTES) throw refusesInOldWords();
      if (!FIRST_TYPES.has(type) || size > MAX_FIRST_BYTES) throw this.#broken();
    }
    if (!TYPES.has(type) || size < HEADER_BYTES) throw this.#broken();
    if (!this.#isReady) {
      const isTooMuch = this.#answerBytes + size > MAX_SIGN_IN_BYTES;
      if (!SIGN_IN_TYPES.has(type) || isTooMuch) throw this.#broken();
    }
    if (this.#answerBytes + size > this.#maxBytes) throw this.#tooLarge();
    return size;
  }

  #check(bytes: Buffer, at: number, end: number): void {
    const type = bytes[at];
    if (!isWellFormed(bytes, at, end)) throw this.#broken();
    this.#isFirst = false;
    if (!this.#isReady) this.#checkSignIn(bytes, at);
    if (type === READY) {
      this.#isReady = true;
      this.#answerBytes = 0;
    } else this.#answerBytes += end - at + MESSAGE_OVERHEAD_BYTES;
  }

  #checkSignIn(bytes: Buffer, at: number): void {
    const type = bytes[at];
    const isInOrder =
      type === AUTHENTICATION
        ? this.#signIn.takes(bytes.readInt32BE(at + HEADER_BYTES))
        : type === ERROR || type === NOTICE || this.#signIn.isDone;
    if (!isInOrder) throw this.#broken();
  }

  #hand(messages: Buffer): void {
    try {
      this.#take(messages);
    } catch (error) {
      throw error instanceof Failure ? error : this.#broken(error);
    }
  }

  #hold(chunk: Buffer, at: number): void {
    const isHeader = chunk.length - at >= HEADER_BYTES;
    this.#held = Buffer.allocUnsafe(isHeader ? this.#sizeOf(chunk, at) : HEADER_BYTES);
    this.#heldBytes = chunk.copy(this.#held, 0, at);
  }

  /** Adds to the held message what it lacks; hands it on when complete. Returns the index after. */
  #fill(chunk: Buffer): number {
    let at = 0;
    for (;;) {
      const held = this.#held;
      const taken = Math.min(held.length - this.#heldBytes, chunk.length - at);
      chunk.copy(held, this.#heldBytes, at, at + taken);
      this.#heldBytes += taken;
      at += taken;
      if (this.#heldBytes < held.length) return at;
      const size = this.#sizeOf(held, 0);
      if (size > held.length) {
        this.#held = Buffer.allocUnsafe(size);
        held.copy(this.#held);
        continue;
      }
      this.#held = NOTHING;
      this.#heldBytes = 0;
      this.#check(held, 0, size);
      this.#hand(held);
      return at;
    }
  }

  #broken(cause?: unknown): Failure {
    return this.#isReady ? brokenProtocol(cause) : notPostgres(cause);
  }

  #tooLarge(): Failure {
    const megabytes = Math.floor(this.#maxBytes / (1024 * 1024));
    return new Failure("postgres.failed", `the answer is larger than ${megabytes} MB`, {
      hint: "look whether a PostgreSQL server answers there; of a database of very many tables, name `schemas`",
    });
  }
}

/** What is said of whatever does not answer like PostgreSQL from the beginning. */
export function notPostgres(cause?: unknown): Failure {
  return new Failure("postgres.unreachable", "what answers there is not a PostgreSQL server", {
    hint: "check host and port",
    kind: "config_error",
    cause,
  });
}

/** What is said of a server that began as one. */
export function brokenProtocol(cause?: unknown): Failure {
  return new Failure("postgres.failed", "what the server sends is not PostgreSQL's protocol", {
    hint: "look for what stands between here and the server",
    cause,
  });
}

/** A server that has no resources for another process says so as in PostgreSQL 7.3. */
function refusesInOldWords(): Failure {
  return new Failure("postgres.unreachable", "the server cannot take the connection now", {
    hint: "its log says why",
  });
}

/** Whether the texts in a message end inside it: the parser looks for their ends and finds others. */
function isWellFormed(bytes: Buffer, at: number, end: number): boolean {
  const body = at + HEADER_BYTES;
  const last = bytes[end - 1];
  switch (bytes[at]) {
    case ERROR:
    case NOTICE: // type and text, over and over, and a zero
      return last === 0 && (end - body === 1 || bytes[end - 2] === 0);
    case AUTHENTICATION: // of these only the list of SASL mechanisms has texts
      if (end - body < 4) return false;
      return bytes.readInt32BE(body) !== 10 || (last === 0 && bytes[end - 2] === 0);
    case COMPLETE:
      return end > body && last === 0;
    case PARAMETER:
      return hasTwoTexts(bytes, body, end);
    case NOTIFICATION:
      return hasTwoTexts(bytes, body + 4, end);
    case ROW_DESCRIPTION:
      return hasFields(bytes, body, end);
    default:
      return true;
  }
}

function hasTwoTexts(bytes: Buffer, start: number, end: number): boolean {
  return end > start && bytes[end - 1] === 0 && bytes.indexOf(0, start) < end - 1;
}

/** After the name of each field come 18 bytes. */
function hasFields(bytes: Buffer, start: number, end: number): boolean {
  let at = start + 2;
  if (at > end) return false;
  for (let left = bytes.readInt16BE(start); left > 0; left--) {
    const nameEnd = bytes.indexOf(0, at);
    at = nameEnd + 1 + 18;
    if (nameEnd === -1 || at > end) return false;
  }
  return true;
}
