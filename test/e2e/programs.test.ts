import { existsSync } from "node:fs";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import {
  check,
  clear,
  discover,
  Failure,
  job,
  jobs,
  logs,
  plan,
  positions,
  removal,
  status,
  sync,
  why,
  type JobEvent,
} from "../../orchestrator/api/index.ts";
import { it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import { start } from "../support/run.ts";
import { compileForUser, type UserProject } from "../support/user-project.ts";

const CONNECTION = {
  orders: {
    streams: [
      {
        name: "orders",
        namespace: "public",
        sync_mode: "incremental",
        destination_sync_mode: "append_dedup",
        cursor_field: "id",
        primary_key: "id",
      },
    ],
  },
};

describe("a program", () => {
  it("syncs, and is told what a command prints: events, the report, status, plan, times, logs", async ({
    source,
    destination,
    folder,
  }) => {
    await source.query("create table orders (id int primary key, note text)");
    await source.query("insert into orders select n, 'x' from generate_series(1, 500) n");
    await Project.create(folder, { source, destination, connections: CONNECTION });
    const at = { config: join(folder, "syncline.yaml"), home: join(folder, "kept"), env: {} };
    const events: JobEvent[] = [];
    const [environment, listeners] = [{ ...process.env }, process.listenerCount("SIGINT")];

    expect(await check(["orders"], at)).toMatchObject([
      { role: "source", status: "SUCCEEDED" },
      { role: "destination", status: "SUCCEEDED" },
    ]);
    expect((await discover("shop", at)).streams.map(({ name }) => name)).toEqual(["orders"]);
    const planned = await plan("orders", at);
    expect([planned.exit_status, planned.lines[0]]).toEqual([0, "orders: shop → warehouse"]);

    const report = await sync("orders", { ...at, onEvent: (event) => void events.push(event) });

    expect([report.id, report.status]).toEqual([1, "succeeded"]);
    expect(await destination.rows("select count(*) from orders")).toEqual([["500"]]);
    const names = events.map(({ event }) => event);
    expect([names[0] === "log" || names[0] === "job_started", names.at(-1)]).toEqual([
      true,
      "job_ended",
    ]);
    expect(events).toContainEqual({
      event: "job_started",
      connection: "orders",
      job: 1,
      type: "sync",
    });
    expect(await job(1, at)).toEqual(report);
    expect(await jobs({ ...at, connection: "orders" })).toEqual([report]);
    expect(await status([], at)).toMatchObject([{ connection: "orders", last_job: report }]);
    expect(await positions("orders", at)).toEqual([
      { stream: "public.orders", position: "after id = 500" },
    ]);
    expect((await why(1, at)).seconds!.total).toBeGreaterThan(0);
    let text = "";
    for await (const piece of logs(1, 0, at)) text += piece;
    expect(text).toContain("sync of connection orders: job 1, attempt 0");
    expect(await removal("orders", { type: "clear", streams: [] }, at)).toMatchObject({
      streams: [{ table: "orders", position: "after id = 500" }],
    });

    expect((await clear("orders", at)).status).toBe("succeeded");
    expect(await destination.rows("select count(*) from orders")).toEqual([["0"]]);
    expect([process.env, process.listenerCount("SIGINT")]).toEqual([environment, listeners]);
    expect(existsSync(join(folder, ".syncline"))).toBe(false);
  });

  it("stops a job by a signal, with what was read committed, and goes on behind it", async ({
    source,
    destination,
    folder,
  }) => {
    await source.query("create table orders (id int primary key, note text)");
    await source.query(
      "insert into orders select n, repeat('x', 200) from generate_series(1, 30000) n",
    );
    await Project.create(folder, { source, destination, connections: CONNECTION });
    const at = { config: join(folder, "syncline.yaml") };
    const stop = new AbortController();

    const report = await sync("orders", {
      ...at,
      signal: stop.signal,
      onEvent: (event) => {
        if (event.event === "log" && event.text.includes("attempt 0")) stop.abort();
      },
    });
    const rest = await sync("orders", at);

    expect([report.status, rest.status]).toEqual(["cancelled", "succeeded"]);
    const [total] = await destination.rows("select count(*), count(distinct id) from orders");
    expect(total).toEqual(["30000", "30000"]);
    await expect(sync("orders", { ...at, signal: stop.signal })).rejects.toBe(stop.signal.reason);
  });

  it("has what is wrong before there is a job thrown, under the code that a command shows", async ({
    source,
    destination,
    folder,
  }) => {
    await source.query("create table orders (id int primary key)");
    await Project.create(folder, { source, destination, connections: CONNECTION });
    const config = join(folder, "syncline.yaml");
    const codeOf = (work: Promise<unknown>) =>
      work.then(
        () => "nothing",
        (error: unknown) => (error instanceof Failure ? error.code : error),
      );

    expect(await codeOf(sync("ordres", { config }))).toBe("usage.invalid");
    expect(await codeOf(sync("orders", { config, streams: ["nope"] }))).toBe("usage.invalid");
    expect(await codeOf(why(7, { config }))).toBe("usage.invalid");
    expect(await codeOf(sync("orders", { config: join(folder, "nowhere.yaml") }))).toBe(
      "config.unreadable",
    );
    await writeFile(config, "sources: 7\n");
    expect(await codeOf(sync("orders", { config }))).toBe("config.invalid");
  });
});

describe("examples/program", () => {
  let project: UserProject;

  beforeAll(async () => {
    project = await compileForUser("examples/program/sync-orders.ts");
  }, 120_000);

  afterAll(() => project.remove());

  it("is shown in docs/programs.md and runs as it stands: a sync, its counts, and a connection that is none", async ({
    source,
    destination,
    folder,
  }) => {
    await source.query("create table orders (id int primary key)");
    await source.query("insert into orders select n from generate_series(1, 7) n");
    await Project.create(folder, { source, destination, connections: CONNECTION });
    await cp(join(folder, "syncline.yaml"), join(project.folder, "syncline.yaml"));
    const run = (...args: string[]) => {
      const running = start(project.executable, args, { cwd: project.folder });
      running.endInput();
      return running.finished;
    };

    const done = await run();
    const wrong = await run("ordres");
    await rm(join(project.folder, ".syncline"), { recursive: true });

    expect([done.exitCode, done.stderr]).toEqual([0, ""]);
    const lines = done.stdout.split("\n").slice(0, -1);
    expect([lines[0], ...lines.slice(-2)]).toEqual([
      "job 1 started",
      "orders: 7 rows committed",
      "job 1 succeeded",
    ]);
    expect([wrong.exitCode, wrong.stderr]).toEqual([
      2,
      "usage.invalid: no connection is called ordres (did you mean orders?)\n",
    ]);
    expect(await readFile("docs/programs.md", "utf8")).toContain("../examples/program/README.md");
  });
});
