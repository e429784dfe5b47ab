import { streamLabel } from "../../../protocol/catalog.ts";
import { escapeControls } from "../../escape.ts";
import type { JobReport } from "../../store/jobs.ts";
import type { StreamStats, SyncStats } from "../../sync/relay/stream-stats.ts";
import { Speed } from "./speed.ts";

/** What a stream is at. */
export type Phase =
  | "to come"
  | "waiting for a lock"
  | "reading"
  | "waiting"
  | "loading"
  | "copying"
  | "merging"
  | "swapping"
  | "done";

const OF_WORK = { copy: "copying", merge: "merging", swap: "swapping" } as const;

/** A stream as it is at one moment. */
export interface StreamView {
  readonly label: string;
  readonly phase: Phase;
  readonly rows: number;
  readonly rowsPerSecond: number;
  readonly bytesPerSecond: number;
  /** Of what the source expects, 0 to 1. */
  readonly share: number | undefined;
  readonly secondsLeft: number | undefined;
  /** Since the destination last gave a STATE back. */
  readonly savedSecondsAgo: number | undefined;
}

/** A connection as it runs. What runs it writes here, what shows it reads. */
export class ConnectionProgress {
  readonly name: string;
  /** Infinity: it follows. */
  readonly maxAttempts: number;
  readonly begun: number;
  /** Kept current by the job. */
  job: JobReport | undefined;
  /** When the next attempt is to begin, by the monotonic clock. */
  retryAt: number | undefined;
  #stats: SyncStats | undefined;
  #speeds = new Map<StreamStats, Speed>();

  constructor(name: string, maxAttempts: number, now: number) {
    this.name = name;
    this.maxAttempts = maxAttempts;
    this.begun = now;
  }

  /** Of the attempt under way; undefined: nothing was read yet. */
  get stats(): SyncStats | undefined {
    return this.#stats;
  }

  set stats(stats: SyncStats | undefined) {
    if (stats === this.#stats) return;
    this.#stats = stats;
    this.#speeds = new Map();
    this.retryAt = undefined;
  }

  /** Every stream at this moment of the monotonic clock. */
  streams(now: number): StreamView[] {
    const stats = this.#stats;
    return stats === undefined ? [] : stats.streams.map((one) => this.#view(one, stats, now));
  }

  #view(stream: StreamStats, stats: SyncStats, now: number): StreamView {
    const { emitted: rows, bytes, expected, committedAt, plan, firstSeen } = stream;
    let speed = this.#speeds.get(stream);
    if (speed === undefined) {
      this.#speeds.set(stream, (speed = new Speed()));
      // Looked at seldom, as without a terminal, a stream has a rate at the first look already.
      if (firstSeen !== undefined) speed.note(firstSeen, { rows: 0, bytes: 0 });
    }
    speed.note(now, { rows, bytes });
    const { rate } = speed;
    const isOver = stream.isFinished;
    const isBelow = expected !== undefined && rows <= expected && !isOver;
    return {
      label: escapeControls(streamLabel(plan.source)),
      phase: phaseOf(stream, stats),
      rows,
      rowsPerSecond: rate.rows,
      bytesPerSecond: rate.bytes,
      share: isBelow ? rows / expected : undefined,
      secondsLeft: isBelow && rate.rows > 0 ? (expected - rows) / rate.rows : undefined,
      savedSecondsAgo: committedAt === undefined ? undefined : (now - committedAt) / 1000,
    };
  }
}

function phaseOf(stream: StreamStats, { current, isWaiting }: SyncStats): Phase {
  const { work, waitsForLock, isFinished, firstSeen, forwarded, committed, isAsked } = stream;
  if (waitsForLock) return "waiting for a lock";
  if (work !== undefined) return OF_WORK[work];
  if (!isFinished && firstSeen === undefined) return "to come";
  if (!isFinished) return isWaiting && stream === current ? "waiting" : "reading";
  return committed < forwarded || !isAsked ? "loading" : "done";
}
