import type { ConnectionProgress, Phase } from "../output/live/connection-progress.ts";

/** A connection as it runs. */
export interface ConnectionProgressFacts {
  readonly connection: string;
  readonly job: number;
  readonly attempt: number;
  readonly seconds: number;
  /** When the next attempt begins, while it waits for that. */
  readonly retry_in_seconds: number | null;
  readonly streams: readonly {
    readonly stream: string;
    readonly phase: Phase;
    readonly rows: number;
    readonly rows_per_second: number;
    readonly bytes_per_second: number;
    /** 0 to 1, of what the source expects. */
    readonly share: number | null;
    readonly seconds_left: number | null;
  }[];
}

/** How a connection is getting on at a moment of the monotonic clock; undefined before it has a job. */
export function progressFacts(
  progress: ConnectionProgress,
  now: number,
): ConnectionProgressFacts | undefined {
  const { name, job, begun, retryAt } = progress;
  if (job === undefined) return undefined;
  return {
    connection: name,
    job: job.id,
    attempt: job.attempts.at(-1)?.attempt ?? 0,
    seconds: (now - begun) / 1000,
    retry_in_seconds: retryAt === undefined ? null : Math.max(0, (retryAt - now) / 1000),
    streams: progress.streams(now).map((stream) => ({
      stream: stream.label,
      phase: stream.phase,
      rows: stream.rows,
      rows_per_second: stream.rowsPerSecond,
      bytes_per_second: stream.bytesPerSecond,
      share: stream.share ?? null,
      seconds_left: stream.secondsLeft ?? null,
    })),
  };
}
