import type { TableColumn } from "./cdc-state.ts";
import type { LogColumn } from "./pgoutput.ts";

/** Where a column of a table is found in rows of the log. */
export interface ColumnPlace {
  /** Its index there. */
  readonly index: number;
  /** Whether its values there are of another type than the table's. */
  readonly isOtherType: boolean;
}

/** How rows of the log are to be understood as rows of a table. */
export interface Shape {
  /** By the number of the column; those that are missing are not in the log. */
  readonly places: ReadonlyMap<number, ColumnPlace>;
  /** Whether they are the table's as it is now, so that its columns before are of no more interest. */
  readonly isNow: boolean;
  /** Whether there is a column that neither the table now nor the one before has. */
  readonly isUnknown: boolean;
}

/**
 * Finds the columns of a table in rows of the log, which may be older than what is known of the table,
 * or newer.
 *
 * Rows that fit the table as it is now are taken for that. Others are of the table as it was where the
 * log was read up to before: a column goes on under its number, whatever it is called. What neither
 * knows is either of a shape that came later or of one in between.
 *
 * @param now the table as the catalog has it, in the order of the columns.
 * @param before the table where the log was read up to; empty: unknown.
 */
export function shapeOf(
  log: readonly LogColumn[],
  now: readonly TableColumn[],
  before: readonly TableColumn[],
): Shape {
  const places = new Map<number, ColumnPlace>();
  if (isPartOf(log, now)) {
    const numbers = new Map(now.map(({ name, number }) => [name, number]));
    for (const [index, { name }] of log.entries())
      places.set(numbers.get(name)!, { index, isOtherType: false });
    return { places, isNow: log.length === now.length, isUnknown: false };
  }
  const isBefore = isPartOf(log, before);
  const current = new Map(now.map((column) => [column.number, column]));
  const named = new Map(now.map((column) => [column.name, column]));
  const former = new Map(before.map((column) => [column.name, column]));
  let isUnknown = false;
  for (const [index, { name, typeOid }] of log.entries()) {
    const known = isBefore ? undefined : named.get(name);
    const isNow = known?.typeOid === typeOid;
    const number = isNow ? known.number : former.get(name)?.number;
    isUnknown ||= !isBefore && !isNow && former.get(name)?.typeOid !== typeOid;
    const column = number === undefined ? known : current.get(number);
    if (column !== undefined && !places.has(column.number))
      places.set(column.number, { index, isOtherType: column.typeOid !== typeOid });
  }
  return { places, isNow: false, isUnknown };
}

/**
 * Whether the log's columns are columns of the table, in its order. Some may be missing: a publication
 * need not have all, and the last ones may have been added since.
 */
function isPartOf(log: readonly LogColumn[], table: readonly TableColumn[]): boolean {
  let at = 0;
  for (const { name, typeOid } of log) {
    while (at < table.length && table[at]!.name !== name) at++;
    if (table[at]?.typeOid !== typeOid) return false;
    at++;
  }
  return true;
}
