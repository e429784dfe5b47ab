import type { Database } from "../support/fixtures.ts";
import { descendants } from "../support/processes.ts";
import type { SeededRandom } from "./random.ts";

/** Where a nemesis strikes: during one sync. */
export interface Scene {
  /** Process id of `syncline`. */
  readonly syncline: number;
  readonly source: Database;
  readonly destination: Database;
  /** Crashes the destination's server and brings it back; undefined where others use it too. */
  readonly crashDestination?: () => Promise<void>;
}

/** Does one bad thing, that the seed chooses. */
export type Nemesis = (random: SeededRandom, scene: Scene) => Promise<void>;

const VICTIMS = ["syncline", "source-postgres/bin.js", "destination-postgres/bin.js"] as const;

/** Kills one of the three processes where it stands. */
export const kill: Nemesis = async (random, scene) => signal("SIGKILL", random, scene);

/** Everything else that ends a sync early. */
export const anyFault: Nemesis = async (random, scene) => {
  const faults: Nemesis[] = [
    kill,
    async () => signal("SIGTERM", random, scene),
    async () => loseConnections(random.pick([scene.source, scene.destination])),
  ];
  const { crashDestination } = scene;
  if (crashDestination) faults.push(crashDestination);
  await random.pick(faults)(random, scene);
};

function signal(name: NodeJS.Signals, random: SeededRandom, { syncline }: Scene): void {
  const victim = random.pick(VICTIMS);
  const pids = victim === "syncline" ? [syncline] : descendants(syncline, victim);
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // it ended in this instant: then nothing happens this time
    }
  }
}

async function loseConnections(database: Database): Promise<void> {
  await database.rows(`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name like 'syncline %'`);
}
