import type { JobReport, JobType } from "../../store/jobs.ts";
import { grouped } from "../../output/table.ts";
import type { ConnectionFacts } from "../service.ts";

/** When a connection runs. */
export function scheduleText({ schedule_text }: ConnectionFacts): string {
  return schedule_text ?? "by hand only";
}

/** `1 record`, `2 records`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** `0.8 s`, `3 min 20 s`, `2 h 05 min`. */
export function durationText(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** How long a job took; undefined while it runs. */
export function secondsOf({ created_at, ended_at }: JobReport): number | undefined {
  return ended_at === undefined
    ? undefined
    : Math.max(0, (Date.parse(ended_at) - Date.parse(created_at)) / 1000);
}

const OF_TYPE: Readonly<Record<JobType, string>> = {
  sync: "Sync",
  clear: "Clear",
  refresh: "Refresh",
  normalize: "Normalize",
};

/** What a job did, as a heading. */
export function typeText(type: JobType): string {
  return OF_TYPE[type];
}

/** One word for how a connection is: what it does, else how its last job ended. */
export function stateOf({ state, last_job }: ConnectionFacts): string {
  if (state !== "idle") return state;
  return last_job?.status ?? "never run";
}

/** Where a connection's page is. */
export function placeOf(connection: string, ...more: readonly string[]): string {
  return ["/connections", encodeURIComponent(connection), ...more].join("/");
}
