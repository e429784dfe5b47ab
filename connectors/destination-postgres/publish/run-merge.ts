import { setTimeout as wait } from "node:timers/promises";
import { Failure } from "../../../protocol/errors.ts";
import { runIf, runThroughDeadlocks } from "../../postgres/attempts.ts";
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
const DEADLOCK = "40P01";
/** How often a merge gives its locks back while somebody keeps a row that it waits for. */
const YIELDS = 30;
/** Well below the second after which the server looks for whom to end. */
const PATIENCE_MS = 100;
const PAUSE_MS = 100;
/**
 * How long a merge that has not locked its rows waits for anybody's: not at all, as nearly as there is. For
 * so long, somebody who waits for one of them in turn could be ended because of us.
 */
const NO_PATIENCE_MS = 1;

/** What a merge is for. */
export interface MergeRun {
  /** What it does, for messages. */
  readonly action: string;
  /** Statements that lock the rows it may change. */
  readonly locks?: readonly string[];
  /** Rows that are to be added although no statement counts them. */
  readonly appended?: number;
  /** Set: it is tried without these locks first, which succeeds unless somebody else writes the same rows. */
  readonly unlocked?: { readonly onDisturbed: () => void };
}

/**
 * Runs the statements of a merge inside the open transaction, and compares what was to be changed with
 * what the server says it changed. Returns how many values were lost, by field.
 *
 * The rows are locked first: while a user's transaction holds one of them, the others are given back and
 * it is tried again, so that nobody who waits for one is ended because of us. Locking takes about as long
 * as changing the rows does, so a merge that may be tried without it is, and gives up where it would have to
 * wait, or a row was changed before it came to it.
 *
 * Throws `postgres.constraint`, with the names, when a trigger may have kept rows out, and
 * `postgres.conflict` when somebody changed a row in between.
 */
export async function runMerge(
  session: Session,
  { action, locks = [], appended = 0, unlocked }: MergeRun,
  statements: readonly MergeStatement[],
): Promise<ReadonlyMap<string, number>> {
  const merge = statements.map((one) => (typeof one === "string" ? one : one.sql));
  const tallyOf = (counts: readonly number[]) => tallied(statements, counts, appended);
  const isWhole = (counts: readonly number[]) => tallyOf(counts).differing === undefined;
  let counts: number[] | undefined;
  if (unlocked) {
    counts = await runUnlocked(session, action, merge, isWhole);
    if (counts === undefined) unlocked.onDisturbed();
  }
  counts ??= await runLocked(session, action, locks, merge);
  const { differing, lost } = tallyOf(counts);
  if (differing !== undefined) throw await refusal(session, differing);
  return lost;
}

/** What the server says of the statements of a merge: the first table that differs, and the values lost by field. */
function tallied(
  statements: readonly MergeStatement[],
  counts: readonly number[],
  appended: number,
): { differing: Tally | undefined; lost: Map<string, number> } {
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
  return { differing: [...tallies.values()].find(({ asked, done }) => asked !== done), lost };
}

async function refusal(session: Session, { table, asked, done }: Tally): Promise<Failure> {
  const dependents = (await findDependents(session, [table])).of(table);
  if (dependents.triggers.length > 0)
    return keptOut(table, dependents, { what: `it took ${done} of ${asked} changes` });
  return new Failure("postgres.conflict", `${label(table)} was changed by others meanwhile`, {
    hint: "run again: rows that somebody changed at the same moment were not merged",
  });
}

/** Returns how many rows each of `statements` changed; undefined where nothing was done since others write. */
async function runUnlocked(
  session: Session,
  action: string,
  statements: readonly string[],
  isWhole: (counts: readonly number[]) => boolean,
): Promise<number[] | undefined> {
  const all = [limitLockWait(NO_PATIENCE_MS), ...statements, limitLockWait(0)];
  const own = (counts: readonly number[]) => counts.slice(1, -1);
  try {
    const counts = await runIf(session, action, all, (seen) => isWhole(own(seen)));
    return counts && own(counts);
  } catch (error) {
    const state = sqlStateOf((error as Failure).cause);
    if (state !== NO_LOCK && state !== DEADLOCK) throw error;
    return undefined;
  }
}

/** Locks rows and runs `statements`; returns how many rows each of these changed. */
async function runLocked(
  session: Session,
  action: string,
  locks: readonly string[],
  statements: readonly string[],
): Promise<number[]> {
  if (locks.length === 0) return runThroughDeadlocks(session, action, ...statements);
  for (let yields = 0; ; yields++) {
    const locking = [limitLockWait(yields < YIELDS ? PATIENCE_MS : 0), ...locks, limitLockWait(0)];
    try {
      const counts = await runThroughDeadlocks(session, action, ...locking, ...statements);
      return counts.slice(locking.length);
    } catch (error) {
      if (sqlStateOf((error as Failure).cause) !== NO_LOCK || yields === YIELDS) throw error;
      await wait(PAUSE_MS);
    }
  }
}
