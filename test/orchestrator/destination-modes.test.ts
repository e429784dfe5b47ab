import { describe, expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project, type Step } from "./project.ts";

const STREAMS = [{ name: "a" }, { name: "b" }];
const DEDUP = {
  name: "b",
  sync_mode: "incremental",
  destination_sync_mode: "append_dedup",
  cursor_field: "updated_at",
  primary_key: "id",
};
const SCRIPT: Step[] = ["a", "b"].flatMap((stream) => [
  { records: 1, stream },
  { state: {}, stream },
  { status: "COMPLETE", stream },
]);
const CANNOT = "stream b: destination d cannot do append_dedup, only overwrite, append";
const APPENDS_ONLY = {
  streams: STREAMS,
  script: SCRIPT.slice(0, 3),
  destinationSpec: { supported_destination_sync_modes: ["overwrite", "append"] },
  connection: { streams: ["a", DEDUP] },
};

describe("a mode that the destination does not have", () => {
  it("is never run in another one: its stream fails, and the others are synced", async ({
    folder,
  }) => {
    const project = await Project.create(folder, APPENDS_ONLY);

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(3);
    expect(job.attempts[0]!.failures).toMatchObject([
      { code: "config.invalid", stream: "b", message: CANNOT },
    ]);
    expect(project.given("write")[0]!["catalog"]).not.toContain('"append_dedup"');
  });

  it("is said by plan and, before the source is asked for its streams, by check", async ({
    folder,
  }) => {
    const project = await Project.create(folder, APPENDS_ONLY);

    const plan = await project.run("plan");
    const check = await project.run("check");
    const ofConnection = await project.run("check", "c", "--json");
    const ofDestination = await project.run("check", "d");

    expect(plan.exitCode).toBe(3);
    expect(plan.stdout).toContain(`not synced: b: config.invalid: ${CANNOT}`);
    expect(check.exitCode).toBe(2);
    expect(check.stderr).toMatch(/^destination d: FAILED: .*stream b: destination d cannot do/m);
    expect(check.stdout).toContain("source s: ok");
    expect(ofConnection.stdout).toContain(CANNOT);
    expect(ofDestination.exitCode).toBe(0);
    expect(project.given("discover")).toHaveLength(1);
  });

  it("stops a connection that wants nothing else", async ({ folder }) => {
    const connection = { streams: [DEDUP] };
    const project = await Project.create(folder, { ...APPENDS_ONLY, connection });

    const { exitCode } = await project.sync();

    expect(exitCode).toBe(2);
    expect(project.given("write")).toEqual([]);
  });

  it.for([undefined, [], null])(
    "is unknown of a destination that does not say which it has: %s",
    async (modes, { folder }) => {
      const project = await Project.create(folder, {
        ...APPENDS_ONLY,
        script: SCRIPT,
        destinationSpec: modes === undefined ? {} : { supported_destination_sync_modes: modes },
      });

      expect((await project.run("check")).exitCode).toBe(0);
      expect((await project.sync()).exitCode).toBe(0);
    },
  );
});

describe("a destination that keeps the rows of all generations", () => {
  it.for([
    ["says so", false, "says that it cannot"],
    ["says nothing", undefined, "does not say that it can"],
  ] as const)(
    "and %s is not asked to remove some, before anything changes",
    async ([, supportsRefreshes, words], { folder }) => {
      const settings = {
        streams: STREAMS,
        script: SCRIPT,
        destinationSpec: { supportsRefreshes: supportsRefreshes ?? null },
        connection: { streams: ["a", { ...DEDUP, destination_sync_mode: "append" }] },
      };
      const project = await Project.create(folder, settings);
      await project.sync();
      const before = project.stateText();

      const refresh = await project.run("refresh", "c", "--remove", "--yes");
      const clear = await project.run("clear", "c", "--stream", "b", "--yes");
      expect(project.stateText()).toBe(before);
      await project.configure({ ...settings, script: SCRIPT.slice(0, 3) });
      const overwritten = await project.run("refresh", "c", "--stream", "a", "--remove", "--yes");

      for (const { exitCode, stderr } of [refresh, clear]) {
        expect(exitCode).toBe(2);
        expect(stderr).toContain(`destination d ${words} remove the rows of earlier generations`);
      }
      expect(overwritten.exitCode).toBe(0);
    },
  );
});
