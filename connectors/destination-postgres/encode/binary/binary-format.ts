import type { CopyFormat } from "../copy-format.ts";

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
