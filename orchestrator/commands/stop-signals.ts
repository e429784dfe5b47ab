import type { StopRequest } from "../sync/work.ts";

/** What a run does when it is asked to stop, by Ctrl-C or by a supervisor. */
export interface StopSignals extends StopRequest {
  /** The signal that came first. */
  readonly received: () => NodeJS.Signals | undefined;
  /** Signals have their usual meaning again. */
  release(): void;
}

/** What asks a process to end. SIGQUIT (Ctrl-\\) would leave passwords and locks behind. */
const STOP_SIGNALS = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const;

/** The first of these signals stops gracefully, the second at once. */
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
  for (const signal of STOP_SIGNALS) process.on(signal, handle);
  return {
    gracefully: gracefully.signal,
    now: now.signal,
    received: () => received,
    release() {
      for (const signal of STOP_SIGNALS) process.off(signal, handle);
    },
  };
}
