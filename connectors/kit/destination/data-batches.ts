import { skipValue } from "../../../protocol/json-scan.ts";
import type { RecordBatches } from "./lane.ts";

const NEWLINE = 0x0a;

/** The `data` of records, one JSON object per line, byte for byte as it came. */
export interface DataBatch {
  readonly bytes: Buffer;
  readonly rows: number;
}

/**
 * Batches for systems that take JSON: the `data` of each record as a line of its own. A copy of each
 * record is held until its batch is taken. What a record's source says of it (`meta`) is not kept.
 */
export class DataBatches implements RecordBatches<DataBatch> {
  #gathered: Buffer[] = [];
  #covered = 0;
  #data: Buffer | undefined;
  bytes = 0;

  get rows(): number {
    return this.#gathered.length;
  }

  get coveredRows(): number {
    return this.#covered;
  }

  readData(source: Buffer, at: number, end: number): number {
    const after = skipValue(source, at, end);
    if (after >= 0) this.#data = source.subarray(at, after);
    return after;
  }

  undoRecord(): void {
    this.#data = undefined;
  }

  endRecord(): void {
    const { length } = this.#data!;
    const line = Buffer.allocUnsafe(length + 1);
    this.#data!.copy(line);
    line[length] = NEWLINE;
    this.#gathered.push(line);
    this.bytes += line.length;
    this.#data = undefined;
  }

  cover(): void {
    this.#covered = this.#gathered.length;
  }

  take(what: "covered" | "all"): DataBatch {
    const rows = what === "all" ? this.rows : this.#covered;
    const taken = this.#gathered.splice(0, rows);
    this.#covered = Math.max(0, this.#covered - rows);
    const bytes = Buffer.concat(taken);
    this.bytes -= bytes.length;
    return { bytes, rows };
  }

  drop(what: "uncovered" | "all"): void {
    const kept = what === "all" ? 0 : this.#covered;
    for (const line of this.#gathered.splice(kept)) this.bytes -= line.length;
    this.#covered = kept;
  }

  release(): void {}
}
