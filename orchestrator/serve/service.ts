import type { LogPiece } from "../api/log.ts";
import type { NewConnection, NewEnds, OfferedTable } from "../api/new-connection.ts";
import type { PlanFacts } from "../api/plan.ts";
import type { StreamPosition } from "../api/positions.ts";
import type { ConnectionProgressFacts } from "../api/progress.ts";
import type { Removal, RemovalFacts } from "../api/removal.ts";
import type { LogPosition } from "../output/log-position.ts";
import type { KnownJob } from "../store/job-history.ts";
import type { FailureReport } from "../store/jobs.ts";

export type { LogPiece } from "../api/log.ts";
export type { NewConnection, NewEnds, OfferedTable } from "../api/new-connection.ts";
export type { PlanFacts } from "../api/plan.ts";
export type { StreamPosition } from "../api/positions.ts";
export type { ConnectionProgressFacts } from "../api/progress.ts";
export type { Removal, RemovalFacts } from "../api/removal.ts";

/**
 * What the page and the JSON API ask of a running `syncline serve`, and what they have it do. Names are
 * those of `--json`. Times are ISO 8601 in UTC. Whatever a request names is looked up among what is known:
 * nothing here makes a path of it.
 */
export interface Service {
  /** In the order of the configuration. */
  connections(): readonly ConnectionFacts[];
  /** Undefined: there is none of that name. */
  connection(name: string): ConnectionFacts | undefined;
  /** Where each stream of a connection stands. Throws `state.invalid`. */
  positions(name: string): readonly StreamPosition[];
  /** What a sync would do. Throws as `plan` does, with what would refuse all of it. */
  plan(name: string, signal: AbortSignal): Promise<PlanFacts>;
  /** Latest first: those before the job with the number `before`, of one connection or all. */
  jobs(wanted: {
    readonly connection?: string;
    readonly before?: number;
    readonly limit: number;
  }): readonly KnownJob[];
  job(id: number): KnownJob | undefined;
  /** Of an attempt's log, or its events, the bytes from a place on: at most 256 KiB, whole lines. */
  log(job: number, attempt: number, kind: "logs" | "events", from: number): LogPiece | undefined;

  /**
   * Runs one job on a connection, waiting for no place. Resolves once it has a number. Throws
   * `sync.locked` where one runs already, and `usage.invalid` for an unknown connection, like all below.
   */
  sync(name: string): Promise<{ readonly job: number }>;
  /**
   * Stops what runs on a connection as Ctrl-C does, or at once. False: nothing runs here. One that follows
   * is paused, lest it be begun again.
   */
  cancel(name: string, how: "gracefully" | "now"): boolean;
  /** What a clear, or a refresh that removes, would take away: shown before anybody is asked. */
  removal(name: string, wanted: Removal, signal: AbortSignal): Promise<RemovalFacts>;
  /** Does it. Resolves once the job has a number. */
  remove(name: string, wanted: Removal): Promise<{ readonly job: number }>;
  /** Reads everything again and keeps the rows that are there. */
  refreshKeeping(name: string, streams: readonly string[]): Promise<{ readonly job: number }>;
  /** A vanished stream was seen: it is warned of no more. */
  acknowledge(name: string): void;
  /** Runs by the schedule, or not until it is resumed; kept over restarts. */
  pause(name: string): void;
  resume(name: string): void;

  /** Tries both databases and says what there is to copy. Nothing is written. */
  inspect(ends: NewEnds, signal: AbortSignal): Promise<OfferedTable[]>;
  /**
   * Adds a connection to the configuration file (passwords to `.env` beside it, 0600), and reads it again.
   * Throws `usage.invalid` and `config.invalid` with what is wrong with it; then the file is as it was.
   */
  create(wanted: NewConnection, signal: AbortSignal): Promise<ConnectionFacts>;

  /** How a connection that runs is getting on. */
  progress(name: string): ConnectionProgressFacts | undefined;
  /** Is called for every change; the returned function ends it. */
  subscribe(listener: (event: ServiceEvent) => void): () => void;
}

export interface ConnectionFacts {
  readonly connection: string;
  readonly source: string;
  readonly destination: string;
  /** As it is written: a cron expression, `every`, or following; null: only by hand. */
  readonly schedule: ScheduleFacts | null;
  /** The same for people: "every day at 02:30, Europe/Berlin"; null: only by hand. */
  readonly schedule_text: string | null;
  /** `waiting`: for a place among those that run at once. */
  readonly state: "idle" | "waiting" | "running" | "stopping" | "paused";
  /** Whether it runs by its schedule no more; one that is started by hand runs all the same. */
  readonly is_paused: boolean;
  /** Of one that runs, the time behind it. */
  readonly next_run: string | null;
  readonly last_job: KnownJob | null;
  readonly to_acknowledge: readonly string[];
  readonly log_position: LogPosition | null;
}

export type ScheduleFacts =
  | { readonly cron: string; readonly time_zone: string }
  | { readonly every_seconds: number }
  | { readonly follow: true };

export type ServiceEvent =
  /** A connection's facts are other ones. */
  | { readonly event: "connection"; readonly connection: string }
  | { readonly event: "progress"; readonly progress: ConnectionProgressFacts }
  | { readonly event: "job_started"; readonly connection: string; readonly job: number }
  | {
      readonly event: "job_ended";
      readonly connection: string;
      readonly job: number;
      readonly status: KnownJob["status"];
      readonly failures: readonly FailureReport[];
    }
  /** The configuration was read again; `problem`: it could not be, and the one before counts. */
  | { readonly event: "configuration"; readonly problem: string | null };
