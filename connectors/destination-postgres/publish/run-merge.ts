import { setTimeout as wait } from "node:timers/promises";
import { Failure } from "../../../protocol/errors.ts";
import { sqlStateOf } from "../../postgres/errors.ts";
import type { Session } from "../../postgres/session.ts";
import { label, type Table } from "../../postgres/sql.ts";
import { findDependents } from "./dependents.ts";
import { keptOut } from "./kept-out.ts";
import type { MergeStatement } from "./merge-terms.ts";
import { limitLockWait } from "./queries.ts";

/** Rows of a table that are to be changed, and those that the server says were. */
interface Tally {
  readonly table: Table;
  asked: number;
  done: number;
}

/** SQLSTATE of a lock that was not to be had in time. */
const NO_LOCK = "55P03";
/** How often a merge gives its locks back while somebody keeps a row that it waits for. */
const YIELDS = 30;
/** Well below the second after which the server looks for whom to end. */
const PATIENCE_MS = 100;
const PAUSE_MS = 100;

/** What a merge is for. */
export interface MergeRun {
  /** What it does, for messages. */
  readonly action: string;
  /** Statements that lock the rows it may change. */
  readonly locks?: readonly string[];
  /** Rows that are to be added although no statement counts them. */
  readonly appended?: number;
}

/**
 * Runs the statements of a merge inside the open transaction, and compares what was to be changed with
 * what the server says it changed. Returns how many values were lost, by field.
 *
 * The rows are locked first: while a user's transaction holds one of them, the others are given back and
 * it is tried again, so that nobody who waits for one is ended because of us. Throws
 * `postgres.constraint`, with the names, when a trigger may have kept rows out, and `postgres.conflict`
 * when somebody changed a row in between.
 */
export async function runMerge(
  session: Session,
  { action, locks = [], appended = 0 }: MergeRun,
  statements: readonly MergeStatement[],
): Promise<ReadonlyMap<string, number>> {
  const merge = statements.map((one) => (typeof one === "string" ? one : one.sql));
  const counts = await runLocked(session, action, locks, merge);
  const tallies = new Map<string, Tally>();
  const lost = new Map<string, number>();
  for (const [at, one] of statements.entries()) {
    if (typeof one === "string") continue;
    if (one.rows === "lost") {
      lost.set(one.field, (lost.get(one.field) ?? 0) + counts[at]!);
      continue;
    }
    const { table, rows } = one;
    const tally = tallies.get(label(table)) ?? { table, asked: appended, done: 0 };
    tallies.set(label(table), tally);
    tally[rows] += counts[at]!;
  }
  for (const { table, asked, done } of tallies.values()) {
    if (asked === done) continue;
    const dependents = (await findDependents(session, [table])).of(table);
    if (dependents.triggers.length === 0)
      throw new Failure("postgres.conflict", `${label(table)} was changed by others meanwhile`, {
        hint: "run again: rows that somebody changed at the same moment were not merged",
      });
    throw keptOut(table, dependents, {
      what: `it took ${done} of ${asked} changes`,
    });
  }
  return lost;
}

/** Locks rows and runs `statements`; returns how many rows each of these changed. */
async function runLocked(
  session: Session,
  action: string,
  locks: readonly string[],
  statements: readonly string[],
): Promise<number[]> {
  if (locks.length === 0) return session.runThroughDeadlocks(action, ...statements);
  for (let yields = 0; ; yields++) {
    const locking = [limitLockWait(yields < YIELDS ? PATIENCE_MS : 0), ...locks, limitLockWait(0)];
    try {
      const counts = await session.runThroughDeadlocks(action, ...locking, ...statements);
      return counts.slice(locking.length);
    } catch (error) {
      if (sqlStateOf((error as Failure).cause) !== NO_LOCK || yields === YIELDS) throw error;
      await wait(PAUSE_MS);
    }
  }
}
