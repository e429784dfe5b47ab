import { setTimeout as sleep } from "node:timers/promises";
import { asFailure, Failure } from "../../protocol/errors.ts";
import { streamLabel } from "../../protocol/catalog.ts";
import type { ConnectionConfig } from "../config/config.ts";
import { Connector } from "../connector/connector.ts";
import type { PrivateFolder } from "../connector/private-folder.ts";
import { SpecCache } from "../connector/spec-cache.ts";
import { redactor, secretsOf, type Redact } from "../output/redact.ts";
import { AttemptLog, type LogLine } from "../store/attempt-log.ts";
import type { Home } from "../store/home.ts";
import {
  attemptFolder,
  createJob,
  saveJob,
  type AttemptReport,
  type FailureReport,
  type JobReport,
  type StreamReport,
} from "../store/jobs.ts";
import { lockConnection } from "../store/lock.ts";
import { readState } from "../store/state-file.ts";
import type { Accounts, StreamAccount } from "./accounts.ts";
import { runAttempt, type AttemptOutcome, type StopRequest } from "./attempt.ts";
import { withGeneration } from "./catalogs.ts";
import { Failures } from "./failures.ts";
import { selectStreams, type PlannedStream } from "./select-streams.ts";
import { stateInput } from "./state-input.ts";
import { StateKeeper } from "./state-keeper.ts";
import { join } from "node:path";

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
 * Syncs a connection once: takes its lock, records a job, runs attempts until one succeeds or
 * trying again is pointless. Throws only what happens before there is a job: `sync.locked`,
 * `state.invalid`, `state.unwritable`, `connector.not_found`.
 */
export async function runJob(
  connection: ConnectionConfig,
  context: JobContext,
): Promise<JobReport> {
  const lock = await lockConnection(context.home.locks, connection.name);
  try {
    return await new Job(connection, context).run();
  } finally {
    lock.release();
  }
}

class Job {
  readonly #connection: ConnectionConfig;
  readonly #context: JobContext;
  readonly #keeper: StateKeeper;
  readonly #report: JobReport;
  #saveFailure: unknown;
  /** Streams that are done; later attempts leave them alone. */
  readonly #done = new Map<string, StreamReport>();

