import type { LogLevel } from "../../protocol/messages.ts";
import type { FailureReport, JobReport, JobType } from "../store/jobs.ts";
import type { ConnectionProgressFacts } from "./progress.ts";

/** What happens while a job runs, in order. No event holds a secret or a row. */
export type JobEvent =
  /** It has a number and is in the history. */
  | {
      readonly event: "job_started";
      readonly connection: string;
      readonly job: number;
      readonly type: JobType;
    }
  /** A line of its log, control characters escaped. `origin`: `syncline`, `source shop`. */
  | {
      readonly event: "log";
      readonly connection: string;
      readonly level: LogLevel;
      readonly origin: string;
      readonly text: string;
    }
  /** Now and then. */
  | {
      readonly event: "progress";
      readonly connection: string;
      readonly progress: ConnectionProgressFacts;
    }
  /** An attempt failed, and another one follows. */
  | {
      readonly event: "retry";
      readonly connection: string;
      readonly job: number;
      readonly failure: FailureReport;
      readonly wait_seconds: number;
    }
  | { readonly event: "job_ended"; readonly connection: string; readonly report: JobReport };
