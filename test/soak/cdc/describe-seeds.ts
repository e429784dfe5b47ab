import { afterAll, beforeAll, describe, expect } from "vitest";
import { createDatabase } from "../../support/database.ts";
import { it } from "../../support/fixtures.ts";
import { type PostgresServer, startPostgres, testBinaries } from "../../support/postgres-server.ts";
import { describeFaults } from "../nemesis.ts";
import { seeds } from "../seeds.ts";
import { cdcSoak } from "./soak.ts";
import { describeUpheavals } from "./upheaval.ts";

/** Seeds that every run of the tests goes through; `npm run soak` takes random ones. */
const FIXED_SEEDS = 22;

/** Time for one seed. */
const TIMEOUT_MS = 180_000;

const settingsOf = (major: number) => ({
  max_prepared_transactions: "20",
  // So that a transaction of a few hundred rows does not fit. PostgreSQL 18.4 crashes when it decodes one
  // that does not, has a subtransaction, and was rolled back.
  ...(major < 18 && { logical_decoding_work_mem: "64kB" }),
  autovacuum: "off",
});

/** Tests of every second seed, on servers of their own of one version of PostgreSQL; of one to repeat on both. */
export function describeSeeds(half: 0 | 1, major: number): void {
  describe(`change data capture beside writers and faults, on PostgreSQL ${major}`, () => {
    const servers: PostgresServer[] = [];

    beforeAll(async () => {
      const binaries = testBinaries().find((candidate) => candidate.major === major)!;
      for (let n = 0; n < 2; n++)
        servers.push(await startPostgres({ settings: settingsOf(major), binaries }));
    });

    afterAll(async () => {
      for (const server of servers) await server.stop("immediate");
      process.stdout.write(describeFaults() + describeUpheavals());
    });

    const one = process.env["SYNCLINE_SOAK_SEED"];
    for (const seed of one ? [Number(one)] : seeds(FIXED_SEEDS, half))
      it(
        `brings every change once, and says no more than is committed: seed ${seed}`,
        { timeout: TIMEOUT_MS },
        async ({ folder }) => {
          const [source, destination] = await Promise.all(
            servers.map(async (server) => ({ server, ...(await createDatabase(server.url())) })),
          );
          const ends = { source: source!, destination: destination! };
          expect(await cdcSoak({ ...ends, folder, seed })).toEqual([]);
          await Promise.all([source!.drop(), destination!.drop()]);
        },
      );
  });
}
