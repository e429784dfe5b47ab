import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { KnownJob } from "../../orchestrator/store/job-history.ts";
import { serve } from "../orchestrator/serve/serving.ts";
import { type Database, it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import { start, type Running } from "../support/run.ts";

const NAMES = ["a", "b", "c", "d", "e", "f", "g", "h"];
const ROWS = 10_000;

/** Eight connections, each of a table of its own that it appends: a row that came twice is there twice. */
async function eight(
  folder: string,
  source: Database,
  destination: Database,
  more: object,
): Promise<Project> {
  const made = NAMES.map(
    (name) =>
      `create table ${name} as select n as id, repeat('x', 100) as text from generate_series(1, ${ROWS}) n`,
  );
  await source.exec(made.join(";"));
  const connections = NAMES.map((name) => {
    const stream = {
      name,
      namespace: "public",
      sync_mode: "incremental",
      destination_sync_mode: "append",
      cursor_field: "id",
    };
    return [name, { streams: [stream], ...more }] as const;
  });
  return Project.create(folder, {
    source,
    destination,
    connections: Object.fromEntries(connections),
  });
}

/** Rows and different rows of each table. */
async function counts(destination: Database): Promise<(string | null)[][]> {
  const all = NAMES.map((name) => `select count(*), count(distinct id) from ${name}`);
  return destination.rows(all.join(" union all "));
}

const WHOLE = NAMES.map(() => [String(ROWS), String(ROWS)]);

function startServing(folder: string, atOnce: number): Running {
  const runner = join(import.meta.dirname, "../fixtures/orchestrator/serve-runner.mjs");
  const running = start(runner, [String(atOnce)], {
    cwd: folder,
    // Many commits, so that there is a middle of each sync.
    limits: { batchBytes: 64 * 1024, commitMs: 20, checkpointSeconds: 0.05 },
  });
  running.endInput();
  return running;
}

/** A job of a connection as the process's lines tell. */
const told = (event: string, connection: string) => (line: string) =>
  line.includes(`"event":"${event}"`) && line.includes(`"connection":"${connection}"`);

function jobsIn(folder: string): KnownJob[] {
  const jobs = join(folder, ".syncline/jobs");
  return readdirSync(jobs)
    .filter((name) => /^\d+$/.test(name))
    .map((id) => JSON.parse(readFileSync(join(jobs, id, "job.json"), "utf8")) as KnownJob);
}

describe("a service with eight connections", { timeout: 180_000 }, () => {
  it("runs all of them at once, each whole", async ({ source, destination, folder }) => {
    await eight(folder, source, destination, { every: "1d" });
    await using serving = await serve(folder, { atOnce: 8 });
    await Promise.all(
      NAMES.map((name) =>
        serving.event((event) => event.event === "job_started" && event.connection === name),
      ),
    );
    expect(serving.events.filter(({ event }) => event === "job_ended")).toEqual([]);

    const ends = await Promise.all(NAMES.map((name) => serving.ended(name)));

    expect(ends.map(({ status }) => status)).toEqual(NAMES.map(() => "succeeded"));
    expect(await counts(destination)).toEqual(WHOLE);
  });

  /** @guarantee added-once */
  it("loses and doubles nothing when it is killed in the middle of them, and picks them up at its next start", async ({
    source,
    destination,
    folder,
  }) => {
    await eight(folder, source, destination, { every: "1d" });
    const killed = startServing(folder, 8);
    await Promise.all(NAMES.map((name) => killed.line(told("job_started", name))));
    killed.kill("SIGKILL");
    await killed.finished;
    expect(jobsIn(folder).some(({ status }) => status === "running")).toBe(true);

    const again = startServing(folder, 4);
    const interrupted = jobsIn(folder).filter(({ status }) => status !== "succeeded");
    await Promise.all(
      interrupted.map(({ connection }) => again.line(told("job_ended", connection))),
    );
    again.kill("SIGTERM");
    const { exitCode } = await again.finished;

    expect(exitCode).toBe(0);
    expect(await counts(destination)).toEqual(WHOLE);
    expect([...new Set(jobsIn(folder).map(({ status }) => status))].sort()).toEqual([
      "interrupted",
      "succeeded",
    ]);
    expect(readdirSync(join(folder, ".syncline/locks"))).toEqual([]);
  });

  it("ends at SIGTERM with what was read committed, and nothing is lost by it", async ({
    source,
    destination,
    folder,
  }) => {
    await eight(folder, source, destination, { every: "1d", limits: { stop_seconds: 30 } });
    const serving = startServing(folder, 8);
    await Promise.all(NAMES.map((name) => serving.line(told("job_started", name))));
    serving.kill("SIGTERM");
    const { exitCode, stderr } = await serving.finished;
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(jobsIn(folder).filter(({ status }) => status === "running")).toEqual([]);
    expect(existsSync(join(folder, ".syncline/serve.json"))).toBe(true);

    await using again = await serve(folder, { atOnce: 4 });
    const cancelled = jobsIn(folder).filter(({ status }) => status === "cancelled");
    await Promise.all(cancelled.map(({ connection }) => again.ended(connection)));
    expect(await counts(destination)).toEqual(WHOLE);
  });
});

describe("a service without a configuration", () => {
  it("makes a connection of two databases, with passwords beside the file, and syncs it", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec(
      "create table table_one (id int primary key, name text, updated_at timestamptz); insert into table_one values (1, 'Eg1', now()), (2, 'Eg2', now())",
    );
    await using serving = await serve(folder);
    const { runner } = serving;
    const { signal } = new AbortController();
    const ends = { source: source.url, destination: destination.url };
    expect(await runner.inspect(ends, signal)).toEqual([
      {
        namespace: "public",
        name: "table_one",
        columns: ["id", "name", "updated_at"],
        cursors: ["updated_at", "id"],
        primary_key: ["id"],
        rows: expect.toSatisfy((rows) => rows === null || typeof rows === "number") as unknown,
      },
    ]);
    const wanted = {
      ...ends,
      connection: "demo",
      tables: "raw_and_final",
      streams: [
        {
          namespace: "public",
          name: "table_one",
          mode: "incremental_append",
          cursor: "updated_at",
        },
      ],
      schedule: { every: "1d" },
    } as const;
    const facts = await runner.create(wanted, signal);
    expect(facts).toMatchObject({ connection: "demo", schedule: { every_seconds: 86_400 } });
    await serving.ended("demo");
    expect(await destination.rows("select name from table_one order by id")).toEqual([
      ["Eg1"],
      ["Eg2"],
    ]);

    const text = readFileSync(join(folder, "syncline.yaml"), "utf8");
    const { password } = source.config;
    expect(text).not.toContain(`password: ${password}`);
    expect(readFileSync(join(folder, ".env"), "utf8")).toContain(password);
    // A second one uses what is there again, and a wrong one leaves everything as it is.
    await runner.create(
      { ...wanted, connection: "again", prefix: "again_", schedule: { every: "2d" } },
      signal,
    );
    const both = readFileSync(join(folder, "syncline.yaml"), "utf8");
    expect([...both.matchAll(/database: /g)]).toHaveLength(2);
    const bad = { ...wanted, connection: "bad", prefix: "bad_", schedule: { cron: "61 * * * *" } };
    await expect(runner.create(bad, signal)).rejects.toThrow(
      "connections.bad.schedule: is no cron",
    );
    // However their names are spelled: nothing of this machine goes where a request points to.
    const ofFiles = [
      "sslrootcert=/etc/passwd",
      "sslroot%63ert=/etc/passwd",
      "service=shop",
      "passf%69le=/x",
    ];
    for (const words of ofFiles) {
      const file = { ...ends, source: `${source.url}?sslmode=verify-full&${words}` };
      await expect(runner.inspect(file, signal)).rejects.toThrow("names a file, and none is read");
      const named = { ...wanted, ...file, connection: "bad", prefix: "bad_" };
      await expect(runner.create(named, signal)).rejects.toThrow("names a file, and none is read");
    }
    expect(readFileSync(join(folder, "syncline.yaml"), "utf8")).toBe(both);
  });
});
