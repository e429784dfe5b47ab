import type { TableColumn } from "./cdc-state.ts";
import type { LogTable } from "./log-table.ts";

/** What happened to rows without a word in the log. */
export interface Untold {
  readonly words: string;
  /** Stands for the changes of the table that did it. */
  readonly changes: string;
}

/**
 * What happened to rows without a word in the log, because their table was changed; undefined: nothing.
 *
 * @param before the table as the log had it last; empty: unknown.
 */
export function untoldOf(before: readonly TableColumn[], table: LogTable): Untold | undefined {
  if (before.length === 0) return undefined;
  const types = new Map(before.map(({ number, typeOid }) => [number, typeOid]));
  const filled = table.columns.filter(
    ({ number, name }) => !types.has(number) && table.filled.has(name),
  );
  const retyped = table.columns.filter(
    ({ number, typeOid }) => types.has(number) && types.get(number) !== typeOid,
  );
  if (filled.length + retyped.length === 0) return undefined;
  const list = (columns: readonly TableColumn[]) => columns.map(({ name }) => name).join(", ");
  const what = [
    ...(filled.length > 0 ? [`filled the new column ${list(filled)}`] : []),
    ...(retyped.length > 0 ? [`converted ${list(retyped)}`] : []),
  ];
  const words = `the server has ${what.join(" and ")} in rows that were there, which is in no log: the destination hears of it when a row changes, or by a refresh of the stream`;
  const changes = [...filled, ...retyped].map(({ number, typeOid }) => `${number}:${typeOid}`);
  return { words, changes: changes.join(" ") };
}
