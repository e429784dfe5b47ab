import { setTimeout as sleep } from "node:timers/promises";
import { failureText } from "../../protocol/errors.ts";
import type { ConnectionConfig } from "../config/config.ts";
import { PrivateFolder } from "../connector/private-folder.ts";
import { AttemptLog } from "../store/attempt-log.ts";
import {
  attemptFolder,
  createJob,
  saveJob,
  type AttemptReport,
  type JobReport,
  type JobStatus,
  type JobType,
} from "../store/jobs.ts";
import { closeInterruptedJobs } from "../store/job-history.ts";
import { lockConnection } from "../store/lock.ts";
import { removeAttempt } from "../store/retention.ts";
import { failureReports, mayPassWithTime, thrownFailure, willPassWithTime } from "./failures.ts";
import { NormalizeWork } from "./normalize-work.ts";
import type { Request } from "./request.ts";
import { RetryCounter } from "./retry.ts";
import { SyncWork } from "./sync-work.ts";
import type { JobContext, Work, WorkContext, WorkResult } from "./work.ts";

/**
 * Runs a job on a connection: takes its lock, records the job, makes attempts until one succeeds or
 * trying again is pointless. Throws what happens before there is a job: `sync.locked`,
 * `state.invalid`, `state.unwritable`, and the reason of a stop; and `sync.locked` when the lock was
 * lost on the way.
 */
export async function runJob(
  connection: ConnectionConfig,
  request: Request,
  context: JobContext,
): Promise<JobReport> {
  const { home, stop, onLog } = context;
  const lock = await lockConnection(home.locks, connection.name, {
    signal: stop.gracefully,
    onWait: (text) => onLog({ level: "WARN", origin: "syncline", text }),
  });
  const { lost } = lock;
  try {
    closeInterruptedJobs(home, connection.name);
    const stopped = {
      gracefully: AbortSignal.any([stop.gracefully, lost]),
      now: AbortSignal.any([stop.now, lost]),
    };
    const follows = isFollowed(connection, request.type);
    const job = new Job(connection, request, { ...context, stop: stopped, lost, follows });
    const report = await job.run();
    lost.throwIfAborted();
    return report;
  } finally {
    lock.release();
  }
}

/** Attempts that are kept of one job. */
const MOST_ATTEMPTS = 100;

/** Whether a job of this type on a connection goes on until it is stopped. */
export function isFollowed({ follow }: ConnectionConfig, type: JobType): boolean {
  return follow && type === "sync";
}

class Job {
  readonly #connection: ConnectionConfig;
  readonly #context: WorkContext;
  readonly #work: Work;
  readonly #report: JobReport;

  constructor(connection: ConnectionConfig, request: Request, context: WorkContext) {
    this.#connection = connection;
    this.#context = context;
    this.#work =
      request.type === "normalize"
        ? new NormalizeWork(connection, request, context)
        : new SyncWork(connection, request, context);
    this.#report = createJob(context.home.jobs, request.type, connection.name);
    if (context.follows) this.#report.follows = true;
    context.onBegin(this.#report);
  }

  async run(): Promise<JobReport> {
    const counter = new RetryCounter(this.#connection.retry);
    for (let attempt = 0; ; attempt++) {
      const { report, result } = await this.#attempt(attempt);
      const { isWorthRepeatingNow: goesOnNow, failures, madeProgress } = result;
      if (report.status === "succeeded" && !goesOnNow) return this.#end("succeeded");
      if (report.status === "cancelled") return this.#end("cancelled");
      const isEndless = this.#context.follows && willPassWithTime(failures);
      const seconds = goesOnNow
        ? 0
        : mayPassWithTime(failures)
          ? counter.next(madeProgress, isEndless)
          : undefined;
      if (seconds === undefined) return this.#end("failed");
      this.#report.status = "incomplete";
      saveJob(this.#context.home.jobs, this.#report);
      const [root] = report.failures ?? [];
      if (root) this.#context.onRetry(root, seconds);
      if (!(await this.#wait(seconds))) return this.#end("cancelled");
    }
  }

  /** False when the wait was cut short by a stop request. Others have their turn meanwhile. */
  async #wait(seconds: number): Promise<boolean> {
    const { stop, turn } = this.#context;
    const signal = stop.gracefully;
    if (seconds === 0) return !signal.aborted;
    turn.give();
    await sleep(seconds * 1000, undefined, { signal }).catch(() => {});
    await turn.take();
    return !signal.aborted;
  }

  #end(status: JobStatus): JobReport {
    this.#report.status = status;
    this.#report.ended_at = new Date().toISOString();
    saveJob(this.#context.home.jobs, this.#report);
    return this.#report;
  }

  /** Of what is tried for ever not every attempt that brought nothing is kept. */
  #forgetFruitless(): void {
    const { attempts, id } = this.#report;
    if (attempts.length < MOST_ATTEMPTS) return;
    const isFruitless = ({ streams = [] }: AttemptReport) =>
      streams.every(({ committed }) => committed === 0);
    const gone = attempts.find(isFruitless);
    if (gone === undefined) return;
    attempts.splice(attempts.indexOf(gone), 1);
    removeAttempt(this.#context.home.jobs, id, gone.attempt);
  }

  async #attempt(attempt: number): Promise<{ report: AttemptReport; result: WorkResult }> {
    const { home, onLog } = this.#context;
    const report: AttemptReport = {
      attempt,
      status: "running",
      started_at: new Date().toISOString(),
    };
    this.#forgetFruitless();
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
      const result = await inPrivate((folder) =>
        this.#work.attempt({ job: id, attempt, log, folder }),
      ).catch(this.#didNotBegin);
      this.#fill(report, result, log);
      saveJob(home.jobs, this.#report);
      return { report, result };
    } finally {
      log.close();
    }
  }

  /** What it means that an attempt threw. That it was told to stop is no failure. */
  readonly #didNotBegin = (thrown: unknown): WorkResult => ({
    isComplete: false,
    streams: [],
    failures: thrown === this.#context.stop.gracefully.reason ? [] : [thrownFailure(thrown)],
    notes: [],
    madeProgress: false,
    isWorthRepeatingNow: false,
  });

  /** Writes into the report of an attempt how it ended. */
  #fill(report: AttemptReport, result: WorkResult, log: AttemptLog): void {
    const { isComplete, streams, failures } = result;
    const redact = (text: string) => log.redacted(text);
    const { shown, more } = failureReports(failures, redact);
    const notes = result.notes.map(redact);
    if (more > 0) notes.push(`${more} more failures are not shown`);
    report.ended_at = new Date().toISOString();
    report.streams = streams;
    if (result.times) report.times = result.times;
    if (notes.length > 0) report.notes = notes;
    if (log.warnings.length > 0) report.warnings = log.warnings;
    if (shown.length > 0) report.failures = shown;
    if (isComplete && failures.length === 0) report.status = "succeeded";
    else report.status = this.#context.stop.gracefully.aborted ? "cancelled" : "failed";
    for (const note of notes) log.own("INFO", note);
    for (const failure of shown) log.own("ERROR", failureText(failure));
    const { attempt, status } = report;
    log.own("INFO", `attempt ${attempt} ${status}`);
    log.event({ event: "attempt_ended", status, streams, failures: report.failures });
  }
}

/** Runs `work` with a private folder of its own. */
async function inPrivate<T>(work: (folder: PrivateFolder) => Promise<T>): Promise<T> {
  const folder = new PrivateFolder();
  try {
    return await work(folder);
  } finally {
    folder.remove();
  }
}
