import type { LogPosition } from "../output/log-position.ts";
import type { Phase } from "../output/live/connection-progress.ts";
import type { KnownJob } from "../store/job-history.ts";
import type { FailureReport, JobType } from "../store/jobs.ts";

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

  /** Runs one job on a connection. Resolves once it has a number. Throws `sync.locked` where one runs already. */
  sync(name: string): Promise<{ readonly job: number }>;
  /** Stops what runs on a connection as Ctrl-C does, or at once. False: nothing runs. */
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
  /** `waiting`: for a place among those that run at once. */
  readonly state: "idle" | "waiting" | "running" | "stopping" | "paused";
  readonly next_run: string | null;
  readonly last_job: KnownJob | null;
  readonly to_acknowledge: readonly string[];
  readonly log_position: LogPosition | null;
}

export type ScheduleFacts =
  | { readonly cron: string; readonly time_zone: string }
  | { readonly every_seconds: number }
  | { readonly follow: true };

export interface StreamPosition {
  /** Name, with its namespace before a dot. */
  readonly stream: string;
  /** In words: "after updated_at = …". */
  readonly position: string;
}

/** What `syncline plan --json` prints for a connection. */
export type PlanFacts = Readonly<Record<string, unknown>> & {
  readonly connection: string;
  /** What `syncline plan` prints, line by line. */
  readonly lines: readonly string[];
  /** Whether a sync would be refused, or some of its streams. */
  readonly exit_status: number;
};

export interface LogPiece {
  readonly text: string;
  /** Where the next piece starts. */
  readonly next: number;
  /** Whether more may come: the attempt has not ended. */
  readonly is_open: boolean;
}

export interface Removal {
  readonly type: Extract<JobType, "clear" | "refresh">;
  /** Empty: all. */
  readonly streams: readonly string[];
}

export interface RemovalFacts {
  readonly connection: string;
  readonly type: Removal["type"];
  readonly streams: readonly {
    readonly stream: string;
    readonly table: string;
    /** About; null: the destination does not say. */
    readonly rows: number | null;
    /** In words. */
    readonly position: string;
  }[];
}

/** Two databases, as URLs of PostgreSQL or whatever `syncline copy` takes. */
export interface NewEnds {
  readonly source: string;
  readonly destination: string;
}

export interface OfferedTable {
  readonly namespace?: string;
  readonly name: string;
  readonly columns: readonly string[];
  /** Columns that may be cursors. */
  readonly cursors: readonly string[];
  readonly primary_key: readonly string[];
  /** About; null: not known. */
  readonly rows: number | null;
}

export interface NewConnection extends NewEnds {
  readonly connection: string;
  readonly tables: "raw_and_final" | "final_only" | "raw_only";
  readonly prefix?: string;
  /** At least one. */
  readonly streams: readonly {
    readonly namespace?: string;
    readonly name: string;
    readonly mode:
      | "full_refresh_overwrite"
      | "full_refresh_append"
      | "incremental_append"
      | "incremental_append_dedup";
    readonly cursor?: string;
    readonly key?: readonly string[];
  }[];
  readonly schedule?:
    { readonly cron: string; readonly time_zone?: string } | { readonly every: string };
}

/** A connection as it runs. */
export interface ConnectionProgressFacts {
  readonly connection: string;
  readonly job: number;
  readonly attempt: number;
  readonly seconds: number;
  /** When the next attempt begins, while it waits for that. */
  readonly retry_in_seconds: number | null;
  readonly streams: readonly {
    readonly stream: string;
    readonly phase: Phase;
    readonly rows: number;
    readonly rows_per_second: number;
    readonly bytes_per_second: number;
    /** 0 to 1, of what the source expects. */
    readonly share: number | null;
    readonly seconds_left: number | null;
  }[];
}

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
