import { join } from "node:path";
import { describe, expect } from "vitest";
import type { JobReport } from "../../orchestrator/store/jobs.ts";
import { it } from "../support/fixtures.ts";
import { Project, WHOLE, type Step } from "./project.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures/orchestrator");
const WAITS: Step[] = [{ records: 3 }, { log: "ready", level: "WARN" }, { wait: true }];

/** A project with a connection for each script, all to one destination. */
async function projectOf(
  folder: string,
  scripts: Readonly<Record<string, readonly Step[]>>,
  delay = 3600,
): Promise<Project> {
  const project = await Project.create(folder);
  const of = <T>(make: (name: string, script: readonly Step[]) => T) =>
    Object.fromEntries(Object.entries(scripts).map(([name, script]) => [name, make(name, script)]));
  await project.write({
    sources: of((_, script) => ({
      command: ["node", join(FIXTURES, "source.mjs")],
      config: { streams: [{ name: "users", namespace: "public" }], script },
    })),
    destinations: {
      d: { command: ["node", join(FIXTURES, "destination.mjs")], config: { out: project.out } },
    },
    connections: of((name) => ({
      source: name,
      destination: "d",
      prefix: `${name}_`,
      retry: { max_attempts: 2, first_delay_seconds: delay },
    })),
  });
  return project;
}

async function jobs(project: Project): Promise<JobReport[]> {
  const { stdout } = await project.run("jobs", "--json");
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as JobReport)
    .sort((one, other) => one.id - other.id);
}

const BUSY: Step[] = [{ error: "busy", kind: "transient_error" }, { exit: 1 }];

describe("a sync of several connections", () => {
  it("goes on with the next one while one waits for another attempt", async ({ folder }) => {
    const project = await projectOf(folder, { a: BUSY, b: WHOLE, c: WHOLE });

    const sync = project.start("sync");
    await sync.line((line) => line.startsWith("c: job 3 succeeded"));
    sync.kill("SIGINT");

    expect((await sync.finished).exitCode).toBe(130);
    expect((await jobs(project)).map(({ connection, status }) => [connection, status])).toEqual([
      ["a", "cancelled"],
      ["b", "succeeded"],
      ["c", "succeeded"],
    ]);
  });

  it("comes back to the one that waited, which then is one of as many as may run", async ({
    folder,
  }) => {
    const later: Step[] = [
      { onAttempt: 0, steps: BUSY },
      { onAttempt: 1, steps: [...WHOLE] },
    ];
    const project = await projectOf(folder, { a: later, b: WHOLE, c: WHOLE }, 0.01);

    const { exitCode, stdout } = await project.run("sync");

    expect(exitCode).toBe(0);
    expect(stdout.match(/^\w: job \d succeeded/gm)).toEqual([
      "b: job 2 succeeded",
      "c: job 3 succeeded",
      "a: job 1 succeeded",
    ]);
    const all = await jobs(project);
    const times = all.flatMap(({ attempts }) =>
      attempts.map(({ started_at, ended_at }) => [started_at, ended_at!] as const),
    );
    times.sort(([one], [other]) => one.localeCompare(other));
    for (const [at, [started]] of times.entries())
      if (at > 0) expect(started >= times[at - 1]![1]).toBe(true);
  });

  it("runs so many at once, tells their lines apart, and a signal stops all", async ({
    folder,
  }) => {
    const project = await projectOf(folder, { a: WAITS, b: WAITS, c: WAITS });

    const sync = project.start("sync", "--parallel", "2");
    await sync.errorLine((line) => line.startsWith("a: WARN  source a: ready"));
    await sync.errorLine((line) => line.startsWith("b: WARN  source b: ready"));
    sync.kill("SIGTERM");

    expect((await sync.finished).exitCode).toBe(143);
    expect((await jobs(project)).map(({ connection, status }) => [connection, status])).toEqual([
      ["a", "cancelled"],
      ["b", "cancelled"],
    ]);
    expect(project.leftovers()).toEqual([]);
  });

  it("wants a whole number of them", async ({ folder }) => {
    const project = await projectOf(folder, { a: WHOLE });
    for (const wrong of ["0", "1.5", "many"]) {
      const { exitCode, stderr } = await project.run("sync", "--parallel", wrong);
      expect([exitCode, stderr]).toEqual([
        2,
        "usage.invalid: --parallel wants a whole number above 0\n",
      ]);
    }
  });

  it("wants to know whose the streams are that are to be synced alone", async ({ folder }) => {
    const project = await projectOf(folder, { a: WHOLE, b: WHOLE });

    const { exitCode, stderr } = await project.run("sync", "--stream", "users");

    expect(exitCode).toBe(2);
    expect(stderr).toContain("--stream wants one connection");
  });
});

