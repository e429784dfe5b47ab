import { setTimeout as wait } from "node:timers/promises";
import type { LogLevel } from "../../../../protocol/messages.ts";
import type {
  CreatedSlot,
  ReplicationConnection,
} from "../../../postgres/replication/replication-connection.ts";
import type { Session } from "../../../postgres/session.ts";
import type { SlotFacts } from "./slot-facts.ts";
import { dropReplicationSlot, lookUpOpenTransactions } from "./slot-queries.ts";
import type { Verdict } from "./judge-slot.ts";

/** A slot that is there by then is not worth a word. */
const SAY_AFTER_MS = 3_000;
const SAY_AGAIN_MS = 30_000;

/**
 * Makes the slot that a read begins with, with a snapshot of the place where it begins. Takes as long as
 * the transactions that run now, and says which.
 *
 * @param session free, and in no transaction.
 */
export async function makeSlot(
  session: Session,
  replication: ReplicationConnection,
  facts: SlotFacts,
  name: string,
  verdict: Verdict,
  log: (level: LogLevel, message: string) => void,
): Promise<CreatedSlot> {
  if (verdict.slot === "replace")
    await session.query(`drop the lost replication slot ${name}`, dropReplicationSlot(name));
  // A standby that takes over has it, too, where the servers are set up so; else it changes nothing.
  const failover = facts.version >= 170000 && !facts.isStandby;
  const done = new AbortController();
  const remarks = sayWhatItWaitsFor(session, log, done.signal);
  try {
    const made = await replication.createSlot(name, { exportSnapshot: true, failover });
    log(
      "INFO",
      `created the replication slot ${name}: the server keeps its log from now on until it is read, or dropped (drop-slot)`,
    );
    return made;
  } finally {
    done.abort();
    await remarks;
  }
}

async function sayWhatItWaitsFor(
  session: Session,
  log: (level: LogLevel, message: string) => void,
  done: AbortSignal,
): Promise<void> {
  try {
    for (let ms = SAY_AFTER_MS; ; ms = SAY_AGAIN_MS) {
      await wait(ms, undefined, { signal: done });
      const rows = await session.query("look for open transactions", lookUpOpenTransactions());
      if (rows.length === 0) continue;
      const holders = rows.map(({ holder, seconds }) =>
        seconds === null ? holder : `${holder}, for ${seconds} s`,
      );
      log(
        "WARN",
        `a new replication slot waits for open transactions to end: ${holders.join("; ")}`,
      );
    }
  } catch {
    // It is there, or failed, which its maker says. A remark is no reason to fail.
  }
}
