import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { JsonObject } from "../../protocol/json.ts";
import { compileForUser, type UserProject } from "../support/user-project.ts";
import { describeDestination } from "./destination.ts";

let project: UserProject;

beforeAll(async () => {
  project = await compileForUser("test/fixtures/example/destination.ts");
});

afterAll(() => project.remove());

describeDestination("the example destination", () => {
  const folder = mkdtempSync(join(project.folder, "out-"));
  return {
    executable: project.executable,
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
