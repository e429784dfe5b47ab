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
    let length = 2;
    for (const field of fields) length += 4 + (field?.length ?? 0);
    const row = Buffer.allocUnsafe(length);
    let i = row.writeInt16BE(fields.length);
    for (const field of fields) {
      i = row.writeInt32BE(field === null ? -1 : field.length, i);
      if (field !== null) i += field.copy(row, i);
    }
    return row;
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
