import { CopyBuffer } from "../copy-buffer.ts";
import type { CopyFormat } from "../copy-format.ts";
import { writeEscaped } from "./copy-text.ts";

const NEWLINE = 0x0a;
const TAB = 0x09;
const TEXT_NULL = Buffer.from("\\N");

/** Fields between tabs, rows between newlines, NULL as `\N`. */
export const TEXT_FORMAT: CopyFormat = {
  options: "",
  header: Buffer.alloc(0),

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
