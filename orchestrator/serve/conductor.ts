import { isDeepStrictEqual } from "node:util";
import { asFailure, Failure, failureText } from "../../protocol/errors.ts";
import type { JobEvent } from "../api/events.ts";
import { removeOldJobs, SYNC_ALL, type Wanted } from "../api/run.ts";
import type { ConnectionConfig } from "../config/config.ts";
import type { Home } from "../store/home.ts";
import type { JobHistory, KnownJob } from "../store/job-history.ts";
import type { JobReport } from "../store/jobs.ts";
import { isFollowed } from "../sync/job.ts";
import { Elsewhere } from "./elsewhere.ts";
import { historyOf, keptOf } from "./history-of.ts";
import { readKept, writeKept } from "./kept-timetable.ts";
import { OPEN_PLACE, Places } from "./places.ts";
import { Run } from "./run.ts";
import type { ConnectionFacts, ServiceEvent } from "./service.ts";
import { Timetable, type Outcome } from "./timetable.ts";
import { triggerOf } from "./trigger-of.ts";
import type { WatchedConfig } from "./watched-config.ts";

export interface ConductorOptions {
  readonly config: WatchedConfig;
  readonly home: Home;
  readonly atOnce: number;
  readonly clock: () => number;
  readonly onNote: (text: string) => void;
  readonly onEvent: (event: ServiceEvent) => void;
  readonly history: () => JobHistory;
}

/** How often it is looked at what is due. */
const LOOK_MS = 500;

/** So many looks come between two at the files that others may have changed. */
const LOOKS_PER_GLANCE = 4;

/** Starts what the timetable says is due, and what people ask for: one run per connection at a time. */
export class Conductor {
  readonly #given: ConductorOptions;
  readonly #timetable = new Timetable();
  readonly #places: Places;
  readonly #runs = new Map<string, Run>();
  readonly #ends = new Set<Promise<unknown>>();
  readonly #elsewhere = new Elsewhere();
  #connections: ReadonlyMap<string, ConnectionConfig> = new Map();
  #timer: NodeJS.Timeout | undefined;
  #looks = 0;
  #lookedAt = performance.now();
  #isStopping = false;
  #hasTold = false;

  constructor(given: ConductorOptions) {
    this.#given = given;
    this.#places = new Places(given.atOnce);
  }

  /** Takes over what was kept, and begins to look. */
  start(): void {
    const { home, clock, config } = this.#given;
    const history = this.#given.history();
    const kept = readKept(home);
    this.#connections = config.current.connections;
    for (const [name, connection] of this.#connections) {
      const before = keptOf(kept.get(name), history, name);
      this.#timetable.set(name, triggerOf(connection), clock(), historyOf(history, name), before);
    }
    this.#keep();
    // Not before whoever made us listens.
    this.#timer = setTimeout(() => this.#look(), 0);
  }

  run(name: string): Run | undefined {
    return this.#runs.get(name);
  }

  runs(): Iterable<Run> {
    return this.#runs.values();
  }

  isPaused(name: string): boolean {
    return this.#timetable.isPaused(name);
  }

  /** When a connection runs next by itself, in milliseconds since 1970; what is due, now. */
  nextRun(name: string): number | undefined {
    const now = this.#given.clock();
    const next = this.#timetable.nextRun(name, now);
    return next === undefined ? undefined : Math.max(next, now);
  }

  /** @param last its last job. */
  stateOf(name: string, last: KnownJob | null): ConnectionFacts["state"] {
    const run = this.#runs.get(name);
    if (run) return run.state;
    if (last?.run_by) return "running"; // somewhere else
    return this.isPaused(name) ? "paused" : "idle";
  }

