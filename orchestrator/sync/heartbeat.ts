import { Failure } from "../../protocol/errors.ts";
import type { ConnectorName } from "../connector/launch.ts";

const TICK_MS = 500;

/** A tick this late means that we were stopped (a laptop asleep, SIGSTOP), not the others. */
const LATE_TICK_MS = 5 * TICK_MS;

/** A side that must not stand still. */
export interface Watch {
  readonly who: ConnectorName;
  /** Changes with every sign of life. */
  readonly pulse: () => unknown;
  /** Whether it is its turn: who waits for somebody else is not silent. */
  readonly isDue: () => boolean;
  readonly limitSeconds: number;
  /** Gets a `connector.silent`. */
  readonly onSilence: (failure: Failure) => void;
}

/** Calls `onSilence` once for each side that is due and shows no pulse for its limit. */
export function startHeartbeat(watches: readonly Watch[]): { stop(): void } {
  const states = watches.map((watch) => ({
    watch,
    pulse: watch.pulse(),
    since: performance.now(),
  }));
  let lastTick = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    const slept = now - lastTick > LATE_TICK_MS;
    lastTick = now;
    for (const state of states) {
      const pulse = state.watch.pulse();
      if (slept || pulse !== state.pulse || !state.watch.isDue()) {
        state.pulse = pulse;
        state.since = now;
      } else if (now - state.since > state.watch.limitSeconds * 1000) {
        state.since = Number.POSITIVE_INFINITY;
        state.watch.onSilence(silence(state.watch));
      }
    }
  }, TICK_MS);
  return { stop: () => clearInterval(timer) };
}

function silence({ who: { role, label }, limitSeconds }: Watch): Failure {
  return new Failure("connector.silent", `${label} showed no sign of life for ${limitSeconds} s`, {
    hint: `limits.${role}_silence_seconds in the connection allows it more`,
    origin: role,
  });
}
