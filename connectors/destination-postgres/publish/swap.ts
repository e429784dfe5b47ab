import { quoteName, quoteTable, type Table } from "../../postgres/sql.ts";
import { NOT_KEPT_UP } from "../rebuild/adopt-queries.ts";
import { attachments, defaultPrivileges } from "../queries.ts";
import { findRelations } from "../schema/relations.ts";
import type { Session } from "../../postgres/session.ts";
import type { Replacement } from "./staging.ts";
import {
  addColumns,
  changeColumnType,
  createTable,
  type ColumnDefinition,
} from "../plan/tables.ts";

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
 * Puts the contents of a staging table in the place of its target, inside the open transaction.
 *
 * A table only we know is dropped and the new one renamed. One that anything hangs on (views,
 * grants, indexes, triggers, policies, columns of its own, …) keeps its identity: its rows are
 * deleted and the new ones inserted, which every reader sees as one step too. That way is also taken
 * when a reader keeps the table locked for longer than 2 seconds: waiting on would block all others.
 */
export async function swap(
  session: Session,
  { target, staging }: Replacement,
  options: SwapOptions,
): Promise<void> {
  const relation = (await findRelations(session, [target])).of(target);
  if (relation === undefined) {
    if (await hasDefaultPrivileges(session, target)) {
      await execute(session, target, options, createTable(target, options.columns));
      await refill(session, target, staging, options, []);
    } else await rename(session, target, staging, options, false);
    return;
  }
  const wanted = new Map(options.columns.map((column) => [column.name, column]));
  const hasExtraColumns = [...relation.columns.keys()].some((name) => !wanted.has(name));
  const isPlain =
    !hasExtraColumns &&
    (await nothingAttached(session, target, options)) &&
    !(await hasDefaultPrivileges(session, target)) &&
    (await lockForRename(session, target));
  if (isPlain) await rename(session, target, staging, options, true);
  else {
    const missing = options.columns.filter((column) => !relation.columns.has(column.name));
    if (missing.length > 0) await execute(session, target, options, addColumns(target, missing));
    const changed = options.columns.filter(({ name, type }) => {
      const existing = relation.columns.get(name);
      return existing !== undefined && existing.type !== type;
    });
    await refill(session, target, staging, options, changed);
    if (relation.comment === NOT_KEPT_UP)
      await execute(session, target, options, `comment on table ${quoteTable(target)} is null`);
  }
}

async function rename(
  session: Session,
  target: Table,
  staging: Table,
  options: SwapOptions,
  replaces: boolean,
): Promise<void> {
  const moved = { schema: target.schema, name: staging.name };
  const { index } = options;
  await execute(
    session,
    target,
    options,
    ...(replaces ? [`drop table ${quoteTable(target)}`] : []),
    `comment on table ${quoteTable(staging)} is null`,
    `alter table ${quoteTable(staging)} set schema ${quoteName(target.schema)}`,
    `alter table ${quoteTable(moved)} rename to ${quoteName(target.name)}`,
    ...(index
      ? [
          `alter index ${quoteTable({ schema: target.schema, name: index.staging })} rename to ${quoteName(index.target)}`,
        ]
      : []),
  );
}

async function refill(
  session: Session,
  target: Table,
  staging: Table,
  options: SwapOptions,
  changed: readonly ColumnDefinition[],
): Promise<void> {
  const columns = options.columns.map((column) => quoteName(column.name)).join(", ");
  await execute(
    session,
    target,
    options,
    `delete from ${quoteTable(target)}`,
    // Nothing is left to convert.
    ...changed.map(({ name, type }) => changeColumnType(target, name, type, "null")),
    `insert into ${quoteTable(target)} (${columns}) select ${columns} from ${quoteTable(staging)}`,
    `drop table ${quoteTable(staging)}`,
  );
}

async function execute(
  session: Session,
  target: Table,
  options: SwapOptions,
  ...statements: string[]
): Promise<void> {
  await session.run(`replace ${target.schema}.${target.name}`, ...statements);
  for (const statement of statements) options.onStatement(statement);
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
      `set local lock_timeout = '${LOCK_TIMEOUT}'`,
      `lock table ${quoteTable(target)} in access exclusive mode`,
      "set local lock_timeout = 0",
      "release swap",
    );
    return true;
  } catch {
    // A reader holds it. Its contents can be replaced under that reader's eyes.
    await session.run("give up the lock", "rollback to swap", "release swap");
    return false;
  }
}
