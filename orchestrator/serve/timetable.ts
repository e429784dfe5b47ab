import { isDeepStrictEqual } from "node:util";
import { nextAfter, type Trigger } from "./schedule.ts";

/** What a job is to do that was running when its process ended. */
export interface Unfinished {
  readonly type: "sync" | "clear";
  /** Empty: all. */
  readonly streams: readonly string[];
}

/** What is kept of a connection over restarts. Times are milliseconds since 1970. */
export interface Kept {
  /** What was asked for when it was seen last; null: to be run by hand. */
  readonly trigger: Trigger | null;
  /** Since when: times of its schedule before that are no concern of it. */
  readonly since: number;
  readonly isPaused: boolean;
  /** Runs, or ran when the process ended. */
  readonly unfinished: Unfinished | null;
}

/** What the job history tells of a connection. */
export interface History {
  /** When its last sync or refresh started, whoever started it. */
  readonly lastStart: number | undefined;
  readonly lastEnd: number | undefined;
  /** Jobs that failed, one after the other, up to now. */
  readonly failures: number;
}

export const NO_HISTORY: History = { lastStart: undefined, lastEnd: undefined, failures: 0 };

/** How a run ended that the timetable asked for. `refused`: before there was a job. */
export type Outcome = "succeeded" | "failed" | "cancelled" | "refused";

/** A connection in the timetable. */
interface Entry extends Kept, History {
  readonly isRunning: boolean;
  /** `lastStart` before the run that is under way. */
  readonly startBefore: number | undefined;
  /** It was running when the process ended, and nobody has run it since. */
  readonly isToPickUp: boolean;
}

/** A clock that was set back by more is believed: what it had shown before was wrong. */
const MOST_DISBELIEF_MS = 3 * 60 * 60 * 1000;

/** Whatever the clock shows. */
const AT_ONCE = 0;

/** From one failed run to the next start: doubled with each failure. */
const FIRST_WAIT_MS = 5_000;
const MOST_WAIT_MS = 5 * 60 * 1000;

/**
 * When which connection is to run. It knows no clock, no file and no job: it is told the time, what
 * starts and what ends, and says what is due. One run per connection at a time; what was missed, while
 * nobody looked or because the run before took long, is due once and at once.
 */
export class Timetable {
  readonly #entries = new Map<string, Entry>();

  /**
   * Takes a connection in, or another trigger for one that is in. What a new trigger would have asked for
   * in the past is not asked for.
   *
   * @param kept from before the restart.
   */
  set(name: string, trigger: Trigger | null, now: number, history = NO_HISTORY, kept?: Kept): void {
    const before: Entry =
      this.#entries.get(name) ?? firstEntry(kept ?? newlyKept(trigger, now), history);
    const isSame = isDeepStrictEqual(before.trigger, trigger);
    this.#entries.set(name, isSame ? before : { ...before, trigger, since: now });
  }

  /** Forgets a connection. */
  delete(name: string): void {
    this.#entries.delete(name);
  }

