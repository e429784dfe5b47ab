import { Failure } from "../../../protocol/errors.ts";
import type { RecordEncoder } from "../../kit/source/record-blocks.ts";
import type { TokenKind } from "../../postgres/types/kinds.ts";

/** One column of a stream, in the order of the SELECT list. */
export interface CopyTextColumn {
  readonly name: string;
  readonly token: TokenKind;
}

/**
 * Bytes a token may be longer than the text it came from, besides escaping: quotes, `.000000`, a
 * completed offset.
 */
const TOKEN_EXTRA_BYTES = 16;
/** The longest escape, `\u0001`, for one byte of text. */
const MAX_ESCAPE_FACTOR = 6;
/** Rows up to this size are given room for the worst case; longer ones are measured first. */
const MEASURED_ROW_BYTES = 4096;

const TAB = 0x09;
const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const COLON = 0x3a;
const HEX = Buffer.from("0123456789abcdef");

/** 1 for the bytes of COPY text that cannot stand in a JSON string as they are. */
const IS_SPECIAL = new Uint8Array(256);
IS_SPECIAL.fill(1, 0, 0x20);
IS_SPECIAL[QUOTE] = IS_SPECIAL[BACKSLASH] = 1;

// Numbers, because a switch over small integers is what the inner loop can afford.
const KIND: Readonly<Record<TokenKind, number>> = {
  text: 0,
  integer: 1,
  number: 2,
  boolean: 3,
  json: 4,
  array: 5,
  plain: 6,
  date: 6,
  hex: 7,
  timestamp: 8,
  timestamptz: 9,
  time: 10,
  timetz: 11,
};
const JSON_KIND = KIND.json;

/**
 * Turns rows in COPY's text format into JSON objects, bytes to bytes.
 *
 * No object, string or number is made per row: keys are copied, numbers and JSON pass through, text
 * is escaped on the way. COPY and JSON happen to spell most escapes alike (`\\`, `\n`, `\t`, …), so
 * only quotes and unusual control characters change.
 */
export class CopyTextEncoder implements RecordEncoder {
  /**
   * After `encode`: where the hidden columns lie in its input, as pairs of start and end. The text
   * is still escaped as COPY escapes.
   */
  readonly hidden: Int32Array;

  readonly #kinds: Uint8Array;
  /** Each `,"name":`. */
  readonly #keys: Buffer[];
  readonly #fixedBytes: number;

  /** @param hiddenColumns columns after the visible ones that are located, not printed. */
  constructor(columns: readonly CopyTextColumn[], hiddenColumns = 0) {
    this.#kinds = Uint8Array.from(columns, (column) => KIND[column.token]);
    this.#keys = columns.map((column) => Buffer.from(`,${JSON.stringify(column.name)}:`));
    this.hidden = new Int32Array(hiddenColumns * 2);
    this.#fixedBytes =
      2 + this.#keys.reduce((bytes, key) => bytes + key.length + TOKEN_EXTRA_BYTES, 0);
  }

  /** Bytes that `encode` may need for the row `bytes[start..end)`. */
  room(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (length <= MEASURED_ROW_BYTES) return this.#fixedBytes + length * MAX_ESCAPE_FACTOR;
    let escapes = 0;
    for (let i = start; i < end; i++) if (IS_SPECIAL[bytes[i]!] === 1) escapes++;
    return this.#fixedBytes + length + escapes * (MAX_ESCAPE_FACTOR - 1);
  }

