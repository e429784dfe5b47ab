/* oxlint-disable unicorn/no-thenable -- `then` is a word of JSON Schema */
import type { JsonSchema } from "../../protocol/config/schema.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { Mapper, SchemaChanges } from "./config.ts";

const text = { type: "string", minLength: 1 } as const;
const seconds = { type: "number", exclusiveMinimum: 0 } as const;
const names = { type: "array", items: text, minItems: 1 } as const;

/** Names become file names and identities, so they are kept to what is safe everywhere. */
export const NAME = "^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$";

const nameOfOne = {
  pattern: NAME,
  pattern_descriptor:
    "letters, digits, dots, dashes and underscores, at most 100, the first one a letter or digit",
} as const;

const connector = {
  type: "object",
  additionalProperties: false,
  properties: {
    connector: {
      ...text,
      description:
        "A connector that comes with syncline (source-postgres, destination-postgres), or the path of a program of yours: ./my-source.mjs.",
    },
    command: {
      ...names,
      examples: [["python3", "./source.py"]],
      description:
        "Program and arguments of any Airbyte-protocol connector. Arguments that begin with ./ or ../ are taken from this file's folder. No shell is involved.",
    },
    npm: {
      ...text,
      description: "A package of npm that is installed in this project: some-source@1.2.3.",
    },
    python: {
      ...text,
      description:
        "A package of PyPI and its version: airbyte-source-faker==7.2.1. It gets an environment of its own, in the user's folder for caches.",
    },
    interpreter: {
      ...text,
      description: "The Python that `python` or `manifest` is run by; default python3.",
    },
    manifest: {
      ...text,
      description:
        "The file of a declarative source (YAML, as Airbyte's connector builder exports it). `python` beside it names another version of airbyte-cdk.",
    },
    image: {
      ...text,
      description: "A container image: airbyte/source-faker:6.2.21, run by Docker or Podman.",
    },
    container: {
      type: "object",
      additionalProperties: false,
      description: "How the image is run.",
      properties: {
        engine: {
          ...text,
          description: "docker, podman or the like; default: the first of these that answers.",
        },
        network: { ...text, description: "As of `docker run`: host, none or a network's name." },
        user: { ...text, description: "As of `docker run`: 1000:1000." },
        memory: { ...text, description: "Most memory it may use: 2g." },
        cpus: { type: "number", exclusiveMinimum: 0, description: "Most processors it may use." },
        volumes: {
          ...names,
          description: "Folders it sees: ./data:/local:ro is taken from this file's folder.",
        },
      },
    },
    config: {
      type: "object",
      description: "The connector's own settings; `syncline discover` and `check` explain them.",
    },
    config_file: { ...text, description: "A JSON or YAML file holding the settings instead." },
    config_updates: {
      ...text,
      description:
        "A file for settings that the connector changes itself, such as tokens that are good for one use. They count until `config` is edited.",
    },
    env: {
      type: "object",
      additionalProperties: { type: "string" },
      description:
        "Environment variables for this connector. Of syncline's own it gets a few: PATH, HOME, language, time zone, proxies, certificates.",
    },
  },
} as const;

/** Of a filter. Refers to itself: written out level by level, the compiled check had 8 MB. */
const CONDITION = { $ref: "#/definitions/condition" } as const;
const conditions = { type: "array", minItems: 1, items: CONDITION } as const;
const condition = {
  type: "object",
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
  properties: {
    equal: {
      type: "object",
      additionalProperties: false,
      required: ["field", "value"],
      properties: { field: text, value: { type: "string" } },
    },
    not: conditions,
    and: conditions,
    or: conditions,
  },
} as const;

const mapper = {
  type: "object",
  additionalProperties: false,
  required: ["type"],
  properties: {
    type: {
      enum: ["hash", "rename", "drop", "filter"],
      description: "What is done; see docs/mappers.md.",
    },
    field: { ...text, description: "hash, rename, drop: the column." },
    to: { ...text, description: "rename: the new name." },
    method: {
      enum: ["MD5", "SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512"],
      description: "hash: how; default SHA-256.",
    },
    suffix: { type: "string", description: "hash: put behind the name; default _hashed." },
    condition: { ...CONDITION, description: "filter: records it holds for are kept." },
  },
  allOf: [
    { if: { properties: { type: { const: "rename" } } }, then: { required: ["field", "to"] } },
    { if: { properties: { type: { enum: ["hash", "drop"] } } }, then: { required: ["field"] } },
    { if: { properties: { type: { const: "filter" } } }, then: { required: ["condition"] } },
  ],
} as const;

