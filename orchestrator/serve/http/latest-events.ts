import type { ServiceEvent } from "../service.ts";

/** Most jobs whose beginnings and ends are kept for a reader that does not read. */
const MOST_JOB_EVENTS = 200;

/** Jobs began or ended that were left out. */
export interface Missed {
  readonly event: "missed";
}

/**
 * What a reader has not read yet. Of how things stand only the latest is kept, so that one who reads
 * slowly gets the newest; of what jobs did so much, and then that some was missed.
 */
export class LatestEvents {
  readonly #kept = new Map<string, ServiceEvent | Missed>();
  #jobEvents = 0;

  put(event: ServiceEvent): void {
    const isOfJob = event.event === "job_started" || event.event === "job_ended";
    const key = keyOf(event);
    if (isOfJob && !this.#kept.has(key)) this.#makeRoom();
    this.#kept.set(key, event);
  }

  /** The one that waits longest; undefined: none does. */
  take(): ServiceEvent | Missed | undefined {
    const [first] = this.#kept;
    if (first === undefined) return undefined;
    const [key, event] = first;
    this.#kept.delete(key);
    if (event.event === "job_started" || event.event === "job_ended") this.#jobEvents--;
    return event;
  }

  #makeRoom(): void {
    this.#jobEvents++;
    if (this.#jobEvents <= MOST_JOB_EVENTS) return;
    for (const [key, { event }] of this.#kept)
      if (event === "job_started" || event === "job_ended") this.#kept.delete(key);
    this.#jobEvents = 1;
    this.#kept.set("missed", { event: "missed" });
  }
}

function keyOf(event: ServiceEvent): string {
  if (event.event === "configuration") return event.event;
  if (event.event === "progress") return `progress ${event.progress.connection}`;
  if (event.event === "connection") return `connection ${event.connection}`;
  return `${event.event} ${event.job}`;
}
