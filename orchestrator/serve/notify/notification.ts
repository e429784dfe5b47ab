import { failureText } from "../../../protocol/errors.ts";
import { escapeControls } from "../../escape.ts";
import { committedRows, finalStreams } from "../../output/job-report.ts";
import type { FailureReport, JobReport } from "../../store/jobs.ts";
import { failuresOf, type Trouble } from "./news.ts";

/**
 * What a webhook gets as its body, and a command on its stdin. Users' programs read it: fields are added,
 * never renamed or removed. It holds what the job's record does: no secrets and no row values.
 */
export interface Notification {
  readonly event: "failure" | "recovery";
  /** One line for people. */
  readonly text: string;
  readonly connection: string;
  /** `syncline logs <job>` shows its log. */
  readonly job: number;
  readonly type: JobReport["type"];
  /** `running` and `incomplete`: a connection that is followed, which goes on trying. */
  readonly status: JobReport["status"];
  /** Whether some of its streams are complete, and others are not. */
  readonly partial: boolean;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly attempts: number;
  /** Rows committed. */
  readonly rows: number;
  readonly streams_complete: number;
  readonly streams: number;
  /** The root cause first, at most ten. */
  readonly failures: readonly FailureReport[];
  /** The job that was told of as the first since the connection last worked, and when it began. */
  readonly since_job: number;
  readonly since: string;
}

const MOST_FAILURES = 10;

/** @param trouble what is told of, or, of a recovery, what is over. */
export function notificationOf(
  event: Notification["event"],
  job: JobReport,
  trouble: Trouble,
): Notification {
  const streams = finalStreams(job);
  const complete = streams.filter(({ status }) => status === "complete").length;
  const failures = event === "failure" ? failuresOf(job) : [];
  return {
    event,
    text: escapeControls(textOf(event, job, failures, trouble)),
    connection: job.connection,
    job: job.id,
    type: job.type,
    status: job.status,
    partial: complete > 0 && complete < streams.length,
    started_at: job.created_at,
    ended_at: job.ended_at ?? null,
    attempts: job.attempts.length,
    rows: committedRows(job),
    streams_complete: complete,
    streams: streams.length,
    failures: failures.slice(0, MOST_FAILURES),
    since_job: trouble.since_job,
    since: trouble.since,
  };
}

function textOf(
  event: Notification["event"],
  { connection, id, status }: JobReport,
  [root, ...others]: readonly FailureReport[],
  { since_job }: Trouble,
): string {
  if (event === "recovery") {
    const first = since_job === id ? "" : ` (job ${since_job} was the first to fail)`;
    return `${connection}: works again, as of job ${id}${first}`;
  }
  const more = others.length > 0 ? ` (and ${others.length} more)` : "";
  const why = root ? `: ${failureText(root)}` : "";
  return status === "failed"
    ? `${connection}: job ${id} failed${why}${more}`
    : `${connection}: job ${id} gets nowhere and goes on trying${why}${more}`;
}
