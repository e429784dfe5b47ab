import type { JsonSchema } from "../../../protocol/config/schema.ts";

/** One thing that programs can have done: a method and a path under `/api/v1`. */
export interface Operation {
  readonly method: "get" | "post";
  /** With its parameters in braces: `/connections/{connection}/sync`. */
  readonly path: string;
  readonly summary: string;
  readonly query?: Readonly<Record<string, JsonSchema>>;
  readonly needsQuery?: readonly string[];
  readonly body?: JsonSchema;
  /** The name of what is answered, among the schemas. */
  readonly answer: string;
  /** 200 where it is not told. */
  readonly status?: 201 | 202;
  readonly isStream?: true;
}

const text = { type: "string", minLength: 1, maxLength: 2000 } as const;
const column = { type: "string", minLength: 1, maxLength: 200 } as const;
const streams = {
  type: "array",
  items: column,
  maxItems: 1000,
  description: "By name or namespace.name; none: all.",
} as const;
const kind = { enum: ["logs", "events"], default: "logs" } as const;
const from = { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 0 } as const;
const confirm = {
  type: "string",
  maxLength: 200,
  description: "The connection's name: rows go. `removal` says which.",
} as const;

/** An object with these properties and no others. */
function body(
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = [],
): JsonSchema {
  return { type: "object", additionalProperties: false, required, properties };
}

const NOTHING = body({});
const ENDS = { source: text, destination: text } as const;

const NEW_CONNECTION = body(
  {
    connection: { type: "string", minLength: 1, maxLength: 100 },
    ...ENDS,
    tables: { enum: ["raw_and_final", "final_only", "raw_only"] },
    prefix: { type: "string", maxLength: 60 },
    streams: {
      type: "array",
      minItems: 1,
      maxItems: 1000,
      items: body(
        {
          namespace: column,
          name: column,
          mode: {
            enum: [
              "full_refresh_overwrite",
              "full_refresh_append",
              "incremental_append",
              "incremental_append_dedup",
            ],
          },
          cursor: column,
          key: { type: "array", items: column, maxItems: 100 },
        },
        ["name", "mode"],
      ),
    },
    schedule: {
      oneOf: [
        body({ cron: text, time_zone: column }, ["cron"]),
        body({ every: { type: "string", maxLength: 20, examples: ["10m", "1h"] } }, ["every"]),
      ],
    },
  },
  ["connection", "source", "destination", "tables", "streams"],
);

const CONNECTION = "/connections/{connection}";
const ATTEMPT = "/jobs/{job}/attempts/{attempt}";

/** Every one there is: the server has no path of another, and the document describes these. */
export const OPERATIONS = {
  listConnections: {
    method: "get",
    path: "/connections",
    summary: "All connections, in the order of the configuration",
    answer: "Connections",
  },
  createConnection: {
    method: "post",
    path: "/connections",
    summary: "Add a connection between two databases to the configuration",
    body: NEW_CONNECTION,
    answer: "Connection",
    status: 201,
  },
  getConnection: {
    method: "get",
    path: CONNECTION,
    summary: "A connection",
    answer: "Connection",
  },
  getPositions: {
    method: "get",
    path: `${CONNECTION}/positions`,
    summary: "Where each of its streams stands",
    answer: "Positions",
  },
  getPlan: {
    method: "get",
    path: `${CONNECTION}/plan`,
    summary: "What a sync would do: both databases are asked, and nothing is changed",
    answer: "Plan",
  },
  getProgress: {
    method: "get",
    path: `${CONNECTION}/progress`,
    summary: "How it is getting on, while it runs",
    answer: "CurrentProgress",
  },
  sync: {
    method: "post",
    path: `${CONNECTION}/sync`,
    summary: "Run it now",
    body: NOTHING,
    answer: "Started",
    status: 202,
  },
  cancel: {
    method: "post",
    path: `${CONNECTION}/cancel`,
    summary: "Stop what runs: what was read is committed first, or at once",
    body: body({ how: { enum: ["gracefully", "now"], default: "gracefully" } }),
    answer: "Cancelled",
  },
  getRemoval: {
    method: "get",
    path: `${CONNECTION}/removal`,
    summary: "What a clear, or a refresh that replaces rows, would take away",
    query: { type: { enum: ["clear", "refresh"] }, stream: streams },
    needsQuery: ["type"],
    answer: "Removal",
  },
  clear: {
    method: "post",
    path: `${CONNECTION}/clear`,
    summary: "Empty its tables and forget its positions",
    body: body({ confirm, streams }, ["confirm"]),
    answer: "Started",
    status: 202,
  },
  refresh: {
    method: "post",
    path: `${CONNECTION}/refresh`,
    summary: "Read everything again, and replace the rows that are there",
    body: body({
      confirm,
      streams,
      keep: {
        const: true,
        description: "Keep the rows that are there; then `confirm` is not needed.",
      },
    }),
    answer: "Started",
    status: 202,
  },
  acknowledge: {
    method: "post",
    path: `${CONNECTION}/acknowledge`,
    summary: "Take note of streams that are gone",
    body: NOTHING,
    answer: "Connection",
  },
  pause: {
    method: "post",
    path: `${CONNECTION}/pause`,
    summary: "Run it by hand alone, until it is resumed",
    body: NOTHING,
    answer: "Connection",
  },
  resume: {
    method: "post",
    path: `${CONNECTION}/resume`,
    summary: "Run it by its schedule again",
    body: NOTHING,
    answer: "Connection",
  },
  inspect: {
    method: "post",
    path: "/inspect",
    summary: "Try two databases, and see what there is to copy",
    body: body(ENDS, ["source", "destination"]),
    answer: "Tables",
  },
  listJobs: {
    method: "get",
    path: "/jobs",
    summary: "Jobs, the latest first",
    query: {
      connection: column,
      before: { type: "integer", minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
      limit: { type: "integer", minimum: 1, maximum: 200, default: 50 },
    },
    answer: "Jobs",
  },
  getJob: { method: "get", path: "/jobs/{job}", summary: "A job", answer: "Job" },
  getLog: {
    method: "get",
    path: `${ATTEMPT}/log`,
    summary: "A piece of an attempt's log, or of its events, from a place on",
    query: { kind, from },
    answer: "LogPiece",
  },
  followLog: {
    method: "get",
    path: `${ATTEMPT}/log/follow`,
    summary:
      "The same while the attempt runs, as server-sent events: `log` with a piece, `end` after the last one",
    query: { kind, from },
    answer: "LogPiece",
    isStream: true,
  },
  followConnections: {
    method: "get",
    path: "/events",
    summary: "What happens, as server-sent events",
    answer: "Event",
    isStream: true,
  },
  followConnection: {
    method: "get",
    path: `${CONNECTION}/events`,
    summary: "What happens with one connection, as server-sent events",
    answer: "Event",
    isStream: true,
  },
  getDocument: {
    method: "get",
    path: "/openapi.json",
    summary: "This document",
    answer: "Document",
  },
} as const satisfies Readonly<Record<string, Operation>>;

export type OperationId = keyof typeof OPERATIONS;
