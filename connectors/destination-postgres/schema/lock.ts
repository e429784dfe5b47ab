import { setTimeout as wait } from "node:timers/promises";
import { Failure } from "../../../protocol/errors.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { tablesOf } from "./layout.ts";
import { LOCK_ROOM, tryLocks, type AdvisoryLock } from "./queries.ts";
import type { Session } from "../../postgres/session.ts";
import { together } from "../../postgres/together.ts";
import { label } from "../../postgres/sql.ts";

/** A killed writer's session ends when its server notices; that takes moments. */
const PATIENCE_MS = 15_000;
const PAUSE_MS = 200;
/** Which part of the server's room for locks a run may fill to its end. */
const MOST_OF_ROOM = 1 / 4;

/** How many locks the server has room for. */
export async function roomForLocks(session: Session): Promise<number> {
  const row = await session.queryRow("look at the room for locks", LOCK_ROOM);
  return Number(row["locks"]);
}

/**
 * Takes the locks on all tables of all streams for as long as the session lives, so that two runs
 * never write one table at a time, whichever tables each of them fills. A run with so many tables that
 * their locks would fill the server's memory locks their schemas instead. Throws `sync.locked` when
 * another session keeps one.
 *
 * @param room see `roomForLocks`.
 * @param look looks at what is there, in the turn that takes the locks; once more when that had to wait.
 */
export async function lockStreams<T>(
  session: Session,
  plans: readonly StreamPlan[],
  room: number,
  signal: AbortSignal,
  look: () => Promise<T>,
): Promise<T> {
  const isCoarse = plans.flatMap(tablesOf).length > room * MOST_OF_ROOM;
  const locksOf = (plan: StreamPlan) => (isCoarse ? schemaLocks(plan, false) : tableLocks(plan));
  let missing = distinct(plans.flatMap(locksOf));
  let looked: T | undefined;
  const isFree = await untilFree(signal, async () => {
    const tried = session.query("lock the streams", tryLocks(missing));
    const [rows, found] = await together([tried, look()]);
    looked = found;
    const names = new Set(rows.map((row) => row["name"]!));
    missing = missing.filter(({ name }) => names.has(name));
    return missing.length === 0;
  });
  if (isFree) return looked!;
  const names = new Set(missing.map(({ name }) => name));
  const held = plans.filter((plan) => locksOf(plan).some(({ name }) => names.has(name)));
  throw new Failure(
    "sync.locked",
    `another sync is writing to the tables of ${held
      .slice(0, 3)
      .map((plan) => plan.label)
      .join(", ")}`,
    {
      hint: isCoarse
        ? "wait for it to end; with so many tables no other sync can write to their schemas, unless max_locks_per_transaction of the server is raised"
        : "wait for it to end; two connections must not write the same tables",
    },
  );
}

/**
 * Tries until it works, for as long as a session of a killed process may take to end. False when it
 * did not, or when `signal` aborted.
 */
export async function untilFree(
  signal: AbortSignal,
  attempt: () => Promise<boolean>,
): Promise<boolean> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    if (await attempt()) return true;
    if (performance.now() > giveUpAt || signal.aborted) return false;
    await wait(PAUSE_MS, undefined, { signal }).catch(() => {});
  }
}

/** Those of tables, beside all others that lock tables of their schemas. */
function tableLocks(plan: StreamPlan): AdvisoryLock[] {
  const tables = tablesOf(plan).map(({ table }) => ({ name: label(table), isShared: false }));
  return [...schemaLocks(plan, true), ...tables];
}

function schemaLocks(plan: StreamPlan, isShared: boolean): AdvisoryLock[] {
  return tablesOf(plan).map(({ table: { schema } }) => ({
    name: JSON.stringify([schema]),
    isShared,
  }));
}

function distinct(locks: readonly AdvisoryLock[]): AdvisoryLock[] {
  return [...new Map(locks.map((lock) => [lock.name, lock])).values()];
}
