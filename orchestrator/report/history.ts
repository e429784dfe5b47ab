import { median } from "../output/job-times.ts";
import { committedRows } from "../output/job-report.ts";
import type { JobHistory, KnownJob } from "../store/job-history.ts";

/** How a connection's last jobs went. */
export interface ConnectionHistory {
  readonly connection: string;
  /** Latest first. */
  readonly jobs: readonly KnownJob[];
  readonly succeeded: number;
  /** Those that did not bring everything, for whatever reason; not those that go on. */
  readonly unsuccessful: number;
  readonly rows: number;
  /** Of those that succeeded; undefined: none did. */
  readonly median_seconds: number | undefined;
}

/** The last jobs of a connection, at most so many. */
export function historyOf(
  history: JobHistory,
  connection: string,
  most: number,
): ConnectionHistory {
  const jobs: KnownJob[] = [];
  for (const job of history.latest([connection])) if (jobs.push(job) >= most) break;
  const succeeded = jobs.filter(({ status }) => status === "succeeded");
  const ended = jobs.filter(({ ended_at }) => ended_at !== undefined);
  const middle = median(
    succeeded.map((job) => Date.parse(job.ended_at!) - Date.parse(job.created_at)),
  );
  return {
    connection,
    jobs,
    succeeded: succeeded.length,
    unsuccessful: ended.length - succeeded.length,
    rows: jobs.reduce((sum, job) => sum + committedRows(job), 0),
    median_seconds: middle === undefined ? undefined : Math.round(middle) / 1000,
  };
}