  /**
   * Writes the row `bytes[start..end)`, newline included, as a JSON object into `out` at `at` and
   * returns the index after it. `out` must have `room`. Throws `postgres.failed` when the row does
   * not have the columns it should have.
   */
  encode(bytes: Uint8Array, start: number, end: number, out: Uint8Array, at: number): number {
    const kinds = this.#kinds;
    const keys = this.#keys;
    let o = at;
    let i = start;
    out[o++] = 0x7b;
    // The comma before the first key that is printed is stepped over.
    let skip = 1;
    for (let column = 0; column < kinds.length; column++) {
      if (column > 0 && bytes[i++] !== TAB) throw wrongColumns();
      const kind = kinds[column]!;
      const isNull = bytes[i] === BACKSLASH && bytes[i + 1] === 0x4e;
      if (isNull && kind === JSON_KIND) {
        i += 2;
        continue;
      }
      const key = keys[column]!;
      for (let k = skip; k < key.length; k++) out[o++] = key[k]!;
      skip = 0;
      if (isNull) {
        out[o++] = 0x6e;
        out[o++] = 0x75;
        out[o++] = 0x6c;
        out[o++] = 0x6c;
        i += 2;
        continue;
      }
      switch (kind) {
        case 0: {
          out[o++] = QUOTE;
          for (;;) {
            let byte = bytes[i]!;
            while (IS_SPECIAL[byte] === 0) {
              out[o++] = byte;
              byte = bytes[++i]!;
            }
            if (byte === TAB || byte === NEWLINE) break;
            if (byte === BACKSLASH) {
              o = escaped(bytes[i + 1]!, out, o);
              i += 2;
            } else {
              o = special(byte, out, o);
              i++;
            }
          }
          out[o++] = QUOTE;
          break;
        }
        case 1: {
          for (let byte = bytes[i]!; byte > NEWLINE; byte = bytes[++i]!) out[o++] = byte;
          break;
        }
        case 2: {
          // NaN, Infinity and -Infinity are the only ones with a letter this early.
          const isWord = bytes[i]! > COLON || (bytes[i] === 0x2d && bytes[i + 1]! > COLON);
          if (isWord) out[o++] = QUOTE;
          for (let byte = bytes[i]!; byte > NEWLINE; byte = bytes[++i]!) out[o++] = byte;
          if (isWord) out[o++] = QUOTE;
          break;
        }
        case 3: {
          const word = bytes[i++] === 0x74 ? TRUE : FALSE;
          for (let k = 0; k < word.length; k++) out[o++] = word[k]!;
          break;
        }
        case 4:
        case 5: {
          for (let byte = bytes[i]!; byte !== TAB && byte !== NEWLINE; byte = bytes[++i]!) {
            out[o++] = byte === BACKSLASH ? unescapedJson(bytes[++i]!) : byte;
          }
          break;
        }
        case 6:
        case 7: {
          out[o++] = QUOTE;
          for (let byte = bytes[i]!; byte > NEWLINE; byte = bytes[++i]!) out[o++] = byte;
          out[o++] = QUOTE;
          break;
        }
        default: {
          out[o++] = QUOTE;
          if (kind <= 9) {
            // The date, up to the space; `infinity` has none.
            for (let byte = bytes[i]!; byte > SPACE; byte = bytes[++i]!) out[o++] = byte;
            if (bytes[i] === SPACE) {
              out[o++] = 0x54;
              i++;
            } else {
              out[o++] = QUOTE;
              break;
            }
          }
          // `16:30:13`, then the fraction made six digits long.
          for (let k = 0; k < 8; k++) out[o++] = bytes[i++]!;
          let digits = 0;
          out[o++] = 0x2e;
          if (bytes[i] === 0x2e) {
            i++;
            for (let byte = bytes[i]!; byte >= 0x30 && byte <= 0x39; byte = bytes[++i]!) {
              out[o++] = byte;
              digits++;
            }
          }
          for (; digits < 6; digits++) out[o++] = 0x30;
          if (kind === 9 || kind === 11) {
            const offset = i;
            while (bytes[i]! > SPACE) i++;
            const isUtc = bytes[offset + 1] === 0x30 && bytes[offset + 2] === 0x30;
            if (kind === 9 && isUtc && i - offset === 3) out[o++] = 0x5a;
            else {
              for (let k = offset; k < i; k++) out[o++] = bytes[k]!;
              if (i - offset === 3) {
                out[o++] = COLON;
                out[o++] = 0x30;
                out[o++] = 0x30;
              }
            }
          }
          for (let byte = bytes[i]!; byte > NEWLINE; byte = bytes[++i]!) out[o++] = byte; // ` BC`
          out[o++] = QUOTE;
        }
      }
    }
    out[o++] = 0x7d;
    this.#locateHidden(bytes, i, end);
    return o;
  }

  #locateHidden(bytes: Uint8Array, from: number, end: number): void {
    const hidden = this.hidden;
    let i = from;
    for (let column = 0; column < hidden.length; column += 2) {
      if ((column > 0 || this.#kinds.length > 0) && bytes[i++] !== TAB) throw wrongColumns();
      hidden[column] = i;
      while (bytes[i]! !== TAB && bytes[i]! !== NEWLINE) i++;
      hidden[column + 1] = i;
    }
    if (i !== end - 1 || bytes[i] !== NEWLINE) throw wrongColumns();
  }
}

const TRUE = Buffer.from("true");
const FALSE = Buffer.from("false");

/** Writes what the COPY escape `\` + `code` stands for, as JSON spells it. */
function escaped(code: number, out: Uint8Array, at: number): number {
  switch (code) {
    case BACKSLASH:
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      out[at] = BACKSLASH;
      out[at + 1] = code;
      return at + 2;
    case 0x76: // v, which JSON does not have
      return special(0x0b, out, at);
    default:
      if (IS_SPECIAL[code] === 1) return special(code, out, at);
      out[at] = code;
      return at + 1;
  }
}

/** Writes a quote or a control character. */
function special(byte: number, out: Uint8Array, at: number): number {
  out[at++] = BACKSLASH;
  if (byte === QUOTE) {
    out[at++] = QUOTE;
    return at;
  }
  out[at++] = 0x75;
  out[at++] = 0x30;
  out[at++] = 0x30;
  out[at++] = HEX[byte >> 4]!;
  out[at++] = HEX[byte & 15]!;
  return at;
}

/**
 * The byte that the COPY escape `\` + `code` stands for inside a JSON document. Line breaks can only
 * be white space there and become a space: a record is one line.
 */
function unescapedJson(code: number): number {
  switch (code) {
    case 0x6e:
    case 0x72:
      return SPACE;
    case 0x74:
      return TAB;
    default:
      return code;
  }
}

function wrongColumns(): Failure {
  return new Failure("postgres.failed", "a row does not have the columns that were asked for");
}
