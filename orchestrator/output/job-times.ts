import { streamLabel } from "../../protocol/catalog.ts";
import type { JobReport, StreamReport } from "../store/jobs.ts";

/** Where the seconds of a job went, one after the other. */
export interface JobTimes {
  readonly starting: number;
  readonly reading: number;
  /** In which the destination took nothing. */
  readonly waiting: number;
  readonly finishing: number;
  /** Between attempts, and what nobody measured. */
  readonly other: number;
  readonly total: number;
}

/** The destination's own work, which goes on while it is read and afterwards. */
export interface DestinationTimes {
  readonly copy: number;
  readonly merge: number;
  readonly swap: number;
}

/** Where the seconds of a stream went, over all attempts. */
export interface StreamTimesOfJob extends DestinationTimes {
  readonly label: string;
  readonly reading: number;
  readonly waiting: number;
  /** Of both sides for it alone: a wait may be for another stream's merge. */
  readonly work: number;
}

/** Undefined for a job of which no times were kept: an older one, or one that moved nothing. */
export function timesOfJob(job: JobReport): JobTimes | undefined {
  const { attempts, created_at, ended_at } = job;
  if (ended_at === undefined || attempts.every(({ times }) => times === undefined))
    return undefined;
  const sum = (key: "start" | "reading" | "waiting" | "finishing") =>
    attempts.reduce((seconds, { times }) => seconds + (times?.[key] ?? 0), 0);
  const total = (Date.parse(ended_at) - Date.parse(created_at)) / 1000;
  const parts = {
    starting: sum("start"),
    reading: sum("reading"),
    waiting: sum("waiting"),
    finishing: sum("finishing"),
  };
  const known = Object.values(parts).reduce((seconds, part) => seconds + part, 0);
  return rounded({ ...parts, other: Math.max(0, total - known), total });
}

/** Of all streams; undefined where the destination tells nothing. */
export function destinationTimes(job: JobReport): DestinationTimes | undefined {
  const times = streamsOf(job).flatMap((stream) => stream.times ?? []);
  const tells = times.some(({ copy, merge, swap }) => [copy, merge, swap].some(isThere));
  if (!tells) return undefined;
  const sum = (key: keyof DestinationTimes) =>
    times.reduce((seconds, time) => seconds + (time[key] ?? 0), 0);
  return rounded({ copy: sum("copy"), merge: sum("merge"), swap: sum("swap") });
}

/** The streams of a job, those that took longest first. */
export function streamTimes(job: JobReport): StreamTimesOfJob[] {
  const byLabel = new Map<string, StreamTimesOfJob>();
  const tells = destinationTimes(job) !== undefined;
  for (const stream of streamsOf(job)) {
    if (stream.times === undefined) continue;
    const label = streamLabel(stream);
    const { reading, waiting, copy = 0, merge = 0, swap = 0 } = stream.times;
    const own = tells ? copy + merge + swap : waiting;
    const before = byLabel.get(label);
    byLabel.set(label, {
      label,
      ...rounded({
        reading: (before?.reading ?? 0) + reading,
        waiting: (before?.waiting ?? 0) + waiting,
        copy: (before?.copy ?? 0) + copy,
        merge: (before?.merge ?? 0) + merge,
        swap: (before?.swap ?? 0) + swap,
        work: (before?.work ?? 0) + reading + own,
      }),
    });
  }
  return [...byLabel.values()].sort((one, other) => other.work - one.work);
}

/** The middle one; of two, what lies between them. Undefined of none. */
export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return undefined;
  const value = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle) - 1]!) / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : value;
}

function streamsOf({ attempts }: JobReport): StreamReport[] {
  return attempts.flatMap(({ streams }) => streams ?? []);
}

function isThere(value: number | undefined): boolean {
  return value !== undefined;
}

function rounded<Times extends Record<string, number>>(times: Times): Times {
  return Object.fromEntries(
    Object.entries(times).map(([key, seconds]) => [key, Math.round(seconds * 1000) / 1000]),
  ) as Times;
}
