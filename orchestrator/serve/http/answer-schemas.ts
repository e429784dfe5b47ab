import type { JsonSchema } from "../../../protocol/config/schema.ts";

const text = { type: "string" } as const;
const name = { type: "string", description: "A stream, with its namespace before a dot." } as const;
const count = { type: "integer", minimum: 0 } as const;
const seconds = { type: "number", minimum: 0 } as const;
const isTrue = { const: true } as const;
const time = { type: "string", format: "date-time" } as const;
const texts = { type: "array", items: text } as const;

/** Of this type, or null. */
function orNull(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: "null" }] };
}

const ref = (schema: string): JsonSchema => ({ $ref: `#/components/schemas/${schema}` });

const list = (items: JsonSchema): JsonSchema => ({ type: "array", items });

/** An object with these properties; those whose names end with `?` may be left out. */
function object(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const entries = Object.entries(properties);
  const isOptional = (key: string) => key.endsWith("?");
  return {
    type: "object",
    required: entries.map(([key]) => key).filter((key) => !isOptional(key)),
    properties: Object.fromEntries(
      entries.map(([key, schema]) => [isOptional(key) ? key.slice(0, -1) : key, schema]),
    ),
  };
}

const kind = { enum: ["config_error", "transient_error", "system_error"] } as const;
const phases = [
  "to come",
  "waiting for a lock",
  "reading",
  "waiting",
  "loading",
  "copying",
  "merging",
  "swapping",
  "done",
];

/** What answers are made of, by the names that the document has for them. */
export const ANSWER_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Failure: object({
    failure: object({
      code: {
        ...text,
        description: "A failure code (docs/failures.generated.md), or `request.…`.",
      },
      kind,
      message: text,
      "hint?": text,
    }),
  }),
  Schedule: {
    oneOf: [
      object({ cron: text, time_zone: text }),
      object({ every_seconds: { type: "number", exclusiveMinimum: 0 } }),
      object({ follow: isTrue }),
    ],
  },
  LogPosition: object({
    lsn: text,
    "committed_at?": text,
    "lag_bytes?": count,
    "lag_seconds?": seconds,
    "slot?": text,
    "retained_bytes?": count,
    "looked_at?": text,
  }),
  Connection: object({
    connection: text,
    source: text,
    destination: text,
    schedule: { ...orNull(ref("Schedule")), description: "null: it runs by hand alone." },
    schedule_text: { ...orNull(text), description: "The same for people." },
    state: { enum: ["idle", "waiting", "running", "stopping", "paused"] },
    is_paused: { type: "boolean", description: "Whether it runs by its schedule no more." },
    next_run: orNull(time),
    last_job: orNull(ref("Job")),
    to_acknowledge: texts,
    log_position: orNull(ref("LogPosition")),
  }),
  Job: object({
    id: { type: "integer", minimum: 1 },
    type: { enum: ["sync", "clear", "refresh", "normalize"] },
    connection: text,
    status: { enum: ["running", "incomplete", "failed", "succeeded", "cancelled", "interrupted"] },
    created_at: time,
    "ended_at?": time,
    attempts: list(ref("Attempt")),
    "run_by?": object({ pid: count, host: text, "last_sign_at?": time }),
  }),
  Attempt: object({
    attempt: count,
    status: { enum: ["running", "failed", "succeeded", "cancelled", "interrupted"] },
    started_at: time,
    "ended_at?": time,
    "streams?": list(ref("AttemptStream")),
    "times?": object({ start: seconds, reading: seconds, waiting: seconds, finishing: seconds }),
    "notes?": texts,
    "warnings?": texts,
    "failures?": list(ref("JobFailure")),
  }),
  AttemptStream: object({
    name: text,
    "namespace?": text,
    status: { enum: ["complete", "incomplete"] },
    emitted: count,
    committed: count,
    bytes: count,
    seconds,
    "started_at?": time,
    "nulled?": count,
    "filtered?": count,
    "expected?": count,
    "times?": object({
      reading: seconds,
      waiting: seconds,
      "copy?": seconds,
      "merge?": seconds,
      "swap?": seconds,
    }),
    "next?": { enum: ["goes_on", "starts_again"] },
    "apart?": isTrue,
    "began?": { enum: ["resumed", "again", "delivered"] },
    "discards_earlier?": isTrue,
  }),
  JobFailure: object({
    origin: { enum: ["source", "destination", "syncline"] },
    code: text,
    kind,
    message: text,
    "hint?": text,
    "stream?": text,
  }),
  StreamPosition: object({ stream: name, position: text }),
  Plan: {
    ...object({ connection: text, lines: texts, exit_status: count }),
    description: "What `syncline plan --json` prints for the connection, and its lines for people.",
    additionalProperties: true,
  },
  LogPiece: object({
    text: { ...text, description: "Whole lines, at most 256 KiB." },
    next: { ...count, description: "Where the next piece begins." },
    is_open: { type: "boolean", description: "Whether more may come." },
  }),
  Removal: object({
    connection: text,
    type: { enum: ["clear", "refresh"] },
    streams: list(
      object({
        stream: name,
        table: text,
        rows: { ...orNull(count), description: "About; null: not known." },
        position: text,
      }),
    ),
  }),
  Table: object({
    "namespace?": text,
    name: text,
    columns: texts,
    cursors: texts,
    primary_key: texts,
    rows: orNull(count),
  }),
  Progress: object({
    connection: text,
    job: count,
    attempt: count,
    seconds,
    retry_in_seconds: orNull(seconds),
    streams: list(
      object({
        stream: name,
        phase: { enum: phases },
        rows: count,
        rows_per_second: seconds,
        bytes_per_second: seconds,
        share: orNull({ type: "number", minimum: 0, maximum: 1 }),
        seconds_left: orNull(seconds),
      }),
    ),
  }),
  Event: {
    description: "The data of an event of `/events`.",
    oneOf: [
      {
        ...object({
          event: { const: "connection" },
          connection: text,
          facts: { ...orNull(ref("Connection")), description: "null: it is gone." },
        }),
        description: "How a connection is now. At the beginning, there is one for each.",
      },
      object({ event: { const: "progress" }, progress: ref("Progress") }),
      object({ event: { const: "job_started" }, connection: text, job: count }),
      object({
        event: { const: "job_ended" },
        connection: text,
        job: count,
        status: text,
        failures: list(ref("JobFailure")),
      }),
      object({ event: { const: "configuration" }, problem: orNull(text) }),
      {
        ...object({ event: { const: "missed" } }),
        description: "Jobs began or ended that were not told of, since they were not read in time.",
      },
    ],
  },
  Connections: object({ connections: list(ref("Connection")) }),
  Positions: object({ positions: list(ref("StreamPosition")) }),
  Jobs: object({
    jobs: list(ref("Job")),
    before: { ...orNull(count), description: "For the jobs before these; null: there are none." },
  }),
  CurrentProgress: object({ progress: orNull(ref("Progress")) }),
  Started: object({ job: count }),
  Cancelled: object({ cancelled: { type: "boolean", description: "False: nothing ran." } }),
  Tables: object({ tables: list(ref("Table")) }),
};
