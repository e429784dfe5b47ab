import type { TableColumn } from "./cdc-state.ts";
import type { LogColumn } from "./pgoutput/pgoutput.ts";

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
  /** The table as the log has it here. */
  readonly columns: readonly TableColumn[];
  /** Whether something of it is neither of the table as it is now nor as it was before. */
  readonly isUnknown: boolean;
}

/** How much speaks for it that a column of the log is one of the table. */
const NAME = 8;
const RENAMED = 2;
const ADDED = 1;
const TYPE = 1;

/**
 * Finds the columns of a table in rows of the log, which may be older than what is known of the table,
 * or newer.
 *
 * A column has a number that never changes, and columns are in the order of their numbers, whatever
 * they are called. The log does not tell the numbers: of all ways to give them that keep the order, the
 * one is taken that fits best what names and types the table has and had. So columns are found again
 * that were renamed, or have exchanged their names.
 *
 * @param now the table as the catalog has it, in the order of the columns.
 * @param before the table as the log had it last; empty: unknown.
 */
export function shapeOf(
  log: readonly LogColumn[],
  now: readonly TableColumn[],
  before: readonly TableColumn[],
): Shape {
  const current = new Map(now.map((column) => [column.number, column]));
  const former = new Map(before.map((column) => [column.number, column]));
  const isNow = log.length === now.length && log.every((column, at) => isSame(column, now[at]));
  const numbers = isNow ? now.map(({ number }) => number) : numbersOf(log, current, former);
  const places = new Map<number, ColumnPlace>();
  const columns: TableColumn[] = [];
  let isUnknown = false;
  for (const [index, { name, typeOid }] of log.entries()) {
    const number = numbers[index];
    const known = number === undefined ? [] : [current.get(number), former.get(number)];
    isUnknown ||= !known.some((column) => isSame(log[index]!, column));
    if (number === undefined) continue;
    columns.push({ number, name, typeOid });
    const column = current.get(number);
    if (column !== undefined)
      places.set(number, { index, isOtherType: column.typeOid !== typeOid });
  }
  const unseen = before.filter(({ number }) => current.has(number) && !numbers.includes(number));
  columns.push(...(isNow ? [] : unseen));
  columns.sort((left, right) => left.number - right.number);
  return { places, columns, isUnknown };
}

const isSame = (log: LogColumn, column: TableColumn | undefined) =>
  column?.name === log.name && column.typeOid === log.typeOid;

/** The number of each column of the log; undefined for one that the table never had, as far as is known. */
function numbersOf(
  log: readonly LogColumn[],
  current: ReadonlyMap<number, TableColumn>,
  former: ReadonlyMap<number, TableColumn>,
): (number | undefined)[] {
  const lastFormer = Math.max(0, ...former.keys());
  const last = Math.max(lastFormer, ...current.keys());
  const numbers = Array.from({ length: last }, (_, at) => at + 1);
  const weight = ({ name, typeOid }: LogColumn, number: number) => {
    const known = [current.get(number), former.get(number)];
    const hasName = known.some((column) => column?.name === name);
    const hasType = known.some((column) => column?.typeOid === typeOid);
    if (hasName) return NAME + (hasType ? TYPE : 0);
    // One that was added has the next number, also where it is gone, or another by name and type.
    if (number > lastFormer) return ADDED;
    return former.has(number) ? RENAMED + (hasType ? TYPE : 0) : 0;
  };
  // best[i][j]: the most that speaks for columns from i on having numbers from the j-th on.
  const best = Array.from({ length: log.length + 1 }, () => new Int32Array(numbers.length + 1));
  for (let i = log.length - 1; i >= 0; i--)
    for (let j = numbers.length - 1; j >= 0; j--)
      best[i]![j] = Math.max(
        best[i + 1]![j]!,
        best[i]![j + 1]!,
        weight(log[i]!, numbers[j]!) + best[i + 1]![j + 1]!,
      );
  const found: (number | undefined)[] = [];
  for (let i = 0, j = 0; i < log.length;) {
    const given = j < numbers.length ? weight(log[i]!, numbers[j]!) : 0;
    if (given > 0 && best[i]![j] === given + best[i + 1]![j + 1]!) {
      found.push(numbers[j++]);
      i++;
    } else if (best[i]![j] === best[i + 1]![j]) {
      found.push(undefined);
      i++;
    } else j++;
  }
  return found;
}
