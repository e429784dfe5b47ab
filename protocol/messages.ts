import type { Catalog, StreamDescriptor } from "./catalog.ts";
import type { FailureKind } from "./errors.ts";
import type { JsonObject } from "./json.ts";

/** One value of a record that was changed on the way, and why. */
export interface RecordChange {
  field: string;
  change: "NULLED" | "TRUNCATED" | (string & {});
  reason: string;
}

export interface RecordMessage {
  type: "RECORD";
  record: {
    stream: string;
    namespace?: string | null;
    data: JsonObject;
    /** Milliseconds since the Unix epoch, taken when the source read the row. */
    emitted_at: number;
    meta?: RecordMeta;
  };
}

/** What is to be known of a record beside its data. */
export interface RecordMeta {
  changes?: RecordChange[];
  /**
   * Ours: fields whose value was not changed and is not known. They are missing in `data`; whoever merges
   * rows keeps what the row has. A row that gets another key comes as the deletion of the old key and, right
   * behind it and at the same place in the log, the row under the new one: it keeps what the deleted one had.
   * Only for a destination that announces `supports_change_records`.
   */
  unchanged?: string[];
  /**
   * Ours, for such a destination: `truncate` says that all rows of the stream before it are gone. Its
   * `data` has only the columns of change data capture.
   */
  operation?: "truncate" | (string & {});
}

export interface StreamState {
  stream_descriptor: StreamDescriptor;
  /** Opaque to everybody but the source that wrote it; null means "erase". */
  stream_state?: JsonObject | null;
}

export interface StateStats {
  /** Records since the previous STATE of the same scope; not cumulative. */
  recordCount?: number;
  rejectedRecordCount?: number;
  additionalStats?: Record<string, number>;
}

/** The body of a STATE message. A missing `type` means LEGACY: sources of the first protocol have none. */
export interface State {
  type?: "STREAM" | "GLOBAL" | "LEGACY";
  stream?: StreamState;
  global?: { shared_state?: JsonObject | null; stream_states: StreamState[] };
  data?: JsonObject | null;
  sourceStats?: StateStats;
  destinationStats?: StateStats;
  /** Added by an orchestrator; a destination returns it untouched. */
  id?: number;
}

export interface StateMessage {
  type: "STATE";
  state: State;
}

export type LogLevel = "FATAL" | "ERROR" | "WARN" | "INFO" | "DEBUG" | "TRACE";

export interface LogMessage {
  type: "LOG";
  log: { level: LogLevel; message: string; stack_trace?: string };
}

export type StreamStatus = "STARTED" | "RUNNING" | "COMPLETE" | "INCOMPLETE";

export interface TraceError {
  /** For people. */
  message: string;
  internal_message?: string;
  stack_trace?: string;
  failure_type?: FailureKind;
  stream_descriptor?: StreamDescriptor;
}

export interface TraceEstimate {
  name: string;
  namespace?: string | null;
  type: "STREAM" | "SYNC";
  row_estimate?: number;
  byte_estimate?: number;
}

export interface TraceStreamStatus {
  stream_descriptor: StreamDescriptor;
  status: StreamStatus;
  reasons?: { type: "RATE_LIMITED"; rate_limited?: { quota_reset?: number } }[];
  /** Ours, with COMPLETE of a `normalize`: rows in the rebuilt table, and values in them made NULL. */
  stats?: { recordCount?: number; nulledCount?: number };
}

export interface TraceMessage {
  type: "TRACE";
  trace: {
    type: "ERROR" | "ESTIMATE" | "STREAM_STATUS" | "ANALYTICS";
    /** Milliseconds since the Unix epoch. */
    emitted_at: number;
    error?: TraceError;
    estimate?: TraceEstimate;
    stream_status?: TraceStreamStatus;
    analytics?: { type: string; value?: string };
  };
}

