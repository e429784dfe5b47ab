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

describe("a stream that the configuration names and the source does not have", () => {
  const BOTH = { streams: ["a", "b"] };
  const STREAMS = [stream("a", ["id"]), stream("b", ["id"])];
  const WITH_BOTH = { streams: STREAMS, script: complete("a", "b"), connection: BOTH };
  const WITHOUT_B = { ...WITH_BOTH, streams: STREAMS.slice(0, 1), script: complete("a") };
  const MISSING = {
    code: "stream.missing",
    kind: "config_error",
    stream: "b",
    message: expect.stringContaining("the source has no stream b") as string,
  };

  it("fails alone, each time, and the others are synced", async ({ folder }) => {
    const retry = { max_attempts: 3, first_delay_seconds: 3600 };
    const project = await Project.create(folder, WITH_BOTH);
    await project.sync();
    await project.configure({ ...WITHOUT_B, connection: { ...BOTH, retry } });

    const [gone, still] = [await project.sync(), await project.sync()];

    for (const { exitCode, job } of [gone, still]) {
      expect(exitCode).toBe(3);
      expect(job.attempts).toHaveLength(1);
      expect(job.attempts[0]!.streams).toMatchObject([
        { name: "a", status: "complete" },
        { name: "b", status: "incomplete", emitted: 0, committed: 0 },
      ]);
      expect(job.attempts[0]!.failures).toMatchObject([MISSING]);
    }
    expect(still.stderr).toContain("stream.missing: ");
    expect(project.delivered().filter((line) => line.includes('"COMPLETE"'))).toHaveLength(4);
  });

  it("is said by plan and by status", async ({ folder }) => {
    const project = await Project.create(folder, WITH_BOTH);
    await project.sync();
    await project.configure(WITHOUT_B);
    await project.sync();

    const plan = await project.run("plan");
    const json = await project.run("plan", "--json");
    const status = await project.run("status");

    expect(plan.exitCode).toBe(3);
    expect(plan.stdout).toMatch(/not synced: b: stream\.missing: .*the source has no stream b/);
    expect(JSON.parse(json.stdout)).toMatchObject({
      streams: [{ name: "a" }],
      left_out: [{ name: "b", failure: { code: "stream.missing" } }],
    });
    expect(status.stdout).toMatch(/^c +s → d +failed/m);
    expect(status.stdout).toMatch(/^c: stream\.missing: .*the source has no stream b/m);
  });

  it("keeps nothing from going on when it never was there", async ({ folder }) => {
    const project = await Project.create(folder, {
      ...WITHOUT_B,
      connection: { streams: ["a", "aa"] },
    });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(3);
    expect(job.attempts[0]!.failures).toMatchObject([
      { message: expect.stringContaining("no stream aa") as string },
    ]);
  });

  it("is a mistake in the configuration where nothing else is left to sync", async ({ folder }) => {
    const project = await Project.create(folder, WITH_BOTH);
    await project.sync();
    await project.configure({ ...WITH_BOTH, streams: [stream("z", ["id"])] });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(2);
    for (const name of ["a", "b"])
      expect(job.attempts[0]!.failures![0]!.message).toContain(`the source has no stream ${name}`);
  });

  it("is synced again when it is back, under every policy", async ({ folder }) => {
    const connection = { ...BOTH, schema_changes: "propagate_columns" };
    const project = await Project.create(folder, { ...WITH_BOTH, connection });
    await project.sync();
    await project.configure({ ...WITHOUT_B, connection });
    await project.sync();
    await project.configure({ ...WITH_BOTH, connection });

    const { exitCode } = await project.sync();

    expect(exitCode).toBe(0);
    expect(written(project)).toEqual({ a: ["id"], b: ["id"] });
  });

  it("is no business of a job about other streams", async ({ folder }) => {
    const project = await Project.create(folder, WITH_BOTH);
    await project.sync();
    await project.configure(WITHOUT_B);

    const other = await project.run("refresh", "c", "--stream", "a", "--remove", "--yes");
    const itself = await project.run("refresh", "c", "--stream", "b", "--remove", "--yes");

    expect(other.exitCode).toBe(0);
    expect(itself.exitCode).toBe(2);
    expect(itself.stderr).toContain("the source has no stream b");
  });

  it("stops a sync with one state for all streams, which would move on without it", async ({
    folder,
  }) => {
    const global: Step = {
      raw: `${JSON.stringify({
        type: "STATE",
        state: {
          type: "GLOBAL",
          global: {
            shared_state: { lsn: 1 },
            stream_states: ["a", "b"].map((name) => ({
              stream_descriptor: { name },
              stream_state: { at: 1 },
            })),
          },
        },
      })}\n`,
    };
    const script = [global, ...["a", "b"].map((name) => ({ status: "COMPLETE", stream: name }))];
    const streams = ["a", "b"].map((name) => ({
      name,
      sync_mode: "incremental",
      cursor_field: "id",
    }));
    const project = await Project.create(folder, {
      ...WITH_BOTH,
      script,
      connection: { streams },
    });
    await project.sync();
    await project.configure({ ...WITHOUT_B, script, connection: { streams } });

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(2);
    expect(job.attempts[0]!.failures).toMatchObject([{ code: "stream.missing" }]);
    expect(project.given("read")).toHaveLength(1);
  });
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

it("streams that only the destination's default namespace brings together are refused", async ({
  folder,
}) => {
  const project = await Project.create(folder, {
    streams: [stream("t", ["id"]), { ...stream("t", ["id"]), namespace: "shop" }],
    destination: { schema: "shop" },
    connection: { namespace: "source" },
  });

  const { exitCode, job } = await project.sync();

  expect(exitCode).toBe(2);
  expect(job.attempts[0]!.failures![0]!.message).toContain(
    "t and shop.t would both be written to shop.t",
  );
});
