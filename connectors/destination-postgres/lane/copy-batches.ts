import type { Context } from "../../kit/contract.ts";
import type { RecordBatches, RecordTimes } from "../../kit/destination/lane.ts";
import type { RecordMeta } from "../../../protocol/messages.ts";
import { binaryKindOf } from "../../postgres/types/type-table.ts";
import { BinaryWriter } from "../encode/binary/binary-writer.ts";
import type { Outlier } from "../encode/outliers.ts";
import { MOST_UNKNOWN_KEYS, RowEncoder, type RowTimes } from "../encode/row-encoder.ts";
import { TextWriter } from "../encode/text/text-writer.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { CopyRows } from "./copy-rows.ts";
import { keylessText, lostKey, rolesOf } from "./keys.ts";
import { refuseChange } from "./refuse-change.ts";
import type { BlockPool } from "./block-pool.ts";

/** Which tables of a stream take their rows in COPY's binary format; the others take text. */
export interface BinaryTables {
  readonly final: boolean;
  readonly raw: boolean;
}

/** Which tables of a stream there are to load. */
export interface LoadedTables {
  readonly final: boolean;
  readonly raw: boolean;
}

/** The records of one stream, encoded as rows for COPY; and what could not be carried of them. */
export class CopyBatches implements RecordBatches<CopyBatch> {
  readonly #plan: StreamPlan;
  #encoder: RowEncoder;
  #binary: BinaryTables = { final: false, raw: false };
  readonly #tables: LoadedTables;
  /** The batch in hand; undefined while there is none, so that streams without rows hold no memory. */
  #batch: CopyBatch | undefined;
  readonly #pool: BlockPool;
  /** How many values became NULL, by column and reason. */
  readonly changes = new Map<string, number>();
  /** How many values lost a part, in the same way. */
  readonly #cuts = new Map<string, number>();
  #keyless = 0;

  constructor(plan: StreamPlan, tables: LoadedTables, pool: BlockPool) {
    this.#plan = plan;
    this.#encoder = encoderOf(plan, this.#binary);
    this.#tables = tables;
    this.#pool = pool;
  }

  /** The format of the rows; text until `useBinary`. */
  get binary(): BinaryTables {
    return this.#binary;
  }

  /** Sets the format of the rows. Only before the first record. */
  useBinary(tables: BinaryTables): void {
    this.#binary = tables;
    this.#encoder = encoderOf(this.#plan, tables);
  }

  get bytes(): number {
    return this.#batch?.bytes ?? 0;
  }

  get heldBytes(): number {
    return this.#batch?.heldBytes ?? 0;
  }

  get rows(): number {
    return this.#batch?.rows ?? 0;
  }

  get coveredRows(): number {
    return this.#batch?.covered.rows ?? 0;
  }

  readData(source: Buffer, at: number, end: number): number {
    return this.#encoder.readData(source, at, end, this.#inHand().final);
  }

  undoRecord(): void {
    this.#encoder.undoRow(this.#inHand().final);
  }

