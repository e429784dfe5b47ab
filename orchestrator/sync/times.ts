import type { AttemptTimes, StreamTimes } from "../store/jobs.ts";
import type { StreamStats, SyncStats } from "./relay/stream-stats.ts";

/** Seconds from the first to the last sign of a stream. */
export function secondsOf({ firstSeen, lastSeen }: StreamStats): number {
  return firstSeen === undefined ? 0 : seconds(lastSeen! - firstSeen);
}

/** When the first sign of a stream came, by the clock on the wall; undefined: there was none. */
export function startOf({ firstSeen }: StreamStats): string | undefined {
  if (firstSeen === undefined) return undefined;
  return new Date(Date.now() - (performance.now() - firstSeen)).toISOString();
}

/** Where the time of a stream went, as far as both sides tell. */
export function streamTimes(stats: StreamStats): StreamTimes {
  const waiting = seconds(stats.waitedMs);
  const reading = Math.max(0, seconds(secondsOf(stats) * 1000 - stats.waitedMs));
  return { reading, waiting, ...stats.tally?.seconds };
}

/**
 * Where the time of an attempt went that ends now.
 *
 * @param begun when it began, by the monotonic clock.
 */
export function attemptTimes(
  begun: number,
  { streams, readFrom, readTo }: SyncStats,
): AttemptTimes {
  const now = performance.now();
  const to = readTo ?? now;
  const from = readFrom ?? to;
  const waitedMs = streams.reduce((sum, stream) => sum + stream.waitedMs, 0);
  return {
    start: seconds(from - begun),
    reading: Math.max(0, seconds(to - from - waitedMs)),
    waiting: seconds(waitedMs),
    finishing: seconds(now - to),
  };
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}
