import { defineConfig } from "vitest/config";
import base from "./vitest.config.ts";

/**
 * Whatever moves rows, once more with tiny limits: batches of three rows, commits every few
 * milliseconds, chunks that cut every line. A state machine that only ever sees one batch is not
 * tested.
 */
export default defineConfig({
  test: {
    ...base.test,
    include: [
      "test/contract/**/*.test.ts",
      "test/e2e/**/*.test.ts",
      "test/connectors/destination-postgres/**/*.test.ts",
      "test/connectors/source-postgres/cdc/**/*.test.ts",
    ],
    exclude: [
      // Of the memory that a user's processes take, which the limits decide.
      "test/e2e/memory.test.ts",
      // Of the package, the documents and Node's versions: they move no rows that others do not.
      "test/e2e/{demo,node-versions,package,readme}.test.ts",
      // Of commands that move no rows, or a few, and of what is told before a sync.
      "test/e2e/{add,catalogs,copy,failures,init,names,plan,plan-warnings,programs,start}.test.ts",
      "test/e2e/{many-refusals,state-file-faults,vanished-streams}.test.ts",
      // Of streams that are refused or shaped anew before their first batch.
      "test/e2e/{one-streams-trouble,schema-changes}.test.ts",
      // Of faults that strike at moments of their own, whatever a batch is; the kills run twice.
      "test/e2e/{added-refreshes,broken-connections,host-faults,server-faults}.test.ts",
      "test/connectors/source-postgres/cdc/standby.test.ts",
      // Of images, and of a service: its runs have limits of their own.
      "test/e2e/{images,serve,serve-image,serve-runner}.test.ts",
      // Of which plan a merge of a million rows has.
      "test/connectors/destination-postgres/merge-plans.test.ts",
      // Of what a terminal shows.
      "test/e2e/seeing-a-sync.test.ts",
      // Through an SSH server, where batches of three rows take minutes and prove nothing more.
      "test/e2e/ssh-tunnel.test.ts",
      // Of setting up, of values one by one, and of decisions from tables, which no batch has a part in.
      "test/connectors/source-postgres/cdc/{change-printer,judge-slot,log-row-encoder,pgoutput}.test.ts",
      "test/connectors/source-postgres/cdc/{publication-changes,set-up,shape,slot,slot-loss}.test.ts",
      // Of whose the tables are and what hangs on them, which no batch has a part in.
      "test/connectors/destination-postgres/{changed-tables,dependents,many-tables}.test.ts",
      "test/connectors/destination-postgres/{older-bookkeeping,own-schema,ownership,pooler}.test.ts",
      "test/connectors/destination-postgres/{normalize,written-tables}.test.ts",
    ],
    env: { SYNCLINE_LIMITS: "tiny" },
  },
});
