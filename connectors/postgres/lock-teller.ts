import { activityTrace } from "../../protocol/activity.ts";
import type { StreamDescriptor } from "../../protocol/catalog.ts";
import type { TraceMessage } from "../../protocol/messages.ts";
import type { LockWait, OnLockWait } from "./lock-notice.ts";

/** Who is told. */
export interface Listener {
  readonly log: (level: "WARN", text: string) => void;
  readonly output?: { message(message: TraceMessage): Promise<void> };
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
}

/**
 * Says of each wait for a lock that there is one, as a warning, and as a sign of the stream whose table it
 * is on, if `streamOf` knows that.
 */
export function lockTeller(
  { log, output, now }: Listener,
  streamOf: (wait: LockWait) => StreamDescriptor | undefined,
): OnLockWait {
  let waiting: StreamDescriptor | undefined;
  const sign = ({ name, namespace }: StreamDescriptor, waits: boolean) => {
    const stream = namespace ? { name, namespace } : { name };
    // Who else prints notices that nobody reads.
    output?.message(activityTrace({ kind: "lock", stream, waits }, now())).catch(() => {});
  };
  return (wait) => {
    if (waiting) sign(waiting, false);
    waiting = wait && streamOf(wait);
    if (wait) log("WARN", wait.text);
    if (waiting) sign(waiting, true);
  };
}
