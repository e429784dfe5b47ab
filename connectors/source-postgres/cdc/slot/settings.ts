import { isObject, type Json, type JsonObject } from "../../../../protocol/json.ts";
import type { Meaning } from "../../../postgres/airbyte-settings.ts";

/** How changes are read from the server's log, under the names Airbyte's users know. */
export interface CdcMethod {
  readonly method: "CDC";
  readonly replication_slot: string;
  readonly publication: string;
  readonly plugin?: "pgoutput";
  readonly create_slot?: boolean;
  readonly initial_waiting_seconds?: number;
  readonly lsn_commit_behaviour?: "While reading Data" | "After loading Data in the destination";
  readonly heartbeat_action_query?: string;
  readonly invalid_cdc_cursor_position_behavior?: "Fail sync" | "Re-sync data";
  /** Of bytes: `10GB`. */
  readonly max_slot_wal?: string;
  readonly max_slot_wal_behavior?: "Warn" | "Drop slot";
}

/** A method in which every setting that has a default is there. */
export type FullCdcMethod = Required<Omit<CdcMethod, "max_slot_wal">> &
  Pick<CdcMethod, "max_slot_wal">;

/** The branch of `replication_method` that describes `CdcMethod`. */
export const cdcBranch: JsonObject = {
  title: "Read Changes using Write-Ahead Log (CDC)",
  description:
    "Reads inserts, updates, deletes and truncations from the server's log, in the order of their commits. Needs wal_level = logical and a user that may replicate.",
  required: ["method", "replication_slot", "publication"],
  additionalProperties: false,
  properties: {
    method: { type: "string", const: "CDC", order: 0 },
    replication_slot: {
      type: "string",
      title: "Replication Slot",
      description:
        "The server keeps its log from the place of this slot on. One for each connection: two readers of a slot would take changes from each other.",
      pattern: "^[a-z0-9_]{1,63}$",
      pattern_descriptor: "lower-case letters, digits and underscores",
      examples: ["syncline"],
      order: 1,
    },
    publication: {
      type: "string",
      title: "Publication",
      description: "Which tables' changes are in the log; spelled exactly.",
      minLength: 1,
      maxLength: 63,
      examples: ["syncline"],
      order: 2,
    },
    create_slot: {
      type: "boolean",
      title: "Create What Is Missing",
      description:
        "Whether the first read creates the slot, and the publication of all tables it is to follow, where they do not exist. `drop-slot` removes them.",
      default: true,
      order: 3,
    },
    initial_waiting_seconds: {
      type: "integer",
      title: "Waiting Time",
      description:
        "How long, in seconds, a read waits between transactions while nothing comes of a log that is not at its end. Then it ends, with a warning, and the next one goes on there.",
      minimum: 1,
      maximum: 2400,
      default: 1200,
      order: 4,
    },
    invalid_cdc_cursor_position_behavior: {
      type: "string",
      title: "When the Place Is Lost",
      description:
        "What a read does when the log no longer has what follows its state. Fail sync: it says so and stops. Re-sync data: it reads the tables anew.",
      enum: ["Fail sync", "Re-sync data"],
      default: "Fail sync",
      order: 5,
    },
    max_slot_wal: {
      type: "string",
      title: "Most Log to Keep",
      description:
        "Warns when the slot makes the server keep more of its log than this: the slot of a connection that does not run fills the server's disk.",
      pattern: "^[1-9][0-9]*(kB|MB|GB|TB)$",
      pattern_descriptor: "10GB: a number and kB, MB, GB or TB, without a space",
      examples: ["10GB"],
      order: 6,
    },
    max_slot_wal_behavior: {
      type: "string",
      title: "When It Keeps More",
      description:
        "Warn: says so. Drop slot: drops the slot, so that the disk is safe, and fails; the tables have to be read anew.",
      enum: ["Warn", "Drop slot"],
      default: "Warn",
      order: 7,
    },
    heartbeat_action_query: {
      type: "string",
      title: "Heartbeat Query",
      description:
        "A statement to run every 10 seconds of a read, such as an update of a table of the publication. Seldom needed: so that an idle database beside a busy one does not make the server keep its log, a read writes a small message into it by itself.",
      default: "",
      order: 8,
    },
    lsn_commit_behaviour: {
      type: "string",
      title: "When the Slot Moves",
      description:
        "The slot moves past what the destination has committed, and past nothing else, whatever is chosen.",
      enum: ["While reading Data", "After loading Data in the destination"],
      default: "After loading Data in the destination",
      order: 9,
    },
    plugin: {
      type: "string",
      title: "Plugin",
      description: "What decodes the log.",
      enum: ["pgoutput"],
      default: "pgoutput",
      order: 10,
    },
  },
};

/** What Airbyte's method has beside, and why it has no meaning here. */
const LEFT_ASIDE: Readonly<Record<string, string>> = {
  queue_size: "changes are not queued",
  debezium_shutdown_timeout_seconds: "there is no engine to shut down",
  initial_load_timeout_hours: "a first load goes on where it was, however long it takes",
};

/** A `replication_method` written for Airbyte's source as one for ours. */
export function adaptMethod(value: Json): Meaning {
  if (!isObject(value) || value["method"] !== "CDC") return "ours";
  const without = Object.keys(value).filter((name) => Object.hasOwn(LEFT_ASIDE, name));
  const kept = Object.fromEntries(
    Object.entries(value).filter(([name]) => !without.includes(name)),
  );
  const says = without.map((name) => `without ${name} (${LEFT_ASIDE[name]})`);
  if (kept["lsn_commit_behaviour"] === "While reading Data") {
    kept["lsn_commit_behaviour"] = "After loading Data in the destination";
    says.push("with a slot that moves only past what the destination has committed");
  }
  if (says.length === 0) return "ours";
  return { means: { replication_method: kept }, says: `the same ${says.join(", ")}` };
}
