import type { Session } from "../../postgres/session.ts";
import { label, quoteName, type Table } from "../../postgres/sql.ts";
import { addColumns, changeColumnType } from "../plan/tables.ts";
import { castable } from "../plan/widening.ts";
import { keptOut } from "./kept-out.ts";
import { keyFor, ownLeftovers, refuseUnwritable, type Replaced } from "./obstacles.ts";
import {
  CHECK_NOW,
  compareCounts,
  deleteRows,
  insertRows,
  lockAgainstWriters,
  mergeByKey,
} from "./queries.ts";

/** A table that keeps its identity while its rows are replaced. */
export interface Refill extends Replaced {
  readonly staging: Table;
  /** Told every statement that changes the table. */
  readonly onStatement: (sql: string) => void;
}

/**
 * Makes the rows of a table those of its staging table, inside the open transaction. Others can read it
 * meanwhile, and cannot write.
 *
 * Where somebody would notice that a row goes which comes back at once (a foreign key, a trigger on
 * deletes, a column of the user's in the same row), rows are told by a unique key of the table: those
 * that stay are updated, and only those that are gone are deleted. Else all are deleted and the new
 * ones inserted. Rows of tables that inherit from it are not touched.
 *
 * Throws `postgres.object_in_use` where that cannot be done, and `postgres.constraint` when a trigger
 * keeps rows out, or in; both with the names.
 */
export async function refill(session: Session, refill: Refill): Promise<void> {
  const { target, staging, columns, existing, dependents, onStatement } = refill;
  const { kind } = dependents;
  const action = `replace the rows of ${label(target)}`;
  const change = async (...statements: readonly string[]): Promise<number> => {
    const counts = await session.runCounted(action, ...statements);
    statements.forEach(onStatement);
    return counts.at(-1)!;
  };
  refuseUnwritable(refill);
  const key = keyFor(refill);
  await session.run(`lock ${label(target)}`, lockAgainstWriters(target, kind));
  const missing = columns.filter((column) => !existing.columns.has(column.name));
  if (missing.length > 0) await change(addColumns(target, missing));
  const isKept = key !== undefined || dependents.hasChildren;
  let taken: number;
  if (key === undefined) {
    await change(deleteRows(target, kind));
    for (const statement of typeChanges(refill, isKept)) await change(statement);
    taken = await change(insertRows(target, staging, columns));
  } else {
    for (const statement of typeChanges(refill, isKept)) await change(statement);
    const cleared = ownLeftovers(refill);
    const merge = mergeByKey(target, staging, { key, columns, cleared, kind });
    const [row] = await session.query(action, merge);
    onStatement(merge.text);
    taken = Number(row!["taken"]);
  }
  await session.run(`check the rows of ${label(target)}`, CHECK_NOW);
  const counts = compareCounts(target, staging, kind);
  const [row] = await session.query(`count the rows of ${label(target)}`, counts);
  const sent = Number(row!["sent"]);
  const there = Number(row!["there"]);
  if (taken === sent && there === sent) return;
  throw keptOut(target, dependents, {
    what: `it has ${there} rows in place of ${sent}`,
    keyColumns: key?.map(({ column }) => column),
  });
}

/** @param isKept whether there are rows whose values must be converted. */
function typeChanges({ target, columns, existing }: Refill, isKept: boolean): string[] {
  return columns.flatMap(({ name, type }) => {
    const old = existing.columns.get(name)?.type;
    if (old === undefined || old === type) return [];
    const value = isKept ? castable(quoteName(name), old, type) : "null"; // nothing is left to convert
    return [changeColumnType(target, name, type, value)];
  });
}
