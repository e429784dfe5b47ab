import { asFailure, Failure, failureText } from "../../protocol/errors.ts";
import { didYouMean } from "../../protocol/nearest-name.ts";
import type { Asking } from "../api/asking.ts";
import { refuseUnknownStreams } from "../api/known-streams.ts";
import { logPiece } from "../api/log.ts";
import { addConnection, inspectEnds } from "../api/new-connection.ts";
import { planFacts, plannedSync } from "../api/plan.ts";
import { positionsOf } from "../api/positions.ts";
import { progressFacts } from "../api/progress.ts";
import { Project, type ProjectOptions } from "../api/project.ts";
import { removalFacts } from "../api/removal.ts";
import { beforeRuns, SYNC_ALL, type Wanted } from "../api/run.ts";
import { statusFacts } from "../api/status.ts";
import type { ConnectionConfig, Notify } from "../config/config.ts";
import type { Home } from "../store/home.ts";
import type { JobHistory } from "../store/job-history.ts";
import { acknowledgeGone } from "../store/known-catalog.ts";
import type { Lock } from "../store/lock.ts";
import { Conductor } from "./conductor.ts";
import { triggerText } from "./schedule.ts";
import { lockServe } from "./serve-lock.ts";
import type { ConnectionFacts, Removal, ScheduleFacts, Service, ServiceEvent } from "./service.ts";
import { triggerOf } from "./trigger-of.ts";
import { WatchedConfig } from "./watched-config.ts";
import { WatchedHistory } from "./watched-history.ts";

export interface RunnerOptions extends ProjectOptions {
  /** How many scheduled jobs run at once; what follows, or is started by hand, does not wait for a place. */
  readonly atOnce: number;
  /** Gets what nobody asked for: that a run was refused, or that a file cannot be written. */
  readonly onNote: (text: string) => void;
  /** Ends the wait for the lock. */
  readonly signal?: AbortSignal;
  /** Done once the home is ours and before anything runs; what it throws gives the home back. */
  readonly onLocked?: () => Promise<void>;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

/** A `Service` that runs connections in this process. */
export interface Runner extends Service {
  readonly home: Home;
  /** Aborts with a `sync.locked` when another process has taken this home over while we stood still. */
  readonly lost: AbortSignal;
  /** When it last looked what is due, by the monotonic clock: twice a second. */
  readonly lookedAt: number;
  /** Who is told of a connection, as the configuration has it now. */
  notifyOf(name: string): Notify | undefined;
  /**
   * Starts nothing any more, stops what runs as Ctrl-C does, at once after `stop_seconds`; resolves when all
   * has ended. What was stopped is picked up at the next start.
   */
  stop(how: "gracefully" | "now"): Promise<void>;
}

/** How often progress is told. */
const PROGRESS_MS = 1_000;

/**
 * Runs the connections of a configuration by their schedules. Throws `sync.locked` where another one
 * serves the same home, and what is wrong with the configuration; one that is not there yet is empty.
 */
export async function createRunner(options: RunnerOptions): Promise<Runner> {
  const { config = "syncline.yaml", env = process.env, signal, onNote, onLocked } = options;
  const watched = new WatchedConfig(config, env);
  const home = await new Project(options).home();
  const lock = await lockServe(home, { onWait: onNote, ...(signal && { signal }) });
  try {
    await onLocked?.();
    beforeRuns(home);
    return new LocalRunner(watched, home, lock, options);
  } catch (error) {
    lock.release();
    throw error;
  }
}

class LocalRunner implements Runner {
  readonly home: Home;
  readonly #config: WatchedConfig;
  readonly #lock: Lock;
  readonly #conductor: Conductor;
  readonly #listeners = new Set<(event: ServiceEvent) => void>();
  readonly #onNote: (text: string) => void;
  readonly #progressTimer: NodeJS.Timeout;
  readonly #history: WatchedHistory;

