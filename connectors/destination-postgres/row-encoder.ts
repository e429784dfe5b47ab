import { forEachMember, MALFORMED } from "../../protocol/json-scan.ts";
import type { RecordChange } from "../../protocol/messages.ts";
import { randomUuid } from "./random-uuid.ts";
import { CopyText } from "./copy-text.ts";
import { rawDocument } from "./raw-document.ts";
import { ValueWriter, writeAscii, writeNull } from "./value-writer.ts";
import type { ValueKind } from "./value-writer.ts";

/** A column as the encoder sees it: the key in the record's data and what becomes of its value. */
export interface EncodedColumn {
  readonly key: string;
  readonly kind: ValueKind;
}

/** What every row of one block shares. */
export interface RowTimes {
  /** `_airbyte_ab_id` of a row that has one already, as COPY text; undefined: it gets a new one. */
  readonly id?: string;
  /** `_airbyte_emitted_at`, as text PostgreSQL reads. */
  readonly emittedAt: string;
  /** `_airbyte_normalized_at`. */
  readonly normalizedAt: string;
}

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const COMMA = 0x2c;
const TAB = 0x09;
const NEWLINE = 0x0a;

/** A row's own columns besides its data: id, two times, separators, NULL marks. */
const ROW_OVERHEAD_BYTES = 512;

/**
 * Turns the `data` of records into COPY text, for the final table and for the raw table in one pass
 * and without building anything: numbers and JSON are copied, strings lose JSON's escapes and get
 * COPY's.
 *
 * Keys in the order of the columns, without white space, are read straight through (missing ones
 * become NULL on the way); anything else takes a slower path with the same result. Keys that are no
 * column stay in the raw table and are counted in `unknownKeys`.
 *
 * Columns of a final row, in order: the stream's, `_airbyte_ab_id`, `_airbyte_emitted_at`,
 * `_airbyte_normalized_at`, `_airbyte_meta`. Of a raw row: `_airbyte_ab_id`, `_airbyte_data`,
 * `_airbyte_emitted_at`.
 */
export class RowEncoder {
  /** Keys seen that are no column. Bounded: a key per row must not fill the memory. */
  readonly unknownKeys = new Set<string>();
  /** Changes made to the row in hand. */
  changes: RecordChange[] = [];

  readonly #columns: readonly EncodedColumn[];
  /** `"key":` of each column. */
  readonly #keys: readonly Buffer[];
  readonly #kinds: readonly ValueKind[];
  readonly #columnOfKey: ReadonlyMap<string, number>;
  readonly #values = new ValueWriter();
  /** Stands in for the final table when there is none: values are checked all the same. */
  readonly #scratch = new CopyText(64 * 1024);
  #dataStart = 0;
  #dataEnd = 0;
  #finalStart = 0;

  constructor(columns: readonly EncodedColumn[]) {
    this.#columns = columns;
    this.#keys = columns.map((column) => Buffer.from(`${JSON.stringify(column.key)}:`));
    this.#kinds = columns.map((column) => column.kind);
    this.#columnOfKey = new Map(columns.map((column, index) => [column.key, index]));
  }

