import { CopyBuffer } from "../encode/copy-buffer.ts";

/** First size of a buffer; most streams of a many-table sync never need more. */
const FIRST_BYTES = 64 * 1024;
/** A buffer that grew past this for one huge row is not kept. */
const KEPT_BYTES = 16 * 1024 * 1024;

/**
 * Rows on their way into the tables of one stream: the same rows for the final and for the raw
 * table. Kept until the server accepted both, so that a refused load can be repaired.
 */
export class CopyBatch {
  final: CopyBuffer | undefined;
  raw: CopyBuffer | undefined;
  rows = 0;
  /** How much of it a STATE received since covers; the rest must not be committed with that STATE. */
  covered = { rows: 0, finalBytes: 0, rawBytes: 0 };

  constructor(parts: { final: boolean; raw: boolean }) {
    this.final = parts.final ? new CopyBuffer(FIRST_BYTES) : undefined;
    this.raw = parts.raw ? new CopyBuffer(FIRST_BYTES) : undefined;
  }

  get bytes(): number {
    return (this.final?.length ?? 0) + (this.raw?.length ?? 0);
  }

  /** Everything so far is covered by a STATE. */
  coverAll(): void {
    this.covered = {
      rows: this.rows,
      finalBytes: this.final?.length ?? 0,
      rawBytes: this.raw?.length ?? 0,
    };
  }

  /** Moves what no STATE covers to `rest`, which must be empty; what stays is all covered. */
  splitUncovered(rest: CopyBatch): void {
    const { rows, finalBytes, rawBytes } = this.covered;
    rest.rows = this.rows - rows;
    if (this.final && rest.final) moveTail(this.final, finalBytes, rest.final);
    if (this.raw && rest.raw) moveTail(this.raw, rawBytes, rest.raw);
    this.rows = rows;
  }

  /** Forgets what no STATE covers. */
  dropUncovered(): void {
    this.rows = this.covered.rows;
    if (this.final) this.final.length = this.covered.finalBytes;
    if (this.raw) this.raw.length = this.covered.rawBytes;
  }

  /** Empties it for the next use. */
  clear(): void {
    this.rows = 0;
    this.covered = { rows: 0, finalBytes: 0, rawBytes: 0 };
    this.final = emptied(this.final);
    this.raw = emptied(this.raw);
  }
}

function moveTail(from: CopyBuffer, start: number, to: CopyBuffer): void {
  to.reserve(from.length - start);
  to.verbatim(from.bytes, start, from.length);
  from.length = start;
}

function emptied(rows: CopyBuffer | undefined): CopyBuffer | undefined {
  if (rows === undefined) return undefined;
  if (rows.bytes.length > KEPT_BYTES) return new CopyBuffer(FIRST_BYTES);
  rows.length = 0;
  return rows;
}
