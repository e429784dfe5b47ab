import { Failure } from "../../protocol/errors.ts";
import type { JobEvent } from "../api/events.ts";
import { progressOf, runWanted, type Wanted } from "../api/run.ts";
import type { ConnectionConfig } from "../config/config.ts";
import type { ConnectionProgress } from "../output/live/connection-progress.ts";
import type { Home } from "../store/home.ts";
import type { JobReport } from "../store/jobs.ts";
import type { Place } from "./places.ts";

/** One run of a connection, from when it waits for a place to its end. */
export class Run {
  readonly connection: ConnectionConfig;
  readonly wanted: Wanted;
  readonly progress: ConnectionProgress;
  readonly #place: Place;
  readonly #gracefully = new AbortController();
  readonly #now = new AbortController();
  /** Resolves when the job has a number; rejects with what keeps it from having one. */
  readonly begun: Promise<{ readonly job: number }>;
  #isWaiting = true;
  #onBegun!: (begun: { readonly job: number }) => void;
  #onRefused!: (error: unknown) => void;

  constructor(connection: ConnectionConfig, wanted: Wanted, place: Place) {
    this.connection = connection;
    this.wanted = wanted;
    this.progress = progressOf(connection, wanted);
    this.#place = place;
    this.begun = new Promise((resolve, reject) => {
      this.#onBegun = resolve;
      this.#onRefused = reject;
    });
    this.begun.catch(() => {}); // not everybody waits for it
  }

  get state(): "waiting" | "running" | "stopping" {
    if (this.#gracefully.signal.aborted) return "stopping";
    return this.#isWaiting ? "waiting" : "running";
  }

  /**
   * Runs the job when there is a place for it. Throws as `runJob` does, and what stopped it before it began.
   *
   * @param onPlace called when it has its place, right before the job.
   */
  async run(
    home: Home,
    onPlace: () => void,
    onEvent: (event: JobEvent) => void,
  ): Promise<JobReport> {
    const { connection, wanted, progress } = this;
    const stop = { gracefully: this.#gracefully.signal, now: this.#now.signal };
    await this.#place.take();
    const pass = (event: JobEvent) => {
      if (event.event === "job_started") this.#onBegun({ job: event.job });
      onEvent(event);
    };
    try {
      stop.gracefully.throwIfAborted();
      this.#isWaiting = false;
      onPlace();
      const context = { home, stop, turn: this.#place, progress, onEvent: pass };
      return await runWanted(connection, wanted, context);
    } catch (error) {
      const isCancelled = stop.gracefully.aborted && error === stop.gracefully.reason;
      const why = `connection ${connection.name} was cancelled before it began`;
      this.#onRefused(isCancelled ? new Failure("sync.interrupted", why) : error);
      throw error;
    } finally {
      this.#place.give();
    }
  }

  /** Somebody wants it now: it waits for no place. */
  hurry(): void {
    this.#place.hurry();
  }

  /** Stops it as Ctrl-C does, or at once. */
  cancel(how: "gracefully" | "now"): void {
    this.#gracefully.abort();
    if (how === "now") this.#now.abort();
    this.#place.hurry(); // so that it comes to its end
  }
}
