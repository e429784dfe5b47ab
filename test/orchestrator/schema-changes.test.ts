import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project, type Step } from "./project.ts";

const stream = (name: string, columns: readonly string[]) => ({
  name,
  json_schema: {
    type: "object",
    properties: Object.fromEntries(columns.map((column) => [column, { type: "string" }])),
  },
});

const complete = (...names: string[]): Step[] =>
  names.flatMap((name) => [
    { state: {}, stream: name },
    { status: "COMPLETE", stream: name },
  ]);

const BEFORE = { streams: [stream("a", ["id", "old"])], script: complete("a") };
const AFTER = [stream("a", ["id", "new"]), stream("b", ["id"])];

function written(project: Project): Record<string, string[]> {
  const catalog = JSON.parse(project.given("write").at(-1)!["catalog"]!) as {
    streams: { stream: { name: string; json_schema: { properties: object } } }[];
  };
  return Object.fromEntries(
    catalog.streams.map((entry) => [
      entry.stream.name,
      Object.keys(entry.stream.json_schema.properties),
    ]),
  );
}

describe("when the source's schema changed, the policy", () => {
  it.for([
    ["propagate", { a: ["id", "new"], b: ["id"] }],
    ["propagate_columns", { a: ["id", "new"] }],
    ["ignore", { a: ["id"] }],
  ] as const)("%s decides what is taken over", async ([policy, expected], { folder }) => {
    const connection = { schema_changes: policy };
    const project = await Project.create(folder, { ...BEFORE, connection });
    await project.sync();
    const script = complete(...Object.keys(expected));
    await project.configure({ streams: AFTER, script, connection });

    const { exitCode } = await project.sync();

    expect(exitCode).toBe(0);
    expect(written(project)).toEqual(expected);
    const log = project.log(2);
    for (const text of ["+ a.new: column added", "- a.old: column removed", "+ b: stream added"])
      expect(log).toContain(`schema change: ${text}`);
  });

  it("pause stops the connection until the changes are accepted", async ({ folder }) => {
    const connection = { schema_changes: "pause" };
    const project = await Project.create(folder, { ...BEFORE, connection });
    await project.sync();
    await project.configure({ streams: AFTER, script: complete("a", "b"), connection });

    const paused = await project.sync();
    const accepted = await project.run("sync", "--accept-changes");
    const afterwards = await project.run("sync");

    expect(paused.exitCode).toBe(2);
    expect(paused.job.attempts[0]!.failures![0]!.message).toContain("+ a.new: column added");
    expect(accepted.exitCode).toBe(0);
    expect(afterwards.exitCode).toBe(0);
  });
});

it("a stream that disappears is left out, one that never was there is an error", async ({
  folder,
}) => {
  const both = { streams: ["a", "b"] };
  const streams = [stream("a", ["id"]), stream("b", ["id"])];
  const project = await Project.create(folder, {
    streams,
    script: complete("a", "b"),
    connection: both,
  });
  await project.sync();
  await project.configure({
    streams: streams.slice(0, 1),
    script: complete("a"),
    connection: both,
  });
  const gone = await project.sync();
  const still = await project.sync();
  await project.configure({
    streams: streams.slice(0, 1),
    script: complete("a"),
    connection: { streams: ["a", "c"] },
  });
  const missing = await project.sync();

  expect([gone.exitCode, still.exitCode]).toEqual([0, 0]);
  expect(missing.exitCode).toBe(2);
  expect(missing.job.attempts[0]!.failures![0]!.message).toContain("the source has no stream c");
});

it("exclude and fields narrow what is copied, but not below cursor and key", async ({ folder }) => {
  const streams = [stream("a", ["id", "x", "y"]), stream("log_1", ["id"])];
  const project = await Project.create(folder, {
    streams,
    script: complete("a"),
    connection: { streams: [{ name: "*", fields: ["id", "x"] }], exclude: ["log_*"] },
  });

  const { exitCode } = await project.sync();
  const entry = { name: "a", sync_mode: "incremental", cursor_field: "y", fields: ["id"] };
  await project.configure({ streams, connection: { streams: [entry] } });
  const refused = await project.sync();

  expect(exitCode).toBe(0);
  expect(written(project)).toEqual({ a: ["id", "x"] });
  expect(refused.job.attempts[0]!.failures![0]!.message).toContain("y cannot be left out");
});

it("a table that another connection writes is refused, also behind a wildcard", async ({
  folder,
}) => {
  const project = await Project.create(folder);
  await project.sync();
  const config = JSON.parse(readFileSync(join(folder, "syncline.yaml"), "utf8")) as {
    connections: Record<string, object>;
  };
  config.connections["e"] = { ...config.connections["c"], streams: ["u*"] };
  await project.write(config);

  const { exitCode, stderr } = await project.run("sync", "e");

  expect(exitCode).toBe(2);
  expect(stderr).toContain("users is written by connection c");
});
