import { MALFORMED, skipNumber, skipString, skipValue } from "../../../../protocol/json-scan.ts";
import {
  plainDecimal,
  uuidBytes,
  writeDigitsAsInt64,
  writeNumeric,
  writeSafeInt64,
  writeSpecialNumeric,
  writeString,
} from "./binary-values.ts";
import type { CopyBuffer } from "../copy-buffer.ts";
import {
  FIELD_ROOM,
  MAX_FIELD_BYTES,
  ROW_ROOM,
  type FieldWriter,
  type Misfit,
} from "../field-writer.ts";
import { fitsNumeric, integerIn, needsCheck, numberInString } from "../json/json-number.ts";
import { UNSTORABLE } from "../json/json-string.ts";
import { holdsUnstorableEscape, storableJson } from "../json/storable-json.ts";
import { NO_TIME, RecentInstants, TimeFields } from "./binary-times.ts";
import {
  BINARY_KIND,
  type BinaryKind,
  MAX_INTEGER,
  VALUE_KIND,
} from "../../../postgres/types/kinds.ts";

const QUOTE = 0x22;
const CLOSE_BRACE = 0x7d;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NULL_START = 0x6e;

/** jsonb's binary form is a version and the text. */
const JSONB_VERSION = 1;

/** Most digits of an integer that surely fits, and the limit of the type. */
interface IntegerKind {
  readonly safeDigits: number;
  readonly max: string;
}

const INTEGERS: Readonly<Record<number, IntegerKind>> = {
  [BINARY_KIND.int2]: { safeDigits: 4, max: MAX_INTEGER[VALUE_KIND.int2]! },
  [BINARY_KIND.int4]: { safeDigits: 9, max: MAX_INTEGER[VALUE_KIND.int4]! },
  [BINARY_KIND.int8]: { safeDigits: 18, max: MAX_INTEGER[VALUE_KIND.int8]! },
};
/** Digits that a JavaScript number surely holds. */
const DOUBLE_DIGITS = 15;

/**
 * Writes rows of COPY's binary format: half the work for the server, which need not look for
 * separators or parse any text. Every value is the one that the type's input function would have made
 * of the text (`test/connectors/destination-postgres/binary.test.ts` compares them on a server).
 *
 * Its fields must go into columns of exactly the types they are written for: the server would take
 * the bytes of one type for another's.
 */
export class BinaryWriter implements FieldWriter {
  misfit: Misfit | undefined = undefined;
  isCut = false;
  readonly growth = 1;
  readonly #kinds: readonly BinaryKind[];
  readonly #instants = new RecentInstants();
  readonly #times = new TimeFields();

  /** @param kinds of the columns, in order. */
  constructor(kinds: readonly BinaryKind[]) {
    this.#kinds = kinds;
  }

  beginRow(out: CopyBuffer, fields: number): void {
    out.int16(fields);
  }

  endRow(): void {}

  writeNull(out: CopyBuffer): void {
    out.int32(-1);
  }

  writeUuid(source: Uint8Array, at: number, out: CopyBuffer): void {
    out.int32(16);
    const { bytes, length } = out;
    for (let i = 0; i < 16; i++) bytes[length + i] = source[at + i]!;
    out.length = length + 16;
  }

  writeInstant(text: string, out: CopyBuffer): void {
    const field = this.#instants.fieldOf(text);
    out.verbatim(field, 0, field.length);
  }

  writeJsonb(source: Buffer, start: number, end: number, out: CopyBuffer): void {
    out.int32(end - start + 1);
    out.byte(JSONB_VERSION);
    out.verbatim(source, start, end);
  }