  /**
   * Reads the object at `at` and appends the columns of a final row to `final`. Returns the index
   * after the object, or `MALFORMED` when it is not JSON; then nothing was appended. Follow with
   * `endRow` or `undoRow`.
   */
  readData(source: Buffer, at: number, end: number, final: CopyText | undefined): number {
    const out = final ?? this.#scratch;
    if (final === undefined) out.length = 0;
    this.#finalStart = out.length;
    this.#dataStart = at;
    if (this.changes.length > 0) this.changes = [];
    out.reserve(2 * (end - at) + 3 * this.#keys.length + ROW_OVERHEAD_BYTES);
    let after = this.#readInOrder(source, at, end, out);
    if (after === MALFORMED) {
      out.length = this.#finalStart;
      after = this.#readAnyOrder(source, at, end, out);
      if (after === MALFORMED) out.length = this.#finalStart;
    }
    this.#dataEnd = after;
    return after;
  }

  /** Takes back what `readData` appended. */
  undoRow(final: CopyText | undefined): void {
    if (final) final.length = this.#finalStart;
  }

  /**
   * Completes the row that `readData` began: its own columns to `final`, and the whole raw row to
   * `raw`. `changes` are those the record brought along; the row's own come after them.
   */
  endRow(
    source: Buffer,
    times: RowTimes,
    sourceChanges: readonly RecordChange[],
    final: CopyText | undefined,
    raw: CopyText | undefined,
  ): void {
    if (raw) {
      const document = rawDocument(source, this.#dataStart, this.#dataEnd);
      if (document.dropped.length > 0) this.#noteUnstorable(document.dropped);
      raw.reserve(2 * (document.end - document.start) + ROW_OVERHEAD_BYTES);
      const idAt = raw.length;
      randomUuid(raw);
      raw.byte(TAB);
      if (document.isPlain) raw.verbatim(document.bytes, document.start, document.end);
      else raw.escaped(document.bytes, document.start, document.end);
      raw.byte(TAB);
      writeAscii(raw, times.emittedAt);
      raw.byte(NEWLINE);
      if (final) final.verbatim(raw.bytes, idAt, idAt + 36);
    } else if (final) {
      if (times.id === undefined) randomUuid(final);
      else writeAscii(final, times.id);
    }
    if (final) {
      final.byte(TAB);
      writeAscii(final, times.emittedAt);
      final.byte(TAB);
      writeAscii(final, times.normalizedAt);
      final.byte(TAB);
      this.#writeMeta(sourceChanges, final);
      final.byte(NEWLINE);
    }
  }

  #readInOrder(source: Buffer, at: number, end: number, out: CopyText): number {
    const keys = this.#keys;
    const kinds = this.#kinds;
    let i = at + 1;
    let column = 0;
    if (source[at] !== OPEN_BRACE) return MALFORMED;
    if (source[i] !== CLOSE_BRACE) {
      for (;;) {
        let key = keys[column];
        while (key !== undefined && !matches(source, i, key)) {
          writeNull(out);
          out.byte(TAB);
          key = keys[++column];
        }
        if (key === undefined) return MALFORMED;
        i = this.#values.write(kinds[column]!, source, i + key.length, end, out);
        if (i === MALFORMED) return MALFORMED;
        if (this.#values.misfit !== undefined) this.#noteMisfit(column);
        out.byte(TAB);
        column++;
        const next = source[i];
        if (next === COMMA) i++;
        else if (next === CLOSE_BRACE && i < end) break;
        else return MALFORMED;
      }
    }
    for (; column < keys.length; column++) {
      writeNull(out);
      out.byte(TAB);
    }
    return i + 1;
  }

  #readAnyOrder(source: Buffer, at: number, end: number, out: CopyText): number {
    const starts = new Float64Array(this.#keys.length).fill(-1);
    this.changes = [];
    this.#values.misfit = undefined;
    const after = forEachMember(source, at, end, (keyStart, keyEnd, valueStart) => {
      const key = keyText(source, keyStart, keyEnd);
      const column = this.#columnOfKey.get(key);
      // Of two equal keys the last one counts, as in jsonb and in JSON.parse.
      if (column !== undefined) starts[column] = valueStart;
      else if (this.unknownKeys.size < 100) this.unknownKeys.add(key);
    });
    if (after === MALFORMED) return MALFORMED;
    for (let column = 0; column < starts.length; column++) {
      const start = starts[column]!;
      if (start === -1) writeNull(out);
      else this.#values.write(this.#kinds[column]!, source, start, end, out);
      if (this.#values.misfit !== undefined) this.#noteMisfit(column);
      out.byte(TAB);
    }
    return after;
  }

  #noteMisfit(column: number): void {
    const reason = this.#values.misfit!;
    this.#values.misfit = undefined;
    this.changes.push({ field: this.#columns[column]!.key, change: "NULLED", reason });
  }

  #noteUnstorable(fields: readonly string[]): void {
    for (const field of fields) {
      if (this.changes.some((change) => change.field === field)) continue;
      this.changes.push({ field, change: "NULLED", reason: "DESTINATION_SERIALIZATION_ERROR" });
    }
  }

  #writeMeta(sourceChanges: readonly RecordChange[], final: CopyText): void {
    if (this.changes.length === 0 && sourceChanges.length === 0) return writeNull(final);
    const meta = Buffer.from(JSON.stringify({ changes: [...sourceChanges, ...this.changes] }));
    final.reserve(2 * meta.length + ROW_OVERHEAD_BYTES);
    final.escaped(meta, 0, meta.length);
  }
}

function matches(source: Uint8Array, at: number, key: Uint8Array): boolean {
  for (let k = 0; k < key.length; k++) if (source[at + k] !== key[k]) return false;
  return true;
}

function keyText(source: Buffer, start: number, end: number): string {
  try {
    return JSON.parse(source.toString("utf8", start, end)) as string;
  } catch {
    return ""; // an escape JSON does not have: the server refuses the raw row, and no column is meant
  }
}
