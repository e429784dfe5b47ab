import type { PrivateFolder } from "../connector/private-folder.ts";
import type { AttemptLog, LogLine } from "../store/attempt-log.ts";
import type { Home } from "../store/home.ts";
import type { AttemptTimes, FailureReport, JobReport, StreamReport } from "../store/jobs.ts";
import type { AttemptFailure } from "./failures.ts";
import type { SyncStats } from "./relay/stream-stats.ts";

/** What the attempts of a job do. */
export interface Work {
  /** Makes one attempt. Throws what keeps it from beginning; what happens later is in the result. */
  attempt(run: AttemptRun): Promise<WorkResult>;
}

/** One attempt of a job. */
export interface AttemptRun {
  readonly job: number;
  /** Counts from 0. */
  readonly attempt: number;
  readonly log: AttemptLog;
  /** For what its connectors are given. */
  readonly folder: PrivateFolder;
}

/** How an attempt ended. */
export interface WorkResult {
  /** Whether all that was left to do is done. */
  readonly isComplete: boolean;
  readonly streams: readonly StreamReport[];
  /** Where the time went, if records were to be moved. */
  readonly times?: AttemptTimes;
  /** The root cause first. */
  readonly failures: readonly AttemptFailure[];
  /** What else there is to say about how the attempt went. */
  readonly notes: readonly string[];
  /** Whether a later attempt has less to do than this one had. */
  readonly madeProgress: boolean;
  /** Whether another attempt is to follow without waiting, and without counting as a try. */
  readonly isWorthRepeatingNow: boolean;
}

/** What a job needs from the command that runs it. */
export interface JobContext {
  readonly home: Home;
  readonly stop: StopRequest;
  /** Gets every log line, redacted and escaped. */
  readonly onLog: (line: LogLine) => void;
  readonly onProgress: (stats: SyncStats) => void;
  /** Called when the job is recorded; the record is kept current. */
  readonly onBegin: (job: JobReport) => void;
  readonly turn: Turn;
  /** Called when an attempt failed and another one follows. */
  readonly onRetry: (failure: FailureReport, waitSeconds: number) => void;
}

/** What an attempt needs beside. */
export interface WorkContext extends JobContext {
  /** Aborts when the connection is another process's: nothing may be written for it from then on. */
  readonly lost: AbortSignal;
  /** Whether it goes on until it is stopped. */
  readonly follows: boolean;
}

/** What a job has while it works, so that not too many do at once. */
export interface Turn {
  /** Lets others work. */
  give(): void;
  /** Resolves when there is room for it again. */
  take(): Promise<void>;
}

/** How a run is asked to end early. */
export interface StopRequest {
  /** Stop the source, let the destination commit what it has, save the state. */
  readonly gracefully: AbortSignal;
  /** Kill everything now. */
  readonly now: AbortSignal;
}
