import type { LogLevel } from "../../../protocol/messages.ts";
import type { Session } from "../../postgres/session.ts";
import { findLockWait } from "./queries.ts";

/** A lock that is there by then is not worth a word. */
const LOOK_AFTER_MS = 2_000;
const LOOK_AGAIN_MS = 10_000;

/**
 * Runs what may wait for other sessions' locks, and says on which table it waits, and for whom, when
 * it takes long, and again when that changes. Found out on another connection: this one waits. Behind
 * a pooler nobody can tell which of the server's sessions is ours, and nothing is said.
 */
export async function sayingWhatItWaitsFor<T>(
  session: Session,
  log: (level: LogLevel, message: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  let said = "";
  let looking: Promise<void> | undefined;
  let isDone = false;
  const look = async () => {
    // A remark is no reason to fail.
    const wait = await describeWait(session).catch(() => "");
    if (isDone) return;
    if (wait !== "" && wait !== said) log("WARN", wait);
    said = wait;
    lookIn(LOOK_AGAIN_MS);
  };
  const lookIn = (ms: number) => {
    timer = setTimeout(() => {
      looking = look();
    }, ms);
  };
  let timer: NodeJS.Timeout | undefined;
  lookIn(LOOK_AFTER_MS);
  try {
    return await work();
  } finally {
    isDone = true;
    clearTimeout(timer);
    await looking;
  }
}

async function describeWait(session: Session): Promise<string> {
  const query = findLockWait(session.processId);
  const rows = await session.onOtherConnection((other) =>
    other.whileReading(() => other.query("look for what holds a lock", query)),
  );
  if (rows.length === 0) return "";
  const holders = rows.map(({ pid, application, state }) => {
    const about = [application, state].filter((part) => part != null && part !== "").join(", ");
    return about === "" ? pid : `${pid} (${about})`;
  });
  const table = rows[0]!["relation"] ?? "a table";
  return `waiting for a lock on ${table}, which is held or asked for by session ${holders.join(", ")}`;
}
