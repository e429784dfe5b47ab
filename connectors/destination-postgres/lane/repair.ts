import type { Failure } from "../../../protocol/errors.ts";
import type { Session } from "../../postgres/session.ts";
import { nullify } from "./give-up-values.ts";
import { refusals } from "./refusals.ts";
import { codeOf, excessOf, isAboutValue, placeOf, type Culprit } from "./refused-value.ts";
import type { RepairableLoad } from "./repairable-load.ts";
import { TooWide } from "./too-wide.ts";

/** Once a row was refused, this many times what went well before it is tried next, and at least so much. */
const PIECE_FACTOR = 4;
const LEAST_PIECE_BYTES = 32 * 1024;
/** More than this is not spelled again to ask about it. */
const MOST_JUDGED_BYTES = 16 * 1024 * 1024;

/**
 * Loads rows; a value the server refuses becomes NULL with an entry in `_airbyte_meta.changes`.
 *
 * The server names the line and mostly the column. Where it can judge values without loading them, all
 * rows at hand that it would refuse for that column are mended at once. Elsewhere the line is mended
 * and loaded together with what comes before it, and loading goes on behind it. After a refusal the next
 * attempt is made with a few times as many rows as went well before it, and with twice as many after each
 * success, so that a bad row costs two attempts of about the rows between it and the one before.
 *
 * Where the server names no column, a row may be wider than a page: of all that surely are, as few values
 * go as make them fit. What it refuses still takes the detour; without one the range is halved until one
 * row is left, of which the server says how much it is too wide. Throws what cannot be mended, such as a
 * constraint.
 *
 * @param first what came of it when the rows were sent before: the number that were taken, or why not.
 * @returns the number of rows the server took.
 */
export async function loadRepairing(
  session: Session,
  load: RepairableLoad,
  rows: Buffer,
  first?: number | Failure,
): Promise<number> {
  if (first instanceof Error && !isAboutValue(first)) throw first;
  return loadRange(session, load, rows, 0, rows.length, first);
}

async function loadRange(
  session: Session,
  load: RepairableLoad,
  bytes: Buffer,
  from: number,
  to: number,
  first?: number | Failure,
): Promise<number> {
  const { format } = load;
  let rows = 0;
  let at = from;
  let pieceBytes = to - from;
  let known = first;
  while (at < to) {
    const end = rowBoundary(load, bytes, at, to, at + pieceBytes);
    const refused = known ?? (await tryCopy(session, load, bytes, at, end));
    known = undefined;
    if (typeof refused === "number") {
      rows += refused;
      at = end;
      pieceBytes *= 2;
      continue;
    }
    const culprit = placeOf(refused, load.columns);
    if (culprit === undefined) {
      rows += await loadNarrowed(session, load, bytes, at, end, refused);
      at = end;
      continue;
    }
    const allMended = await mendAll(session, load, bytes, at, end, culprit, refused);
    if (allMended !== undefined) {
      rows += await loadRange(session, load, allMended, 0, allMended.length);
      at = end;
      continue;
    }
    let lineStart = at;
    for (let line = 1; line < culprit.line; line++) lineStart = format.rowEnd(bytes, lineStart);
    const lineEnd = format.rowEnd(bytes, lineStart);
    const mended = nullify(
      load,
      format.fieldsOf(bytes, lineStart),
      [culprit.column],
      codeOf(refused),
      refused,
    );
    const good = Buffer.concat([bytes.subarray(at, lineStart), mended]);
    rows += await loadRange(session, load, good, 0, good.length);
    pieceBytes = Math.max(PIECE_FACTOR * (lineEnd - at), LEAST_PIECE_BYTES);
    at = lineEnd;
  }
  return rows;
}

/**
 * The rows without any value of the refused column that the server would refuse; undefined where it
 * cannot tell, or does not see the one that it did refuse.
 */
