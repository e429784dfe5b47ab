import { setTimeout as wait } from "node:timers/promises";
import { Failure } from "../../../protocol/errors.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { tablesOf } from "./layout.ts";
import { tryLocks } from "./queries.ts";
import type { Session } from "../../postgres/session.ts";
import { label } from "../../postgres/sql.ts";

/** A killed writer's session ends when its server notices; that takes moments. */
const PATIENCE_MS = 15_000;
const PAUSE_MS = 200;

/**
 * Takes the locks on all tables of all streams for as long as the session lives, so that two runs
 * never write one table at a time, whichever tables each of them fills. Throws `sync.locked` when
 * another session keeps one.
 */
export async function lockStreams(
  session: Session,
  plans: readonly StreamPlan[],
  signal: AbortSignal,
): Promise<void> {
  let missing = plans.flatMap(lockNames);
  const isFree = await untilFree(signal, async () => {
    const rows = await session.query("lock the streams", tryLocks(missing));
    missing = rows.map((row) => row["name"]!);
    return missing.length === 0;
  });
  if (isFree) return;
  const held = plans.filter((plan) => lockNames(plan).some((name) => missing.includes(name)));
  throw new Failure(
    "sync.locked",
    `another sync is writing to the tables of ${held
      .slice(0, 3)
      .map((plan) => plan.label)
      .join(", ")}`,
    { hint: "wait for it to end; two connections must not write the same tables" },
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

function lockNames(plan: StreamPlan): string[] {
  return tablesOf(plan).map(({ table }) => label(table));
}
