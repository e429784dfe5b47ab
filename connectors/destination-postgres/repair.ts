import type { Failure } from "../../protocol/errors.ts";
import { sqlStateOf } from "../postgres/errors.ts";
import type { CopyText } from "./copy-text.ts";
import type { Table } from "./plan.ts";
import type { Session } from "./session.ts";
import type { Misfit } from "./value-writer.ts";

const NEWLINE = 0x0a;
const TAB = 0x09;
const NULL_MARK = Buffer.from("\\N");

/** A table to load, and what may be done to a row it refuses. */
export interface RepairableLoad {
  readonly table: Table;
  /** Columns of the COPY text, in order. */
  readonly columns: readonly string[];
  /** Index of `_airbyte_meta` among them; -1 when there is none. */
  readonly metaColumn: number;
  /** How many leading columns hold the stream's values and may become NULL. */
  readonly dataColumns: { readonly from: number; readonly to: number };
  /** The name of a column in `_airbyte_meta.changes`. */
  readonly fieldOf: (column: number) => string;
  readonly onRepair: (field: string, reason: Misfit) => void;
}

/**
 * Loads COPY text; a value the server refuses becomes NULL with an entry in `_airbyte_meta.changes`.
 *
 * The server names the line and mostly the column. What comes before that line is loaded, the line is
 * mended and loaded alone, and loading goes on behind it: every row is sent twice at most, however
 * many are bad. Where the server names no column (a row wider than a page), the range is halved until
 * one row is left, and its largest value goes. Throws what cannot be mended, such as a constraint.
 */
export async function loadRepairing(
  session: Session,
  load: RepairableLoad,
  text: CopyText,
): Promise<number> {
  return loadRange(session, load, text.bytes, 0, text.length);
}

async function loadRange(
  session: Session,
  load: RepairableLoad,
  bytes: Buffer,
  from: number,
  to: number,
): Promise<number> {
  let rows = 0;
  let at = from;
  while (at < to) {
    const refused = await tryCopy(session, load, bytes, at, to);
    if (typeof refused === "number") return rows + refused;
    const culprit = placeOf(refused, load.columns);
    if (culprit === undefined)
      return rows + (await loadHalves(session, load, bytes, at, to, refused));
    const lineStart = startOfLine(bytes, at, culprit.line);
    const lineEnd = bytes.indexOf(NEWLINE, lineStart) + 1;
    if (lineStart > at) rows += await loadRange(session, load, bytes, at, lineStart);
    const mended = nullify(load, bytes.subarray(lineStart, lineEnd), culprit.column, refused);
    rows += await loadRange(session, load, mended, 0, mended.length);
    at = lineEnd;
  }
  return rows;
}

/** For a failure that names no column: the row is looked for, and loses its largest value. */
async function loadHalves(
  session: Session,
  load: RepairableLoad,
  bytes: Buffer,
  from: number,
  to: number,
  refused: Failure,
): Promise<number> {
  if (bytes.indexOf(NEWLINE, from) === to - 1) {
    const line = bytes.subarray(from, to);
    const mended = nullify(load, line, largestField(load, line, refused), refused);
    return loadRange(session, load, mended, 0, mended.length);
  }
  let middle = bytes.indexOf(NEWLINE, from + ((to - from) >> 1)) + 1;
  if (middle === to || middle === 0) middle = bytes.lastIndexOf(NEWLINE, to - 2) + 1;
  const first = await loadRange(session, load, bytes, from, middle);
  return first + (await loadRange(session, load, bytes, middle, to));
}

/** The number of rows loaded, or the failure if it is about a value. */
async function tryCopy(
  session: Session,
  load: RepairableLoad,
  bytes: Buffer,
  from: number,
  to: number,
): Promise<number | Failure> {
  await session.run("begin a load", "savepoint load");
  try {
    const part = bytes.subarray(from, to);
    const rows = await session.copy(load.table, load.columns, part, part.length);
    await session.run("end a load", "release load");
    return rows;
  } catch (error) {
    const failure = error as Failure;
    if (!isAboutValue(failure)) throw failure;
    await session.run("take a load back", "rollback to load", "release load");
    return failure;
  }
}

