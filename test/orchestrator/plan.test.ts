import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project, type ProjectSettings, type Step } from "./project.ts";

const BLOB = `{"n": 9007199254740993, "a":1, "a":1.10}`;
const STREAMS = [{ name: "users", namespace: "public" }, { name: "orders" }];
const SELECTED = [
  { name: "users", sync_mode: "incremental", cursor_field: "updated_at", primary_key: "id" },
  { name: "orders", fields: ["id"] },
];
const SCRIPT: Step[] = [
  { records: 1 },
  { state: {}, blob: BLOB },
  { status: "COMPLETE" },
  { status: "COMPLETE", stream: "orders" },
];

const settings = (more: ProjectSettings = {}): ProjectSettings => ({
  streams: STREAMS,
  script: SCRIPT,
  connection: { prefix: "p_", streams: SELECTED },
  ...more,
});

/** Everything kept, but the cache of specs. */
function kept(project: Project): string[] {
  return readdirSync(join(project.folder, ".syncline"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.endsWith("cache"))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return `${path}: ${readFileSync(path, "utf8")}`;
    });
}

const withColumn = (name: string) =>
  STREAMS.map((stream) => ({
    ...stream,
    json_schema: {
      type: "object",
      properties: Object.fromEntries(
        ["id", "text", "updated_at", name].map((column) => [column, { type: "string" }]),
      ),
    },
  }));

describe("plan", () => {
  it("shows streams, modes, tables and where each begins, and changes nothing", async ({
    folder,
  }) => {
    const project = await Project.create(folder, settings());

    const { exitCode, stdout } = await project.run("plan");

    expect(exitCode).toBe(0);
    expect(stdout.split("\n").map((line) => line.trim().split(/ {2,}/))).toEqual([
      ["c: s → d"],
      ["stream", "mode", "cursor", "key", "table", "begins"],
      ["public.users", "incremental, append", "updated_at", "id", "p_users", "at its beginning"],
      ["orders", "full_refresh, overwrite", "p_orders", "at its beginning"],
      ["public.users:"],
      ["begins at its beginning: it was never synced"],
      [
        "not known: source s does not say before a sync how many rows there are, and what may not be read",
      ],
      [
        "not known: destination d does not say before a sync which tables are made, changed or replaced, and what is in the way",
      ],
      [""],
    ]);
    expect(kept(project)).toEqual([]);
    expect(project.given("read")).toEqual([]);
    expect(project.given("write")).toEqual([]);
  });

  it("shows the position a stream goes on from, for programs in its own bytes", async ({
    folder,
  }) => {
    const project = await Project.create(folder, settings());
    await project.sync();
    const before = kept(project);

    const text = await project.run("plan");
    const json = await project.run("plan", "--json");

    expect(text.stdout).toContain(`behind ${BLOB}`);
    expect(json.stdout).toContain(`"state":${BLOB}}`);
    expect(JSON.parse(json.stdout)).toMatchObject({
      connection: "c",
      source: "s",
      destination: "d",
      destination_remembers: false,
      changes: [],
      streams: [
        { name: "users", namespace: "public", destination: { name: "p_users" } },
        { name: "orders", fields: ["id"], destination_sync_mode: "overwrite" },
      ],
    });
    expect(kept(project)).toEqual(before);
  });

  it("asks the destination for its word, as a sync does", async ({ folder }) => {
    const project = await Project.create(folder, settings({ destinationRemembers: true }));
    await project.sync();
    const before = kept(project);
    const memory = join(folder, "memory.json");
    writeFileSync(memory, readFileSync(memory, "utf8").replace("9007199254740993", "77"));

    const { stdout } = await project.run("plan");

    expect(stdout).toContain(`behind ${BLOB.replace("9007199254740993", "77")}`);
    expect(kept(project)).toEqual(before);
  });

  it("shows what changed at the source, again and again until a sync takes it over", async ({
    folder,
  }) => {
    const project = await Project.create(folder, settings({ streams: withColumn("old") }));
    await project.sync();
    await project.configure(settings({ streams: withColumn("new") }));

    const plans = [await project.run("plan"), await project.run("plan")];
    await project.sync();
    const after = await project.run("plan");

    for (const { stdout } of plans) {
      expect(stdout).toContain("+ public.users.new: column added");
      expect(stdout).toContain("- public.users.old: column removed");
    }
    expect(after.stdout).not.toContain("column added");
  });

  it("says what keeps a sync from running, for each connection", async ({ folder }) => {
    const connection = { ...settings().connection, schema_changes: "pause" };
    const project = await Project.create(
      folder,
      settings({ connection, streams: withColumn("old") }),
    );
    await project.sync();
    await project.configure(settings({ connection, streams: withColumn("new") }));

    const { exitCode, stderr } = await project.run("plan");
    const json = await project.run("plan", "--json");

    expect(exitCode).toBe(2);
    expect(stderr).toContain("connection c is paused");
    expect(stderr).toContain("+ public.users.new: column added");
    expect(JSON.parse(json.stdout)).toMatchObject({
      connection: "c",
      failure: { code: "config.invalid", kind: "config_error" },
    });
  });
});
