import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { JobReport } from "../../orchestrator/store/jobs.ts";
import { it } from "../support/fixtures.ts";
import { Project as RealProject } from "../support/project.ts";
import { succeeded } from "../support/run.ts";
import { Project, WHOLE, type ProjectSettings, type Step } from "./project.ts";

const of = (stream: string): Step[] => WHOLE.map((step) => ({ ...step, stream }));
const TWO = { streams: [{ name: "a" }, { name: "b" }], script: [...of("a"), ...of("b")] };

const create = (folder: string, settings: ProjectSettings = {}) =>
  Project.create(folder, { ...TWO, destinationNormalizes: true, ...settings });

describe("normalize", () => {
  it("gives the destination the catalog of the last sync and leaves the source alone", async ({
    folder,
  }) => {
    const connection = { prefix: "p_", streams: [{ name: "a" }, { name: "b" }] };
    const project = await create(folder, { connection });
    await project.sync();
    const state = project.stateText();
    await project.configure({
      ...TWO,
      connection,
      destinationNormalizes: true,
      source: { discover: [{ exit: 9 }] },
    });

    const { exitCode, stdout } = await project.run("normalize", "c");

    expect(exitCode).toBe(0);
    const [synced, rebuilt] = [project.given("write"), project.given("normalize")].map(
      ([call]) => (JSON.parse(call!["catalog"]!) as { streams: object[] }).streams,
    );
    expect(rebuilt).toEqual(synced!.map((stream) => ({ ...stream, sync_id: 2 })));
    expect(project.given("normalize")[0]!["env"]).toMatchObject({ SYNCLINE_CONNECTION_ID: "c" });
    expect(project.given("read")).toHaveLength(1);
    expect(project.stateText()).toBe(state);
    expect(stdout).toMatch(/c: job 2 succeeded/);
    expect(stdout).toMatch(/a +complete +1,200 +7 /);
  });

  it("rebuilds the streams it is asked for", async ({ folder }) => {
    const project = await create(folder);
    await project.sync();

    const { exitCode, stdout } = await project.run("normalize", "c", "--stream", "b", "--json");

    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      type: "normalize",
      status: "succeeded",
      streams: [{ name: "b", status: "complete", committed: 1200, nulled: 7 }],
    });
    expect(project.given("normalize")[0]!["catalog"]).not.toContain('"name":"a"');
  });

  it("finds the streams of a connection that never ran here", async ({ folder }) => {
    const project = await create(folder);
    await project.sync();
    rmSync(join(folder, ".syncline"), { recursive: true });

    expect((await project.run("normalize", "c")).exitCode).toBe(0);
    expect(project.given("normalize")[0]!["catalog"]).toContain('"name":"b"');
  });

  it("says which stream could not be rebuilt, and that the others were", async ({ folder }) => {
    const project = await create(folder, { destination: { cannotRebuild: "a" } });
    await project.sync();

    const { exitCode, stdout, stderr } = await project.run("normalize", "c", "--json");

    const job = JSON.parse(stdout) as JobReport;
    expect(exitCode).toBe(3);
    expect(job.attempts).toHaveLength(1);
    expect(job.attempts[0]!.streams).toMatchObject([
      { name: "a", status: "incomplete" },
      { name: "b", status: "complete" },
    ]);
    expect(job.attempts[0]!.failures![0]).toMatchObject({ kind: "config_error", stream: "a" });
    expect(stderr).toContain("destination d: no raw table");
  });

  it("fails when the destination says nothing of a stream", async ({ folder }) => {
    const project = await create(folder, { destination: { silent: "b" } });
    await project.sync();

    const { exitCode, stderr } = await project.run("normalize", "c");

    expect(exitCode).toBe(3);
    expect(stderr).toContain("stream.incomplete: stream b: destination d did not rebuild it");
  });

  it("is refused by a destination that cannot, with another way", async ({ folder }) => {
    const project = await create(folder, { destinationNormalizes: false });
    await project.sync();

    const { exitCode, stderr } = await project.run("normalize", "c");

    expect(exitCode).toBe(2);
    expect(stderr).toContain("destination d cannot rebuild tables");
    expect(stderr).toContain("syncline refresh c --remove");
    expect(project.given("normalize")).toEqual([]);
  });

  it("holds the connection's lock, and ends when it is asked to", async ({ folder }) => {
    const project = await create(folder);
    await project.sync();
    await project.configure({ ...TWO, destinationNormalizes: true, destination: { hang: true } });
    const running = project.start("normalize", "c");
    await running.errorLine((line) => line.includes("rebuilding"));

    const beside = await project.run("sync");
    running.kill("SIGINT");

    expect(beside.exitCode).toBe(4);
    expect((await running.finished).exitCode).toBe(130);
    expect(project.leftovers()).toEqual([]);
  });

  it("makes real tables anew from their raw rows", async ({ source, destination, folder }) => {
    await source.exec(
      "create table t (id int primary key, n int); insert into t select g, g from generate_series(1, 100) g",
    );
    const project = await RealProject.create(folder, {
      source,
      destination,
      connections: { c: {} },
    });
    await project.sync();
    await destination.exec("delete from t where id > 10; update t set n = 0");

    const { stdout } = succeeded(await project.syncline(["normalize", "c", "--json"]));

    expect(JSON.parse(stdout)).toMatchObject({
      streams: [{ name: "t", status: "complete", committed: 100, nulled: 0 }],
    });
    expect(await destination.rows("select count(*), sum(n) from t")).toEqual([["100", "5050"]]);
  });
});
