import { activityTrace } from "../../../protocol/activity.ts";
import type { StreamDescriptor } from "../../../protocol/catalog.ts";
import type { WriteContext } from "../../kit/contract.ts";
import { label, type Table } from "../../postgres/sql.ts";
import type { Session } from "../../postgres/session.ts";
import { tableOf } from "../catalog/read-plan.ts";
import { findLockWait } from "./queries.ts";

/** A lock that is there by then is not worth a word. */
const LOOK_AFTER_MS = 2_000;
const LOOK_AGAIN_MS = 10_000;

/** A lock that is waited for. */
export interface LockWait {
  /** Undefined where the server does not tell. */
  readonly table: Table | undefined;
  /** The table and the sessions that hold the lock, as a clause. */
  readonly text: string;
}

/** Told of a wait when it takes long, again when it is another one, and with undefined when it is over. */
export type OnLockWait = (wait: LockWait | undefined) => void;

/**
 * Runs what may wait for other sessions' locks, and tells of a wait that takes long. Found out on another
 * connection: this one waits. Behind a pooler nobody can tell which of the server's sessions is ours, and
 * nothing is told.
 */
export async function tellingLockWaits<T>(
  session: Session,
  onWait: OnLockWait,
  work: () => Promise<T>,
): Promise<T> {
  let told: LockWait | undefined;
  let looking: Promise<void> | undefined;
  let isDone = false;
  const tell = (wait: LockWait | undefined) => {
    if (wait?.text !== told?.text) onWait(wait);
    told = wait;
  };
  const look = async () => {
    // A remark is no reason to fail.
    const wait = await findWait(session).catch(() => undefined);
    if (isDone) return;
    tell(wait);
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
    tell(undefined);
  }
}

async function findWait(session: Session): Promise<LockWait | undefined> {
  const query = findLockWait(session.processId);
  const rows = await session.onOtherConnection((other) =>
    other.whileReading(() => other.query("look for what holds a lock", query)),
  );
  if (rows.length === 0) return undefined;
  const holders = rows.map(({ pid, application, state }) => {
    const about = [application, state].filter((part) => part != null && part !== "").join(", ");
    return about === "" ? pid : `${pid} (${about})`;
  });
  const { schema, name } = rows[0]!;
  const table = schema && name ? { schema, name } : undefined;
  return {
    table,
    text: `waiting for a lock on ${table ? label(table) : "a table"}, which is held or asked for by session ${holders.join(", ")}`,
  };
}

/**
 * Says of each wait on whose table it is: as a warning, and as a sign of the stream. A lock on what a stream
 * is made of, such as a partition, is that of the only one.
 */
export function lockWaitTeller(
  streams: readonly StreamDescriptor[],
  { log, output, now }: WriteContext,
): OnLockWait {
  let waiting: StreamDescriptor | undefined;
  const sign = (stream: StreamDescriptor, waits: boolean) =>
    // Who else prints notices that nobody reads.
    output.message(activityTrace({ kind: "lock", stream, waits }, now())).catch(() => {});
  return (wait) => {
    if (waiting) void sign(waiting, false);
    waiting = wait && streamOf(wait, streams);
    if (wait) log("WARN", wait.text);
    if (waiting) void sign(waiting, true);
  };
}

function streamOf(
  { table }: LockWait,
  streams: readonly StreamDescriptor[],
): StreamDescriptor | undefined {
  const found = streams.find((stream) => {
    const { schema, name } = tableOf(stream);
    return name === table?.name && schema === table.schema;
  });
  return found ?? (streams.length === 1 ? streams[0] : undefined);
}
