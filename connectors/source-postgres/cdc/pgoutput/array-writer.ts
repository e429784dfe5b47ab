import { Failure } from "../../../../protocol/errors.ts";
import { baseOf, lineOf, type PostgresType } from "../../../postgres/types/column-type.ts";
import {
  copy,
  escapedRoom,
  MINUTES,
  WRITE,
  WRITE_OF,
  type Write,
  writeEscaped,
  writeString,
  writeToken,
} from "./value-tokens.ts";

const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const SLASH = 0x2f;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const NULL = Buffer.from("null");
const IPV4_MASK = Buffer.from("/32");
const IPV6_MASK = Buffer.from("/128");

/** Bytes that the token of an element may be longer than its text: quotes, `/128`, a `:00`. */
const ELEMENT_EXTRA_BYTES = 8;

/**
 * Turns the text of an array into the JSON that a COPY has of it: what `to_json` prints after the cast
 * of the type table or, where the array has lower bounds of its own, its text as one string.
 */
export class ArrayWriter {
  readonly #delimiter: number;
  readonly #write: Write;
  /** Whether the cast to text, unlike the type's own text, always says how long the mask is. */
  readonly #isInet: boolean;

  /** @param array the type, under a domain where there is one. */
  constructor({ element: type, delimiter = "," }: PostgresType) {
    const element = baseOf(type!);
    this.#delimiter = delimiter.charCodeAt(0);
    this.#write = elementWrite(element);
    this.#isInet = element.schema === "pg_catalog" && element.name === "inet";
  }

  /** Bytes that `write` may need. */
  room(bytes: Buffer, start: number, end: number): number {
    let delimiters = 1;
    for (let i = start; i < end; i++) if (bytes[i] === this.#delimiter) delimiters++;
    return escapedRoom(bytes, start, end) + delimiters * ELEMENT_EXTRA_BYTES;
  }

  /**
   * Writes the array `bytes[start..end)` into `out` at `at`; returns the index after it. Throws
   * `postgres.failed` for what is no array.
   */
  write(bytes: Buffer, start: number, end: number, out: Buffer, at: number): number {
    if (bytes[start] === OPEN_BRACKET) return writeString(bytes, start, end, out, at);
    const delimiter = this.#delimiter;
    let depth = 0;
    let i = start;
    while (i < end) {
      const byte = bytes[i]!;
      if (depth === 0 && (i > start || byte !== OPEN_BRACE)) throw noArray();
      switch (byte) {
        case delimiter:
          out[at++] = COMMA;
          i++;
          break;
        case OPEN_BRACE:
          out[at++] = OPEN_BRACKET;
          depth++;
          i++;
          break;
        case CLOSE_BRACE:
          out[at++] = CLOSE_BRACKET;
          depth--;
          i++;
          break;
        case QUOTE: {
          const closing = closingQuote(bytes, i + 1, end);
          at = this.#element(bytes, i + 1, closing, out, at);
          i = closing + 1;
          break;
        }
        default: {
          let after = i + 1;
          while (after < end && bytes[after] !== delimiter && bytes[after] !== CLOSE_BRACE) after++;
          at = isNull(bytes, i, after)
            ? copy(NULL, 0, NULL.length, out, at)
            : this.#element(bytes, i, after, out, at);
          i = after;
        }
      }
    }
    if (depth > 0 || start === end) throw noArray();
    return at;
  }

  #element(bytes: Buffer, start: number, end: number, out: Buffer, at: number): number {
    const write = this.#write;
    if (write === WRITE.text) return this.#text(bytes, start, end, out, at);
    if (write === WRITE.timestamp || write === WRITE.timestamptz)
      return timeOfJson(write, bytes, start, end, out, at);
    return writeToken(write, bytes, start, end, out, at);
  }

  /** An element that is a string; a backslash takes the next character as it is. */
  #text(bytes: Buffer, start: number, end: number, out: Buffer, at: number): number {
    out[at++] = QUOTE;
    let from = start;
    for (let i = start; i < end; i++) {
      if (bytes[i] !== BACKSLASH) continue;
      at = writeEscaped(bytes, from, i, out, at);
      from = ++i;
    }
    at = writeEscaped(bytes, from, end, out, at);
    if (this.#isInet && !has(SLASH, bytes, start, end)) {
      const mask = has(COLON, bytes, start, end) ? IPV6_MASK : IPV4_MASK;
      at = copy(mask, 0, mask.length, out, at);
    }
    out[at++] = QUOTE;
    return at;
  }
}

function elementWrite(element: PostgresType): Write {
  const { arrayCast, token } = lineOf(element);
  if (arrayCast === "numeric[]") return WRITE.money;
  const write = arrayCast === "text[]" ? WRITE.text : WRITE_OF[token];
  return OWN_FORM.has(write) ? write : WRITE.text;
}

/** What `to_json` prints in another way than as the string of its text. */
const OWN_FORM: ReadonlySet<Write> = new Set([
  WRITE.bare,
  WRITE.number,
  WRITE.boolean,
  WRITE.timestamp,
  WRITE.timestamptz,
]);

/** As `to_json` prints it: with `T` and a whole offset, but only those digits of fraction that it has. */
function timeOfJson(
  write: Write,
  bytes: Buffer,
  start: number,
  end: number,
  out: Buffer,
  at: number,
): number {
  out[at++] = QUOTE;
  let i = start;
  while (i < end && bytes[i] !== SPACE) out[at++] = bytes[i++]!;
  if (i < end) {
    out[at++] = 0x54;
    i++;
    while (i < end && bytes[i] !== SPACE) out[at++] = bytes[i++]!;
    const isShort = bytes[i - 3] === PLUS || bytes[i - 3] === MINUS;
    if (write === WRITE.timestamptz && isShort) at = copy(MINUTES, 0, MINUTES.length, out, at);
    at = copy(bytes, i, end, out, at); // ` BC`
  }
  out[at++] = QUOTE;
  return at;
}

function closingQuote(bytes: Buffer, from: number, end: number): number {
  for (let i = from; i < end; i++) {
    if (bytes[i] === QUOTE) return i;
    if (bytes[i] === BACKSLASH) i++;
  }
  throw noArray();
}

function noArray(): Failure {
  return new Failure(
    "postgres.failed",
    "a value of the server's log is not the array it should be",
  );
}

function isNull(bytes: Buffer, start: number, end: number): boolean {
  return end - start === 4 && bytes.toString("latin1", start, end) === "NULL";
}

function has(wanted: number, bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] === wanted) return true;
  return false;
}
