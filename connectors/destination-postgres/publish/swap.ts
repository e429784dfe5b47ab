import type { Failure } from "../../../protocol/errors.ts";
import type { Session } from "../../postgres/session.ts";
import { together } from "../../postgres/together.ts";
import { label, shortenName, type Table } from "../../postgres/sql.ts";
import { noteReplaced } from "../bookkeeping/staging-queries.ts";
import type { Replacement } from "../plan/stand-ins.ts";
import { createTable, type ColumnDefinition } from "../plan/tables.ts";
import { findRelations, type Relation } from "../schema/relations.ts";
import { findDependents } from "./dependents.ts";
import {
  attachments,
  defaultPrivileges,
  dropTable,
  freeName,
  lockAtOnce,
  lockStatements,
  renameStatements,
} from "./queries.ts";
import { isOversized } from "./oversized.ts";
import { refill, type Refill } from "./refill.ts";

/** How long to wait for readers of the old table before its contents are replaced instead. */
const LOCK_TIMEOUT = "2s";

/** Names that are tried for an index at most. */
const INDEX_NAMES = 20;

export interface SwapOptions {
  /** Columns of the table, in order. */
  readonly columns: readonly ColumnDefinition[];
  /** Our own index on the table and on its staging table, by name. */
  readonly index: { readonly target: string; readonly staging: string } | undefined;
  /** Told every statement that changes the target. */
  readonly onStatement: (sql: string) => void;
  /** Makes values of the staging table NULL that the target has no room for; false when there are none. */
  readonly giveUp: () => Promise<boolean>;
}

/** What decides how a table is replaced. */
export interface Outlook {
  readonly former: Relation | undefined;
  /** Whether the staging table may become the target without anybody losing what they had. */
  readonly mayRename: boolean;
  /** Our own index, with a name that nobody has. */
  readonly index: SwapOptions["index"];
}

/** Looks at the target, in one turn. */
export async function lookAtTarget(
  session: Session,
  { target }: Replacement,
  options: SwapOptions,
): Promise<Outlook> {
  const [former, hasPrivileges, isAlone, index] = await together([
    relationOf(session, target),
    hasDefaultPrivileges(session, target),
    nothingAttached(session, target, options),
    freeIndex(session, target, options),
  ]);
  const wanted = new Set(options.columns.map((column) => column.name));
  const hasExtraColumns = [...(former?.columns.keys() ?? [])].some((name) => !wanted.has(name));
  const isOurs = former === undefined || (isAlone && !hasExtraColumns);
  return { former, mayRename: !hasPrivileges && isOurs, index };
}

/**
 * Puts the contents of a staging table in the place of its target, inside the open transaction, and
 * notes that.
 *
 * A table only we know is dropped and the new one renamed. One that anything hangs on (views,
 * grants, indexes, triggers, policies, comments, columns of its own, …) keeps its identity: its rows
 * are replaced where they are, which every reader sees as one step too. That way is also taken when a
 * reader keeps the table locked for longer than 2 seconds: waiting on would block all others.
 *
 * Throws as `refill`.
 */
export async function swap(
  session: Session,
  replacement: Replacement,
  options: SwapOptions,
): Promise<void> {
  const { target, staging } = replacement;
  const { columns, onStatement } = options;
  const outlook = await lookAtTarget(session, replacement, options);
  const { former } = outlook;
  if (outlook.mayRename && (former === undefined || (await lockForRename(session, target))))
    return rename(session, replacement, outlook, options);
  if (former === undefined) {
    const create = createTable(target, columns);
    await session.run(`replace ${label(target)}`, create);
    onStatement(create);
  }
  const existing = former ?? (await relationOf(session, target))!;
  const dependents = (await findDependents(session, [target])).of(target);
  const refilled = { ...replacement, columns, existing, dependents, onStatement };
  await refillWithRoom(session, refilled, options);
  await session.run(
    `note what ${label(target)} is now`,
    dropTable(staging),
    ...noteReplaced(replacement),
  );
}

/** Replaces a table by renaming, in one turn, or fails at once where somebody has it locked. */
export async function renameAtOnce(
  session: Session,
  replacement: Replacement,
  outlook: Outlook,
  options: SwapOptions,
): Promise<void> {
  const { target } = replacement;
  const locked =
    outlook.former === undefined
      ? Promise.resolve()
      : session.run(`lock ${label(target)}`, lockAtOnce(target));
  await together([locked, rename(session, replacement, outlook, options)]);
}

/** The target, if there is one, is locked against everybody. */
async function rename(
  session: Session,
  replacement: Replacement,
  { former, index }: Outlook,
  { onStatement }: SwapOptions,
): Promise<void> {
  const { target, staging } = replacement;
  const drop = former === undefined ? [] : [dropTable(target)];
  const statements = [...drop, ...renameStatements(target, staging, index)];
  await session.run(`replace ${label(target)}`, ...statements, ...noteReplaced(replacement));
  statements.forEach(onStatement);
}

/** Refills a table, and once more without the values that it has no room for. */
async function refillWithRoom(
  session: Session,
  refilled: Refill,
  { giveUp }: SwapOptions,
): Promise<void> {
  await session.run("set a savepoint", "savepoint refill");
  try {
    await refill(session, refilled);
  } catch (error) {
    if (!isOversized(error as Failure)) throw error;
    await session.run("take the rows back", "rollback to refill");
    if (!(await giveUp())) throw error;
    await refill(session, refilled);
  }
  await session.run("release a savepoint", "release refill");
}

/** Our own index with a name that nobody has: where the table was renamed, its index kept the one it had. */
async function freeIndex(
  session: Session,
  table: Table,
  { index }: SwapOptions,
): Promise<SwapOptions["index"]> {
  if (index === undefined) return undefined;
  const names = [...Array(INDEX_NAMES).keys()].map((number) =>
    number === 0 ? index.target : shortenName(`${index.target}_${number}`),
  );
  const [row] = await session.query("look for a name of the index", freeName(table, names));
  return { ...index, target: row?.["name"] ?? index.target };
}

async function relationOf(session: Session, table: Table): Promise<Relation | undefined> {
  return (await findRelations(session, [table])).of(table);
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
