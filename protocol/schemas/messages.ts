import type { JsonSchema } from "../config/schema.ts";
import { catalogSchema, destinationCatalogSchema } from "./catalog.ts";
import {
  anyObject,
  arrayOf,
  boolean,
  integer,
  number,
  object,
  oneOfWords,
  text,
  whenType,
} from "./builders.ts";

const streamDescriptor = object({ name: text }, { namespace: text });

/** Unknown changes and reasons are let pass: both lists have grown before. */
const recordSchema = object(
  { stream: text, data: anyObject, emitted_at: integer },
  {
    namespace: text,
    meta: object(
      {},
      {
        changes: arrayOf(object({ field: text, change: text, reason: text })),
        unchanged: arrayOf(text),
        operation: text,
      },
    ),
    file_reference: object(
      {},
      { staging_file_url: text, source_file_relative_path: text, file_size_bytes: integer },
    ),
  },
);

const stats = object(
  {},
  { recordCount: number, rejectedRecordCount: number, additionalStats: anyObject },
);

/** The blob inside is opaque: whatever JSON it is, it passes. */
const streamState = object({ stream_descriptor: streamDescriptor });

const stateSchema: JsonSchema = {
  ...object(
    {},
    {
      type: oneOfWords("STREAM", "GLOBAL", "LEGACY"),
      sourceStats: stats,
      destinationStats: stats,
      id: integer,
    },
  ),
  allOf: [
    whenType("STREAM", object({ stream: streamState })),
    whenType("GLOBAL", object({ global: object({}, { stream_states: arrayOf(streamState) }) })),
  ],
};

const logSchema = object({ level: text, message: text }, { stack_trace: text });

const traceErrorSchema = object(
  { message: text },
  {
    internal_message: text,
    stack_trace: text,
    failure_type: text,
    stream_descriptor: streamDescriptor,
  },
);

const traceEstimateSchema = object(
  { name: text, type: oneOfWords("STREAM", "SYNC") },
  { namespace: text, row_estimate: integer, byte_estimate: integer },
);

const traceStreamStatusSchema = object(
  {
    stream_descriptor: streamDescriptor,
    status: oneOfWords("STARTED", "RUNNING", "COMPLETE", "INCOMPLETE"),
  },
  { reasons: arrayOf(object({ type: text })) },
);

/** An unknown type of trace passes without further look. */
const traceSchema: JsonSchema = {
  ...object({ type: text, emitted_at: number }),
  allOf: [
    whenType("ERROR", object({ error: traceErrorSchema })),
    whenType("ESTIMATE", object({ estimate: traceEstimateSchema })),
    whenType("STREAM_STATUS", object({ stream_status: traceStreamStatusSchema })),
    whenType("ANALYTICS", object({ analytics: object({ type: text }, { value: text }) })),
  ],
};

const specSchema = object(
  { connectionSpecification: anyObject },
  {
    documentationUrl: text,
    changelogUrl: text,
    supportsIncremental: boolean,
    supportsNormalization: boolean,
    supportsDBT: boolean,
    supported_destination_sync_modes: arrayOf(text),
    advanced_auth: anyObject,
    protocol_version: text,
  },
);

const connectionStatusSchema = object(
  { status: oneOfWords("SUCCEEDED", "FAILED") },
  { message: text },
);

/** An unknown type of control passes without further look. */
const controlSchema: JsonSchema = {
  ...object({ type: text, emitted_at: number }),
  allOf: [whenType("CONNECTOR_CONFIG", object({ connectorConfig: object({ config: anyObject }) }))],
};

const planStep = object(
  { action: text, statements: arrayOf(text) },
  { columns: arrayOf(object({ name: text }, { from: text, to: text })) },
);

const planSchema = object({
  steps: arrayOf(planStep),
  notes: arrayOf(text),
  streams: arrayOf(
    object(
      { stream_descriptor: streamDescriptor },
      {
        row_estimate: number,
        byte_estimate: number,
        steps: arrayOf(planStep),
        notes: arrayOf(text),
        error: traceErrorSchema,
      },
    ),
  ),
});

const PAYLOADS = {
  RECORD: recordSchema,
  STATE: stateSchema,
  LOG: logSchema,
  TRACE: traceSchema,
  SPEC: specSchema,
  CONNECTION_STATUS: connectionStatusSchema,
  CATALOG: catalogSchema,
  CONTROL: controlSchema,
  DESTINATION_CATALOG: destinationCatalogSchema,
  PLAN: planSchema,
};

/** What holds the payload in a message of each type. */
type PayloadKeys = Readonly<Record<keyof typeof PAYLOADS, string>>;

/** One message of each type, with its envelope: `type`, and the payload under a key of its own. */
export function messageSchemas<Keys extends PayloadKeys>(
  payloadKeys: Keys,
): Readonly<Record<keyof Keys, JsonSchema>> {
  const schemas = Object.entries(PAYLOADS).map(([type, payload]) => [
    type,
    object({ type: text, [payloadKeys[type as keyof typeof PAYLOADS]]: payload }),
  ]);
  return Object.fromEntries(schemas) as Record<keyof Keys, JsonSchema>;
}
