import { defineConfig } from "vitest/config";
import base from "./vitest.config.ts";

/**
 * What loads rows, once more with tiny limits: batches of three rows, commits every few milliseconds,
 * chunks that cut every line. A state machine that only ever sees one batch is not tested.
 */
export default defineConfig({
  test: {
    ...base.test,
    include: [
      "test/contract/**/*.test.ts",
      "test/e2e/{failing-stream,global-state}.test.ts",
      "test/connectors/destination-postgres/**/*.test.ts",
    ],
    env: { SYNCLINE_LIMITS: "tiny" },
  },
});
