import type { Limits } from "../../connectors/kit/limits.ts";
import { limitsOfSeed } from "./limits.ts";
import type { SeededRandom } from "./random.ts";
import type { Table } from "./workload.ts";

/** How a table's copy relates to it. */
export type Mode = "appended" | "deduped" | "replaced" | "refilled";

/** All that a seed decides before anything runs. */
export interface Scenario {
  readonly seed: number;
  /** Of every table, in the order in which they are read; the second one is large. */
  readonly modes: Readonly<Record<Table, Mode>>;
  readonly method: "Standard" | "Xmin";
  readonly sourceConfig: Readonly<Record<string, unknown>>;
  readonly destinationConfig: Readonly<Record<string, unknown>>;
  readonly hasRawTables: boolean;
  readonly hasHistory: boolean;
  readonly hasHashes: boolean;
  /** Whether the user has a view on the replaced table, which then is replaced in place. */
  readonly hasView: boolean;
  readonly maxAttempts: number;
  readonly limits: Limits;
  /** Faults in each job while the writers write; in a calm scenario every job must succeed. */
  readonly faultsPerJob: number;
}

/** Every so many seeds nothing bad happens. */
const CALM_SEEDS = 6;

export function scenarioOf(seed: number, random: SeededRandom): Scenario {
  const isCalm = seed % CALM_SEEDS === 0;
  const method = random.below(3) === 0 ? "Xmin" : "Standard";
  const hasRawTables = random.below(3) > 0;
  const hasHistory = random.below(4) > 0;
  const hasHashes = random.below(2) === 0;
  return {
    seed,
    modes: {
      appended: "appended",
      large: random.pick(["appended", "deduped", "replaced", "refilled"]),
      counted: "appended",
      deduped: "deduped",
      replaced: "replaced",
      refilled: "refilled",
    },
    method,
    sourceConfig: {
      replication_method: { method },
      lock: random.pick(["one_moment", "per_stream"]),
    },
    destinationConfig: {
      tables: hasRawTables ? "raw_and_final" : "final_only",
      column_types: random.pick(["protocol", "native"]),
      history: hasHistory,
      hashid: hasHashes,
    },
    hasRawTables,
    hasHistory,
    hasHashes,
    hasView: random.below(2) === 0,
    maxAttempts: random.pick([1, 6, 6]),
    limits: limitsOfSeed(seed),
    faultsPerJob: isCalm ? 0 : 2 + random.below(4),
  };
}

/** What is copied and how, as a user would write it. */
export function streamsOf({ modes, method }: Scenario): object[] {
  return Object.entries(modes).map(([name, mode]) => {
    const cursor = name === "counted" ? "version" : "updated_at";
    const incremental = {
      sync_mode: "incremental",
      ...(method === "Standard" && { cursor_field: cursor }),
    };
    const how = {
      appended: { ...incremental, destination_sync_mode: "append" },
      deduped: { ...incremental, destination_sync_mode: "append_dedup", primary_key: ["id"] },
      replaced: { sync_mode: "full_refresh", destination_sync_mode: "overwrite" },
      refilled: { sync_mode: "full_refresh", destination_sync_mode: "append" },
    }[mode];
    return { name, namespace: "public", ...how };
  });
}