  /** A run of the connection begins, whoever asked for it. */
  started(name: string, now: number, unfinished: Unfinished): void {
    const isRead = unfinished.type === "sync";
    this.#change(name, (entry) => ({
      ...entry,
      isRunning: true,
      isToPickUp: false,
      unfinished,
      startBefore: entry.lastStart,
      ...(isRead && { lastStart: now }),
    }));
  }

  /**
   * It has ended.
   *
   * @param isToGoOn whether it was only stopped because the process ends: the next one picks it up.
   */
  ended(name: string, now: number, outcome: Outcome, isToGoOn = false): void {
    this.#change(name, (entry) => ({
      ...entry,
      isRunning: false,
      lastEnd: now,
      // What did not begin is as due as it was.
      ...(outcome === "refused" && { lastStart: entry.startBefore }),
      unfinished: isToGoOn ? entry.unfinished : null,
      failures: outcome === "succeeded" ? 0 : entry.failures + (outcome === "cancelled" ? 0 : 1),
    }));
  }

  /** Somebody else has run it: what was to be picked up is done. */
  ranElsewhere(name: string, history: History): void {
    this.#change(name, (entry) => ({ ...entry, ...history, isToPickUp: false, unfinished: null }));
  }

  pause(name: string): void {
    this.#change(name, (entry) => ({ ...entry, isPaused: true }));
  }

  /** What its schedule asked for in the meantime is not made up for; `every` is due as ever. */
  resume(name: string, now: number): void {
    this.#change(name, (entry) =>
      entry.isPaused ? { ...entry, isPaused: false, since: now, failures: 0 } : entry,
    );
  }

  isPaused(name: string): boolean {
    return this.#entries.get(name)?.isPaused ?? false;
  }

  /** What has to be done of a connection that is due. */
  dutyOf(name: string): Unfinished {
    const entry = this.#entries.get(name);
    const isRest = entry?.isToPickUp === true && entry.unfinished !== null;
    return isRest ? entry.unfinished : { type: "sync", streams: [] };
  }

  /** The connections that are to be started now: those that are due for the longest time first. */
  due(now: number): string[] {
    const due: { name: string; at: number }[] = [];
    for (const name of this.#entries.keys()) {
      const at = this.nextRun(name, now);
      if (at !== undefined && at <= now && !this.#entries.get(name)!.isRunning)
        due.push({ name, at });
    }
    return due.sort((a, b) => a.at - b.at).map(({ name }) => name);
  }

  /**
   * When a connection is to run next, which may be past. Undefined: not by itself. Of one that runs, what
   * comes behind.
   */
  nextRun(name: string, now: number): number | undefined {
    this.#believe(name, now);
    const entry = this.#entries.get(name);
    return entry === undefined || entry.isPaused ? undefined : dueAt(entry);
  }

  /** What is to be kept, by connection. */
  kept(): Record<string, Kept> {
    return Object.fromEntries(
      [...this.#entries].map(([name, { trigger, since, isPaused, unfinished }]) => [
        name,
        { trigger, since, isPaused, unfinished },
      ]),
    );
  }

  /**
   * Of a clock that was set back: what happened in what is the future now counts as just happened, lest
   * nothing be due until then. Where that is no farther than half the way to the next time, and no more
   * than some hours, nothing is changed, lest a time come twice.
   */
  #believe(name: string, now: number): void {
    this.#change(name, (entry) => {
      const { trigger, since, lastStart = 0, lastEnd = 0 } = entry;
      if (Math.max(since, lastStart, lastEnd) <= now) return entry;
      const latest = now + disbeliefIn(trigger, Math.max(since, lastStart));
      // A time that is just now is still to come.
      const just = now - 1;
      return {
        ...entry,
        ...(since > latest && { since: just }),
        ...(lastStart > latest && { lastStart: just }),
        ...(lastEnd > latest && { lastEnd: just }),
      };
    });
  }

  #change(name: string, change: (entry: Entry) => Entry): void {
    const entry = this.#entries.get(name);
    if (entry) this.#entries.set(name, change(entry));
  }
}

function newlyKept(trigger: Trigger | null, since: number): Kept {
  return { trigger, since, isPaused: false, unfinished: null };
}

function firstEntry(kept: Kept, history: History): Entry {
  const isToPickUp = kept.unfinished !== null;
  return { ...kept, ...history, startBefore: undefined, isRunning: false, isToPickUp };
}

function dueAt(entry: Entry): number | undefined {
  const { isToPickUp, lastEnd, failures } = entry;
  const at = isToPickUp ? AT_ONCE : wantedAt(entry);
  if (at === undefined) return undefined;
  if (failures === 0 || lastEnd === undefined) return at;
  return Math.max(at, lastEnd + Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), MOST_WAIT_MS));
}

/** Regardless of failures. */
function wantedAt({ trigger, since, lastStart, lastEnd, isRunning }: Entry): number | undefined {
  if (trigger === null) return undefined;
  if ("follow" in trigger) return isRunning ? undefined : (lastEnd ?? AT_ONCE);
  if ("everySeconds" in trigger)
    return lastStart === undefined ? AT_ONCE : nextAfter(trigger, lastStart);
  return nextAfter(trigger, Math.max(since, lastStart ?? since));
}

/** How far ahead of the clock something may have happened without the clock being believed. */
function disbeliefIn(trigger: Trigger | null, moment: number): number {
  if (trigger === null || "follow" in trigger) return 0;
  const next = nextAfter(trigger, moment);
  const following = next === undefined ? undefined : nextAfter(trigger, next);
  if (next === undefined || following === undefined) return MOST_DISBELIEF_MS;
  return Math.min((following - next) / 2, MOST_DISBELIEF_MS);
}