describe("a sync that is stopped", () => {
  it("says what is committed of each stream, and where the next one goes on", async ({
    folder,
  }) => {
    const project = await Project.create(folder, {
      streams: ["kept", "lost", "none"].map((name) => ({ name })),
      script: [
        { records: 3, stream: "kept" },
        { state: { at: 3 }, stream: "kept" },
        { records: 2, stream: "lost" },
        { log: "ready", level: "WARN" },
        { wait: true },
      ],
      destinationRemembers: true,
      connection: {
        streams: [
          {
            name: "kept",
            sync_mode: "incremental",
            cursor_field: "id",
            destination_sync_mode: "append",
          },
          { name: "lost", sync_mode: "full_refresh", destination_sync_mode: "overwrite" },
          { name: "none", sync_mode: "full_refresh", destination_sync_mode: "overwrite" },
        ],
      },
    });

    const sync = project.start("sync");
    await sync.errorLine((line) => line.includes("ready"));
    sync.kill("SIGINT");

    const { stderr } = await sync.finished;
    expect(stderr).toContain(
      "c: kept: 3 rows are committed; the next `syncline sync c` goes on from its last state",
    );
    expect(stderr).toContain(
      "c: lost: nothing was committed: its table is as before; the next `syncline sync c` reads it from its beginning",
    );
    expect(stderr).toContain("c: 1 stream is as before: nothing of it was brought");
  });
});

describe("why", () => {
  it("says where the time went, beside that of the runs before, and keeps what filters dropped", async ({
    folder,
  }) => {
    const mappers = [{ type: "filter", condition: { equal: { field: "id", value: "2" } } }];
    const streams = [{ name: "users", mappers }];
    const project = await Project.create(folder, { connection: { streams } });
    for (let run = 0; run < 3; run++) expect((await project.run("sync")).stderr).toBe("");

    const { stdout } = await project.run("why");
    const { stdout: json } = await project.run("why", "2", "--json");

    expect(stdout).toMatch(/^c: job 3 succeeded in \d+\.\d s, most of it /);
    expect(stdout).toContain("median of 2 runs");
    expect(stdout).toContain("what the destination did it does not tell");
    const facts = JSON.parse(json) as {
      seconds: Record<string, number>;
      usual: { runs: number };
      destination_seconds: null;
    };
    const { total, ...parts } = facts.seconds;
    expect(Object.keys(parts)).toEqual(["starting", "reading", "waiting", "finishing", "other"]);
    const sum = Object.values(parts).reduce((all, part) => all + part, 0);
    expect(Math.abs(sum - total!)).toBeLessThan(0.02);
    expect(facts).toMatchObject({ usual: { runs: 1 }, destination_seconds: null });
    const [job] = await jobs(project);
    expect(job!.attempts[0]!.streams![0]).toMatchObject({ emitted: 3, filtered: 2, committed: 1 });
  });

  it("says so of a job without times, and of one that there is not", async ({ folder }) => {
    const project = await Project.create(folder, {
      script: [{ exit: 3 }],
      source: { discover: [{ exit: 3 }] },
    });
    expect((await project.run("why")).stderr).toContain("no jobs yet");
    await project.run("sync");

    expect((await project.run("why")).stdout).toBe("c: job 1 failed: no times were kept of it\n");
    expect((await project.run("why", "c")).stdout).toContain("job 1 failed");
    expect((await project.run("why", "9")).exitCode).toBe(2);
    expect((await project.run("why", "d")).stderr).toContain(
      "no connection is called d (there is c)",
    );
  });
});