  /** Keeps it over restarts. Throws `state.unwritable`. */
  pause(name: string): void {
    this.#timetable.pause(name);
    this.#changed(name);
    writeKept(this.#given.home, this.#timetable.kept());
  }

  resume(name: string): void {
    this.#timetable.resume(name, this.#given.clock());
    this.#changed(name);
    writeKept(this.#given.home, this.#timetable.kept());
  }

  /** False: it does not run here. */
  cancel(name: string, how: "gracefully" | "now"): boolean {
    const run = this.#runs.get(name);
    if (run === undefined) return false;
    // Else it would be begun again at once.
    if (isFollowed(run.connection, run.wanted.type) && !this.isPaused(name)) this.pause(name);
    run.cancel(how);
    this.#changed(name);
    return true;
  }

  /**
   * Runs a job on a connection. Resolves when it has a number. Throws `sync.locked` where one runs, and what
   * keeps it from beginning.
   */
  begin(
    connection: ConnectionConfig,
    wanted: Wanted,
    by: "by hand" | "by itself",
  ): Promise<{ job: number }> {
    const { name } = connection;
    const running = this.#runs.get(name);
    const isAsked = by === "by hand" && running?.state === "waiting";
    if (running && isAsked && isDeepStrictEqual(running.wanted, wanted)) {
      running.hurry();
      return running.begun;
    }
    if (running) {
      const job = running.progress.job?.id;
      const what = job === undefined ? "is waiting to run" : `runs: job ${job}`;
      throw new Failure("sync.locked", `connection ${name} ${what}`, {
        hint: "wait for it, or cancel it",
      });
    }
    if (this.#isStopping) throw new Failure("sync.interrupted", "nothing is started any more");
    const place = isFollowed(connection, wanted.type) ? OPEN_PLACE : this.#places.place();
    const run = new Run(connection, wanted, place);
    if (by === "by hand") run.hurry();
    this.#runs.set(name, run);
    this.#changed(name);
    const end = this.#conduct(run, by).finally(() => this.#ends.delete(end));
    this.#ends.add(end);
    return run.begun;
  }

  async #conduct(run: Run, by: "by hand" | "by itself"): Promise<void> {
    const { connection, wanted } = run;
    const { name } = connection;
    const { home, clock, onNote, onEvent, config } = this.#given;
    let outcome: Outcome = "refused";
    let report: JobReport | undefined;
    let hasPlace = false;
    const onPlace = () => {
      hasPlace = true;
      const type = wanted.type === "clear" ? "clear" : "sync";
      this.#timetable.started(name, clock(), { type, streams: wanted.streams });
      this.#keep();
    };
    try {
      report = await run.run(home, onPlace, (event) => this.#pass(event));
      outcome = outcomeOf(report);
    } catch (error) {
      const failure = asFailure(error);
      const isStopped = run.state === "stopping";
      if (isStopped) outcome = "cancelled";
      else if (by === "by itself") onNote(`${name}: ${failureText(failure)}`);
    }
    // Whoever cancels what waits for a place does not want it to come; at our end it stays as due as it is.
    if (!hasPlace && !this.#isStopping) onPlace();
    if (hasPlace)
      this.#timetable.ended(name, clock(), outcome, this.#isStopping && outcome !== "succeeded");
    this.#runs.delete(name);
    if (report) this.#elsewhere.isOurs(name, report.id);
    if (!this.#connections.has(name)) this.#timetable.delete(name);
    this.#keep();
    if (report) {
      const { id: job, status } = report;
      const failures = report.attempts.at(-1)?.failures ?? [];
      onEvent({ event: "job_ended", connection: name, job, status, failures });
      this.#tidy(() => removeOldJobs(home, config.current.keep));
    }
    this.#changed(name);
  }

  #pass(event: JobEvent): void {
    if (event.event !== "job_started") return;
    const { connection, job } = event;
    this.#given.onEvent({ event: "job_started", connection, job });
    this.#changed(connection);
  }

  /** Reads the configuration again where it has changed. */
  readConfig(): void {
    const { config, clock, history, onEvent } = this.#given;
    const read = config.refresh();
    if (read === undefined) return;
    if (read.problem === null) {
      const before = this.#connections;
      this.#connections = config.current.connections;
      for (const [name, connection] of this.#connections)
        this.#timetable.set(name, triggerOf(connection), clock(), historyOf(history(), name));
      for (const name of before.keys())
        if (!this.#connections.has(name) && !this.#runs.has(name)) this.#timetable.delete(name);
      this.#endOutdated();
      this.#keep();
    }
    onEvent({ event: "configuration", problem: read.problem });
  }

  /** What follows goes on for ever, with the settings it began with: it is ended where they are other ones now. */
  #endOutdated(): void {
    for (const [name, run] of this.#runs) {
      const now = this.#connections.get(name);
      const isFollowing = isFollowed(run.connection, run.wanted.type);
      if (isFollowing && !isSameSetting(run.connection, now)) run.cancel("gracefully");
    }
  }

  /** When it last looked what is due, by the monotonic clock. */
  get lookedAt(): number {
    return this.#lookedAt;
  }

  #look(): void {
    if (this.#isStopping) return;
    this.#lookedAt = performance.now();
    this.#timer = setTimeout(() => this.#look(), LOOK_MS);
    if (this.#looks++ % LOOKS_PER_GLANCE === 0) {
      this.#tidy(() => this.readConfig());
      this.#tidy(() => this.#lookElsewhere());
    }
    for (const name of this.#timetable.due(this.#given.clock())) {
      const connection = this.#connections.get(name);
      if (connection === undefined || this.#runs.has(name)) continue;
      if (this.#elsewhere.isRunning(name)) continue;
      const { type, streams } = this.#timetable.dutyOf(name);
      const wanted = type === "clear" ? { type, streams, keepsRows: false } : SYNC_ALL;
      void this.begin(connection, wanted, "by itself").catch(() => {}); // told where it ends
    }
  }

  #lookElsewhere(): void {
    const history = this.#given.history();
    const idle = [...this.#connections.keys()].filter((name) => !this.#runs.has(name));
    for (const { name, isOver } of this.#elsewhere.look(history, idle)) {
      if (isOver) this.#timetable.ranElsewhere(name, historyOf(history, name));
      this.#changed(name);
    }
  }

  async stop(how: "gracefully" | "now"): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    const timers = [...this.#runs.values()].map((run) => {
      run.cancel(how);
      this.#changed(run.connection.name);
      return setTimeout(() => run.cancel("now"), run.connection.limits.stopSeconds * 1000);
    });
    await Promise.allSettled(this.#ends);
    for (const timer of timers) clearTimeout(timer);
  }

  #changed(connection: string): void {
    this.#given.onEvent({ event: "connection", connection });
  }

  #keep(): void {
    this.#tidy(() => writeKept(this.#given.home, this.#timetable.kept()));
  }

  /** A full or read-only disk costs the order in the folder, not the runs. It is told once. */
  #tidy(work: () => void): void {
    try {
      work();
      this.#hasTold = false;
    } catch (error) {
      if (!this.#hasTold) this.#given.onNote(failureText(asFailure(error)));
      this.#hasTold = true;
    }
  }
}

function outcomeOf({ status }: JobReport): Outcome {
  return status === "succeeded" || status === "cancelled" ? status : "failed";
}

/** Whether two connections would run alike; where they stand in the file is no matter. */
function isSameSetting(one: ConnectionConfig, other: ConnectionConfig | undefined): boolean {
  const text = (connection: ConnectionConfig | undefined) =>
    JSON.stringify(connection, (key, value: unknown) => (key === "place" ? undefined : value));
  return text(one) === text(other);
}
