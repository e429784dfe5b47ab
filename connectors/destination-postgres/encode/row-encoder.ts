import { randomFillSync } from "node:crypto";
import { forEachMember, MALFORMED } from "../../../protocol/json-scan.ts";
import type { RecordChange, RecordMeta } from "../../../protocol/messages.ts";
import { uuidBytes } from "./binary/binary-values.ts";
import { CopyBuffer } from "./copy-buffer.ts";
import { FIELD_ROOM, ROW_ROOM, type FieldWriter } from "./field-writer.ts";
import { rawDocument, type FieldLoss } from "./json/storable-json.ts";
import { widerNumber, type ColumnRole, type Outlier } from "./outliers.ts";
import { VALUE_KIND, type ValueKind } from "../../postgres/types/kinds.ts";

/** A column as the encoder sees it: the key in the record's data and what becomes of its value. */
export interface EncodedColumn {
  readonly key: string;
  readonly kind: ValueKind;
}

/** What every row of one block shares. */
export interface RowTimes {
  /** `_airbyte_ab_id` of a row that has one already, or `\\N`; undefined: it gets a new one. */
  readonly id?: string;
  /** `_airbyte_emitted_at`, as text PostgreSQL reads, or `\\N`. */
  readonly emittedAt: string;
  /** `_airbyte_normalized_at`. */
  readonly normalizedAt: string;
}

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const COMMA = 0x2c;

/** Most keys that are no column and are remembered. */
export const MOST_UNKNOWN_KEYS = 100;

/** Columns of ours in a row of the final table, and all columns of a raw one. */
const OWN_FIELDS = 4;
const RAW_FIELDS = 3;

/** The format of each table's rows. */
export interface RowWriters {
  readonly final: FieldWriter;
  readonly raw: FieldWriter;
}

/**
 * Turns the `data` of records into rows for COPY, for the final table and for the raw table in one
 * pass and without building anything: each value goes from its JSON token to its field.
 *
 * Keys in the order of the columns, without white space, are read straight through (missing ones
 * become NULL on the way); anything else takes a slower path with the same result. Keys that are no
 * column stay in the raw table, if there is one; `unknownKeys` and `unknownRows` tell of them.
 *
 * Columns of a final row, in order: the stream's, `_airbyte_ab_id`, `_airbyte_emitted_at`,
 * `_airbyte_normalized_at`, `_airbyte_meta`. Of a raw row: `_airbyte_ab_id`, `_airbyte_data`,
 * `_airbyte_emitted_at`, and of changes `_airbyte_meta` as it came.
 */
export class RowEncoder {
  /** Keys seen that are no column. Bounded: a key per row must not fill the memory. */
  readonly unknownKeys = new Set<string>();
  /** How many rows had such keys. */
  unknownRows = 0;
  /** Changes made to the row in hand. */
  changes: RecordChange[] = [];
  /** Those made to the raw row alone. */
  rawChanges: RecordChange[] = [];
  /** Numbers of the row in hand that are NULL in it, and are to be put in when their column is wider. */
  outliers: Outlier[] = [];
  /** The column of a key, or of the mark of a deletion, whose value in the row in hand cannot be held at all. */
  lostKey: number | undefined;

  readonly #columns: readonly EncodedColumn[];
  /** `"key":` of each column. */
  readonly #keys: readonly Buffer[];
  readonly #columnOfKey: ReadonlyMap<string, number>;
  readonly #roles: ReadonlyMap<number, ColumnRole>;
  readonly #areChanges: boolean;
  readonly #final: FieldWriter;
  readonly #raw: FieldWriter;
  readonly #newId = Buffer.alloc(16);
  /** Stands in for the final table when there is none: values are checked all the same. */
  #scratch: CopyBuffer | undefined;
  #dataStart = 0;
  #dataEnd = 0;
  #finalStart = 0;

  /**
   * @param roles of columns whose values must not become NULL, by index.
   * @param areChanges whether all that a source says of a record is kept, and not only what became of
   *   its values.
   */
  constructor(
    columns: readonly EncodedColumn[],
    writers: RowWriters,
    roles: ReadonlyMap<number, ColumnRole> = new Map(),
    areChanges = false,
  ) {
    this.#roles = roles;
    this.#areChanges = areChanges;
    this.#columns = columns;
    this.#final = writers.final;
    this.#raw = writers.raw;
    this.#keys = columns.map((column) => Buffer.from(`${JSON.stringify(column.key)}:`));
    this.#columnOfKey = new Map(columns.map((column, index) => [column.key, index]));
  }

