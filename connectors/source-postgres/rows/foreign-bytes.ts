import { isUtf8 } from "node:buffer";
import { Failure } from "../../../protocol/errors.ts";
import type { RecordEncoder } from "../../kit/source/record-blocks.ts";

/** What becomes of a text that is not UTF-8, in a database that does not say what its bytes mean. */
export type ForeignBytes = "fail" | "latin1" | "replace" | "null";

/** A row in COPY's text format, and how to encode it. */
export interface RepairedRow {
  readonly bytes: Buffer;
  readonly encoder: RecordEncoder;
}

const TAB = 0x09;
const NULL = Buffer.from("\\N");

/**
 * Makes UTF-8 of the rows of a copy, whose texts are bytes of any encoding. A row that is UTF-8, as
 * most are, costs a look at its bytes.
 */
export class ForeignBytesRepair {
  readonly #rule: ForeignBytes;
  readonly #columns: readonly string[];
  readonly #encoder: RecordEncoder;
  #rows = 0;

  /** @param columns the names of the visible columns, which come first. */
  constructor(rule: ForeignBytes, columns: readonly string[], encoder: RecordEncoder) {
    this.#rule = rule;
    this.#columns = columns;
    this.#encoder = encoder;
  }

  /**
   * The row `bytes[start..end)` in UTF-8; undefined when it is. A value that says something else then
   * is named in the `meta` of its record; Latin-1 says the same. Throws `postgres.bad_value` where
   * nothing else was chosen, and for a cursor.
   */
  repaired(bytes: Buffer, start: number, end: number): RepairedRow | undefined {
    this.#rows++;
    if (isUtf8(bytes.subarray(start, end))) return undefined;
    const changed: string[] = [];
    const fields = fieldsOf(bytes, start, end - 1).map((field, index) => {
      if (isUtf8(field)) return field;
      const column = this.#columns[index];
      if (this.#rule === "fail" || column === undefined) throw this.#refused(column);
      if (this.#rule === "latin1") return Buffer.from(field.toString("latin1"));
      changed.push(column);
      return this.#rule === "null" ? NULL : Buffer.from(field.toString("utf8"));
    });
    const row = fields.flatMap((field, index) => (index === 0 ? [field] : [TAB_BYTES, field]));
    return {
      bytes: Buffer.concat([...row, NEWLINE_BYTES]),
      encoder: changed.length === 0 ? this.#encoder : this.#withMeta(changed),
    };
  }

  #withMeta(columns: readonly string[]): RecordEncoder {
    const change = this.#rule === "null" ? "NULLED" : "TRUNCATED";
    const changes = columns.map((field) => ({
      field,
      change,
      reason: "SOURCE_SERIALIZATION_ERROR",
    }));
    const meta = Buffer.from(`,"meta":${JSON.stringify({ changes })}`);
    const inner = this.#encoder;
    return {
      room: (bytes, start, end) => inner.room(bytes, start, end) + meta.length,
      encode: (bytes, start, end, out, at) => {
        const after = inner.encode(bytes, start, end, out, at);
        return after + meta.copy(out, after);
      },
    };
  }

  #refused(column: string | undefined): Failure {
    const what = column === undefined ? "its cursor" : `its column ${column}`;
    return new Failure(
      "postgres.bad_value",
      `row ${this.#rows} of those that were read has a text that is not UTF-8 in ${what}, and the encoding of the database, SQL_ASCII, does not say what its bytes mean`,
      {
        hint: "set `encoding` to latin1, replace or null, or leave the column out",
        facts: { row: this.#rows, ...(column !== undefined && { column }) },
      },
    );
  }
}

const TAB_BYTES = Buffer.from([TAB]);
const NEWLINE_BYTES = Buffer.from("\n");

function fieldsOf(bytes: Buffer, start: number, end: number): Buffer[] {
  const fields: Buffer[] = [];
  let from = start;
  for (let at = start; at <= end; at++) {
    if (at < end && bytes[at] !== TAB) continue;
    fields.push(bytes.subarray(from, at));
    from = at + 1;
  }
  return fields;
}
