import type { Limits } from "../../../connectors/kit/limits.ts";
import { limitsOfSeed } from "../limits.ts";
import type { SeededRandom } from "../random.ts";
import { FOLLOWED, type Followed } from "./tables.ts";

/** How changes get to the destination. */
export type Route = "jobs" | "follow" | "pipe";

/** All that a seed decides before anything runs. */
export interface CdcScenario {
  readonly seed: number;
  readonly route: Route;
  /** Tables of which every change is a row; of the others with a key the newest versions. */
  readonly appended: readonly string[];
  readonly hasRawTables: boolean;
  readonly hasHistory: boolean;
  readonly deletionMode: "Hard delete" | "Soft delete";
  readonly maxAttempts: number;
  readonly limits: Limits;
  /** Whether tables get other columns and identities meanwhile. */
  readonly isReshaped: boolean;
  /** Faults in each job while the writers write; in a calm scenario every job must succeed. */
  readonly faultsPerJob: number;
}

/** Every so many seeds nothing bad happens. */
const CALM_SEEDS = 5;

const ROUTES: readonly Route[] = ["jobs", "follow", "jobs", "pipe"];

export function scenarioOf(seed: number, random: SeededRandom): CdcScenario {
  const route = ROUTES[seed % ROUTES.length]!;
  const isCalm = seed % CALM_SEEDS === 0;
  const isAdded = ({ key }: Followed) => key.length === 0 || random.below(3) === 0;
  return {
    seed,
    route,
    isReshaped: route !== "pipe" && random.below(3) === 0,
    appended: FOLLOWED.filter(isAdded).map(({ name }) => name),
    hasRawTables: random.below(3) > 0,
    hasHistory: random.below(4) > 0,
    deletionMode: random.pick(["Hard delete", "Soft delete"]),
    maxAttempts: random.pick([1, 6, 6]),
    limits: limitsOfSeed(seed),
    faultsPerJob: isCalm ? 0 : 2 + random.below(4),
  };
}

/** What is copied and how, as a user would write it. */
export function streamsOf(
  { appended }: CdcScenario,
  { withLater }: { readonly withLater: boolean },
): Record<"name" | "namespace" | "sync_mode" | "destination_sync_mode", string>[] {
  return FOLLOWED.filter(({ name }) => withLater || name !== "later").map(({ name }) => ({
    name,
    namespace: "public",
    sync_mode: "incremental",
    destination_sync_mode: appended.includes(name) ? "append" : "append_dedup",
  }));
}
