import { readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { Failure } from "../../../protocol/errors.ts";
import type { ServiceEvent } from "../../../orchestrator/serve/service.ts";
import { it } from "../../support/fixtures.ts";
import { Project, WHOLE, type ProjectSettings } from "../project.ts";
import { serve } from "./serving.ts";

/** A source that sends rows and then goes on for as long as it may. */
const ENDLESS = [
  { status: "STARTED" },
  { records: 2 },
  { state: { at: 2 } },
  { wait: true },
] as const;

type Shape = { connections: Record<string, Record<string, unknown>>; [key: string]: unknown };

/** Changes the file as an editor would. */
function edit(folder: string, change: (config: Shape) => void): void {
  const path = join(folder, "syncline.yaml");
  const config = JSON.parse(readFileSync(path, "utf8")) as Shape;
  change(config);
  writeFileSync(path, JSON.stringify(config));
}

/** A project whose connection `c` has these settings, and further ones that are the same. */
async function projectOf(
  folder: string,
  { script = WHOLE, ...connection }: Pick<ProjectSettings, "script"> & Record<string, unknown>,
  more: readonly string[] = [],
): Promise<Project> {
  const project = await Project.create(folder, { script, connection });
  edit(folder, ({ connections }) => {
    for (const name of more) connections[name] = { ...connections["c"], prefix: `${name}_` };
  });
  return project;
}

const failureOf = (work: () => unknown): Promise<Failure> =>
  Promise.resolve()
    .then(work)
    .then(
      () => expect.fail("nothing was thrown"),
      (error: unknown) => error as Failure,
    );

describe("a service that runs connections", () => {
  it("runs what has never run at once, and then only when its time comes, over restarts too", async ({
    folder,
  }) => {
    await projectOf(folder, { every: "1d" });
    {
      await using serving = await serve(folder);
      expect(await serving.ended("c")).toMatchObject({ job: 1, status: "succeeded", failures: [] });
      const { next_run, last_job, state, schedule } = serving.runner.connection("c")!;
      const day = 24 * 60 * 60 * 1000;
      const start = Date.parse(last_job!.created_at);
      expect(Math.abs(Date.parse(next_run!) - start - day)).toBeLessThan(60_000);
      expect([state, schedule]).toEqual(["idle", { every_seconds: 86_400 }]);
    }
    await using again = await serve(folder);
    const { job } = await again.runner.sync("c");
    await again.ended("c");
    expect(job).toBe(2);
    expect(again.runner.jobs({ limit: 5 }).map(({ id }) => id)).toEqual([2, 1]);
    expect(again.runner.jobs({ limit: 5, before: 2 }).map(({ id }) => id)).toEqual([1]);
    expect(again.runner.jobs({ limit: 5, connection: "nobody" })).toEqual([]);
  });

  it("runs what its clock says has come while it was down, once", async ({ folder }) => {
    await projectOf(folder, { schedule: "0 * * * *", time_zone: "UTC" });
    const at = Date.parse("2026-05-01T10:30:00Z");
    {
      await using serving = await serve(folder, { clock: () => at });
      expect(serving.runner.connection("c")!.next_run).toBe("2026-05-01T11:00:00.000Z");
    }
    const later = Date.parse("2026-05-01T15:30:00Z");
    await using serving = await serve(folder, { clock: () => later });
    await serving.ended("c");
    expect(serving.runner.connection("c")!.next_run).toBe("2026-05-01T16:00:00.000Z");
  });

  it("runs a connection once at a time, says how it is getting on, and stops it when asked", async ({
    folder,
  }) => {
    await projectOf(folder, { script: ENDLESS });
    await using serving = await serve(folder);
    const { runner } = serving;
    expect(runner.connection("c")).toMatchObject({ state: "idle", next_run: null, schedule: null });

    const { job } = await runner.sync("c");
    expect(runner.connection("c")!.state).toBe("running");
    const refused = await failureOf(() => runner.sync("c"));
    expect([refused.code, refused.message]).toEqual(["sync.locked", "connection c runs: job 1"]);
    const told = await serving.event(
      (event) => event.event === "progress" && (event.progress.streams[0]?.rows ?? 0) > 0,
    );
    expect(told).toMatchObject({
      progress: {
        connection: "c",
        job,
        attempt: 0,
        streams: [{ stream: "public.users", rows: 2 }],
      },
    });
    expect(runner.cancel("c", "gracefully")).toBe(true);
    expect(runner.connection("c")!.state).toBe("stopping");
    expect((await serving.ended("c")).status).toBe("cancelled");
    expect(runner.cancel("c", "gracefully")).toBe(false);
    expect(runner.connection("c")!.state).toBe("idle");

    const piece = runner.log(job, 0, "logs", 0)!;
    expect(piece.text).toContain("sync of connection c: job 1, attempt 0");
    expect(runner.log(job, 0, "logs", piece.next)).toEqual({
      text: "",
      next: piece.next,
      is_open: false,
    });
    expect(runner.log(job, 7, "logs", 0)).toBeUndefined();
    expect(runner.positions("c").map(({ stream }) => stream)).toEqual(["public.users"]);
  });

  it("runs so many at once; what a person wants now waits for no place", async ({ folder }) => {
    await projectOf(folder, { script: ENDLESS, every: "1h" }, ["d", "e"]);
    await using serving = await serve(folder, { atOnce: 1 });
    const { runner } = serving;
    await serving.event((event) => event.event === "job_started");
    await serving.event((event) => event.event === "connection" && event.connection === "e");
    expect(runner.connections().map(({ state }) => state)).toEqual([
      "running",
      "waiting",
      "waiting",
    ]);
    expect((await runner.sync("e")).job).toBe(2);
    expect(runner.connections().map(({ state }) => state)).toEqual([
      "running",
      "waiting",
      "running",
    ]);
    // What waits and is not wanted is not run for this time.
    runner.cancel("d", "gracefully");
    await serving.event(() => runner.connection("d")!.state === "idle");
    runner.cancel("c", "gracefully");
    runner.cancel("e", "gracefully");
    await Promise.all([serving.ended("c"), serving.ended("e")]);
    expect(runner.jobs({ limit: 9 }).map(({ connection }) => connection)).toEqual(["e", "c"]);
  });

  it("keeps a pause over restarts, and goes on when it is resumed", async ({ folder }) => {
    await projectOf(folder, { every: "1h" });
    {
      await using serving = await serve(folder);
      await serving.ended("c");
      serving.runner.pause("c");
      expect(serving.runner.connection("c")).toMatchObject({
        state: "paused",
        is_paused: true,
        next_run: null,
      });
    }
    const tomorrow = Date.now() + 24 * 60 * 60 * 1000;
    await using serving = await serve(folder, { clock: () => tomorrow });
    expect(serving.runner.connection("c")!.state).toBe("paused");
    serving.runner.resume("c");
    await serving.ended("c");
    expect(serving.runner.jobs({ limit: 9 })).toHaveLength(2);
  });

  it("reads a changed file, keeps the one before where it is broken, and lets vanished connections end", async ({
    folder,
  }) => {
    await projectOf(folder, { script: ENDLESS });
    await using serving = await serve(folder);
    const { runner } = serving;
    await runner.sync("c");
    const whole = readFileSync(join(folder, "syncline.yaml"), "utf8");
    writeFileSync(join(folder, "syncline.yaml"), whole.replace('"source"', '"sorce"'));
    const told = await serving.event((event) => event.event === "configuration");
    expect(told).toMatchObject({
      problem: expect.stringContaining("did you mean source?") as string,
    });
    expect(runner.connections().map(({ connection }) => connection)).toEqual(["c"]);

    writeFileSync(join(folder, "syncline.yaml"), whole);
    edit(folder, ({ connections }) => {
      connections["new"] = { ...connections["c"], prefix: "new_", every: "1d" };
      delete connections["c"];
    });
    await serving.event((event) => event.event === "job_started" && event.connection === "new");
    expect(runner.connections().map(({ connection }) => connection)).toEqual(["new"]);
    expect(runner.progress("c")!.job).toBe(1);
    runner.cancel("new", "now");
    await serving.ended("new");
    const gone = await failureOf(() => runner.sync("c"));
    expect(gone.code).toBe("usage.invalid");
    expect(runner.cancel("c", "now")).toBe(true);
    expect(await serving.ended("c")).toMatchObject({ status: "cancelled" });
    expect((await failureOf(() => runner.cancel("c", "now"))).code).toBe("usage.invalid");
  });

  it("goes on when its file can be looked at no more, and says so when it starts with such a one", async ({
    folder,
  }) => {
    await projectOf(folder, {});
    const path = join(folder, "syncline.yaml");
    const whole = readFileSync(path, "utf8");
    const breakIt = () => {
      rmSync(path);
      symlinkSync(path, path); // to itself: looking at it fails
    };
    await using serving = await serve(folder);
    breakIt();
    const isOfFile = (event: ServiceEvent) => event.event === "configuration";
    expect(await serving.event(isOfFile)).toMatchObject({
      problem: expect.stringContaining("cannot be read") as string,
    });
    rmSync(path);
    writeFileSync(path, whole);
    await serving.event((event) => isOfFile(event) && event.problem === null);
    await serving.runner.sync("c");
    await serving.ended("c");

    await serving.runner.stop("now");
    breakIt();
    const refused = await failureOf(() => serve(folder));
    expect(refused.code).toBe("config.unreadable");
  });

  it("says what is wrong with its file to whoever adds a connection, and leaves it as it is", async ({
    folder,
  }) => {
    await projectOf(folder, {});
    const path = join(folder, "syncline.yaml");
    await using serving = await serve(folder);
    const broken = `${readFileSync(path, "utf8")}\n\${BROKEN`;
    writeFileSync(path, broken);
    const wanted = {
      connection: "more",
      source: "postgres://me@nowhere.invalid/a",
      destination: "postgres://me@nowhere.invalid/b",
      tables: "final_only",
      streams: [{ name: "t", mode: "full_refresh_overwrite" }],
    } as const;
    const { signal } = new AbortController();
    const refused = await failureOf(() => serving.runner.create(wanted, signal));
    expect(refused.code).toBe("config.invalid");
    expect(readFileSync(path, "utf8")).toBe(broken);
  });

  it("shows no jobs where their folder was removed, and says what keeps a sync from running", async ({
    folder,
  }) => {
    await projectOf(folder, {});
    await using serving = await serve(folder);
    const { runner } = serving;
    await runner.sync("c");
    await serving.ended("c");
    rmSync(runner.home.jobs, { recursive: true });
    expect(runner.jobs({ limit: 9 })).toEqual([]);
    expect(runner.connection("c")).toMatchObject({ last_job: null });
    const refused = await failureOf(() => runner.sync("c"));
    expect(refused).toMatchObject({
      code: "state.unwritable",
      message: expect.stringContaining("no job can be recorded") as string,
    });
  });

  it("is the only one of its home, and a sync by hand beside it is shown and not run over", async ({
    folder,
  }) => {
    const project = await projectOf(folder, { script: ENDLESS });
    await using serving = await serve(folder);
    const refused = await failureOf(() => serve(folder));
    expect(refused.code).toBe("sync.locked");
    expect(refused.message).toMatch(
      new RegExp(`\\.syncline is served by process ${process.pid} since 20`),
    );

    const byHand = project.start("sync", "c", "-v");
    await byHand.errorLine((line) => line.includes("attempt 0"));
    await serving.event((event) => event.event === "connection" && event.connection === "c");
    expect(serving.runner.connection("c")!.state).toBe("running");
    const locked = await failureOf(() => serving.runner.sync("c"));
    expect([locked.code, locked.message]).toEqual([
      "sync.locked",
      expect.stringContaining(`in use by process ${byHand.pid}`) as string,
    ]);
    byHand.kill("SIGINT");
    expect((await byHand.finished).exitCode).toBe(130);
    await expect.poll(() => serving.runner.connection("c")!.state).toBe("idle");
    expect(serving.runner.connection("c")).toMatchObject({
      state: "idle",
      last_job: { status: "cancelled" },
    });
  });

  it("begins again what follows and failed, later each time; whoever cancels it has it rest", async ({
    folder,
  }) => {
    const script = [{ error: "no such table", kind: "config_error" }];
    await projectOf(folder, { script, follow: true });
    let now = Date.parse("2026-05-01T10:00:00Z");
    await using serving = await serve(folder, { clock: () => now });
    const { runner } = serving;
    await serving.ended("c", 1);
    expect(runner.connection("c")).toMatchObject({ schedule: { follow: true }, state: "idle" });
    expect(runner.connection("c")!.next_run).toBe("2026-05-01T10:00:05.000Z");
    now += 5_000;
    await serving.ended("c", 2);
    expect(runner.connection("c")!.next_run).toBe("2026-05-01T10:00:15.000Z");

    edit(folder, ({ sources }) => {
      (sources as Record<string, { config: object }>)["s"]!.config = {
        streams: [{ name: "users", namespace: "public" }],
        script: ENDLESS,
      };
    });
    await serving.event((event) => event.event === "configuration");
    now += 10_000;
    await serving.event((event) => event.event === "job_started" && event.job === 3);
    runner.cancel("c", "gracefully");
    await serving.ended("c", 3);
    expect(runner.connection("c")!.state).toBe("paused");
  });

  it("stops what runs when it ends, and picks it up at the next start", async ({ folder }) => {
    const project = await projectOf(folder, { script: ENDLESS });
    const serving = await serve(folder);
    await serving.runner.sync("c");
    await serving.runner.stop("gracefully");
    expect(await serving.ended("c")).toMatchObject({ job: 1, status: "cancelled" });
    expect(project.leftovers()).toEqual([]);

    await using again = await serve(folder);
    await again.event((event) => event.event === "job_started" && event.job === 2);
    again.runner.cancel("c", "now");
    await again.ended("c");
    await again.runner.stop("gracefully");
    await using third = await serve(folder);
    expect(third.runner.connection("c")).toMatchObject({ state: "idle", next_run: null });
  });

  it("shows what a clear takes away, refuses streams that are none, and clears", async ({
    folder,
  }) => {
    await projectOf(folder, {});
    await using serving = await serve(folder);
    const { runner } = serving;
    await runner.sync("c");
    await serving.ended("c");
    const { signal } = new AbortController();
    const facts = await runner.removal("c", { type: "clear", streams: [] }, signal);
    expect(facts).toEqual({
      connection: "c",
      type: "clear",
      streams: [{ stream: "public.users", table: "users", rows: null, position: '{"at":3}' }],
    });
    const unknown = await failureOf(() => runner.remove("c", { type: "clear", streams: ["nope"] }));
    expect(unknown.code).toBe("usage.invalid");
    const { job } = await runner.remove("c", { type: "clear", streams: [] });
    await serving.ended("c", 2);
    expect(runner.job(job)).toMatchObject({ type: "clear", status: "succeeded" });
    expect(runner.positions("c")[0]!.position).toBe("at its beginning");
    await runner.refreshKeeping("c", ["users"]);
    expect((await serving.ended("c", 3)).status).toBe("succeeded");
    const plan = await runner.plan("c", signal);
    expect([plan.connection, plan.exit_status]).toEqual(["c", 0]);
    expect(plan.lines[0]).toBe("c: s → d");
  });

  it("warns of a vanished stream until somebody has seen it", async ({ folder }) => {
    await projectOf(folder, {});
    await using serving = await serve(folder);
    const { runner } = serving;
    await runner.sync("c");
    await serving.ended("c");
    const path = join(folder, ".syncline/catalogs/c.json");
    const gone = [{ stream: { name: "old" }, since: "2026-01-01T00:00:00Z" }];
    const known = JSON.parse(readFileSync(path, "utf8")) as object;
    writeFileSync(path, JSON.stringify({ ...known, gone }));
    expect(runner.connection("c")!.to_acknowledge).toHaveLength(1);
    runner.acknowledge("c");
    expect(runner.connection("c")!.to_acknowledge).toEqual([]);
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(known);
  });
});
