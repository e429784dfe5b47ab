import { describe, expect } from "vitest";
import { restart, startPostgres } from "../support/postgres-server.ts";
import { createDatabase } from "../support/database.ts";
import { it } from "../support/fixtures.ts";
import { anyFault, kill } from "./nemesis.ts";
import { seeds, TIMEOUT_MS } from "./seeds.ts";
import { soak } from "./soak.ts";

/** @guarantee added-once */
describe("syncs whose processes are killed deliver every version once", () => {
  // Three kills each.
  for (const seed of seeds(10)) {
    it(`seed ${seed}`, { timeout: TIMEOUT_MS }, async ({ source, destination, folder }) => {
      const options = { source, destination, folder, seed, syncs: 3, nemesis: kill };
      expect(await soak(options)).toEqual([]);
    });
  }
});

/** @guarantee added-once */
describe("syncs that lose processes, connections and the destination's server deliver every version once", () => {
  for (const seed of seeds(3)) {
    it(`seed ${seed}`, { timeout: TIMEOUT_MS }, async ({ source, folder }) => {
      // A server of its own: others would notice that it crashes.
      const server = await startPostgres();
      const { database } = await createDatabase(server.url());
      try {
        const crashDestination = async () => restart(server, "immediate");
        const options = { source, folder, seed, syncs: 3, nemesis: anyFault, crashDestination };
        expect(await soak({ ...options, destination: database })).toEqual([]);
      } finally {
        await server.stop("immediate");
      }
    });
  }
});
