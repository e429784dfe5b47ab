import { Failure } from "../../../../protocol/errors.ts";
import { writeTimestamp } from "./binary-temporal.ts";
import { CopyBuffer } from "../copy-buffer.ts";
import { FIELD_ROOM } from "../field-writer.ts";

interface Instant {
  readonly text: string;
  readonly field: Buffer;
}

/**
 * Fields of times with time zone, made of their text. The last two are remembered: the rows of a
 * block have the same two, when they were emitted and when they were loaded.
 */
export class RecentInstants {
  #one: Instant = { text: "", field: Buffer.alloc(0) };
  #other: Instant = this.#one;

  /** @param text a time PostgreSQL reads, in UTC unless it says otherwise; `\N` is NULL. */
  fieldOf(text: string): Buffer {
    if (text === this.#one.text) return this.#one.field;
    const recent = this.#other;
    this.#other = this.#one;
    this.#one = text === recent.text ? recent : { text, field: fieldOf(text) };
    return this.#one.field;
  }
}

function fieldOf(text: string): Buffer {
  const field = new CopyBuffer(FIELD_ROOM);
  const bytes = Buffer.from(text);
  if (text === "\\N") field.int32(-1);
  else if (!writeTimestamp(bytes, 0, bytes.length, true, field))
    throw new Failure("internal.bug", "a time of ours is none");
  return field.bytes.subarray(0, field.length);
}
