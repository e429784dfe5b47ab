import { MALFORMED, skipNumber, skipString, skipValue } from "../../../../protocol/json-scan.ts";
import type { CopyBuffer } from "../copy-buffer.ts";
import { writeEscaped, writeEscapedString, writeUuidText } from "./copy-text.ts";
import { MAX_FIELD_BYTES, type FieldWriter, type Misfit } from "../field-writer.ts";
import { fitsNumeric, integerIn, needsCheck, numberInString } from "../json/json-number.ts";
import { UNSTORABLE } from "../json/json-string.ts";
import { holdsUnstorableEscape, storableJson } from "../json/storable-json.ts";
import { isDate, isTime, isTimestamp, saysNanoseconds, saysTime, withEra } from "../temporal.ts";
import { MAX_INTEGER, VALUE_KIND, type ValueKind } from "../../../postgres/types/kinds.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const MINUS = 0x2d;
const ZERO = 0x30;
const NULL_START = 0x6e;
const TAB = 0x09;
const NEWLINE = 0x0a;

/** Fewer digits than this need no comparison with the limit of the kind. */
const SAFE_DIGITS: Readonly<Record<number, number>> = {
  [VALUE_KIND.int2]: 5,
  [VALUE_KIND.int4]: 10,
  [VALUE_KIND.int8]: 19,
};

/** Writes rows of COPY's text format, which has a spelling for every type there is. */
export class TextWriter implements FieldWriter {
  misfit: Misfit | undefined = undefined;
  isCut = false;
  readonly growth: number;
  readonly #kinds: readonly ValueKind[];

  /** @param kinds of the columns, in order. */
  constructor(kinds: readonly ValueKind[]) {
    this.#kinds = kinds;
    // A byte may need a backslash, and in an array another one, and each of them one.
    const hasArrays = kinds.some(
      (kind) => kind === VALUE_KIND.array || kind === VALUE_KIND.boxArray,
    );
    this.growth = hasArrays ? 4 : 2;
  }

  beginRow(): void {}

  endRow(out: CopyBuffer): void {
    out.bytes[out.length - 1] = NEWLINE; // in place of the tab after the last field
  }

  writeNull(out: CopyBuffer): void {
    putNull(out);
    out.byte(TAB);
  }

  writeUuid(source: Uint8Array, at: number, out: CopyBuffer): void {
    writeUuidText(source, at, out);
    out.byte(TAB);
  }

  writeInstant(text: string, out: CopyBuffer): void {
    out.ascii(text);
    out.byte(TAB);
  }

  writeJsonb(source: Buffer, start: number, end: number, out: CopyBuffer): void {
    writeEscaped(source, start, end, out);
    out.byte(TAB);
  }

  write(column: number, source: Buffer, at: number, end: number, out: CopyBuffer): number {
    const after = this.#value(this.#kinds[column]!, source, at, end, out);
    out.byte(TAB);
    return after;
  }

