import { setTimeout as sleep } from "node:timers/promises";
import { asFailure, failureText } from "../../protocol/errors.ts";
import type { ConnectionConfig } from "../config/config.ts";
import type { PrivateFolder } from "../connector/private-folder.ts";
import { AttemptLog, type LogLine } from "../store/attempt-log.ts";
import type { Home } from "../store/home.ts";
import {
  attemptFolder,
  createJob,
  saveJob,
  type AttemptReport,
  type FailureReport,
  type JobReport,
  type JobStatus,
  type StreamReport,
} from "../store/jobs.ts";
import { lockConnection } from "../store/lock.ts";
import type { Accounts } from "./relay/accounts.ts";
import type { StopRequest } from "./attempt-setup.ts";
import { Failures } from "./failures.ts";
import { NormalizeWork } from "./normalize-work.ts";
import type { Request } from "./request.ts";
import { RetryCounter } from "./retry.ts";
import { SyncWork } from "./sync-work.ts";

/** What a job needs from the command that runs it. */
export interface JobContext {
  readonly home: Home;
  readonly folder: PrivateFolder;
  readonly stop: StopRequest;
  /** Gets every log line, redacted and escaped. */
  readonly onLog: (line: LogLine) => void;
  readonly onProgress: (accounts: Accounts) => void;
  /** Called when an attempt failed and another one follows. */
  readonly onRetry: (failure: FailureReport, waitSeconds: number) => void;
}

/** What the attempts of a job do. */
export interface Work {
  /** Makes one attempt. Throws what keeps it from beginning; what happens later is in the outcome. */
  attempt(place: AttemptPlace): Promise<WorkOutcome>;
}

export interface AttemptPlace {
  readonly job: number;
  readonly attempt: number;
  readonly log: AttemptLog;
}

/** How an attempt ended. */
export interface WorkOutcome {
  readonly streams: readonly StreamReport[];
  readonly failures: Failures;
  /** What else there is to say about how the attempt went. */
  readonly notes: readonly string[];
  /** Whether another attempt is to follow without waiting, and without counting as a try. */
  readonly isWorthRepeatingNow: boolean;
}

/**
 * Runs a job on a connection: takes its lock, records the job, makes attempts until one succeeds or
 * trying again is pointless. Throws only what happens before there is a job: `sync.locked`,
 * `state.invalid`, `state.unwritable`.
 */
export async function runJob(
  connection: ConnectionConfig,
  request: Request,
  context: JobContext,
): Promise<JobReport> {
  const lock = await lockConnection(context.home.locks, connection.name);
  try {
    return await new Job(connection, request, context).run();
  } finally {
    lock.release();
  }
}

class Job {
  readonly #connection: ConnectionConfig;
  readonly #context: JobContext;
  readonly #work: Work;
  readonly #report: JobReport;
  #isWorthRepeatingNow = false;

  constructor(connection: ConnectionConfig, request: Request, context: JobContext) {
    this.#connection = connection;
    this.#context = context;
    this.#work =
      request.type === "normalize"
        ? new NormalizeWork(connection, request, context)
        : new SyncWork(connection, request, context);
    this.#report = createJob(context.home.jobs, request.type, connection.name);
  }

  async run(): Promise<JobReport> {
    const counter = new RetryCounter(this.#connection.retry);
    for (let attempt = 0; ; attempt++) {
      const report = await this.#attempt(attempt);
      if (report.status === "succeeded") return this.#end("succeeded");
      if (report.status === "cancelled") return this.#end("cancelled");
      const root = report.failures?.[0];
      const madeProgress = report.streams?.some((stream) => stream.committed > 0) ?? false;
      const seconds = this.#isWorthRepeatingNow ? 0 : counter.next(madeProgress);
      if (seconds === undefined || root?.kind === "config_error") return this.#end("failed");
      this.#report.status = "incomplete";
      saveJob(this.#context.home.jobs, this.#report);
      if (root) this.#context.onRetry(root, seconds);
      if (!(await this.#wait(seconds))) return this.#end("cancelled");
    }
  }

  /** False when the wait was cut short by a stop request. */
  async #wait(seconds: number): Promise<boolean> {
    const signal = this.#context.stop.gracefully;
    try {
      await sleep(seconds * 1000, undefined, { signal });
      return true;
    } catch {
      return false;
    }
  }

  #end(status: JobStatus): JobReport {
    this.#report.status = status;
    this.#report.ended_at = new Date().toISOString();
    saveJob(this.#context.home.jobs, this.#report);
    return this.#report;
  }

  async #attempt(attempt: number): Promise<AttemptReport> {
    const { home, onLog } = this.#context;
    const report: AttemptReport = {
      attempt,
      status: "running",
      started_at: new Date().toISOString(),
    };
    this.#report.attempts.push(report);
    this.#report.status = "running";
    saveJob(home.jobs, this.#report);
    const log = new AttemptLog(attemptFolder(home.jobs, this.#report.id, attempt), onLog);
    const { id, type } = this.#report;
    log.own(
      "INFO",
      `${type} of connection ${this.#connection.name}: job ${id}, attempt ${attempt}`,
    );
    log.event({ event: "attempt_started", job: id, attempt });
    try {
      await this.#fill(report, log);
    } finally {
      log.close();
    }
    saveJob(home.jobs, this.#report);
    return report;
  }

  /** Runs the attempt and writes into its report how it ended. */
  async #fill(report: AttemptReport, log: AttemptLog): Promise<void> {
    const { stop } = this.#context;
    const early = new Failures();
    let outcome: WorkOutcome | undefined;
    try {
      const { attempt } = report;
      outcome = await this.#work.attempt({ job: this.#report.id, attempt, log });
    } catch (error) {
      if (!stop.gracefully.aborted) early.add(originOf(error), error);
    }
    const failures = outcome?.failures ?? early;
    this.#isWorthRepeatingNow = outcome?.isWorthRepeatingNow === true;
    report.ended_at = new Date().toISOString();
    report.streams = outcome?.streams ?? [];
    const isComplete = outcome?.streams.every(({ status }) => status === "complete") === true;
    if (outcome && outcome.notes.length > 0)
      report.notes = outcome.notes.map((note) => log.redacted(note));
    for (const note of report.notes ?? []) log.own("INFO", note);
    if (isComplete && !failures.any) report.status = "succeeded";
    else report.status = stop.gracefully.aborted ? "cancelled" : "failed";
    if (failures.any) report.failures = failures.reports((text) => log.redacted(text));
    for (const failure of report.failures ?? []) log.own("ERROR", failureText(failure));
    log.own("INFO", `attempt ${report.attempt} ${report.status}`);
    const { status, streams } = report;
    log.event({ event: "attempt_ended", status, streams, failures: report.failures });
  }
}

function originOf(error: unknown): "source" | "destination" | "syncline" {
  const { message } = asFailure(error);
  if (message.startsWith("source ")) return "source";
  return message.startsWith("destination ") ? "destination" : "syncline";
}