  constructor(connection: ConnectionConfig, context: JobContext) {
    this.#connection = connection;
    this.#context = context;
    const path = join(context.home.state, `${connection.name}.json`);
    const state = readState(path, connection.name);
    this.#keeper = new StateKeeper(path, connection.name, state, (error) => {
      this.#saveFailure = error;
    });
    this.#report = createJob(context.home.jobs, "sync", connection.name);
  }

  async run(): Promise<JobReport> {
    const { retry } = this.#connection;
    let failuresInARow = 0;
    for (let attempt = 0; ; attempt++) {
      const { report, madeProgress } = await this.#attempt(attempt);
      if (report.status !== "failed")
        return this.#end(report.status === "succeeded" ? "succeeded" : "cancelled");
      failuresInARow = madeProgress ? 1 : failuresInARow + 1;
      const root = report.failures?.[0];
      if (root?.kind === "config_error" || failuresInARow >= retry.maxAttempts)
        return this.#end("failed");
      const waitSeconds = Math.min(
        retry.firstDelaySeconds * 3 ** (failuresInARow - 1),
        retry.maxDelaySeconds,
      );
      this.#report.status = "incomplete";
      saveJob(this.#context.home.jobs, this.#report);
      if (root) this.#context.onRetry(root, waitSeconds);
      if (!(await this.#wait(waitSeconds))) return this.#end("cancelled");
    }
  }

  /** False when the wait was cut short by a stop request. */
  async #wait(seconds: number): Promise<boolean> {
    const signal = this.#context.stop.gracefully;
    try {
      await sleep(seconds * 1000, undefined, { signal });
    } catch {
      return false;
    }
    return !signal.aborted;
  }

  #end(status: JobReport["status"]): JobReport {
    this.#report.status = status;
    this.#report.ended_at = new Date().toISOString();
    saveJob(this.#context.home.jobs, this.#report);
    return this.#report;
  }

  async #attempt(attempt: number): Promise<{ report: AttemptReport; madeProgress: boolean }> {
    const { home, onLog, stop } = this.#context;
    const report: AttemptReport = {
      attempt,
      status: "running",
      started_at: new Date().toISOString(),
    };
    this.#report.attempts.push(report);
    this.#report.status = "running";
    saveJob(home.jobs, this.#report);
    const log = new AttemptLog(attemptFolder(home.jobs, this.#report.id, attempt), onLog);
    log.own(
      "INFO",
      `connection ${this.#connection.name}, job ${this.#report.id}, attempt ${attempt}`,
    );
    log.event({ event: "attempt_started", job: this.#report.id, attempt });
    const failures = new Failures();
    let outcome: AttemptOutcome | undefined;
    let redact: Redact = (text) => text;
    try {
      const made = await this.#makeReady(attempt, log);
      redact = made.redact;
      outcome = await this.#runOne(made, log);
    } catch (error) {
      if (!stop.gracefully.aborted) failures.add(originOf(error), error);
    }
    const all = outcome?.failures ?? failures;
    if (this.#saveFailure) all.add("syncline", this.#saveFailure);
    report.ended_at = new Date().toISOString();
    report.streams = this.#streamReports(outcome?.accounts);
    const isComplete = outcome?.accounts.all.every((account) => account.isComplete) === true;
    report.status =
      isComplete && !all.any ? "succeeded" : stop.gracefully.aborted ? "cancelled" : "failed";
    if (all.any) report.failures = all.reports().map((failure) => redacted(failure, redact));
    for (const failure of report.failures ?? []) log.own("ERROR", failureText(failure));
    log.own("INFO", `attempt ${attempt} ${report.status}`);
    log.event({
      event: "attempt_ended",
      status: report.status,
      streams: report.streams,
      failures: report.failures,
    });
    saveJob(home.jobs, this.#report);
    log.close();
    return { report, madeProgress: outcome?.madeProgress ?? false };
  }

  /** Everything an attempt needs to know before it starts. */
  async #makeReady(attempt: number, log: AttemptLog): Promise<Ready> {
    const { folder, home, stop } = this.#context;
    const { source, destination, limits, name } = this.#connection;
    const around = {
      folder,
      limits,
      log,
      specs: new SpecCache(home.path),
      signal: stop.gracefully,
      run: { connection: name, job: this.#report.id, attempt },
    };
    const connectors = {
      source: new Connector(source, around),
      destination: new Connector(destination, around),
    };
    const specs = await Promise.all([connectors.source.spec(), connectors.destination.spec()]);
    const redact = redactor([
      ...secretsOf(source.config, specs[0].connectionSpecification),
      ...secretsOf(destination.config, specs[1].connectionSpecification),
    ]);
    log.hide(redact);
    const catalog = await connectors.source.discover();
    const streams = selectStreams(this.#connection, catalog);
    return { ...connectors, redact, streams };
  }

  #runOne(ready: Ready, log: AttemptLog): Promise<AttemptOutcome> {
    const streams = ready.streams
      .filter((stream) => !this.#done.has(streamLabel(stream.source)))
      .map((stream) => this.#withGeneration(stream));
    return runAttempt({
      source: ready.source,
      destination: ready.destination,
      streams,
      keeper: this.#keeper,
      state: stateInput(this.#keeper.state, streams),
      job: this.#report.id,
      limits: this.#connection.limits,
      log,
      stop: this.#context.stop,
      onProgress: this.#context.onProgress,
    });
  }

  #withGeneration(stream: PlannedStream): PlannedStream {
    const { configured } = stream;
    const truncates = configured.destination_sync_mode === "overwrite";
    return withGeneration(stream, this.#report.id, this.#report.id, truncates);
  }

  #streamReports(accounts: Accounts | undefined): StreamReport[] {
    for (const account of accounts?.all ?? []) {
      const report = streamReport(account);
      if (account.isComplete) this.#done.set(streamLabel(account.plan.source), report);
    }
    return accounts?.all.map(streamReport) ?? [];
  }
}

interface Ready {
  readonly source: Connector;
  readonly destination: Connector;
  readonly redact: Redact;
  readonly streams: readonly PlannedStream[];
}

function streamReport(account: StreamAccount): StreamReport {
  const { firstSeen, lastSeen } = account;
  const seconds = firstSeen === undefined ? 0 : (lastSeen! - firstSeen) / 1000;
  const { name, namespace } = account.plan.source;
  return {
    name,
    ...(namespace && { namespace }),
    status: account.isComplete ? "complete" : "incomplete",
    emitted: account.emitted,
    committed: account.committed,
    bytes: account.bytes,
    seconds: Math.round(seconds * 1000) / 1000,
  };
}

function originOf(error: unknown): "source" | "destination" | "syncline" {
  const { message } = asFailure(error);
  if (error instanceof Failure && message.startsWith("source ")) return "source";
  return message.startsWith("destination ") ? "destination" : "syncline";
}

function redacted(failure: FailureReport, redact: Redact): FailureReport {
  return {
    ...failure,
    message: redact(failure.message),
    ...(failure.hint !== undefined && { hint: redact(failure.hint) }),
  };
}

/** `code: message (hint)`. */
export function failureText({ code, message, hint }: FailureReport): string {
  return `${code}: ${message}${hint ? ` (${hint})` : ""}`;
}
