import type { FailureKind } from "../../protocol/errors.ts";
import { finalStreams } from "./job-report.ts";
import type { JobReport } from "../store/jobs.ts";

/**
 * Exit statuses are a contract with schedulers (README). `config` is for what stays wrong until
 * somebody changes a setting, a grant or the command line; what may pass by itself, such as a server
 * that cannot be reached, is `failed`, whichever command finds it.
 */
export const EXIT = {
  done: 0,
  failed: 1,
  config: 2,
  partial: 3,
  locked: 4,
  interrupted: 130,
} as const;

/** The status a shell shows for a signal: 128 and its number. */
const OF_SIGNAL: Partial<Record<NodeJS.Signals, number>> = {
  SIGHUP: 129,
  SIGQUIT: 131,
  SIGTERM: 143,
};

export function statusOfSignal(signal: NodeJS.Signals): number {
  return OF_SIGNAL[signal] ?? EXIT.interrupted;
}

/** For a failure before there is a job. */
export function statusOfFailure(code: string, kind: FailureKind): number {
  if (code === "sync.locked") return EXIT.locked;
  return kind === "config_error" ? EXIT.config : EXIT.failed;
}

export function statusOfJob(job: JobReport): number {
  if (job.status === "succeeded") return EXIT.done;
  if (job.status === "cancelled") return EXIT.interrupted;
  const streams = finalStreams(job);
  const complete = streams.filter((stream) => stream.status === "complete").length;
  // With all of them complete something else failed, such as saving the state.
  if (complete > 0 && complete < streams.length) return EXIT.partial;
  const root = job.attempts.at(-1)?.failures?.[0];
  return root?.kind === "config_error" ? EXIT.config : EXIT.failed;
}

/** Of several connections, the status that asks for the most attention. */
export function worstOf(statuses: readonly number[]): number {
  const order: readonly number[] = [
    EXIT.interrupted,
    EXIT.failed,
    EXIT.config,
    EXIT.partial,
    EXIT.locked,
  ];
  return order.find((status) => statuses.includes(status)) ?? EXIT.done;
}
