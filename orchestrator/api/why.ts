import {
  destinationTimes,
  median,
  streamTimes,
  timesOfJob,
  type DestinationTimes,
  type JobTimes,
} from "../output/job-times.ts";
import type { JobHistory } from "../store/job-history.ts";
import type { JobReport, JobStatus, JobType } from "../store/jobs.ts";

/** Runs that a job is compared with. */
const USUAL_RUNS = 10;

type Seconds = Readonly<Record<string, number | undefined>>;

/** Where the time of a job went, in seconds, beside the medians of the last successful runs before it. */
export interface WhyFacts {
  readonly job: number;
  readonly connection: string;
  readonly type: JobType;
  readonly status: JobStatus;
  /** Whether it was to go on until it is stopped. */
  readonly follows: boolean;
  /** Null: not known, or not yet. */
  readonly seconds: JobTimes | null;
  /** Null: the destination does not tell. */
  readonly destination_seconds: DestinationTimes | null;
  /** The heaviest first. */
  readonly streams: readonly {
    readonly stream: string;
    readonly seconds: Omit<ReturnType<typeof streamTimes>[number], "label">;
  }[];
  readonly usual: {
    readonly runs: number;
    readonly seconds: Seconds;
    readonly destination_seconds: Seconds;
  };
}

/** The last successful jobs of its kind before it that have times. */
export function usualRuns(
  history: JobHistory,
  { id, connection, type, follows }: JobReport,
): JobReport[] {
  const found: JobReport[] = [];
  for (const job of history.latest([connection])) {
    const isAlike = job.type === type && job.follows === follows;
    const isBefore = job.id < id && job.status === "succeeded";
    if (isAlike && isBefore && timesOfJob(job)) found.push(job);
    if (found.length === USUAL_RUNS) break;
  }
  return found;
}

/** @param usual the runs it is compared with. */
export function whyFacts(job: JobReport, usual: readonly JobReport[]): WhyFacts {
  const { id, connection, type, status, follows = false } = job;
  return {
    job: id,
    connection,
    type,
    status,
    follows,
    seconds: timesOfJob(job) ?? null,
    destination_seconds: destinationTimes(job) ?? null,
    streams: streamTimes(job).map(({ label, ...seconds }) => ({ stream: label, seconds })),
    usual: {
      runs: usual.length,
      seconds: medians(usual.map((one) => timesOfJob(one)!)),
      destination_seconds: medians(usual.flatMap((one) => destinationTimes(one) ?? [])),
    },
  };
}

function medians(times: readonly object[]): Seconds {
  return Object.fromEntries(
    Object.keys(times[0] ?? {}).map((key) => [
      key,
      median(times.map((one) => (one as Record<string, number>)[key]!)),
    ]),
  );
}
