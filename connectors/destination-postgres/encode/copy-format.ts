import type { CopyInFormat } from "../../postgres/copy-in.ts";
import { CopyBuffer } from "./copy-buffer.ts";
import { writeEscaped } from "./text/copy-text.ts";

const NEWLINE = 0x0a;
const TAB = 0x09;
const TEXT_NULL = Buffer.from("\\N");
const NO_BYTES = Buffer.alloc(0);

/** Takes rows apart that were written for COPY, to mend one that the server refused. */
export interface CopyFormat extends CopyInFormat {
  /** The index after the row at `at`. */
  rowEnd(bytes: Buffer, at: number): number;
  /** The fields of the row at `at` as they are spelled; null for NULL. */
  fieldsOf(bytes: Buffer, at: number): (Buffer | null)[];
  /** One of them, by its index. */
  fieldOf(bytes: Buffer, at: number, index: number): Buffer | null;
  /** A row of such fields. */
  rowOf(fields: readonly (Buffer | null)[]): Buffer;
  /** The text of a field. Of binary fields only texts have one. */
  textOf(field: Buffer): string;
  /** The text of a jsonb field, and a field of such text. */
  jsonbText(field: Buffer): string;
  jsonbField(text: string): Buffer;
}

/** Fields between tabs, rows between newlines, NULL as `\N`. */
export const TEXT_FORMAT: CopyFormat = {
  options: "",
  header: NO_BYTES,

  rowEnd(bytes, at) {
    return bytes.indexOf(NEWLINE, at) + 1;
  },

  fieldsOf(bytes, at) {
    const fields: (Buffer | null)[] = [];
    for (let start = at, i = at; ; i++) {
      if (bytes[i] !== TAB && bytes[i] !== NEWLINE) continue;
      const field = bytes.subarray(start, i);
      fields.push(field.equals(TEXT_NULL) ? null : field);
      if (bytes[i] === NEWLINE) return fields;
      start = i + 1;
    }
  },

  fieldOf(bytes, at, index) {
    let start = at;
    for (let tabs = index; tabs > 0; start++) if (bytes[start] === TAB) tabs--;
    let end = start;
    while (bytes[end] !== TAB && bytes[end] !== NEWLINE) end++;
    const field = bytes.subarray(start, end);
    return field.equals(TEXT_NULL) ? null : field;
  },

  rowOf(fields) {
    return Buffer.concat(
      fields.flatMap((field, index) => [
        field ?? TEXT_NULL,
        Buffer.of(index === fields.length - 1 ? NEWLINE : TAB),
      ]),
    );
  },

  textOf(field) {
    const letters: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r" };
    return field
      .toString("utf8")
      .replaceAll(/\\([\\tnr])/g, (_, letter: string) => letters[letter] ?? letter);
  },

  jsonbText(field) {
    return TEXT_FORMAT.textOf(field);
  },

  jsonbField(text) {
    const bytes = Buffer.from(text);
    const field = new CopyBuffer(2 * bytes.length);
    writeEscaped(bytes, 0, bytes.length, field);
    return field.bytes.subarray(0, field.length);
  },
};

/** A count of fields, then each with its length before it; NULL has the length -1. */
export const BINARY_FORMAT: CopyFormat = {
  options: " (format binary)",
  // A signature that transfer errors would damage, no flags, no extension.
  header: Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1"),

  rowEnd(bytes, at) {
    let i = at + 2;
    for (let fields = bytes.readInt16BE(at); fields > 0; fields--)
      i += 4 + Math.max(bytes.readInt32BE(i), 0);
    return i;
  },

  fieldsOf(bytes, at) {
    const fields: (Buffer | null)[] = [];
    let i = at + 2;
    for (let count = bytes.readInt16BE(at); count > 0; count--) {
      const length = bytes.readInt32BE(i);
      i += 4;
      fields.push(length === -1 ? null : bytes.subarray(i, i + length));
      i += Math.max(length, 0);
    }
    return fields;
  },

  fieldOf(bytes, at, index) {
    let i = at + 2;
    for (let before = index; before > 0; before--) i += 4 + Math.max(bytes.readInt32BE(i), 0);
    const length = bytes.readInt32BE(i);
    return length === -1 ? null : bytes.subarray(i + 4, i + 4 + length);
  },

  rowOf(fields) {
    const parts = fields.flatMap((field) => [int32(field === null ? -1 : field.length), field]);
    return Buffer.concat([
      Buffer.of(fields.length >> 8, fields.length & 0xff),
      ...parts.filter((part) => part !== null),
    ]);
  },

  textOf(field) {
    return field.toString("utf8");
  },

  jsonbText(field) {
    return field.toString("utf8", 1);
  },

  jsonbField(text) {
    return Buffer.concat([Buffer.of(1), Buffer.from(text)]); // the version, and the text
  },
};

function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}
