import { mkdtempSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { JsonObject } from "../../protocol/messages.ts";
import { buildExample, type ExampleProject } from "../fixtures/example/build.ts";
import { describeDestination } from "./destination.ts";
import { describeSource } from "./source.ts";

let project: ExampleProject;

beforeAll(async () => {
  project = await buildExample();
});

afterAll(async () => {
  await rm(project.folder, { recursive: true, force: true });
});

describeSource("the example source", () => ({
  executable: project.source,
  config: { up_to: 12 },
  bigConfig: { up_to: 100_000 },
}));

describeDestination("the example destination", () => {
  const folder = mkdtempSync(join(project.folder, "out-"));
  return {
    executable: project.destination,
    config: { folder },
    values: async (stream, field) =>
      readFileSync(join(folder, `${stream}.ndjson`), "utf8")
        .split("\n")
        .slice(0, -1)
        .map((row) => valueOf(row, field)),
  };
});

/** The value as it is spelt: JSON.parse would round it. */
const valueOf = (row: string, field: string) =>
  new RegExp(`"${field}"\\s*:\\s*([^,}\\s]+)`).exec(row)?.[1] ??
  JSON.stringify((JSON.parse(row) as JsonObject)[field]);
