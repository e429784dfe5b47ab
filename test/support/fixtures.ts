import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject, test } from "vitest";
import { createDatabase, type Database } from "./database.ts";
import { endAllIn } from "./run.ts";

export type { Database } from "./database.ts";

/**
 * `it` with what most tests need. A test pays only for what its parameter names: a database costs
 * about 100 ms.
 */
export const it = test.extend<{
  /** A fresh, empty database on the server that sources read from; dropped afterwards. */
  source: Database;
  /** A fresh, empty database on the server that destinations write to; dropped afterwards. */
  destination: Database;
  /** A fresh folder, removed afterwards; processes that run in it are killed before. */
  folder: string;
}>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the parameter's shape
  source: async ({}, use) => {
    const { database, drop } = await createDatabase(inject("sourceUrl"));
    await use(database);
    await drop();
  },
  // oxlint-disable-next-line no-empty-pattern -- the same
  destination: async ({}, use) => {
    const { database, drop } = await createDatabase(inject("destinationUrl"));
    await use(database);
    await drop();
  },
  // oxlint-disable-next-line no-empty-pattern -- the same
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), "syncline-test-"));
    await use(folder);
    await endAllIn(folder);
    // What a killed process started may live, and write, a moment longer.
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  },
});
