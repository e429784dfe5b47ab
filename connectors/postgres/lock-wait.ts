import { setTimeout as wait } from "node:timers/promises";
import type { Sql } from "./sql.ts";

const LOOK_EVERY_MS = 500;

function waitsForLock(processId: number): Sql {
  return {
    text: "select 1 from pg_catalog.pg_locks where pid = $1::int and not granted",
    values: [String(processId)],
  };
}

/** A session that may have to wait. */
interface Waiting {
  readonly processId: number;
  cancel(): Promise<void>;
}

/** Another session of the same server. */
interface Watcher {
  query(action: string, sql: Sql): Promise<readonly unknown[]>;
}

/**
 * Cancels whatever `session` runs whenever that waits for another session's lock, which may be for
 * ever, until `closed` aborts.
 */
export async function cancelLockWaits(
  session: Waiting,
  watcher: Watcher,
  closed: AbortSignal,
): Promise<void> {
  const question = waitsForLock(session.processId);
  while (!closed.aborted) {
    const rows = await watcher.query("look for a lock that is waited for", question);
    if (rows.length > 0 && !closed.aborted) await session.cancel();
    await wait(LOOK_EVERY_MS, undefined, { signal: closed }).catch(() => {});
  }
}
