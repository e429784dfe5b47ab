import { Failure } from "../../../protocol/errors.ts";
import type { Session } from "../../postgres/session.ts";
import { label, type Table } from "../../postgres/sql.ts";
import { findDependents } from "./dependents.ts";
import { keptOut } from "./kept-out.ts";
import type { MergeStatement } from "./merge.ts";

/** Rows of a table that are to be changed, and those that the server says were. */
interface Tally {
  readonly table: Table;
  asked: number;
  done: number;
}

/** What a merge is for. */
export interface MergeRun {
  /** What it does, for messages. */
  readonly action: string;
  /** Rows that are to be added although no statement counts them. */
  readonly appended?: number;
}

/**
 * Runs the statements of a merge inside the open transaction, and compares what was to be changed with
 * what the server says it changed. Throws `postgres.constraint`, with the names, when a trigger may have
 * kept rows out, and `postgres.conflict` when somebody changed a row in between.
 */
export async function runMerge(
  session: Session,
  { action, appended = 0 }: MergeRun,
  statements: readonly MergeStatement[],
): Promise<void> {
  const counts = await session.runThroughDeadlocks(
    action,
    ...statements.map((one) => (typeof one === "string" ? one : one.sql)),
  );
  const tallies = new Map<string, Tally>();
  for (const [at, one] of statements.entries()) {
    if (typeof one === "string") continue;
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
}