/** Data exceptions and limits; and constraints when they are a domain's, which names its column. */
function isAboutValue(failure: Failure): boolean {
  const code = sqlStateOf(failure.cause) ?? "";
  if (/^(22|54)/.test(code) && code !== "22P04" && code !== "22021") return true;
  return /^23(502|514)$/.test(code) && /, column /.test(contextOf(failure));
}

function contextOf(failure: Failure): string {
  const where = (failure.cause as { where?: unknown } | undefined)?.where;
  return typeof where === "string" ? where : "";
}

/** The 1-based line and the column in "COPY demo, line 3, column id: …". */
function placeOf(
  failure: Failure,
  columns: readonly string[],
): { line: number; column: number } | undefined {
  const [, line, rest] = /, line (\d+), column ([^]*)$/.exec(contextOf(failure)) ?? [];
  if (line === undefined || rest === undefined) return undefined;
  let column = -1;
  for (const [index, name] of columns.entries())
    if (rest.startsWith(`${name}:`) && name.length > (columns[column]?.length ?? -1))
      column = index;
  return column === -1 ? undefined : { line: Number(line), column };
}

function startOfLine(bytes: Buffer, from: number, line: number): number {
  let at = from;
  for (let i = 1; i < line; i++) at = bytes.indexOf(NEWLINE, at) + 1;
  return at;
}

/** The line with one field NULL and the change noted. Throws `failure` when that cannot be done. */
function nullify(load: RepairableLoad, line: Buffer, column: number, failure: Failure): Buffer {
  const { from, to } = load.dataColumns;
  const fields = fieldsOf(line);
  if (column < from || column >= to || fields[column]?.equals(NULL_MARK)) throw failure;
  const code = sqlStateOf(failure.cause) ?? "";
  const reason: Misfit =
    code.startsWith("54") || code === "22001" || code === "22003"
      ? "DESTINATION_FIELD_SIZE_LIMITATION"
      : "DESTINATION_TYPECAST_ERROR";
  const field = load.fieldOf(column);
  fields[column] = NULL_MARK;
  if (load.metaColumn !== -1)
    fields[load.metaColumn] = withChange(fields[load.metaColumn]!, field, reason);
  load.onRepair(field, reason);
  const parts = fields.flatMap((value, index) => [
    value,
    Buffer.of(index === fields.length - 1 ? NEWLINE : TAB),
  ]);
  return Buffer.concat(parts);
}

function withChange(meta: Buffer, field: string, reason: Misfit): Buffer {
  const text = meta.equals(NULL_MARK) ? "" : meta.toString("utf8").replaceAll("\\\\", "\\");
  const { changes } = (text === "" ? { changes: [] } : JSON.parse(text)) as { changes: object[] };
  const all = JSON.stringify({ changes: [...changes, { field, change: "NULLED", reason }] });
  return Buffer.from(all.replaceAll("\\", "\\\\"));
}

function largestField(load: RepairableLoad, line: Buffer, failure: Failure): number {
  const fields = fieldsOf(line);
  let largest = -1;
  for (let i = load.dataColumns.from; i < load.dataColumns.to; i++)
    if (!fields[i]!.equals(NULL_MARK) && fields[i]!.length > (fields[largest]?.length ?? -1))
      largest = i;
  if (largest === -1) throw failure;
  return largest;
}

function fieldsOf(line: Buffer): Buffer[] {
  const fields: Buffer[] = [];
  let at = 0;
  for (let i = 0; i < line.length; i++)
    if (line[i] === TAB || line[i] === NEWLINE) {
      fields.push(line.subarray(at, i));
      at = i + 1;
    }
  return fields;
}
