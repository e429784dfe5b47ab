import { parseFormat } from "../../postgres/types/type-table.ts";
import type { StreamPlan } from "./stream-plan.ts";

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

/** What any value of a type takes of its row; undefined where that depends on the value. */
export function fixedBytes(type: string): number | undefined {
  return fixed(type)?.[0];
}

function fixed(type: string): readonly [bytes: number, alignment: number] | undefined {
  return FIXED.get(type) ?? FIXED.get(parseFormat(type).name);
}

/**
 * What a row takes of its page, without columns of ours.
 *
 * @param varying what a value of the column takes whose type does not say it.
 * @param isNull whether the column has no value.
 */
export function rowBytes(
  types: readonly string[],
  varying: (column: number) => number,
  isNull: (column: number) => boolean = () => false,
): number {
  let bytes = 0;
  for (const [column, type] of types.entries()) {
    if (isNull(column)) continue;
    const [own, alignment] = fixed(type) ?? [varying(column), 1];
    bytes = aligned(bytes, alignment) + own;
  }
  return aligned(HEAD_BYTES + Math.ceil((types.length + 1) / 8), 8) + bytes;
}

/** Whether every row of such columns, and of ours, fits a page. */
export function surelyFits(types: readonly string[]): boolean {
  return rowBytes(types, () => MOVED_OUT_BYTES) + OWN_BYTES <= PAGE_BYTES;
}

/** What to say of a stream of which a row with all of its values fits no page; undefined of any other. */
export function tooWideText({ label, columns, final }: StreamPlan): string | undefined {
  const types = columns.map(({ type }) => type);
  const bytes = rowBytes(types, () => 1);
  if (final === undefined || bytes <= PAGE_BYTES) return undefined;
  return `${label}: a row with a value in each of its ${columns.length} columns takes at least ${bytes} bytes, and a page has room for ${PAGE_BYTES}: values of such rows become NULL; select fewer fields, or set tables to raw_only`;
}

function aligned(bytes: number, to: number): number {
  return Math.ceil(bytes / to) * to;
}
