/**
 * `syncline`: what its commands do, for programs. Nothing here prints, handles signals, ends the process
 * or changes its environment. What goes wrong before there is a job is thrown as a `Failure`, whose code
 * is a contract; how a job went is in its report.
 */
export { sync, type SyncOptions } from "./sync.ts";
export { clear, normalize, refresh, type RefreshOptions } from "./other-jobs.ts";
export type { RunOptions } from "./run-options.ts";
export type { JobEvent } from "./events.ts";
export type { ConnectionProgressFacts } from "./progress.ts";
export { check, discover, plan, removal, type AskOptions } from "./questions.ts";
export type { CheckFacts } from "./check.ts";
export type { PlanFacts } from "./plan.ts";
export type { Removal, RemovalFacts } from "./removal.ts";
export { job, jobs, logs, positions, status, why, type JobsOptions } from "./history.ts";
export type { StatusFacts } from "./status.ts";
export type { StreamPosition } from "./positions.ts";
export type { WhyFacts } from "./why.ts";
export type { ProjectOptions } from "./project.ts";
export type { KnownJob } from "../store/job-history.ts";
export type {
  AttemptReport,
  FailureReport,
  JobReport,
  JobStatus,
  JobType,
  StreamReport,
} from "../store/jobs.ts";
export type { LogLine } from "../store/attempt-log.ts";
export {
  Failure,
  FAILURES,
  failureText,
  type FailureCode,
  type FailureKind,
} from "../../protocol/errors.ts";