  endRecord(source: Buffer, times: RecordTimes | RowTimes, meta: RecordMeta): void {
    const batch = this.#inHand();
    const encoder = this.#encoder;
    if (encoder.lostKey !== undefined) {
      this.undoRecord();
      throw lostKey(this.#plan, encoder.lostKey, "stream.key_invalid");
    }
    if (meta.unchanged || meta.operation) this.#refuseChange(meta);
    encoder.endRow(source, times, meta, batch.final, batch.raw);
    batch.final?.endRow();
    batch.raw?.endRow();
    if (encoder.outliers.length > 0) this.#place(encoder.outliers, times);
    batch.rows++;
    for (const { field, change, reason } of encoder.changes)
      this.#count(`${field}: ${reason}`, change);
    for (const { field, change, reason } of encoder.rawChanges)
      this.#count(`${field}, in the raw table alone: ${reason}`, change);
  }

  #refuseChange(meta: RecordMeta): void {
    try {
      refuseChange(this.#plan, meta);
    } catch (error) {
      this.undoRecord();
      throw error;
    }
  }

  #place(outliers: readonly Outlier[], times: RecordTimes | RowTimes): void {
    const { id = this.#encoder.newId } = times as RowTimes;
    const { rows, outliers: placed } = this.#inHand();
    for (const outlier of outliers) placed.push({ ...outlier, row: rows, id });
  }

  cover(): void {
    this.#batch?.coverAll();
  }

  take(what: "covered" | "all"): CopyBatch {
    const taken = this.#inHand();
    this.#batch = undefined;
    if (what === "covered" && taken.rows > taken.covered.rows) taken.splitUncovered(this.#inHand());
    return taken;
  }

  drop(what: "uncovered" | "all"): void {
    if (this.#batch === undefined) return;
    if (what === "uncovered") return this.#batch.dropUncovered();
    this.release(this.#batch);
    this.#batch = undefined;
  }

  release(batch: CopyBatch): void {
    batch.final?.release();
    batch.raw?.release();
  }

  #inHand(): CopyBatch {
    return (this.#batch ??= new CopyBatch(this.#tables, this.#pool));
  }

  /** How many values became NULL so far. */
  get nulled(): number {
    return [...this.changes.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Values became NULL in the destination. */
  countChange(field: string, reason: string, values = 1): void {
    this.#count(`${field}: ${reason}`, "NULLED", values);
  }

  /**
   * Rows were merged.
   *
   * @param keyless those that have no value in a part of their key.
   * @param lost values that were not sent since they had not changed, and that nobody knew, by field.
   */
  countMerged(keyless: number, lost: ReadonlyMap<string, number>): void {
    this.#keyless += keyless;
    for (const [field, values] of lost)
      if (values > 0) this.countChange(field, "SOURCE_RETRIEVAL_ERROR", values);
  }

  /** Says what had to be changed, what had no column, and whose key says little. */
  report(context: Context): void {
    if (this.#keyless > 0) context.log("WARN", keylessText(this.#plan, this.#keyless));
    for (const [what, count] of this.changes)
      context.log("WARN", `${this.#plan.label}: ${count} × NULL in place of a value: ${what}`);
    for (const [what, count] of this.#cuts)
      context.log("WARN", `${this.#plan.label}: ${count} × a part of a value lost: ${what}`);
    const { unknownKeys, unknownRows } = this.#encoder;
    if (unknownRows === 0) return;
    const names = [...unknownKeys].join(", ") + (unknownKeys.size < MOST_UNKNOWN_KEYS ? "" : ", …");
    const what = `fields of ${unknownRows} records that are not in the catalog: ${names}`;
    const hasRaw = this.#plan.raw !== undefined || this.#plan.standIn === "rebuilt";
    context.log(
      "WARN",
      hasRaw
        ? `${this.#plan.label}: in the raw table only: ${what}`
        : `${this.#plan.label}: lost, since there is no raw table: ${what}; select them, or set tables to "raw_and_final"`,
    );
  }

  #count(what: string, change: string | undefined, values = 1): void {
    const counts = change === "TRUNCATED" ? this.#cuts : this.changes;
    counts.set(what, (counts.get(what) ?? 0) + values);
  }
}

function encoderOf(plan: StreamPlan, binary: BinaryTables): RowEncoder {
  const { columns } = plan;
  const kinds = columns.map((column) => column.kind);
  const final = binary.final
    ? new BinaryWriter(columns.map(({ type, kind }) => binaryKindOf(type, kind)!))
    : new TextWriter(kinds);
  const raw = binary.raw ? new BinaryWriter([]) : new TextWriter([]);
  return new RowEncoder(columns, { final, raw }, rolesOf(plan), plan.changes !== undefined);
}

/** An outlier, and the row it belongs to: by its number in the batch, and by its `_airbyte_ab_id`. */
export interface PlacedOutlier extends Outlier {
  readonly row: number;
  readonly id: string;
}

/**
 * Rows on their way into the tables of one stream: the same rows for the final and for the raw
 * table. Kept until the server accepted both, so that a refused load can be repaired.
 */
export class CopyBatch {
  readonly final: CopyRows | undefined;
  readonly raw: CopyRows | undefined;
  rows = 0;
  /** In the order of their rows. */
  outliers: PlacedOutlier[] = [];
  /** How much of it a STATE received since covers; the rest must not be committed with that STATE. */
  covered = { rows: 0, finalBytes: 0, rawBytes: 0 };

  constructor(tables: LoadedTables, pool: BlockPool) {
    this.final = tables.final ? new CopyRows(pool) : undefined;
    this.raw = tables.raw ? new CopyRows(pool) : undefined;
  }

  get bytes(): number {
    return (this.final?.size ?? 0) + (this.raw?.size ?? 0);
  }

  get heldBytes(): number {
    return (this.final?.heldBytes ?? 0) + (this.raw?.heldBytes ?? 0);
  }

  /** Everything so far is covered by a STATE. */
  coverAll(): void {
    this.covered = {
      rows: this.rows,
      finalBytes: this.final?.size ?? 0,
      rawBytes: this.raw?.size ?? 0,
    };
  }

  /** Moves what no STATE covers to `rest`, which must be empty; what stays is all covered. */
  splitUncovered(rest: CopyBatch): void {
    const { rows, finalBytes, rawBytes } = this.covered;
    rest.rows = this.rows - rows;
    if (rest.final) this.final?.moveTail(finalBytes, rest.final);
    if (rest.raw) this.raw?.moveTail(rawBytes, rest.raw);
    for (const { row, ...outlier } of this.outliers)
      if (row >= rows) rest.outliers.push({ ...outlier, row: row - rows });
    this.rows = rows;
    this.#forgetOutliers();
  }

  /** Forgets what no STATE covers. */
  dropUncovered(): void {
    this.rows = this.covered.rows;
    this.#forgetOutliers();
    this.final?.cut(this.covered.finalBytes);
    this.raw?.cut(this.covered.rawBytes);
  }

  /** Forgets those of rows that are gone. */
  #forgetOutliers(): void {
    if (this.outliers.length > 0)
      this.outliers = this.outliers.filter(({ row }) => row < this.rows);
  }
}
