import { parseFormat } from "../../postgres/types/type-table.ts";
import type { StreamPlan } from "./stream-plan.ts";
import { type ColumnDefinition, finalColumns, historyColumns, loadedColumns } from "./tables.ts";

/** What a row may take of a page of 8 kB, the server's own size unless it was built with another. */
export const PAGE_BYTES = 8_160;

/** What a value takes that was moved out of its row, as the server does with what is long. */
export const MOVED_OUT_BYTES = 18;

/** Our own columns of any table, at most. */
const OWN_BYTES = 200;

/** Head of a row, before the bitmap of its columns that are NULL. */
const HEAD_BYTES = 23;

/** Types whose values all take as much, and what they are aligned to. */
const FIXED: ReadonlyMap<string, readonly [bytes: number, alignment: number]> = new Map([
  ["boolean", [1, 1]],
  ["smallint", [2, 2]],
  ["integer", [4, 4]],
  ["oid", [4, 4]],
  ["real", [4, 4]],
  ["date", [4, 4]],
  ["bigint", [8, 8]],
  ["double precision", [8, 8]],
  ["money", [8, 8]],
  ["time without time zone", [8, 8]],
  ["time with time zone", [12, 8]],
  ["timestamp without time zone", [8, 8]],
  ["timestamp with time zone", [8, 8]],
  ["interval", [16, 8]],
  ["uuid", [16, 1]],
]);

/** What the values of a column take of a row: undefined bytes where that depends on the value. */
export interface ColumnWidth {
  readonly bytes: number | undefined;
  readonly alignment: number;
}

/** The widths of columns of such types. */
export function columnWidths(types: readonly string[]): ColumnWidth[] {
  return types.map((type) => {
    const [bytes, alignment] = FIXED.get(type) ?? FIXED.get(parseFormat(type).name) ?? [];
    return { bytes, alignment: alignment ?? 1 };
  });
}

/**
 * What a row takes of its page, without columns of ours.
 *
 * @param varying what a value of the column takes whose type does not say it.
 * @param isNull whether the column has no value.
 */
export function rowBytes(
  widths: readonly ColumnWidth[],
  varying: (column: number) => number,
  isNull: (column: number) => boolean = () => false,
): number {
  let all = 0;
  for (let column = 0; column < widths.length; column++) {
    if (isNull(column)) continue;
    const { bytes, alignment } = widths[column]!;
    all = aligned(all, alignment) + (bytes ?? varying(column));
  }
  return aligned(HEAD_BYTES + Math.ceil((widths.length + 1) / 8), 8) + all;
}

/** What a row gets in the widest of its stream's tables, beside what is loaded of it. */
export function addedBytes(plan: StreamPlan): number {
  const bytesOf = (columns: readonly ColumnDefinition[]) =>
    rowBytes(columnWidths(columns.map(({ type }) => type)), () => MOVED_OUT_BYTES);
  const tables = [finalColumns(plan), ...(plan.history ? [historyColumns(plan)] : [])];
  return Math.max(...tables.map(bytesOf)) - bytesOf(loadedColumns(plan));
}

/** Whether every row of such columns, and of ours, fits a page. */
export function surelyFits(types: readonly string[]): boolean {
  return rowBytes(columnWidths(types), () => MOVED_OUT_BYTES) + OWN_BYTES <= PAGE_BYTES;
}

/** What to say of a stream of which a row with all of its values fits no page; undefined of any other. */
export function tooWideText({ label, columns, final }: StreamPlan): string | undefined {
  const bytes = rowBytes(columnWidths(columns.map(({ type }) => type)), () => 1);
  if (final === undefined || bytes <= PAGE_BYTES) return undefined;
  return `${label}: a row with a value in each of its ${columns.length} columns takes at least ${bytes} bytes, and a page has room for ${PAGE_BYTES}: values of such rows become NULL; select fewer fields, or set tables to raw_only`;
}

function aligned(bytes: number, to: number): number {
  return Math.ceil(bytes / to) * to;
}
