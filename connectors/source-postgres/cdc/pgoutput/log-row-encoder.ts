import { baseOf, columnType, type PostgresType } from "../../../postgres/types/column-type.ts";
import { ArrayWriter } from "./array-writer.ts";
import { type LogTuple, NULL_VALUE, TEXT_VALUE, UNCHANGED_VALUE } from "./pgoutput.ts";
import {
  copy,
  escapedRoom,
  MAX_ESCAPE_FACTOR,
  TOKEN_EXTRA_BYTES,
  WRITE,
  WRITE_OF,
  type Write,
  writeToken,
} from "./value-tokens.ts";

/** A property of a stream, in the order of its records. */
export interface LogRowColumn {
  readonly name: string;
  readonly type: PostgresType;
  /** Its place in the rows of the log; -1 where they do not have it, and the property is left out. */
  readonly index: number;
}

/** What the records of a change say of it, in the properties after the columns. */
export interface ChangeStamp {
  readonly lsn: bigint;
  /** When it was committed, by `changeTime`. */
  readonly time: Buffer;
  readonly isDelete: boolean;
}

/** Values up to this size are given room for the worst case; longer ones are measured first. */
const MEASURED_VALUE_BYTES = 4096;
/** Of 64 bits. */
const MAX_DIGITS = 20;
/** The longest time there is, far beyond what a clock says. */
const MAX_TIME_BYTES = 40;

const LSN = Buffer.from('"_ab_cdc_lsn":');
const UPDATED_AT = Buffer.from(',"_ab_cdc_updated_at":');
const DELETED_AT = Buffer.from(',"_ab_cdc_deleted_at":');
const NULL = Buffer.from("null");

const POSTGRES_EPOCH_MS = Date.UTC(2000, 0, 1);

/**
 * Turns rows of the log into the JSON objects that a COPY of the same rows gives, and says behind the
 * columns which change they are of. What the log does not carry is left out.
 *
 * Bytes to bytes: nothing is made per row.
 */
export class LogRowEncoder {
  /** After `encode`: how many properties were left out, as `omittedOf` names them. */
  omitted = 0;

  readonly #names: readonly string[];
  readonly #indexes: Int32Array;
  readonly #writes: Uint8Array;
  readonly #arrays: readonly (ArrayWriter | undefined)[];
  /** Each `"name":`. */
  readonly #keys: readonly Buffer[];
  readonly #fixedBytes: number;

  constructor(columns: readonly LogRowColumn[]) {
    this.#names = columns.map(({ name }) => name);
    this.#indexes = Int32Array.from(columns, ({ index }) => index);
    this.#writes = Uint8Array.from(columns, ({ type }) => writeOf(type));
    this.#arrays = columns.map(({ type }) =>
      writeOf(type) === WRITE.array ? new ArrayWriter(baseOf(type)) : undefined,
    );
    this.#keys = columns.map(({ name }) => Buffer.from(`${JSON.stringify(name)}:`));
    this.#fixedBytes =
      2 +
      this.#keys.reduce((bytes, key) => bytes + key.length + 1 + TOKEN_EXTRA_BYTES, 0) +
      [LSN, UPDATED_AT, DELETED_AT].reduce((bytes, key) => bytes + key.length, 0) +
      MAX_DIGITS +
      2 * MAX_TIME_BYTES;
  }

  /** Bytes that `encode` may need for a row. */
  room({ bytes, kinds, starts, ends }: LogTuple): number {
    let room = this.#fixedBytes;
    for (let column = 0; column < this.#indexes.length; column++) {
      const index = this.#indexes[column]!;
      if (index < 0 || kinds[index] !== TEXT_VALUE) continue;
      const start = starts[index]!;
      const end = ends[index]!;
      if (end - start <= MEASURED_VALUE_BYTES) room += (end - start) * MAX_ESCAPE_FACTOR;
      else if (this.#writes[column] === WRITE.array)
        room += this.#arrays[column]!.room(bytes, start, end);
      else if (this.#writes[column] === WRITE.text) room += escapedRoom(bytes, start, end);
      else room += end - start;
    }
    return room;
  }

  /**
   * Writes a row as a JSON object into `out` at `at`, which has `room`, and returns the index after it.
   * Throws `postgres.failed` for a text that its type cannot have.
   */
  encode(row: LogTuple, stamp: ChangeStamp, out: Buffer, at: number): number {
    const { bytes, kinds, starts, ends } = row;
    const indexes = this.#indexes;
    this.omitted = 0;
    out[at++] = 0x7b;
    for (let column = 0; column < indexes.length; column++) {
      const index = indexes[column]!;
      const kind = index < 0 ? undefined : kinds[index];
      const write = this.#writes[column] as Write;
      if (kind === TEXT_VALUE) {
        at = copyAll(this.#keys[column]!, out, at);
        const start = starts[index]!;
        const end = ends[index]!;
        at =
          write === WRITE.array
            ? this.#arrays[column]!.write(bytes, start, end, out, at)
            : writeToken(write, bytes, start, end, out, at);
      } else if (kind === NULL_VALUE) {
        if (write === WRITE.json) continue;
        at = copyAll(this.#keys[column]!, out, at);
        at = copyAll(NULL, out, at);
      } else {
        this.omitted++;
        continue;
      }
      out[at++] = 0x2c;
    }
    return writeStamp(stamp, out, at);
  }

  /**
   * The properties that are left out because the log does not carry their values. NULL in a JSON column,
   * which leaves its property out too, is none of them.
   */
  omittedOf({ kinds }: LogTuple): string[] {
    return this.#names.filter((_, column) => {
      const index = this.#indexes[column]!;
      return index < 0 || kinds[index] === UNCHANGED_VALUE;
    });
  }
}

/**
 * When a change was committed, as a token: as a `timestamptz` travels.
 *
 * @param time microseconds since 2000-01-01 UTC.
 */
export function changeTime(time: bigint): Buffer {
  const microseconds = ((time % 1000n) + 1000n) % 1000n;
  const milliseconds = Number((time - microseconds) / 1000n);
  const text = new Date(POSTGRES_EPOCH_MS + milliseconds).toISOString().slice(0, -1);
  return Buffer.from(`"${text}${String(microseconds).padStart(3, "0")}Z"`);
}

function writeOf(type: PostgresType): Write {
  const base = baseOf(type);
  const isMoney = base.schema === "pg_catalog" && base.name === "money" && base.kind === "base";
  return isMoney ? WRITE.money : WRITE_OF[columnType(type).token];
}

function writeStamp({ lsn, time, isDelete }: ChangeStamp, out: Buffer, at: number): number {
  at = copyAll(LSN, out, at);
  at = writeDigits(lsn, out, at);
  at = copyAll(UPDATED_AT, out, at);
  at = copyAll(time, out, at);
  at = copyAll(DELETED_AT, out, at);
  at = copyAll(isDelete ? time : NULL, out, at);
  out[at++] = 0x7d;
  return at;
}

function writeDigits(value: bigint, out: Buffer, at: number): number {
  const digits = String(value);
  for (let i = 0; i < digits.length; i++) out[at++] = digits.charCodeAt(i);
  return at;
}

const copyAll = (bytes: Buffer, out: Buffer, at: number) => copy(bytes, 0, bytes.length, out, at);
