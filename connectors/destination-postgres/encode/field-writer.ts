import type { CopyBuffer } from "./copy-buffer.ts";

/** Why a value had to be replaced by NULL: the protocol's word for it in `meta.changes`. */
export type Misfit =
  | "DESTINATION_TYPECAST_ERROR"
  | "DESTINATION_FIELD_SIZE_LIMITATION"
  | "DESTINATION_SERIALIZATION_ERROR";

/**
 * Spells the fields of rows in one of COPY's formats, one after the other, from `beginRow` to
 * `endRow`. Room must have been reserved: `growth` times the bytes of the values, `FIELD_ROOM` per
 * field, and `ROW_ROOM`.
 */
export interface FieldWriter {
  /** Why the value just written had to be replaced by NULL, or to be cut; the caller resets it. */
  misfit: Misfit | undefined;
  /** Whether a part of that value was kept; the caller resets it. */
  isCut: boolean;

  /** How many bytes one byte of a value may become. */
  readonly growth: number;

  beginRow(out: CopyBuffer, fields: number): void;
  endRow(out: CopyBuffer): void;
  writeNull(out: CopyBuffer): void;

  /**
   * Appends the JSON value at `at` as the field of column `column`. Returns the index after the value,
   * or `MALFORMED` for bytes that are not JSON. A value that the column cannot hold is written as
   * NULL, or without the part that it cannot hold, and `misfit` says why.
   */
  write(column: number, source: Buffer, at: number, end: number, out: CopyBuffer): number;

  /** Appends the 16 bytes at `at` as a uuid. */
  writeUuid(source: Uint8Array, at: number, out: CopyBuffer): void;

  /**
   * Appends a time with time zone, given as text PostgreSQL reads, in UTC unless it says otherwise;
   * `\\N` is NULL.
   */
  writeInstant(text: string, out: CopyBuffer): void;

  /** Appends well-formed JSON without unstorable escapes as jsonb. */
  writeJsonb(source: Buffer, start: number, end: number, out: CopyBuffer): void;
}

/** The longest value PostgreSQL can take in: a field may not reach 1 GB (MaxAllocSize). */
export const MAX_FIELD_BYTES = 1024 * 1024 * 1024 - 1024;

/** Bytes to reserve for each field of a row, whatever its value. */
export const FIELD_ROOM = 24;

/** Bytes to reserve for a row's own columns besides its data: id, two times, separators, NULLs. */
export const ROW_ROOM = 512;
