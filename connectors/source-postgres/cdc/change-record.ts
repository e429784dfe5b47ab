import type { RecordEncoder } from "../../kit/source/record-blocks.ts";
import type { Lsn } from "../../postgres/replication/lsn.ts";
import type { ChangeRows } from "./followed-stream.ts";
import { type ChangeStamp, LogRowEncoder } from "./pgoutput/log-row-encoder.ts";
import type { LogTuple } from "./pgoutput/pgoutput.ts";

/**
 * The change at hand, as its record is written: one object for all changes, to be written before the next
 * is set.
 */
export class ChangeRecord implements RecordEncoder, ChangeStamp {
  lsn: Lsn = 0n;
  time: Buffer = NO_BYTES;
  isDelete = false;
  #encoder = NO_COLUMNS;
  #row: LogTuple = NO_ROW;
  /** What follows `data`. */
  #meta: Buffer = NO_BYTES;
  #unchanged: readonly string[] = [];
  #unchangedMeta: Buffer = NO_BYTES;

  /** @param unchanged properties that are left out because the log does not carry them. */
  of(
    rows: ChangeRows,
    row: LogTuple,
    lsn: Lsn,
    unchanged: readonly string[],
    isDelete: boolean,
  ): void {
    this.#encoder = rows.encoder;
    this.#row = row;
    this.lsn = lsn;
    this.isDelete = isDelete;
    this.#meta = unchanged.length === 0 ? NO_BYTES : this.#metaOf(unchanged);
  }

  /** The record that says that all rows of a stream are gone. */
  ofTruncate(lsn: Lsn): void {
    this.#encoder = NO_COLUMNS;
    this.#row = NO_ROW;
    this.lsn = lsn;
    this.isDelete = true;
    this.#meta = TRUNCATE;
  }

  room(): number {
    return this.#encoder.room(this.#row) + this.#meta.length;
  }

  encode(_bytes: Buffer, _start: number, _end: number, out: Buffer, at: number): number {
    const after = this.#encoder.encode(this.#row, this, out, at);
    return after + this.#meta.copy(out, after);
  }

  /** The record's `data`, for later. */
  copy(): Buffer {
    const out = Buffer.allocUnsafe(this.#encoder.room(this.#row));
    return out.subarray(0, this.#encoder.encode(this.#row, this, out, 0));
  }

  /** Most changes of a table leave the same columns alone. */
  #metaOf(unchanged: readonly string[]): Buffer {
    const isSame =
      unchanged.length === this.#unchanged.length &&
      unchanged.every((name, at) => name === this.#unchanged[at]);
    if (!isSame) {
      this.#unchanged = unchanged;
      this.#unchangedMeta = Buffer.from(`,"meta":${JSON.stringify({ unchanged })}`);
    }
    return this.#unchangedMeta;
  }
}

const NO_BYTES: Buffer = Buffer.alloc(0);
const NO_COLUMNS = new LogRowEncoder([]);
const NO_ROW: LogTuple = {
  bytes: NO_BYTES,
  count: 0,
  kinds: new Uint8Array(0),
  starts: new Int32Array(0),
  ends: new Int32Array(0),
};
const TRUNCATE = Buffer.from(',"meta":{"operation":"truncate"}');
