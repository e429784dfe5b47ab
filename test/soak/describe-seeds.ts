import { afterAll, beforeAll, describe, expect } from "vitest";
import { createDatabase } from "../support/database.ts";
import { it } from "../support/fixtures.ts";
import { type PostgresServer, startPostgres } from "../support/postgres-server.ts";
import { describeFaults } from "./nemesis.ts";
import { seeds } from "./seeds.ts";
import { soak } from "./soak.ts";

/**
 * Seeds that every run of the tests goes through. `npm run soak` takes 100 random ones, and 1,000 faults
 * take about SYNCLINE_SOAK_SEEDS=255.
 */
const FIXED_SEEDS = 20;

/** Time for one seed. */
const TIMEOUT_MS = 180_000;

/** Tests of one half of the seeds, on two servers of their own: others would notice that these crash. */
export function describeSeeds(half: 0 | 1): void {
  describe("syncs in every mode beside writers, readers and faults", () => {
    const servers: PostgresServer[] = [];

    beforeAll(async () => {
      const settings = { max_prepared_transactions: "20" };
      for (let n = 0; n < 2; n++) servers.push(await startPostgres({ settings }));
    });

    afterAll(async () => {
      for (const server of servers) await server.stop("immediate");
      process.stdout.write(describeFaults());
    });

    const chosen = seeds(FIXED_SEEDS, half);
    if (chosen.length === 0) it.skip("the one seed is in the other half", () => {});
    for (const seed of chosen)
      it(
        `deliver every version, and none twice: seed ${seed}`,
        { timeout: TIMEOUT_MS },
        async ({ folder }) => {
          const [source, destination] = await Promise.all(
            servers.map(async (server) => ({ server, ...(await createDatabase(server.url())) })),
          );
          const ends = { source: source!, destination: destination! };
          expect(await soak({ ...ends, folder, seed })).toEqual([]);
          await Promise.all([source!.drop(), destination!.drop()]);
        },
      );
  });
}
