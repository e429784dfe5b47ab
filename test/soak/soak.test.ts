import { describe, expect } from "vitest";
import { startPostgres } from "../../orchestrator/demo/postgres-server.ts";
import { createDatabase } from "../support/database.ts";
import { it } from "../support/fixtures.ts";
import { anyFault, kill } from "./nemesis.ts";
import { soak } from "./soak.ts";

/** Set SYNCLINE_SOAK_SEEDS to a number of random seeds, or SYNCLINE_SOAK_SEED to one to repeat. */
const SEEDS = (fixed: number) => {
  const one = process.env["SYNCLINE_SOAK_SEED"];
  if (one) return [Number(one)];
  const random = Number(process.env["SYNCLINE_SOAK_SEEDS"] ?? 0);
  if (random === 0) return Array.from({ length: fixed }, (_, n) => n + 1);
  return Array.from({ length: random }, () => Math.floor(Math.random() * 2 ** 31));
};

const TIMEOUT_MS = 120_000;

describe("syncs beside concurrent writers deliver every version once", () => {
  for (const seed of SEEDS(20)) {
    it(`seed ${seed}`, { timeout: TIMEOUT_MS }, async ({ source, destination, folder }) => {
      expect(await soak({ source, destination, folder, seed, syncs: 2 })).toEqual([]);
    });
  }
});

describe("syncs whose processes are killed deliver every version once", () => {
  // Three kills each.
  for (const seed of SEEDS(10)) {
    it(`seed ${seed}`, { timeout: TIMEOUT_MS }, async ({ source, destination, folder }) => {
      const options = { source, destination, folder, seed, syncs: 3, nemesis: kill };
      expect(await soak(options)).toEqual([]);
    });
  }
});

describe("syncs that lose processes, connections and the destination's server deliver every version once", () => {
  for (const seed of SEEDS(3)) {
    it(`seed ${seed}`, { timeout: TIMEOUT_MS }, async ({ source, folder }) => {
      // A server of its own: others would notice that it crashes.
      const server = await startPostgres();
      const { database } = await createDatabase(server.url());
      try {
        const crashDestination = async () => server.restart("immediate");
        const options = { source, folder, seed, syncs: 3, nemesis: anyFault, crashDestination };
        expect(await soak({ ...options, destination: database })).toEqual([]);
      } finally {
        await server.stop("immediate");
      }
    });
  }
});