  write(column: number, source: Buffer, at: number, end: number, out: CopyBuffer): number {
    const kind = this.#kinds[column]!;
    if (source[at] === NULL_START && !keepsJsonNull(kind)) {
      out.int32(-1);
      return skipValue(source, at, end);
    }
    switch (kind) {
      case BINARY_KIND.text:
        return this.#text(source, at, end, out);
      case BINARY_KIND.int2:
      case BINARY_KIND.int4:
      case BINARY_KIND.int8:
        return this.#integer(kind, source, at, end, out);
      case BINARY_KIND.numeric:
      case BINARY_KIND.float8:
        return this.#number(kind, source, at, end, out);
      case BINARY_KIND.boolean:
        return this.#boolean(source, at, end, out);
      case BINARY_KIND.jsonb:
      case BINARY_KIND.jsonbOrNull:
      case BINARY_KIND.jsonOrNull:
        return this.#json(kind, source, at, end, out);
      case BINARY_KIND.uuid:
        return this.#uuid(source, at, end, out);
      default:
        return this.#temporal(kind, source, at, end, out);
    }
  }

  #text(source: Buffer, at: number, end: number, out: CopyBuffer): number {
    const start = out.length;
    out.length = start + 4;
    let after: number;
    if (source[at] === QUOTE) {
      after = writeString(source, at, end, out);
      if (after === UNSTORABLE) {
        const skipped = skipString(source, at, end);
        return this.#misfit("DESTINATION_SERIALIZATION_ERROR", skipped, out, start);
      }
    } else {
      after = skipValue(source, at, end);
      if (after !== MALFORMED) out.verbatim(source, at, after);
    }
    const length = out.length - start - 4;
    if (length > MAX_FIELD_BYTES)
      return this.#misfit("DESTINATION_FIELD_SIZE_LIMITATION", after, out, start);
    out.int32At(start, length);
    return after;
  }

  #integer(kind: BinaryKind, source: Buffer, at: number, end: number, out: CopyBuffer): number {
    const { safeDigits, max } = INTEGERS[kind]!;
    const isNegative = source[at] === MINUS;
    const digitsAt = isNegative ? at + 1 : at;
    let i = digitsAt;
    let value = 0;
    while (i < end) {
      const digit = source[i]! - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      i++;
    }
    const digits = i - digitsAt;
    const next = source[i]!;
    // `,` or `}` after a few digits is nearly every integer; anything else is looked at closely.
    const isPlain = digits > 0 && digits <= safeDigits && source[digitsAt] !== ZERO;
    if ((isPlain || digits === 1) && (next === COMMA || next === CLOSE_BRACE) && i < end) {
      if (digits > DOUBLE_DIGITS) {
        out.int32(8);
        writeDigitsAsInt64(source, digitsAt, i, isNegative, out);
      } else putInteger(kind, isNegative ? -value : value, out);
      return i;
    }
    const after = skipValue(source, at, end);
    if (after === MALFORMED) return after;
    const { text, misfit } = integerIn(source, at, after, max);
    if (misfit !== undefined) return this.#misfit(misfit, after, out, out.length);
    if (kind === BINARY_KIND.int8) {
      out.int32(8);
      out.length = out.bytes.writeBigInt64BE(BigInt(text), out.length);
    } else putInteger(kind, Number(text), out);
    return after;
  }

  #number(kind: BinaryKind, source: Buffer, at: number, end: number, out: CopyBuffer): number {
    const first = source[at]!;
    const quoted = first === QUOTE;
    if (!quoted && first !== MINUS && (first < ZERO || first > 0x39))
      return this.#notA(source, at, end, out);
    const after = quoted ? skipString(source, at, end) : skipNumber(source, at, end);
    if (after === MALFORMED) return after;
    if (!quoted && kind === BINARY_KIND.numeric && !needsCheck(source, at, after)) {
      writeNumeric(source, at, after, out);
      return after;
    }
    const { text, misfit } = quoted
      ? numberInString(source, at, after)
      : numberText(source, at, after);
    if (misfit !== undefined) return this.#misfit(misfit, after, out, out.length);
    if (kind === BINARY_KIND.float8) return this.#float8(text, after, out);
    if (!writeSpecialNumeric(text, out)) {
      const plain = Buffer.from(plainDecimal(text), "latin1");
      out.grow(plain.length + (end - at) + FIELD_ROOM * this.#kinds.length + ROW_ROOM);
      writeNumeric(plain, 0, plain.length, out);
    }
    return after;
  }

  #float8(text: string, after: number, out: CopyBuffer): number {
    const value = Number(text);
    const isLost =
      (Math.abs(value) === Infinity && !text.endsWith("Infinity")) ||
      (value === 0 && /[1-9]/.test(text.replace(/[eE].*/, "")));
    if (isLost) return this.#misfit("DESTINATION_FIELD_SIZE_LIMITATION", after, out, out.length);
    out.int32(8);
    out.length = out.bytes.writeDoubleBE(value, out.length);
    return after;
  }

  #boolean(source: Buffer, at: number, end: number, out: CopyBuffer): number {
    const first = source[at]!;
    if (first !== 0x74 && first !== 0x66) return this.#notA(source, at, end, out);
    out.int32(1);
    out.byte(first === 0x74 ? 1 : 0);
    return skipValue(source, at, end);
  }

  #temporal(kind: BinaryKind, source: Buffer, at: number, end: number, out: CopyBuffer): number {
    if (source[at] !== QUOTE) return this.#notA(source, at, end, out);
    const after = this.#times.write(kind, source, at, end, out);
    if (after === NO_TIME) return this.#notA(source, at, end, out);
    if (this.#times.isCut) this.#cut("DESTINATION_TYPECAST_ERROR");
    return after;
  }

  #json(kind: BinaryKind, source: Buffer, at: number, end: number, out: CopyBuffer): number {
    const after = skipValue(source, at, end);
    if (after === MALFORMED) return after;
    const isJson = kind === BINARY_KIND.jsonOrNull;
    if (!isJson && holdsUnstorableEscape(source, at, after)) {
      if (source[at] === QUOTE)
        return this.#misfit("DESTINATION_SERIALIZATION_ERROR", after, out, out.length);
      const kept = storableJson(source, at, after);
      this.writeJsonb(kept, 0, kept.length, out);
      this.#cut("DESTINATION_SERIALIZATION_ERROR");
      return after;
    }
    if (after - at > MAX_FIELD_BYTES)
      return this.#misfit("DESTINATION_FIELD_SIZE_LIMITATION", after, out, out.length);
    if (isJson) {
      out.int32(after - at);
      out.verbatim(source, at, after);
    } else this.writeJsonb(source, at, after, out);
    return after;
  }

  #uuid(source: Buffer, at: number, end: number, out: CopyBuffer): number {
    const after = skipValue(source, at, end);
    if (after === MALFORMED) return after;
    const bytes =
      source[at] === QUOTE
        ? uuidBytes(JSON.parse(source.toString("utf8", at, after)) as string)
        : undefined;
    if (bytes === undefined)
      return this.#misfit("DESTINATION_TYPECAST_ERROR", after, out, out.length);
    this.writeUuid(bytes, 0, out);
    return after;
  }

  #notA(source: Buffer, at: number, end: number, out: CopyBuffer): number {
    const after = skipValue(source, at, end);
    return this.#misfit("DESTINATION_TYPECAST_ERROR", after, out, out.length);
  }

  #cut(why: Misfit): void {
    this.misfit = why;
    this.isCut = true;
  }

  #misfit(why: Misfit, after: number, out: CopyBuffer, start: number): number {
    if (after === MALFORMED) return after;
    this.misfit = why;
    out.length = start;
    out.int32(-1);
    return after;
  }
}

function keepsJsonNull(kind: BinaryKind): boolean {
  return kind === BINARY_KIND.jsonbOrNull || kind === BINARY_KIND.jsonOrNull;
}

function putInteger(kind: BinaryKind, value: number, out: CopyBuffer): void {
  if (kind === BINARY_KIND.int8) {
    out.int32(8);
    writeSafeInt64(value, out);
  } else if (kind === BINARY_KIND.int4) {
    out.int32(4);
    out.int32(value);
  } else {
    out.int32(2);
    out.int16(value);
  }
}

function numberText(source: Buffer, at: number, end: number) {
  const text = source.toString("latin1", at, end);
  return fitsNumeric(text)
    ? { text }
    : { misfit: "DESTINATION_FIELD_SIZE_LIMITATION" as const, text: undefined };
}