/** What a connector can do and how it is configured. */
export interface ConnectorSpecification {
  connectionSpecification: JsonObject;
  documentationUrl?: string;
  changelogUrl?: string;
  supportsIncremental?: boolean;
  supportsNormalization?: boolean;
  supportsDBT?: boolean;
  /** Of a destination; missing: it does not say. */
  supported_destination_sync_modes?: string[] | null;
  /** Of a destination: whether it removes rows of generations below the minimum; missing: no. */
  supportsRefreshes?: boolean;
  /** Ours: the destination has a `state` command that prints the states committed with the data. */
  supports_state_command?: boolean;
  /** Ours: the destination has a `normalize` command that rebuilds tables from its raw tables. */
  supports_normalize_command?: boolean;
  /** Ours: the destination has an `adopt` command that makes tables those of this connection. */
  supports_adopt_command?: boolean;
  /** Ours: the destination has a `move` command that hands over what a renamed connection has. */
  supports_move_command?: boolean;
  /** Ours: it has a `plan` command that prints what `read` or `write` would do. */
  supports_plan_command?: boolean;
  /** Ours: it has a `session` command, which runs commands that come on stdin, one after the other. */
  supports_session_command?: boolean;
  /**
   * Ours: the source's `read --acknowledged` takes the STATEs that the destination has committed on its
   * stdin, and tells its system only then that it needs the changes before them no more.
   */
  supports_acknowledgements?: boolean;
  /**
   * Ours: the source's `read --follow` goes on with what changes until it is asked to stop; the
   * destination's `write --follow` commits behind every STATE.
   */
  supports_follow?: boolean;
  /** Ours: the source's `drop-slot` command takes away what it set up at its server. */
  supports_drop_slot_command?: boolean;
  /** Ours: the destination understands `meta.unchanged` and `meta.operation` of a record. */
  supports_change_records?: boolean;
  advanced_auth?: JsonObject;
  protocol_version?: string;
}

export interface SpecMessage {
  type: "SPEC";
  spec: ConnectorSpecification;
}

export interface ConnectionStatusMessage {
  type: "CONNECTION_STATUS";
  connectionStatus: {
    status: "SUCCEEDED" | "FAILED";
    message?: string;
    /** Ours: why it failed, where the settings may be right. */
    failure_type?: FailureKind;
    /** Ours: the failure's code. */
    failure_code?: string;
  };
}

export interface CatalogMessage {
  type: "CATALOG";
  catalog: Catalog;
}

export interface ControlMessage {
  type: "CONTROL";
  control: {
    type: "CONNECTOR_CONFIG";
    emitted_at: number;
    connectorConfig: { config: JsonObject };
  };
}

export interface DestinationCatalogMessage {
  type: "DESTINATION_CATALOG";
  destination_catalog: {
    operations: {
      object_name: string;
      sync_mode: string;
      json_schema: JsonObject;
      matching_keys?: string[][];
    }[];
  };
}

/** Ours: something that `write` would do to the database behind a destination. */
export interface PlanStep {
  /** `create public.orders`. */
  action: string;
  /** In the destination's own language; empty where they would say nothing to its user. */
  statements: string[];
  /** What becomes of a table's columns: null in the place of a type where there is none. */
  columns?: { name: string; from: string | null; to: string | null }[];
}

/** Ours: what would come of one stream. */
export interface StreamOutlook {
  stream_descriptor: StreamDescriptor;
  /**
   * How much there is to read, as far as a source can tell without reading; of a destination, how many
   * rows the stream's table has.
   */
  row_estimate?: number;
  byte_estimate?: number;
  steps?: PlanStep[];
  /** What its user may want to know before. */
  notes?: string[];
  /** Why it would be refused. */
  error?: TraceError;
}

/** Ours: what `read` or `write` would do, of a command that does nothing. */
export interface PlanMessage {
  type: "PLAN";
  plan: {
    /** What is done before the first stream. */
    steps: PlanStep[];
    notes: string[];
    streams: StreamOutlook[];
  };
}

/** One line of the protocol. Unknown fields are legal everywhere and are kept. */
export type Message =
  | RecordMessage
  | StateMessage
  | LogMessage
  | TraceMessage
  | SpecMessage
  | ConnectionStatusMessage
  | CatalogMessage
  | ControlMessage
  | DestinationCatalogMessage
  | PlanMessage;

export type MessageType = Message["type"];

/** Where a message of each type has its payload. */
export const PAYLOAD_KEYS: Readonly<Record<MessageType, string>> = {
  RECORD: "record",
  STATE: "state",
  LOG: "log",
  TRACE: "trace",
  SPEC: "spec",
  CONNECTION_STATUS: "connectionStatus",
  CATALOG: "catalog",
  CONTROL: "control",
  DESTINATION_CATALOG: "destination_catalog",
  PLAN: "plan",
};
