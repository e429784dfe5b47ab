import { Failure } from "../../../../protocol/errors.ts";

const NO_BYTES: Buffer = Buffer.alloc(0);

/** Reads the fields of a message of the server's log. Each throws `postgres.failed` where it is cut. */
export class MessageReader {
  bytes: Buffer = NO_BYTES;
  /** Where the next field begins. */
  at = 0;
  #end = 0;

  /** Goes on with the message `bytes[start..end)`. */
  begin(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.#end = end;
  }

  /** How many bytes were not read. */
  get left(): number {
    return this.#end - this.at;
  }

  byte(): number {
    if (this.at >= this.#end) throw endsTooEarly();
    return this.bytes[this.at++]!;
  }

  /** Unsigned. */
  int16(): number {
    return (this.byte() << 8) | this.byte();
  }

  /** Signed. */
  int32(): number {
    const at = this.at;
    this.skip(4);
    const bytes = this.bytes;
    return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }

  /** Unsigned. */
  int64(): bigint {
    const at = this.at;
    this.skip(8);
    return this.bytes.readBigUInt64BE(at);
  }

  /** A text that ends with a zero byte. */
  text(): string {
    const start = this.at;
    while (this.byte() !== 0);
    return this.bytes.toString("utf8", start, this.at - 1);
  }

  skip(length: number): void {
    if (length > this.#end - this.at) throw endsTooEarly();
    this.at += length;
  }

  /** Throws where the message goes on. */
  finish(): void {
    if (this.at !== this.#end) throw notUnderstood("is longer than it says");
  }
}

/** What is thrown for a message that lacks its end. */
export const endsTooEarly = (): Failure => notUnderstood("ends too early");

/** What is thrown for a message that the server cannot have meant. */
export function notUnderstood(why: string): Failure {
  return new Failure("postgres.failed", `a message of the server's log ${why}`);
}