  /**
   * Reads the object at `at` and appends the columns of a final row to `final`. Returns the index
   * after the object, or `MALFORMED` when it is not JSON; then nothing was appended. Follow with
   * `endRow` or `undoRow`.
   */
  readData(source: Buffer, at: number, end: number, final: CopyBuffer | undefined): number {
    const out = final ?? (this.#scratch ??= new CopyBuffer(64 * 1024));
    if (final === undefined) out.length = 0;
    this.#dataStart = at;
    if (this.changes.length > 0) this.changes = [];
    if (this.rawChanges.length > 0) this.rawChanges = [];
    if (this.outliers.length > 0) this.outliers = [];
    this.lostKey = undefined;
    out.reserve(this.#final.growth * (end - at) + FIELD_ROOM * this.#keys.length + ROW_ROOM);
    this.#finalStart = out.length;
    let after = this.#readInOrder(source, at, end, out);
    if (after === MALFORMED) {
      out.length = this.#finalStart;
      after = this.#readAnyOrder(source, at, end, out);
      if (after === MALFORMED) out.length = this.#finalStart;
    }
    this.#dataEnd = after;
    return after;
  }

  /** The `_airbyte_ab_id` that the last row got, as hexadecimal digits. */
  get newId(): string {
    return this.#newId.toString("hex");
  }

  /** Takes back what `readData` appended. */
  undoRow(final: CopyBuffer | undefined): void {
    if (final) final.length = this.#finalStart;
  }

  /**
   * Completes the row that `readData` began: its own columns to `final`, and the whole raw row to
   * `raw`. Changes that the source's `meta` tells of come before the row's own.
   */
  endRow(
    source: Buffer,
    times: RowTimes,
    meta: RecordMeta,
    final: CopyBuffer | undefined,
    raw: CopyBuffer | undefined,
  ): void {
    randomUuid(this.#newId);
    if (raw) {
      const document = rawDocument(source, this.#dataStart, this.#dataEnd);
      if (document.losses.length > 0) this.#noteUnstorable(document.losses, final);
      raw.reserve(this.#raw.growth * (document.end - document.start) + ROW_ROOM);
      this.#raw.beginRow(raw, this.#areChanges ? RAW_FIELDS + 1 : RAW_FIELDS);
      this.#raw.writeUuid(this.#newId, 0, raw);
      this.#raw.writeJsonb(document.bytes, document.start, document.end, raw);
      this.#raw.writeInstant(times.emittedAt, raw);
      if (this.#areChanges) writeMeta(meta, this.#raw, raw);
      this.#raw.endRow(raw);
    }
    if (final) {
      this.#writeId(times.id, final);
      this.#final.writeInstant(times.emittedAt, final);
      this.#final.writeInstant(times.normalizedAt, final);
      this.#writeMeta(meta, final);
      this.#final.endRow(final);
    }
  }

  #writeId(id: string | undefined, final: CopyBuffer): void {
    const bytes = id === undefined ? this.#newId : uuidBytes(id);
    if (bytes === undefined) this.#final.writeNull(final);
    else this.#final.writeUuid(bytes, 0, final);
  }

  #readInOrder(source: Buffer, at: number, end: number, out: CopyBuffer): number {
    const keys = this.#keys;
    const writer = this.#final;
    let i = at + 1;
    let column = 0;
    if (source[at] !== OPEN_BRACE) return MALFORMED;
    writer.beginRow(out, keys.length + OWN_FIELDS);
    if (source[i] !== CLOSE_BRACE) {
      for (;;) {
        let key = keys[column];
        while (key !== undefined && !matches(source, i, key)) {
          writer.writeNull(out);
          key = keys[++column];
        }
        if (key === undefined) return MALFORMED;
        const valueAt = i + key.length;
        i = writer.write(column, source, valueAt, end, out);
        if (i === MALFORMED) return MALFORMED;
        if (writer.misfit !== undefined) this.#noteMisfit(column, source, valueAt, i);
        column++;
        const next = source[i];
        if (next === COMMA) i++;
        else if (next === CLOSE_BRACE && i < end) break;
        else return MALFORMED;
      }
    }
    for (; column < keys.length; column++) writer.writeNull(out);
    return i + 1;
  }

  #readAnyOrder(source: Buffer, at: number, end: number, out: CopyBuffer): number {
    const starts = new Float64Array(this.#keys.length).fill(-1);
    const writer = this.#final;
    this.changes = [];
    this.outliers = [];
    this.lostKey = undefined;
    writer.misfit = undefined;
    writer.isCut = false;
    let isUnknown = false;
    const after = forEachMember(source, at, end, (keyStart, keyEnd, valueStart) => {
      const key = keyText(source, keyStart, keyEnd);
      const column = this.#columnOfKey.get(key);
      // Of two equal keys the last one counts, as in jsonb and in JSON.parse.
      if (column !== undefined) starts[column] = valueStart;
      else {
        isUnknown = true;
        if (this.unknownKeys.size < MOST_UNKNOWN_KEYS) this.unknownKeys.add(key);
      }
    });
    if (after === MALFORMED) return MALFORMED;
    if (isUnknown) this.unknownRows++;
    writer.beginRow(out, starts.length + OWN_FIELDS);
    for (let column = 0; column < starts.length; column++) {
      const start = starts[column]!;
      if (start === -1) {
        writer.writeNull(out);
        continue;
      }
      const valueEnd = writer.write(column, source, start, end, out);
      if (writer.misfit !== undefined) this.#noteMisfit(column, source, start, valueEnd);
    }
    return after;
  }

  #noteMisfit(column: number, source: Buffer, at: number, end: number): void {
    const { misfit: reason, isCut } = this.#final;
    this.#final.misfit = undefined;
    this.#final.isCut = false;
    const role = this.#roles.get(column);
    if (role !== undefined) {
      const number = isCut ? undefined : widerNumber(this.#columns[column]!.kind, source, at, end);
      if (number !== undefined) {
        this.outliers.push({ column, number });
        return;
      }
      if (role !== "cursor") this.lostKey = column;
    }
    const change = isCut ? "TRUNCATED" : "NULLED";
    this.changes.push({ field: this.#columns[column]!.key, change, reason: reason! });
  }

  /** `_airbyte_meta` speaks of the final row: what only the raw one lacks is not said there. */
  #noteUnstorable(losses: readonly FieldLoss[], final: CopyBuffer | undefined): void {
    for (const { field, change: what } of losses) {
      if (this.changes.some((change) => change.field === field)) continue;
      const change = { field, change: what, reason: "DESTINATION_SERIALIZATION_ERROR" };
      const column = this.#columns[this.#columnOfKey.get(field) ?? -1];
      const isKept = final !== undefined && column?.kind === VALUE_KIND.jsonOrNull;
      (isKept ? this.rawChanges : this.changes).push(change);
    }
  }

  #writeMeta(meta: RecordMeta, final: CopyBuffer): void {
    if (this.changes.length === 0 && isEmpty(meta)) return this.#final.writeNull(final);
    const changes = [...(meta.changes ?? []), ...this.changes];
    const kept = this.#areChanges ? meta : {};
    writeMeta(changes.length > 0 ? { ...kept, changes } : kept, this.#final, final);
  }
}

function isEmpty({ changes, unchanged, operation }: RecordMeta): boolean {
  return !changes?.length && !unchanged?.length && operation === undefined;
}

function writeMeta(meta: RecordMeta, writer: FieldWriter, out: CopyBuffer): void {
  if (isEmpty(meta)) return writer.writeNull(out);
  const json = Buffer.from(JSON.stringify(meta));
  out.grow(writer.growth * json.length + ROW_ROOM);
  writer.writeJsonb(json, 0, json.length, out);
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

/** Random bytes fetched at once: a call per row would cost more than the row. */
const randomPool = Buffer.allocUnsafeSlow(16 * 4096);
let poolUsed = randomPool.length;

/** Puts the 16 bytes of a random UUID (version 4) into `target`. */
function randomUuid(target: Uint8Array): void {
  if (poolUsed === randomPool.length) {
    randomFillSync(randomPool);
    poolUsed = 0;
  }
  for (let i = 0; i < 16; i++) target[i] = randomPool[poolUsed + i]!;
  target[6] = (target[6]! & 0x0f) | 0x40;
  target[8] = (target[8]! & 0x3f) | 0x80;
  poolUsed += 16;
}
