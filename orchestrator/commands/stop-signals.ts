import type { StopRequest } from "../sync/work.ts";

/** What a run does when it is asked to stop, by Ctrl-C or by a supervisor. */
export interface StopSignals extends StopRequest {
  /** The signal that came first. */
  readonly received: () => NodeJS.Signals | undefined;
  /** Signals have their usual meaning again. */
  release(): void;
}

/** The first SIGINT or SIGTERM stops gracefully, the second at once. */
export function onStopSignals(announce: (text: string) => void): StopSignals {
  const gracefully = new AbortController();
  const now = new AbortController();
  let received: NodeJS.Signals | undefined;
  const handle = (signal: NodeJS.Signals) => {
    if (received !== undefined) {
      now.abort();
      return;
    }
    received = signal;
    announce("stopping: what was read is being committed; once more to stop at once");
    gracefully.abort();
  };
  process.on("SIGINT", handle).on("SIGTERM", handle);
  return {
    gracefully: gracefully.signal,
    now: now.signal,
    received: () => received,
    release() {
      process.off("SIGINT", handle).off("SIGTERM", handle);
    },
  };
}