async function mendAll(
  session: Session,
  load: RepairableLoad,
  bytes: Buffer,
  from: number,
  to: number,
  culprit: Culprit,
  refused: Failure,
): Promise<Buffer | undefined> {
  const type = load.typeOf?.(culprit.column);
  if (type === undefined || to - from > MOST_JUDGED_BYTES) return undefined;
  const starts: number[] = [];
  const values: (string | null)[] = [];
  for (let at = from; at < to; at = load.format.rowEnd(bytes, at)) {
    const field = load.format.fieldOf(bytes, at, culprit.column);
    starts.push(at);
    values.push(field === null ? null : load.format.textOf(field));
  }
  const codes = await refusals(session, values, type);
  if (!codes.has(culprit.line)) return undefined;
  const parts: Buffer[] = [];
  let done = from;
  for (const [line, code] of codes) {
    const start = starts[line - 1]!;
    const mended = nullify(
      load,
      load.format.fieldsOf(bytes, start),
      [culprit.column],
      code,
      refused,
    );
    parts.push(bytes.subarray(done, start), mended);
    done = starts[line] ?? to;
  }
  return Buffer.concat([...parts, bytes.subarray(done, to)]);
}

/** For a failure that names no column: rows that are surely wider than a page lose what makes them so. */
async function loadNarrowed(
  session: Session,
  load: RepairableLoad,
  bytes: Buffer,
  from: number,
  to: number,
  refused: Failure,
): Promise<number> {
  if (load.isDocument !== true) {
    const tooWide = new TooWide(load);
    const parts: Buffer[] = [];
    let done = from;
    for (let at = from; at < to;) {
      const end = load.format.rowEnd(bytes, at);
      const fields = load.format.fieldsOf(bytes, at);
      if (tooWide.isSurely(fields)) {
        const columns = tooWide.valuesTooMany(fields);
        const mended = nullify(load, fields, columns, codeOf(refused), refused);
        parts.push(bytes.subarray(done, at), mended);
        done = end;
      }
      at = end;
    }
    if (parts.length > 0) {
      const narrowed = Buffer.concat([...parts, bytes.subarray(done, to)]);
      return loadRange(session, load, narrowed, 0, narrowed.length);
    }
    if (load.detour !== undefined) return load.detour(bytes.subarray(from, to));
  }
  return loadHalves(session, load, bytes, from, to, refused);
}

/** The row is looked for by halves; the server says by how much it is too wide. */
async function loadHalves(
  session: Session,
  load: RepairableLoad,
  bytes: Buffer,
  from: number,
  to: number,
  refused: Failure,
): Promise<number> {
  const { format, isDocument, dataColumns } = load;
  if (format.rowEnd(bytes, from) === to) {
    const fields = format.fieldsOf(bytes, from);
    const columns = isDocument
      ? [dataColumns.from]
      : new TooWide(load).valuesTooMany(fields, excessOf(refused));
    const mended = nullify(load, fields, columns, codeOf(refused), refused);
    return loadRange(session, load, mended, 0, mended.length);
  }
  const middle = middleRow(load, bytes, from, to);
  const first = await loadRange(session, load, bytes, from, middle);
  return first + (await loadRange(session, load, bytes, middle, to));
}

/** The end of the row that reaches `wanted` or goes beyond; at most `to`. */
function rowBoundary(
  { format }: RepairableLoad,
  bytes: Buffer,
  from: number,
  to: number,
  wanted: number,
): number {
  if (wanted >= to) return to;
  let at = from;
  while (at < wanted) at = format.rowEnd(bytes, at);
  return at;
}

/** The start of a row near the middle of a range of at least two. */
function middleRow(load: RepairableLoad, bytes: Buffer, from: number, to: number): number {
  const { format } = load;
  const middle = from + ((to - from) >> 1);
  let at = format.rowEnd(bytes, from);
  for (let next = format.rowEnd(bytes, at); next < to && at < middle;) {
    at = next;
    next = format.rowEnd(bytes, at);
  }
  return at;
}

/** The number of rows loaded, or the failure if it is about a value. */
async function tryCopy(
  session: Session,
  load: RepairableLoad,
  bytes: Buffer,
  from: number,
  to: number,
): Promise<number | Failure> {
  try {
    return await session.loads.copy(
      load.table,
      load.columns,
      load.format,
      bytes.subarray(from, to),
    );
  } catch (error) {
    const failure = error as Failure;
    if (!isAboutValue(failure)) throw failure;
    return failure;
  }
}
