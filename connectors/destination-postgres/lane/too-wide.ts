import {
  columnWidths,
  MOVED_OUT_BYTES,
  PAGE_BYTES,
  rowBytes,
  type ColumnWidth,
} from "../plan/row-width.ts";
import { BINARY_FORMAT } from "../encode/binary/binary-format.ts";
import type { CopyFormat } from "../encode/copy-format.ts";

/** Rows of a table, and which of their values may go. */
export interface WideRows {
  /** Types of the fields of a row. */
  readonly types: readonly string[];
  /** What a row gets beside them, there or in a table that it goes on to. */
  readonly addedBytes: number;
  readonly format: CopyFormat;
  readonly metaColumn: number;
  readonly dataColumns: { readonly from: number; readonly to: number };
  /** Columns that are not given up for the sake of others. */
  readonly kept?: { has(column: number): boolean };
}

/** Shorter texts are never compressed. */
const LEAST_COMPRESSED = 32;
/** Stands for the note of what goes, which takes as much as it can. */
const NOTE = Buffer.alloc(MOVED_OUT_BYTES);
/** The shortest that a compressed text may get. */
const COMPRESSED_BYTES = 12;

type Fields = readonly (Buffer | null)[];

/** Finds rows that are wider than a page, and what makes them so. */
export class TooWide {
  readonly #rows: WideRows;
  readonly #widths: readonly ColumnWidth[];

  constructor(rows: WideRows) {
    this.#rows = rows;
    this.#widths = columnWidths(rows.types);
  }

  /** Whether a row is too wide for sure. What it takes at least is known, and not always more. */
  isSurely(fields: Fields): boolean {
    return this.#excess(fields) > 0;
  }

  /**
   * The columns, as few as can be, whose values a row that is too wide must lose: those that take most of
   * it, and of equal ones the last. The room is counted that the note of them takes.
   *
   * @param excess by how much it is too wide, where the server says it; else by what it takes at least.
   */
  valuesTooMany(fields: Fields, excess?: number): number[] {
    const { dataColumns, kept, metaColumn } = this.#rows;
    const left = fields.with(metaColumn, fields[metaColumn] ?? NOTE);
    const candidates: { column: number; bytes: number }[] = [];
    for (let column = dataColumns.from; column < dataColumns.to; column++) {
      const field = fields[column];
      if (field == null || kept?.has(column) === true) continue;
      const bytes = this.#widths[column]!.bytes ?? Math.min(field.length + 1, MOVED_OUT_BYTES);
      candidates.push({ column, bytes });
    }
    candidates.sort((a, b) => b.bytes - a.bytes || b.column - a.column);
    const chosen: number[] = [];
    let missing =
      excess === undefined
        ? this.#excess(left)
        : excess + (fields[metaColumn] === null ? MOVED_OUT_BYTES : 0);
    for (const { column, bytes } of candidates) {
      if (missing <= 0 && excess === undefined) missing = this.#excess(left);
      if (missing <= 0) break;
      chosen.push(column);
      left[column] = null;
      missing -= bytes;
    }
    return chosen;
  }

  /** By how much a row is too wide at least. */
  #excess(fields: Fields): number {
    const { types, addedBytes, format } = this.#rows;
    const varying = (column: number) => {
      const type = types[column]!;
      if (fields[column] === NOTE) return MOVED_OUT_BYTES;
      if (type === "text") return leastTextBytes(format.textOf(fields[column]!).length);
      const isBinary = format === BINARY_FORMAT;
      return isBinary && type.startsWith("numeric") ? numericBytes(fields[column]!) : 1;
    };
    const bytes = rowBytes(this.#widths, varying, (column) => fields[column] === null);
    return bytes + addedBytes - PAGE_BYTES;
  }
}

/** No encoding has less than a byte for a character. */
function leastTextBytes(characters: number): number {
  if (characters >= LEAST_COMPRESSED) return COMPRESSED_BYTES;
  return Math.min(characters + 1, MOVED_OUT_BYTES);
}

/** A head of three bytes and two for each group of digits, zeros at both ends left out. */
function numericBytes(field: Buffer): number {
  let from = 8;
  let to = field.length;
  while (from < to && field.readInt16BE(from) === 0) from += 2;
  while (from < to && field.readInt16BE(to - 2) === 0) to -= 2;
  return Math.min(3 + to - from, MOVED_OUT_BYTES);
}
