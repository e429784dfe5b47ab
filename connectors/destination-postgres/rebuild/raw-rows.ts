import { Failure } from "../../../protocol/errors.ts";
import type { Session } from "../../postgres/session.ts";
import { copyRawRows, type RawRows } from "./rebuild-queries.ts";
import { label } from "../../postgres/sql.ts";

/** Receives the rows of a raw table. */
export interface RawRowSink {
  /**
   * One row: its own columns as COPY text, and its JSON in `bytes[start..end)`, valid during the call
   * only. Throwing stops the reading.
   *
   * @param meta what was said of the record beside its data, as JSON; undefined: nothing.
   */
  row(
    own: { readonly id: string; readonly emittedAt: string; readonly meta: string | undefined },
    bytes: Buffer,
    start: number,
    end: number,
  ): void;
  /** Called when the rows of a chunk are done; a promise holds the server back. */
  chunkDone(): Promise<void> | undefined;
}

/** A value is under 1 GB at the server, and so is a row of ours. */
const MAX_ROW_BYTES = 0x7fff_ffff;

/** What a binary COPY begins with: a signature, flags, and the length of nothing. */
const SIGNATURE = Buffer.from("PGCOPY\n\xff\r\n\0", "latin1");
const HEADER_BYTES = SIGNATURE.length + 8;

/**
 * Reads a whole raw table under one snapshot, in the order of `copyRawRows`. In binary, so that the JSON
 * needs no unescaping.
 *
 * @returns the number of rows. Throws `config.invalid` for a row without data, which no typed row
 * can be made from.
 */
export async function readRawRows(
  session: Session,
  wanted: RawRows,
  sink: RawRowSink,
): Promise<number> {
  const name = label(wanted.raw.table);
  const action = `read ${name}`;
  let rows = 0;
  const row = (bytes: Buffer, start: number, end: number): void => {
    const at = bytes.indexOf(SIGNATURE, start) === start ? start + HEADER_BYTES : start;
    if (at + 2 > end || bytes.readInt16BE(at) === -1) return; // the end of the copy
    const id = fieldAt(bytes, at + 2);
    const data = fieldAt(bytes, id.end);
    const emittedAt = fieldAt(bytes, data.end);
    if (data.isNull)
      throw new Failure("config.invalid", `${name} has a row whose _airbyte_data is NULL`, {
        hint: "a table made from it would have lost that row's values: delete it, or refresh the stream",
      });
    rows++;
    const meta = wanted.hasMeta ? fieldAt(bytes, emittedAt.end) : undefined;
    const own = {
      id: textOf(bytes, id),
      emittedAt: textOf(bytes, emittedAt),
      meta: meta && !meta.isNull ? bytes.toString("utf8", meta.start, meta.end) : undefined,
    };
    sink.row(own, bytes, data.start, data.end);
  };
  await session.copyOut(
    action,
    copyRawRows(wanted),
    { row, chunkDone: () => sink.chunkDone() },
    MAX_ROW_BYTES,
  );
  return rows;
}

/** A field of a binary row. */
interface Field {
  readonly start: number;
  readonly end: number;
  readonly isNull: boolean;
}

function fieldAt(bytes: Buffer, at: number): Field {
  const length = bytes.readInt32BE(at);
  const start = at + 4;
  return { start, end: start + Math.max(length, 0), isNull: length === -1 };
}

/** As COPY text; ids and times need no escaping. */
function textOf(bytes: Buffer, { start, end, isNull }: Field): string {
  return isNull ? "\\N" : bytes.toString("latin1", start, end);
}