  constructor(
    config: WatchedConfig,
    home: Home,
    lock: Lock,
    { atOnce, onNote, clock }: RunnerOptions,
  ) {
    this.#config = config;
    this.home = home;
    this.#lock = lock;
    this.#history = new WatchedHistory(home);
    this.#onNote = onNote;
    this.#conductor = new Conductor({
      config,
      home,
      atOnce,
      onNote,
      clock: clock ?? Date.now,
      onEvent: (event) => this.#tell(event),
      history: () => this.#jobs,
    });
    this.#progressTimer = setInterval(() => this.#tellProgress(), PROGRESS_MS);
    lock.lost.addEventListener("abort", () => void this.stop("now"));
    this.#conductor.start();
  }

  get lost(): AbortSignal {
    return this.#lock.lost;
  }

  get lookedAt(): number {
    return this.#conductor.lookedAt;
  }

  notifyOf(name: string): Notify | undefined {
    return this.#config.current.connections.get(name)?.notify;
  }

  connections(): ConnectionFacts[] {
    return [...this.#config.current.connections.values()].map((one) => this.#facts(one));
  }

  connection(name: string): ConnectionFacts | undefined {
    const found = this.#config.current.connections.get(name);
    return found && this.#facts(found);
  }

  positions(name: string) {
    return positionsOf(this.home, this.#named(name).name);
  }

  async plan(name: string, signal: AbortSignal) {
    return planFacts(await plannedSync(this.#asking(signal), this.#named(name)));
  }

  jobs(wanted: { connection?: string; before?: number; limit: number }) {
    return this.#jobs.page(wanted);
  }

  job(id: number) {
    return this.#jobs.job(id);
  }

  log(id: number, attempt: number, kind: "logs" | "events", from: number) {
    const job = this.#jobs.job(id);
    return job && logPiece(this.home, job, attempt, kind, from);
  }

  async sync(name: string): Promise<{ job: number }> {
    return this.#begin(name, SYNC_ALL);
  }

  cancel(name: string, how: "gracefully" | "now"): boolean {
    // What is in the file no more may still run.
    const isRunning = this.#conductor.cancel(name, how);
    if (!isRunning) this.#named(name);
    return isRunning;
  }

  async removal(name: string, wanted: Removal, signal: AbortSignal) {
    return removalFacts(this.#asking(signal), this.#named(name), wanted);
  }

  async remove(name: string, { type, streams }: Removal): Promise<{ job: number }> {
    await this.#refuseUnknown(name, streams);
    return this.#begin(name, { type, streams, keepsRows: false });
  }

  async refreshKeeping(name: string, streams: readonly string[]): Promise<{ job: number }> {
    await this.#refuseUnknown(name, streams);
    return this.#begin(name, { type: "refresh", streams, keepsRows: true });
  }

  acknowledge(name: string): void {
    acknowledgeGone(this.home.path, this.#named(name).name);
    this.#tell({ event: "connection", connection: name });
  }

  pause(name: string): void {
    this.#conductor.pause(this.#named(name).name);
  }

  resume(name: string): void {
    this.#conductor.resume(this.#named(name).name);
  }

  async inspect(ends: Parameters<Service["inspect"]>[0], signal: AbortSignal) {
    return inspectEnds(this.#asking(signal), ends);
  }

  async create(wanted: Parameters<Service["create"]>[0], signal: AbortSignal) {
    signal.throwIfAborted();
    const { path, env, current } = this.#config;
    addConnection(path, env, current, wanted);
    this.#conductor.readConfig();
    return this.#facts(this.#named(wanted.connection));
  }

  progress(name: string) {
    const run = this.#conductor.run(name);
    return run && progressFacts(run.progress, performance.now());
  }

  subscribe(listener: (event: ServiceEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async stop(how: "gracefully" | "now"): Promise<void> {
    await this.#conductor.stop(how);
    clearInterval(this.#progressTimer);
    this.#lock.release();
  }

  #named(name: string): ConnectionConfig {
    const { connections } = this.#config.current;
    const found = connections.get(name);
    if (found) return found;
    throw new Failure(
      "usage.invalid",
      `no connection is called ${name || '""'}${didYouMean(name, connections.keys())}`,
    );
  }

  #begin(name: string, wanted: Wanted): Promise<{ job: number }> {
    return this.#conductor.begin(this.#named(name), wanted, "by hand");
  }

  async #refuseUnknown(name: string, streams: readonly string[]): Promise<void> {
    const asking = this.#asking(this.#lock.lost);
    await refuseUnknownStreams(asking, this.#named(name), streams);
  }

  #asking(signal: AbortSignal): Asking {
    return { home: this.home, signal };
  }

  #facts(connection: ConnectionConfig): ConnectionFacts {
    const { name, source, destination } = connection;
    const trigger = triggerOf(connection);
    const next = this.#conductor.nextRun(name);
    const { log_position, ...status } = statusFacts(this.home, this.#jobs, name);
    return {
      ...status,
      source: source.name,
      destination: destination.name,
      schedule: trigger && scheduleFacts(trigger),
      schedule_text: trigger && triggerText(trigger),
      state: this.#conductor.stateOf(name, status.last_job),
      is_paused: this.#conductor.isPaused(name),
      next_run: next === undefined ? null : new Date(next).toISOString(),
      log_position: log_position ?? null,
    };
  }

  get #jobs(): JobHistory {
    return this.#history.current;
  }

  #tell(event: ServiceEvent): void {
    for (const listener of this.#listeners)
      try {
        listener(event);
      } catch (error) {
        // Whoever listens has nothing to say in how jobs run.
        this.#onNote(failureText(asFailure(error)));
      }
  }

  #tellProgress(): void {
    if (this.#listeners.size === 0) return;
    for (const { progress } of this.#conductor.runs()) {
      const facts = progressFacts(progress, performance.now());
      if (facts) this.#tell({ event: "progress", progress: facts });
    }
  }
}

function scheduleFacts(trigger: NonNullable<ReturnType<typeof triggerOf>>): ScheduleFacts {
  if ("follow" in trigger) return trigger;
  if ("everySeconds" in trigger) return { every_seconds: trigger.everySeconds };
  return { cron: trigger.cron, time_zone: trigger.timeZone };
}
