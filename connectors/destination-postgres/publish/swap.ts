import type { Session } from "../../postgres/session.ts";
import { label, type Table } from "../../postgres/sql.ts";
import { noteReplaced } from "../bookkeeping/queries.ts";
import type { Replacement } from "../plan/stand-ins.ts";
import { addColumns, createTable, type ColumnDefinition } from "../plan/tables.ts";
import { findRelations } from "../schema/relations.ts";
import {
  attachments,
  defaultPrivileges,
  dropTable,
  lockStatements,
  refillStatements,
  renameStatements,
} from "./queries.ts";

/** How long to wait for readers of the old table before its contents are replaced instead. */
const LOCK_TIMEOUT = "2s";

export interface SwapOptions {
  /** Columns of the table, in order. */
  readonly columns: readonly ColumnDefinition[];
  /** Our own index on the table and on its staging table, by name. */
  readonly index: { readonly target: string; readonly staging: string } | undefined;
  /** Told every statement that changes the target. */
  readonly onStatement: (sql: string) => void;
}

/**
 * Puts the contents of a staging table in the place of its target, inside the open transaction, and
 * notes that.
 *
 * A table only we know is dropped and the new one renamed. One that anything hangs on (views,
 * grants, indexes, triggers, policies, comments, columns of its own, …) keeps its identity: its rows
 * are deleted and the new ones inserted, which every reader sees as one step too. That way is also
 * taken when a reader keeps the table locked for longer than 2 seconds: waiting on would block all
 * others.
 */
export async function swap(
  session: Session,
  replacement: Replacement,
  options: SwapOptions,
): Promise<void> {
  const { target } = replacement;
  const statements = await swapStatements(session, replacement, options);
  await session.run(`replace ${label(target)}`, ...statements);
  for (const statement of statements) options.onStatement(statement);
  await session.run(`note what ${label(target)} is now`, ...noteReplaced(replacement));
}

async function swapStatements(
  session: Session,
  { target, staging }: Replacement,
  options: SwapOptions,
): Promise<string[]> {
  const { columns, index } = options;
  const relation = (await findRelations(session, [target])).of(target);
  if (relation === undefined)
    return (await hasDefaultPrivileges(session, target))
      ? [createTable(target, columns), ...refillStatements(target, staging, columns, [])]
      : renameStatements(target, staging, index);
  const wanted = new Set(columns.map((column) => column.name));
  const hasExtraColumns = [...relation.columns.keys()].some((name) => !wanted.has(name));
  const isPlain =
    !hasExtraColumns &&
    (await nothingAttached(session, target, options)) &&
    !(await hasDefaultPrivileges(session, target)) &&
    (await lockForRename(session, target));
  if (isPlain) return [dropTable(target), ...renameStatements(target, staging, index)];
  const missing = columns.filter((column) => !relation.columns.has(column.name));
  const changed = columns.filter(({ name, type }) => {
    const existing = relation.columns.get(name);
    return existing !== undefined && existing.type !== type;
  });
  return [
    ...(missing.length > 0 ? [addColumns(target, missing)] : []),
    ...refillStatements(target, staging, columns, changed),
  ];
}

async function nothingAttached(
  session: Session,
  target: Table,
  options: SwapOptions,
): Promise<boolean> {
  const [row] = await session.query(
    "look at what depends on the table",
    attachments(target, options.index?.target ?? null),
  );
  return row !== undefined && Object.values(row).every((value) => value === "f");
}

async function hasDefaultPrivileges(session: Session, target: Table): Promise<boolean> {
  const rows = await session.query("look at default privileges", defaultPrivileges(target.schema));
  return rows.length > 0;
}

async function lockForRename(session: Session, target: Table): Promise<boolean> {
  try {
    await session.run(
      "lock the table",
      "savepoint swap",
      ...lockStatements(target, LOCK_TIMEOUT),
      "release swap",
    );
    return true;
  } catch {
    // A reader holds it. Its contents can be replaced under that reader's eyes.
    await session.run("give up the lock", "rollback to swap", "release swap");
    return false;
  }
}