const stream = {
  type: "object",
  additionalProperties: false,
  required: ["name"],
  examples: [{ name: "orders", sync_mode: "full_refresh" }],
  properties: {
    name: { ...text, description: "Stream name; * and ? match as in a shell." },
    namespace: { ...text, description: "Schema at the source; * and ? match." },
    sync_mode: {
      enum: ["full_refresh", "incremental"],
      default: "full_refresh",
      description: "full_refresh: all rows each time. incremental: what changed since.",
    },
    destination_sync_mode: {
      enum: ["append", "overwrite", "append_dedup"],
      description: "Default: overwrite for full_refresh, append for incremental.",
    },
    cursor_field: {
      oneOf: [text, { type: "array", items: text, minItems: 1 }],
      description: "The column that grows whenever a row changes. Needed by incremental.",
    },
    fields: { ...names, description: "Columns to copy; cursor and key must be among them." },
    mappers: {
      type: "array",
      items: mapper,
      description: "Changes to every record: hash, rename, drop, filter.",
    },
    exclude: {
      ...names,
      description: "Of a name with wildcards: streams to leave out, by name or namespace.name.",
    },
    primary_key: {
      oneOf: [text, { type: "array", minItems: 1, items: { oneOf: [text, names] } }],
      description: "The columns that identify a row. Needed by append_dedup.",
    },
  },
} as const;

const notifyTarget = {
  oneOf: [
    text,
    {
      type: "object",
      additionalProperties: false,
      required: ["command"],
      properties: {
        command: {
          ...names,
          description:
            "A program and its arguments, which gets the event as JSON on stdin. No shell is involved.",
        },
      },
    },
  ],
  examples: ["https://hooks.example/alerts"],
} as const;

const notify = {
  type: "object",
  additionalProperties: false,
  description: "Whom `syncline serve` tells of failures.",
  properties: {
    on_failure: {
      ...notifyTarget,
      description:
        "Told when jobs begin to fail: a URL, which gets the event by POST as JSON, or a command.",
    },
    on_recovery: {
      ...notifyTarget,
      description: "Told when a job succeeds after one that failed.",
    },
  },
} as const;

const connection = {
  type: "object",
  additionalProperties: false,
  required: ["source", "destination"],
  properties: {
    source: { ...text, description: "The name of a source." },
    destination: { ...text, description: "The name of a destination." },
    prefix: { type: "string", default: "", description: "Put before every table name." },
    namespace: {
      type: "string",
      default: "destination",
      description:
        "destination: the destination's default schema. source: the source's schema. Or a format such as my_${SOURCE_NAMESPACE}.",
    },
    streams: {
      type: "array",
      minItems: 1,
      items: { oneOf: [text, stream] },
      examples: [["orders", "public.*"]],
      description: "What to copy. Default: every stream, full_refresh and overwrite.",
    },
    exclude: {
      ...names,
      description: "Streams to leave out, by name or namespace.name; * and ? match.",
    },
    schema_changes: {
      enum: ["propagate", "propagate_columns", "ignore", "pause"],
      default: "propagate",
      description: "What to do when the source's tables change between syncs.",
    },
    follow: {
      type: "boolean",
      default: false,
      description: "Whether `syncline sync` goes on with what changes, until it is stopped.",
    },
    schedule: {
      ...text,
      description:
        'When `syncline serve` runs it, as a cron expression of five fields: "30 2 * * *" is every night at half past two.',
    },
    time_zone: {
      ...text,
      description: "That of `schedule`, such as Europe/Berlin. Default: the machine's.",
    },
    every: {
      type: "string",
      pattern: "^[1-9][0-9]{0,5}[smhd]$",
      pattern_descriptor: "a number and s, m, h or d, such as 10m",
      description:
        "How often `syncline serve` runs it, from the start of one run to that of the next: 90s, 10m, 1h, 1d.",
    },
    notify: {
      ...notify,
      description: "Whom `syncline serve` tells, before those of the whole file.",
    },
    retry: {
      type: "object",
      additionalProperties: false,
      default: {},
      description: "How a failed job is tried again.",
      properties: {
        max_attempts: {
          type: "integer",
          minimum: 1,
          default: 5,
          description:
            "So many attempts in a row without progress end the job; 1: it is never tried again.",
        },
        first_delay_seconds: {
          type: "number",
          minimum: 0,
          default: 10,
          description:
            "The pause before the second attempt; each later one is three times as long.",
        },
        max_delay_seconds: {
          type: "number",
          minimum: 0,
          default: 1800,
          description: "No pause is longer.",
        },
      },
    },
    limits: {
      type: "object",
      additionalProperties: false,
      default: {},
      description: "How long a connector may be silent.",
      properties: {
        start_seconds: {
          ...seconds,
          default: 60,
          description: "Until the first word of a connector.",
        },
        source_silence_seconds: {
          ...seconds,
          default: 7200,
          description: "Between two messages of the source, while the destination takes them.",
        },
        destination_silence_seconds: {
          ...seconds,
          default: 7200,
          description: "Until the destination takes or says something again.",
        },
        stop_seconds: {
          ...seconds,
          default: 10,
          description: "For a connector to end by itself when it is told to stop.",
        },
      },
    },
  },
} as const;

