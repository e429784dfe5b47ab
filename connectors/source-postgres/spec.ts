import { withDefaults as specDefaults } from "../../protocol/config/defaults.ts";
import type { ConnectorSpecification } from "../../protocol/messages.ts";
import { PRODUCTION_LIMITS } from "../kit/limits.ts";
import {
  AIRBYTE_CONNECTION_SETTINGS,
  onlyAt,
  type AirbyteSettings,
} from "../postgres/airbyte-settings.ts";
import {
  type PostgresConfig,
  postgresGroups,
  postgresProperties,
  postgresRequired,
} from "../postgres/settings.ts";
import { adaptMethod, cdcBranch, type CdcMethod, type FullCdcMethod } from "./cdc/slot/settings.ts";
import type { LockMode } from "./read/read-tables.ts";
import type { ForeignBytes } from "./rows/foreign-bytes.ts";

/** The source's configuration, under the names Airbyte's users know. */
export interface SourceConfig extends PostgresConfig {
  /** Absent or empty: every schema that is not the system's. */
  readonly schemas?: readonly string[];
  readonly replication_method?: { readonly method: "Standard" | "Xmin" } | CdcMethod;
  readonly checkpoint_target_interval_seconds?: number;
  /** Seconds. */
  readonly late_commit_window?: number;
  readonly max_row_bytes?: number;
  readonly lock?: LockMode;
  readonly encoding?: ForeignBytes;
  readonly row_security?: "off" | "on";
}

/** How often a long read prints a STATE it can resume from. */
export const DEFAULT_CHECKPOINT_SECONDS = PRODUCTION_LIMITS.checkpointSeconds;
/** Longest row in bytes of COPY text. Escaped as JSON and held twice, it still fits a small machine. */
const DEFAULT_MAX_ROW_BYTES = 256 * 1024 * 1024;
/** PostgreSQL itself cannot send a longer row. */
const SERVER_ROW_BYTES = 1024 * 1024 * 1024 - 1;

/** What `spec` prints, and what a config is checked against. Unknown properties are refused. */
export const specification: ConnectorSpecification = {
  protocol_version: "0.2.0",
  supportsIncremental: true,
  supports_plan_command: true,
  supports_session_command: true,
  supports_drop_slot_command: true,
  supports_acknowledgements: true,
  supports_follow: true,
  supported_destination_sync_modes: [],
  connectionSpecification: {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Postgres Source",
    type: "object",
    required: [...postgresRequired],
    additionalProperties: false,
    groups: [...postgresGroups],
    properties: {
      ...postgresProperties,
      schemas: {
        type: "array",
        title: "Schemas",
        description:
          "The schemas to read from, spelled exactly. Empty: every schema but the system's.",
        items: { type: "string", minLength: 1 },
        minItems: 0,
        uniqueItems: true,
        examples: [["public"]],
        order: 3,
        group: "db",
      },
      replication_method: {
        type: "object",
        title: "Update Method",
        description: "How incremental streams find what changed.",
        order: 8,
        group: "advanced",
        display_type: "radio",
        default: { method: "Standard" },
        oneOf: [
          {
            title: "Scan Changes with User Defined Cursor",
            description:
              "Each stream has a column that grows with every change. Rows committed late, and rows that share the last value, are found too.",
            required: ["method"],
            additionalProperties: false,
            properties: { method: { type: "string", const: "Standard", order: 0 } },
          },
          {
            title: "Detect Changes with Xmin System Column",
            description:
              "For tables without such a column. Each sync scans the whole table on the server, and sends only rows written since.",
            required: ["method"],
            additionalProperties: false,
            properties: { method: { type: "string", const: "Xmin", order: 0 } },
          },
          cdcBranch,
        ],
      },
      checkpoint_target_interval_seconds: {
        type: "integer",
        title: "Checkpoint Target Time Interval",
        description:
          "How often, in seconds, a read prints a state it can resume from. 0: as often as it can. A full refresh of a table smaller than 2 MB for each of these seconds prints none, and starts again when it is interrupted.",
        minimum: 0,
        default: DEFAULT_CHECKPOINT_SECONDS,
        order: 11,
        group: "advanced",
      },
      late_commit_window: {
        type: "integer",
        title: "Late Commit Window",
        description:
          "How far below the last cursor value, in seconds, an incremental read looks for rows whose transaction was committed late. Longer where a transaction older than that was running. For cursors that are no dates, it looks down to the value the cursor had that long ago, or at all rows where no index serves the cursor.",
        minimum: 0,
        default: 3600,
        order: 12,
        group: "advanced",
      },
      max_row_bytes: {
        type: "integer",
        title: "Largest Row",
        description:
          "A longer row, in bytes of PostgreSQL's text format, fails its stream. A change in the log, which may have the old row too, may have twice as many.",
        minimum: 1024,
        maximum: SERVER_ROW_BYTES,
        default: DEFAULT_MAX_ROW_BYTES,
        order: 13,
        group: "advanced",
      },
      lock: {
        type: "string",
        title: "Locks",
        description:
          "one_moment: all tables are read as they were at one moment, and are locked against DROP, TRUNCATE and ALTER TABLE from then on to the end of the sync. per_stream: each table is read as it was when its turn came, and is locked only while it is read, so that changes to tables, and what waits behind them, are kept up less.",
        enum: ["one_moment", "per_stream"],
        default: "one_moment",
        order: 14,
        group: "advanced",
      },
      encoding: {
        type: "string",
        title: "Texts That Are Not UTF-8",
        description:
          "Of a database of the encoding SQL_ASCII, which does not say what its bytes mean. fail: such a text fails its stream. latin1: it is taken for Latin-1. replace: what is not UTF-8 in it becomes U+FFFD. null: the value becomes NULL. The last two are noted in `_airbyte_meta`.",
        enum: ["fail", "latin1", "replace", "null"],
        default: "fail",
        order: 15,
        group: "advanced",
      },
      row_security: {
        type: "string",
        title: "Row-Level Security",
        description:
          "off: a table of which row-level security hides rows from the user fails its stream. on: the rows that the user may see are all there is; those that a changed policy shows later may be missing from incremental streams.",
        enum: ["off", "on"],
        default: "off",
        order: 16,
        group: "advanced",
      },
    },
  },
};

/** What Airbyte's source has beside, and what it comes to here. */
export const airbyteSettings: AirbyteSettings = {
  ...AIRBYTE_CONNECTION_SETTINGS,
  sourceType: onlyAt(["postgres"], "it is this one", 'expected "postgres"'),
  check_privileges: onlyAt(
    [true],
    "tables that may not be read are never offered",
    "tables that may not be read are never offered; leave it out",
  ),
  replication_method: adaptMethod,
  max_db_connections: () => ({ leftAside: "one connection reads all streams" }),
  concurrency: () => ({ leftAside: "one connection reads all streams" }),
};

/** A config in which every setting that has a default is there. */
export type FullConfig = Omit<SourceConfig, "replication_method"> & {
  readonly replication_method: { readonly method: "Standard" | "Xmin" } | FullCdcMethod;
} & Required<
    Pick<
      SourceConfig,
      | "checkpoint_target_interval_seconds"
      | "late_commit_window"
      | "max_row_bytes"
      | "lock"
      | "encoding"
      | "row_security"
    >
  >;

/** The config with every default of the specification filled in. */
export function withDefaults(config: SourceConfig): FullConfig {
  return specDefaults(specification.connectionSpecification, config) as FullConfig;
}
