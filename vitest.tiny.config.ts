import { defineConfig } from "vitest/config";
import base from "./vitest.config.ts";

/**
 * What moves rows, once more with tiny limits: batches of three rows, commits every few milliseconds,
 * chunks that cut every line. A state machine that only ever sees one batch is not tested.
 */
export default defineConfig({
  test: {
    ...base.test,
    include: [
      "test/contract/**/*.test.ts",
      "test/e2e/**/*.test.ts",
      "test/connectors/{source,destination}-postgres/**/*.test.ts",
    ],
    exclude: [
      // They measure, install or demonstrate what everybody runs, with the limits of production.
      "test/e2e/{memory,package,readme,node-versions,demo}.test.ts",
    ],
    env: { SYNCLINE_LIMITS: "tiny" },
  },
});