const keep = {
  type: "object",
  additionalProperties: false,
  default: {},
  description: "Which jobs, with their logs, are kept. The last one of each connection always is.",
  properties: {
    jobs: {
      type: "integer",
      minimum: 1,
      default: 500,
      description: "So many of each connection.",
    },
    days: { ...seconds, default: 90, description: "None that is older." },
  },
} as const;

const named = <Items extends JsonSchema>(items: Items) =>
  ({ type: "object", propertyNames: nameOfOne, additionalProperties: items }) as const;

/** The JSON Schema of `syncline.yaml`. `orchestrator/syncline.schema.json` is its published copy. */
export const CONFIG_SCHEMA = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "syncline.yaml",
  type: "object",
  additionalProperties: false,
  required: ["sources", "destinations", "connections"],
  properties: {
    sources: named(connector),
    destinations: named(connector),
    connections: {
      ...named(connection),
      examples: [{ orders: { source: "shop", destination: "warehouse" } }],
    },
    notify,
    keep,
  },
  definitions: { condition },
} as const;

/** `syncline.yaml` as the schema has it, with the defaults filled in. */
export interface GivenConfig {
  readonly sources: Readonly<Record<string, GivenConnector>>;
  readonly destinations: Readonly<Record<string, GivenConnector>>;
  readonly connections: Readonly<Record<string, GivenConnection>>;
  readonly keep: { readonly jobs: number; readonly days: number };
  readonly notify?: GivenNotify;
}

export interface GivenNotify {
  readonly on_failure?: string | { readonly command: readonly string[] };
  readonly on_recovery?: string | { readonly command: readonly string[] };
}

export interface GivenConnector {
  readonly connector?: string;
  readonly command?: readonly string[];
  readonly npm?: string;
  readonly python?: string;
  readonly interpreter?: string;
  readonly manifest?: string;
  readonly image?: string;
  readonly container?: {
    readonly engine?: string;
    readonly network?: string;
    readonly user?: string;
    readonly memory?: string;
    readonly cpus?: number;
    readonly volumes?: readonly string[];
  };
  readonly config?: JsonObject;
  readonly config_file?: string;
  readonly config_updates?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface GivenConnection {
  readonly source: string;
  readonly destination: string;
  readonly prefix: string;
  readonly namespace: string;
  readonly streams?: readonly (string | GivenStream)[];
  readonly exclude?: readonly string[];
  readonly schema_changes: SchemaChanges;
  readonly follow: boolean;
  readonly schedule?: string;
  readonly time_zone?: string;
  readonly every?: string;
  readonly notify?: GivenNotify;
  readonly retry: {
    readonly max_attempts: number;
    readonly first_delay_seconds: number;
    readonly max_delay_seconds: number;
  };
  readonly limits: {
    readonly start_seconds: number;
    readonly source_silence_seconds: number;
    readonly destination_silence_seconds: number;
    readonly stop_seconds: number;
  };
}

export interface GivenStream {
  readonly name: string;
  readonly namespace?: string;
  readonly sync_mode: "full_refresh" | "incremental";
  readonly destination_sync_mode?: "append" | "overwrite" | "append_dedup";
  readonly cursor_field?: string | readonly string[];
  readonly primary_key?: string | readonly (string | readonly string[])[];
  readonly fields?: readonly string[];
  readonly mappers?: readonly Mapper[];
  readonly exclude?: readonly string[];
}
