import type { DestinationSyncMode, SyncMode } from "../../protocol/catalog.ts";
import type { Problem } from "../../protocol/config/problems.ts";
import type { JsonObject } from "../../protocol/json.ts";

/** How a connector is started: one that comes with the package, or anyone's of several kinds. */
export type Program =
  | { readonly kind: "built-in"; readonly name: string }
  | CommandProgram
  /** A package that the project in the folder `from` has installed. */
  | { readonly kind: "npm"; readonly package: string; readonly from: string }
  | PythonProgram
  | { readonly kind: "image"; readonly image: string; readonly options: ContainerOptions };

/** Anybody's program and its arguments. */
export interface CommandProgram {
  readonly kind: "command";
  readonly command: readonly string[];
  /** What to say should it not answer. */
  readonly advice?: string;
}

/** A package of PyPI, in an environment of its own. */
export interface PythonProgram {
  readonly kind: "python";
  /** Name and version: `airbyte-source-faker==7.2.1`. */
  readonly package: string;
  /** The Python that makes the environment. */
  readonly interpreter: string;
  /** The file that describes the source, where the package is what runs such descriptions. */
  readonly manifest?: string;
}

/** How an image is run. */
export interface ContainerOptions {
  /** `docker`, `podman` or another program that takes their arguments; undefined: which answers. */
  readonly engine?: string;
  /** Options of `run`. */
  readonly options: readonly string[];
}

/** A source or destination as the configuration file names it, variables filled in. */
export interface ConnectorConfig {
  readonly name: string;
  readonly role: "source" | "destination";
  readonly program: Program;
  readonly config: JsonObject;
  /** Absolute path of the file for settings that the connector changes itself. */
  readonly configUpdates?: string;
  /** Variables added to the connector's otherwise allow-listed environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Paths in `config`, as `pathText` writes them, of plain scalars that came out of `${…}`. */
  readonly interpolated: ReadonlySet<string>;
  /** A problem with `config` as a line with its place in the user's file. */
  readonly locate: (problem: Problem) => string;
}

/** When a record passes a filter. Values are compared as texts; an absent field equals nothing. */
export type Condition =
  | { readonly equal: { readonly field: string; readonly value: string } }
  | { readonly not: readonly Condition[] }
  | { readonly and: readonly Condition[] }
  | { readonly or: readonly Condition[] };

/** One change to every record of a stream. Fields are top-level columns, by the source's names. */
export type Mapper =
  | {
      readonly type: "hash";
      readonly field: string;
      /** Default SHA-256. */
      readonly method?: string;
      /** Put behind the column's name; default `_hashed`. */
      readonly suffix?: string;
    }
  | { readonly type: "rename"; readonly field: string; readonly to: string }
  | { readonly type: "drop"; readonly field: string }
  | { readonly type: "filter"; readonly condition: Condition };

/** One entry of `streams`. What is left out is decided by the source's catalog. */
export interface StreamSelection {
  /** A stream's name; `*` and `?` match as in a shell. */
  readonly name: string;
  readonly namespace?: string;
  readonly sync_mode?: SyncMode;
  readonly destination_sync_mode?: DestinationSyncMode;
  readonly cursor_field?: readonly string[];
  readonly primary_key?: readonly (readonly string[])[];
  /** The top-level columns to copy; undefined: all. */
  readonly fields?: readonly string[];
  readonly mappers?: readonly Mapper[];
  /** Streams that it leaves out, where it has wildcards. */
  readonly exclude?: readonly string[];
  /** Where the entry stands in the file, for messages. */
  readonly place: string;
}

/** Where tables go: the destination's default schema, the source's namespace, or a format. */
export type NamespaceRule = "destination" | "source" | (string & {});

/**
 * What happens when the source's streams or columns change between two syncs: all of it is taken
 * over, only columns are, nothing is, or the connection waits until somebody accepts the change.
 */
export type SchemaChanges = "propagate" | "propagate_columns" | "ignore" | "pause";

export interface RetryPolicy {
  /** Attempts without any progress, one after the other, before the job fails. */
  readonly maxAttempts: number;
  /** Wait before the first retry; each further one waits three times as long. */
  readonly firstDelaySeconds: number;
  readonly maxDelaySeconds: number;
}

export interface TimeLimits {
  /** To the first message of `spec`, `check`, `discover` and `state`. */
  readonly startSeconds: number;
  /** Between two RECORD or STATE messages of a source. */
  readonly sourceSilenceSeconds: number;
  /** Without an acknowledgement or bytes taken while bytes wait for the destination. */
  readonly destinationSilenceSeconds: number;
  /** From SIGTERM to SIGKILL. */
  readonly stopSeconds: number;
}

/** When a connection runs by itself: at the times of a cron expression, or so long after its last start. */
export type Schedule =
  { readonly cron: string; readonly timeZone: string } | { readonly everySeconds: number };

/** Who is told: by a POST, or a program that gets the event on stdin. */
export type NotifyTarget = { readonly url: string } | { readonly command: readonly string[] };

/** Who is told of a connection's failures, and that they are over. */
export interface Notify {
  readonly onFailure?: NotifyTarget;
  readonly onRecovery?: NotifyTarget;
}

export interface ConnectionConfig {
  readonly name: string;
  readonly source: ConnectorConfig;
  readonly destination: ConnectorConfig;
  readonly prefix: string;
  readonly namespace: NamespaceRule;
  readonly streams: readonly StreamSelection[];
  /** Streams left out although an entry with wildcards matches them. */
  readonly exclude: readonly string[];
  readonly schemaChanges: SchemaChanges;
  /** Whether a sync goes on with what changes until it is stopped. */
  readonly follow: boolean;
  /** When `syncline serve` runs it; undefined: when told to, or for ever where it follows. */
  readonly schedule: Schedule | undefined;
  /** Its own, and for what it does not say that of the whole file. */
  readonly notify: Notify;
  /** Whether this run takes note of streams that are gone, so that nobody is told of them any more. */
  readonly acceptsChanges?: boolean;
  /** Names of the other connections with the same destination. */
  readonly siblings: readonly string[];
  readonly retry: RetryPolicy;
  readonly limits: TimeLimits;
}

/** A whole `syncline.yaml`, checked. */
export interface Config {
  /** Absolute path of the file. */
  readonly path: string;
  readonly sources: ReadonlyMap<string, ConnectorConfig>;
  readonly destinations: ReadonlyMap<string, ConnectorConfig>;
  readonly connections: ReadonlyMap<string, ConnectionConfig>;
  /** Which jobs are kept: so many of each connection, and none older than so many days. */
  readonly keep: { readonly jobs: number; readonly days: number };
}
