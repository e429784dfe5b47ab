import type { Failure } from "../../protocol/errors.ts";
import { sqlStateOf } from "./errors.ts";
import type { Session } from "./session.ts";
import { together } from "./together.ts";

/** How often statements are tried that the server ends for the sake of another session. */
const DEADLOCK_ATTEMPTS = 5;
const DEADLOCK = "40P01";

/**
 * Like `run`, inside the open transaction of a session; when the server ends the statements to resolve a
 * deadlock, takes them back and runs them again, a few times. What the transaction did before stays,
 * also when the server refuses the statements for another reason. Returns the same as `runCounted`.
 */
export async function runThroughDeadlocks(
  session: Session,
  action: string,
  ...statements: readonly string[]
): Promise<number[]> {
  for (let attempt = 1; ; attempt++) {
    const set = session.run(action, "savepoint attempt");
    try {
      const run = session.runCounted(action, ...statements, "release attempt");
      return (await together([set, run]))[1];
    } catch (error) {
      await session.takeBack(action, "attempt");
      const isDeadlock = sqlStateOf((error as Failure).cause) === DEADLOCK;
      if (!isDeadlock || attempt === DEADLOCK_ATTEMPTS) throw error;
    }
  }
}

/**
 * Like `runCounted`, inside the open transaction of a session, which stays as it was where the server
 * refuses the statements or `isWanted` says that their counts are not those that were to be.
 *
 * @returns undefined where all was taken back for its counts.
 */
export async function runIf(
  session: Session,
  action: string,
  statements: readonly string[],
  isWanted: (counts: readonly number[]) => boolean,
): Promise<number[] | undefined> {
  const set = session.run(action, "savepoint doubtful");
  try {
    const [, counts] = await together([set, session.runCounted(action, ...statements)]);
    if (isWanted(counts)) {
      await session.run(action, "release doubtful");
      return counts;
    }
  } catch (error) {
    await session.takeBack(action, "doubtful");
    throw error;
  }
  await session.takeBack(action, "doubtful");
  return undefined;
}
