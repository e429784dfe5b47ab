import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { streamKey } from "../../protocol/catalog.ts";
import { asFailure } from "../../protocol/errors.ts";
import type { ConnectionConfig } from "../config/config.ts";
import type { PrivateFolder } from "../connector/private-folder.ts";
import { SpecCache } from "../connector/spec-cache.ts";
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
  type JobType,
} from "../store/jobs.ts";
import { readKnownCatalog } from "../store/known-catalog.ts";
import { lockConnection } from "../store/lock.ts";
import { readState } from "../store/state-file.ts";
import type { Accounts } from "./accounts.ts";
import { planAttempt } from "./attempt-plan.ts";
import { runAttempt, type AttemptOutcome, type StopRequest } from "./attempt.ts";
import { emptySource, idleSource } from "./empty-source.ts";
import { Failures } from "./failures.ts";
import { JobProgress } from "./job-progress.ts";
import { makeReady } from "./ready.ts";
import type { Request } from "./request.ts";
import { RetryCounter } from "./retry.ts";
import { stateInput } from "./state-input.ts";
import { StateKeeper } from "./state-keeper.ts";
import { streamReport } from "./stream-report.ts";
import type { Beginning } from "./stream-states.ts";

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
  readonly #request: Request;
  readonly #context: JobContext;
  readonly #keeper: StateKeeper;
  readonly #report: JobReport;
  #saveFailure: unknown;
  readonly #progress = new JobProgress();
  /** How the latest attempt began its streams. */
  #beginnings: ReadonlyMap<string, Beginning> = new Map();
  /** The latest attempt found that a stream has to be read anew, and nothing else was wrong. */
  #isWorthRepeatingNow = false;

  constructor(connection: ConnectionConfig, request: Request, context: JobContext) {
    this.#connection = connection;
    this.#request = request;
    this.#context = context;
    const path = join(context.home.state, `${connection.name}.json`);
    const state = readState(path, connection.name);
    this.#keeper = new StateKeeper(path, connection.name, state, (error) => {
      this.#saveFailure = error;
    });
    const type: JobType = request.type;
    this.#report = createJob(context.home.jobs, type, connection.name);
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
    this.#beginnings = new Map();
    let outcome: AttemptOutcome | undefined;
    try {
      outcome = await this.#runOne(report, log);
    } catch (error) {
      if (!stop.gracefully.aborted) early.add(originOf(error), error);
    }
    const failures = outcome?.failures ?? early;
    if (this.#saveFailure) failures.add("syncline", this.#saveFailure);
    report.ended_at = new Date().toISOString();
    report.streams =
      outcome?.accounts.all.map((account) => streamReport(account, this.#beginnings)) ?? [];
    const resumed = keysThat(this.#beginnings, "resumed");
    this.#isWorthRepeatingNow = outcome !== undefined && this.#progress.learn(outcome, resumed);
    const isComplete = outcome?.accounts.all.every((account) => account.isComplete) === true;
    if (isComplete && !failures.any) report.status = "succeeded";
    else report.status = stop.gracefully.aborted ? "cancelled" : "failed";
    if (failures.any) report.failures = failures.reports((text) => log.redacted(text));
    for (const failure of report.failures ?? []) log.own("ERROR", failureText(failure));
    log.own("INFO", `attempt ${report.attempt} ${report.status}`);
    const { status, streams } = report;
    log.event({ event: "attempt_ended", status, streams, failures: report.failures });
  }

  async #runOne(report: AttemptReport, log: AttemptLog): Promise<AttemptOutcome> {
    const { folder, home, stop, onProgress } = this.#context;
    const { limits, name } = this.#connection;
    const { attempt } = report;
    const around = {
      folder,
      limits,
      log,
      specs: new SpecCache(home.path),
      signal: stop.gracefully,
      run: { connection: name, job: this.#report.id, attempt },
    };
    const ready = await makeReady(this.#connection, around, readKnownCatalog(home.path, name));
    const { streams, beginnings } = await planAttempt(ready, {
      connection: this.#connection,
      request: this.#request,
      keeper: this.#keeper,
      progress: this.#progress,
      job: this.#report.id,
      attempt,
      home: home.path,
      log,
    });
    this.#beginnings = beginnings;
    const delivered = keysThat(beginnings, "delivered");
    const asked = streams.filter(({ source }) => !delivered.has(streamKey(source)));
    const clears = this.#request.type === "clear";
    const source = asked.length === 0 ? idleSource : ready.source;
    return runAttempt({
      source: clears ? emptySource : source,
      destination: ready.destination,
      destinationRemembers: ready.destinationRemembers,
      streams,
      delivered,
      keeper: this.#keeper,
      state: clears ? undefined : stateInput(this.#keeper.state, asked),
      limits,
      log,
      stop,
      onProgress,
    });
  }
}

function keysThat(beginnings: ReadonlyMap<string, Beginning>, wanted: Beginning): Set<string> {
  return new Set([...beginnings].flatMap(([key, how]) => (how === wanted ? [key] : [])));
}

function originOf(error: unknown): "source" | "destination" | "syncline" {
  const { message } = asFailure(error);
  if (message.startsWith("source ")) return "source";
  return message.startsWith("destination ") ? "destination" : "syncline";
}

/** `code: message (hint)`. */
export function failureText({ code, message, hint }: FailureReport): string {
  return `${code}: ${message}${hint ? ` (${hint})` : ""}`;
}