  #value(kind: ValueKind, source: Buffer, at: number, end: number, out: CopyBuffer): number {
    const first = source[at]!;
    if (first === NULL_START && kind !== VALUE_KIND.jsonbOrNull && kind !== VALUE_KIND.jsonOrNull) {
      putNull(out);
      return skipValue(source, at, end);
    }
    switch (kind) {
      case VALUE_KIND.text:
        return this.#text(source, at, end, out);
      case VALUE_KIND.int2:
      case VALUE_KIND.int4:
      case VALUE_KIND.int8:
        return this.#integer(kind, source, at, end, out);
      case VALUE_KIND.number:
        return this.#number(source, at, end, out);
      case VALUE_KIND.boolean:
        return this.#boolean(source, at, end, out);
      case VALUE_KIND.date:
      case VALUE_KIND.time:
      case VALUE_KIND.timestamp:
        return this.#temporal(kind, source, at, end, out);
      case VALUE_KIND.array:
      case VALUE_KIND.boxArray:
        return this.#array(kind, source, at, end, out);
      default:
        return this.#json(kind, source, at, end, out);
    }
  }

  #text(source: Buffer, at: number, end: number, out: CopyBuffer): number {
    if (source[at] === QUOTE) {
      const start = out.length;
      const after = writeEscapedString(source, at, end, out);
      if (after !== UNSTORABLE) {
        if (out.length - start <= MAX_FIELD_BYTES) return after;
        return this.#misfit("DESTINATION_FIELD_SIZE_LIMITATION", after, out, start);
      }
      const skipped = skipString(source, at, end);
      return this.#misfit("DESTINATION_SERIALIZATION_ERROR", skipped, out, start);
    }
    const after = skipValue(source, at, end);
    if (after !== MALFORMED) writeEscaped(source, at, after, out);
    return after;
  }

  #integer(kind: ValueKind, source: Buffer, at: number, end: number, out: CopyBuffer): number {
    const bytes = out.bytes;
    const start = out.length;
    let o = start;
    let i = at;
    if (source[i] === MINUS) bytes[o++] = source[i++]!;
    const digitsAt = i;
    while (i < end) {
      const byte = source[i]!;
      if (byte < ZERO || byte > 0x39) break;
      bytes[o++] = byte;
      i++;
    }
    const digits = i - digitsAt;
    const next = source[i]!;
    // `,` or `}` after a few digits is nearly every integer; anything else is looked at closely.
    const isPlain = digits > 0 && digits < SAFE_DIGITS[kind]! && source[digitsAt] !== ZERO;
    if ((isPlain || digits === 1) && (next === COMMA || next === CLOSE_BRACE) && i < end) {
      out.length = o;
      return i;
    }
    const after = skipValue(source, at, end);
    if (after === MALFORMED) return after;
    const { text, misfit } = integerIn(source, at, after, MAX_INTEGER[kind]!);
    if (misfit !== undefined) return this.#misfit(misfit, after, out, start);
    out.ascii(text);
    return after;
  }

  #number(source: Buffer, at: number, end: number, out: CopyBuffer): number {
    const first = source[at]!;
    const quoted = first === QUOTE;
    if (!quoted && first !== MINUS && (first < ZERO || first > 0x39))
      return this.#notA(source, at, end, out);
    const after = quoted ? skipString(source, at, end) : skipNumber(source, at, end);
    if (after === MALFORMED) return after;
    if (quoted) {
      const { misfit } = numberInString(source, at, after);
      if (misfit !== undefined) return this.#misfit(misfit, after, out, out.length);
      out.verbatim(source, at + 1, after - 1);
      return after;
    }
    if (needsCheck(source, at, after) && !fitsNumeric(source.toString("latin1", at, after)))
      return this.#misfit("DESTINATION_FIELD_SIZE_LIMITATION", after, out, out.length);
    out.verbatim(source, at, after);
    return after;
  }

  #boolean(source: Buffer, at: number, end: number, out: CopyBuffer): number {
    const first = source[at]!;
    if (first !== 0x74 && first !== 0x66) return this.#notA(source, at, end, out);
    out.byte(first);
    return skipValue(source, at, end);
  }

  #temporal(kind: ValueKind, source: Buffer, at: number, end: number, out: CopyBuffer): number {
    if (source[at] !== QUOTE) return this.#notA(source, at, end, out);
    // Some producers spell years past 9999 as ISO 8601 has it, which PostgreSQL refuses.
    const start = out.length;
    const from = source[at + 1] === 0x2b && kind !== VALUE_KIND.time ? at + 1 : at;
    const after = writeEscapedString(source, from, end, out);
    if (after === MALFORMED) return after;
    if (after === UNSTORABLE) return this.#notA(source, at, end, out);
    const stop = out.length;
    if (stop === start) {
      // An empty string under a date or time schema is how CSV-like sources say NULL.
      putNull(out);
      return after;
    }
    const { bytes } = out;
    const isDay = kind === VALUE_KIND.date && isDate(bytes, start, stop);
    const fits = isDay || (kind === VALUE_KIND.time ? isTime : isTimestamp)(bytes, start, stop);
    if (!fits) return this.#misfit("DESTINATION_TYPECAST_ERROR", after, out, start);
    // The server takes the date of a timestamp, and rounds a time.
    const isCut =
      kind === VALUE_KIND.date
        ? !isDay && saysTime(bytes, start, stop)
        : saysNanoseconds(bytes, start, stop);
    if (isCut) this.#cut("DESTINATION_TYPECAST_ERROR");
    if (kind !== VALUE_KIND.time && (bytes[start] === MINUS || bytes[start] === ZERO)) {
      const spelled = withEra(bytes.toString("latin1", start, stop));
      if (spelled !== undefined) {
        out.length = start;
        out.ascii(spelled);
      }
    }
    return after;
  }

  #json(kind: ValueKind, source: Buffer, at: number, end: number, out: CopyBuffer): number {
    const after = skipValue(source, at, end);
    if (after === MALFORMED) return after;
    if (kind !== VALUE_KIND.jsonOrNull && holdsUnstorableEscape(source, at, after)) {
      if (source[at] === QUOTE)
        return this.#misfit("DESTINATION_SERIALIZATION_ERROR", after, out, out.length);
      const kept = storableJson(source, at, after);
      writeEscaped(kept, 0, kept.length, out);
      this.#cut("DESTINATION_SERIALIZATION_ERROR");
      return after;
    }
    if (after - at > MAX_FIELD_BYTES)
      return this.#misfit("DESTINATION_FIELD_SIZE_LIMITATION", after, out, out.length);
    writeEscaped(source, at, after, out);
    return after;
  }

  #array(kind: ValueKind, source: Buffer, at: number, end: number, out: CopyBuffer): number {
    if (source[at] === QUOTE) return this.#text(source, at, end, out);
    if (source[at] !== OPEN_BRACKET) return this.#notA(source, at, end, out);
    const after = skipValue(source, at, end);
    if (after === MALFORMED) return after;
    const delimiter = kind === VALUE_KIND.boxArray ? SEMICOLON : COMMA;
    if (holdsUnstorableEscape(source, at, after)) {
      const kept = storableJson(source, at, after);
      writeArray(kept, 0, kept.length, delimiter, out);
      this.#cut("DESTINATION_SERIALIZATION_ERROR");
    } else writeArray(source, at, after, delimiter, out);
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
    putNull(out);
    return after;
  }
}

function putNull(out: CopyBuffer): void {
  out.byte(BACKSLASH);
  out.byte(0x4e);
}

/**
 * A well-formed JSON array as PostgreSQL's `{…}`: brackets become braces, strings stay quoted
 * (there is no escape in JSON that does not become one character here), objects are quoted text.
 */
function writeArray(
  source: Buffer,
  at: number,
  end: number,
  delimiter: number,
  out: CopyBuffer,
): void {
  for (let i = at; i < end;) {
    const byte = source[i]!;
    if (byte === OPEN_BRACKET) out.byte(OPEN_BRACE);
    else if (byte === CLOSE_BRACKET) out.byte(CLOSE_BRACE);
    else if (byte === QUOTE || byte === OPEN_BRACE) {
      const after = skipValue(source, i, end);
      const text =
        byte === QUOTE
          ? (JSON.parse(source.toString("utf8", i, after)) as string)
          : source.toString("utf8", i, after);
      const quoted = Buffer.from(`"${text.replace(/["\\]/g, "\\$&")}"`);
      writeEscaped(quoted, 0, quoted.length, out);
      i = after;
      continue;
    } else if (byte > 0x20) out.byte(byte === COMMA ? delimiter : byte);
    i++;
  }
}
