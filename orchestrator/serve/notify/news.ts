import { isOpen } from "../../store/job-history.ts";
import type { FailureReport, JobReport } from "../../store/jobs.ts";

/** What was told of a connection and is not over yet. */
export interface Trouble {
  /** The first job that was told of. */
  readonly since_job: number;
  /** When it began. */
  readonly since: string;
  /** What was wrong, each once; see `causesOf`. */
  readonly causes: readonly string[];
}

/** What a job is to those who wait for word of its connection. */
export interface News {
  /** Null: nothing they do not know. */
  readonly event: "failure" | "recovery" | null;
  /** What they know once they were told. */
  readonly trouble: Trouble | undefined;
}

/** A connection that is followed has one job without an end: so many attempts in vain are its failure. */
const ATTEMPTS_IN_VAIN = 3;

/**
 * What there is to tell of a connection's latest job, given what was told before. Each cause is told
 * once, until a sync succeeds. Jobs that somebody stopped, or whose process was killed, say nothing,
 * and neither do clears and normalizes: somebody asked for them, and looks.
 *
 * @param attempt of a job that follows, the one that gets on right now.
 */
export function newsOf(trouble: Trouble | undefined, job: JobReport, attempt?: number): News {
  const nothing = { event: null, trouble };
  if (job.type !== "sync" && job.type !== "refresh") return nothing;
  if (hasRecovered(job, attempt))
    return trouble ? { event: "recovery", trouble: undefined } : nothing;
  if (job.status !== "failed" && attemptsInVain(job) < ATTEMPTS_IN_VAIN) return nothing;
  const known = trouble?.causes ?? [];
  const causes = causesOf(job).filter((cause) => !known.includes(cause));
  if (causes.length === 0) return nothing;
  return {
    event: "failure",
    trouble: {
      since_job: trouble?.since_job ?? job.id,
      since: trouble?.since ?? job.created_at,
      causes: [...known, ...causes],
    },
  };
}

/** A refresh may be of some streams only: that it succeeded says little of the others. */
function hasRecovered(job: JobReport, attempt: number | undefined): boolean {
  if (job.type !== "sync") return false;
  if (job.status === "succeeded") return true;
  const failed = job.attempts.findLast(({ status }) => status === "failed");
  return isOpen(job) && attempt !== undefined && attempt > (failed?.attempt ?? -1);
}

/** Attempts of a job that goes on which failed one after the other, up to now, and brought nothing. */
function attemptsInVain(job: JobReport): number {
  if (!isOpen(job)) return 0;
  const ended = job.attempts.filter(({ status }) => status !== "running");
  const inVain = ({ status, streams = [] }: (typeof ended)[number]) =>
    status === "failed" && streams.every(({ committed }) => committed === 0);
  return ended.length - 1 - ended.findLastIndex((one) => !inVain(one));
}

/** The failures of the last attempt that has any: the root cause first. */
export function failuresOf({ attempts }: JobReport): readonly FailureReport[] {
  return attempts.findLast(({ failures = [] }) => failures.length > 0)?.failures ?? [];
}

/** What is wrong, as far as it tells one trouble from another: messages have numbers in them that change. */
function causesOf(job: JobReport): string[] {
  const causes = failuresOf(job).map(({ origin, code, stream }) =>
    stream === undefined ? `${origin} ${code}` : `${origin} ${code} ${stream}`,
  );
  return causes.length === 0 ? ["unknown"] : [...new Set(causes)];
}
