import { withDefaults as specDefaults } from "../../protocol/config/defaults.ts";
import type { Json, JsonObject } from "../../protocol/json.ts";
import type { ConnectorSpecification } from "../../protocol/messages.ts";
import {
  AIRBYTE_CONNECTION_SETTINGS,
  onlyAt,
  type AirbyteSettings,
  type Meaning,
} from "../postgres/airbyte-settings.ts";
import {
  postgresGroups,
  postgresProperties,
  postgresRequired,
  type PostgresConfig,
} from "../postgres/settings.ts";

/** Which tables a sync fills. */
export type Tables = "raw_and_final" | "final_only" | "raw_only";

/** The destination's settings. What is optional here has a default in the specification. */
export interface DestinationConfig extends PostgresConfig {
  /** Where streams without a namespace go. */
  schema?: string;
  tables?: Tables;
  /** `protocol`: the columns any source would give; `native`: the source's own PostgreSQL types. */
  column_types?: "protocol" | "native";
  /** Adds `_airbyte_<stream>_hashid` to final tables. History tables always have it. */
  hashid?: boolean;
  /** Whether deduped streams keep every version in `<stream>_scd`. */
  history?: boolean;
  /** What becomes of rows that a source says are deleted. */
  cdc_deletion_mode?: "Hard delete" | "Soft delete";
  /** Where our own tables are. */
  bookkeeping_schema?: string;
}

/** What `spec` prints and what configs are checked against. */
export const destinationSpec: ConnectorSpecification & {
  supportsRefreshes: true;
  supports_state_command: true;
  supports_normalize_command: true;
  supports_adopt_command: true;
  supports_move_command: true;
  supports_plan_command: true;
  supports_session_command: true;
  supports_follow: true;
  supports_change_records: true;
} = {
  protocol_version: "0.18.0",
  supportsIncremental: true,
  supportsNormalization: false,
  supportsDBT: false,
  supportsRefreshes: true,
  supports_state_command: true,
  supports_normalize_command: true,
  supports_adopt_command: true,
  supports_move_command: true,
  supports_plan_command: true,
  supports_session_command: true,
  supports_follow: true,
  supports_change_records: true,
  supported_destination_sync_modes: ["overwrite", "append", "append_dedup"],
  connectionSpecification: {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Postgres Destination Spec",
    type: "object",
    required: postgresRequired,
    additionalProperties: false,
    groups: postgresGroups,
    properties: {
      ...postgresProperties,
      schema: {
        type: "string",
        title: "Default Schema",
        description: "The schema for streams that have no namespace.",
        default: "public",
        minLength: 1,
        order: 3,
        group: "db",
      },
      tables: {
        type: "string",
        title: "Tables",
        description:
          "raw_and_final: the JSON of every record and typed tables made from it. final_only: typed tables alone, fastest. raw_only: the JSON alone.",
        enum: ["raw_and_final", "final_only", "raw_only"],
        default: "raw_and_final",
        order: 20,
        group: "advanced",
      },
      column_types: {
        type: "string",
        title: "Column Types",
        description:
          "protocol: columns as any source would get them. native: the exact PostgreSQL types of a PostgreSQL source.",
        enum: ["protocol", "native"],
        default: "protocol",
        order: 21,
        group: "advanced",
      },
      hashid: {
        type: "boolean",
        title: "Hash Column",
        description: "Adds _airbyte_<stream>_hashid, the md5 of a row's values, to final tables.",
        default: false,
        order: 22,
        group: "advanced",
      },
      history: {
        type: "boolean",
        title: "History Tables",
        description: "Whether deduped streams keep every version of a row in <stream>_scd.",
        default: true,
        order: 23,
        group: "advanced",
      },
      cdc_deletion_mode: {
        type: "string",
        title: "CDC Deletion Mode",
        description:
          "What becomes of rows of a deduped stream that its source says are deleted. Hard delete: they go. Soft delete: they stay as they were, with the time in _ab_cdc_deleted_at.",
        enum: ["Hard delete", "Soft delete"],
        default: "Hard delete",
        order: 24,
        group: "advanced",
      },
      bookkeeping_schema: {
        type: "string",
        title: "Bookkeeping Schema",
        description:
          "Where the positions of connections and unfinished tables are kept. By default _syncline, or _syncline_ and the user's name where another user made that one and did not grant its use. Positions do not move along when it is changed.",
        minLength: 1,
        order: 25,
        group: "advanced",
      },
    },
  },
};

/** What Airbyte's destination has beside, and what it comes to here. */
export const airbyteSettings: AirbyteSettings = {
  ...AIRBYTE_CONNECTION_SETTINGS,
  destinationType: onlyAt(["postgres"], "it is this one", 'expected "postgres"'),
  raw_data_schema: (value, { schema = "public", tables }) =>
    ["", "airbyte_internal", schema].includes(value) || tables === "final_only"
      ? { leftAside: "raw tables are beside the typed ones" }
      : { refused: "raw tables are beside the typed ones; leave it out" },
  disable_type_dedupe: (value, config) => rawOnly(value, value === true, config),
  basic_normalization: (value, config) => rawOnly(value, value === false, config),
  drop_cascade: onlyAt(
    [false, true],
    "what depends on a table is kept, and never in the way of its rows",
    "expected a boolean",
  ),
  unconstrained_number: onlyAt(
    [false, true],
    "numbers keep all of their digits",
    "expected a boolean",
  ),
};

/** What a setting that switches typed tables off, or leaves them on, comes to. */
function rawOnly(value: Json, isRawOnly: boolean, { tables }: JsonObject): Meaning {
  if (typeof value !== "boolean") return { refused: "expected a boolean" };
  if (!isRawOnly) return { leftAside: "typed tables are made unless `tables` says otherwise" };
  if (tables === undefined || tables === "raw_only") return { means: { tables: "raw_only" } };
  return { refused: `contradicts tables, which wants typed ones; leave one of them out` };
}

/** A config in which every setting that has a default is there. */
export type FullConfig = DestinationConfig &
  Required<
    Pick<
      DestinationConfig,
      "schema" | "tables" | "column_types" | "hashid" | "history" | "cdc_deletion_mode"
    >
  >;

/** The config with every default of the specification filled in. */
export function withDefaults(config: DestinationConfig): FullConfig {
  const schema = destinationSpec.connectionSpecification;
  return specDefaults(schema, config) as FullConfig;
}
