import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished } from "vitest";
import { Project as FakeProject, type Step } from "../orchestrator/project.ts";
import { problemsOf } from "../orchestrator/serve/http/document.ts";
import { readEvents } from "../orchestrator/serve/http/event-reader.ts";
import { it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import { runExecutable, start, type RunOptions, type Running } from "../support/run.ts";

const TOKEN = "a-token-of-32-characters-or-more";

/** For what takes as long as the machine does. */
const PATIENTLY = { timeout: 30_000 };

interface Served {
  readonly url: string;
  readonly running: Running;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  post(path: string, body?: object): Promise<Response>;
}

/** Starts `syncline serve` in a folder, at a free port. */
async function serve(
  folder: string,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<Served> {
  const running = start("syncline", ["serve", "--listen", "127.0.0.1:0", ...args], {
    cwd: folder,
    ...options,
  });
  running.endInput();
  const line = await running.line((text) => text.includes("http://"));
  const [url] = /http:\/\/[\d.]+:\d+/.exec(line)!;
  return {
    url,
    running,
    get: (path, headers = {}) => fetch(`${url}${path}`, { headers, redirect: "manual" }),
    post: (path, body = {}) =>
      fetch(`${url}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
  };
}

const api = async (served: Served, path: string) => (await served.get(`/api/v1${path}`)).json();

/** Runs a connection and waits for the end of its job. */
async function sync(served: Served, connection: string): Promise<number> {
  const reader = await readEvents(`${served.url}/api/v1/connections/${connection}/events`);
  await reader.next();
  const { job } = (await (await served.post(`/api/v1/connections/${connection}/sync`)).json()) as {
    job: number;
  };
  await reader.until(
    ({ event, data }) => event === "job_ended" && (data as { job: number }).job === job,
  );
  reader.close();
  return job;
}

const READY: Step = { log: "ready", level: "WARN" };
/** Runs until it is asked to end, and then sends one more row and state. */
const ENDS_WELL: Step[] = [
  { onTerm: [{ records: 1 }, { state: { at: 4 }, count: 1 }, { exit: 0 }] },
  { records: 3 },
  { state: { at: 3 } },
  READY,
  { wait: true },
];
const ENDS_NEVER: Step[] = [{ deafTo: "SIGTERM" }, { records: 3 }, READY, { wait: true }];
const INCREMENTAL = {
  streams: [{ name: "users", sync_mode: "incremental", cursor_field: "updated_at" }],
};

/** A service whose one connection runs. */
async function runs(folder: string, script: readonly Step[], connection: object = {}) {
  const project = await FakeProject.create(folder, {
    script,
    connection: { ...INCREMENTAL, ...connection },
  });
  const served = await serve(folder);
  await served.post("/api/v1/connections/c/sync");
  await expect
    .poll(async () => (await served.get("/api/v1/jobs/1/attempts/0/log")).text(), PATIENTLY)
    .toContain("ready");
  return { project, served };
}

describe("syncline serve", () => {
  it("answers for real jobs as its document says, and counts what is in the tables", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec("create table orders (id int primary key, note text)");
    await source.exec("insert into orders select n, '<b>' || n from generate_series(1, 250) n");
    await Project.create(folder, {
      source,
      destination,
      connections: { orders: { streams: [{ name: "orders", namespace: "public" }] } },
    });
    const served = await serve(folder);

    const job = await sync(served, "orders");
    const bad = await served.post("/api/v1/connections/orders/clear", { confirm: "other" });

    for (const [path, answer] of [
      ["/connections", "Connections"],
      ["/connections/orders", "Connection"],
      ["/connections/orders/positions", "Positions"],
      ["/connections/orders/plan", "Plan"],
      ["/connections/orders/progress", "CurrentProgress"],
      ["/connections/orders/removal?type=clear", "Removal"],
      ["/jobs", "Jobs"],
      [`/jobs/${job}`, "Job"],
      [`/jobs/${job}/attempts/0/log`, "LogPiece"],
      [`/jobs/${job}/attempts/0/log?kind=events`, "LogPiece"],
      ["/jobs/99", "Failure"],
      ["/connections/order", "Failure"],
    ] as const)
      expect([path, problemsOf(answer, await api(served, path))]).toEqual([path, []]);
    expect([bad.status, problemsOf("Failure", await bad.json())]).toEqual([422, []]);
    const metrics = await (await served.get("/metrics")).text();
    const [[count]] = (await destination.rows("select count(*) from orders")) as [[string]];
    expect(count).toBe("250");
    expect(metrics).toContain(`syncline_rows_committed_total{connection="orders"} ${count}\n`);
    expect(metrics).toContain('syncline_jobs_total{connection="orders",status="succeeded"} 1\n');

    served.running.kill("SIGTERM");
    const { exitCode, stdout } = await served.running.finished;
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`orders: job ${job} started\norders: job ${job} succeeded`);
    expect(stdout).toContain("250 rows committed");
  });

  it("creates a connection from two databases, runs it, clears it, and shows no password", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec("create table orders (id int primary key)");
    await source.exec("insert into orders values (1), (2)");
    const served = await serve(folder);
    const ends = { source: source.url, destination: destination.url };

    const offered = await (await served.post("/api/v1/inspect", ends)).json();
    const made = await served.post("/api/v1/connections", {
      ...ends,
      connection: "copies",
      tables: "final_only",
      streams: [{ namespace: "public", name: "orders", mode: "full_refresh_overwrite" }],
    });
    const text = await made.text();
    expect([text, made.status]).toEqual([text, 201]);
    expect(problemsOf("Connection", JSON.parse(text))).toEqual([]);
    await sync(served, "copies");
    const rows = await destination.rows("select id from orders order by id");
    const cleared = await served.post("/api/v1/connections/copies/clear", { confirm: "copies" });

    expect(problemsOf("Tables", offered)).toEqual([]);
    expect(rows).toEqual([["1"], ["2"]]);
    expect(cleared.status).toBe(202);
    await expect.poll(async () => destination.rows("select id from orders"), PATIENTLY).toEqual([]);
    const { password } = new URL(source.url);
    if (password !== "") expect(text + JSON.stringify(offered)).not.toContain(password);
  });

  it("says what happens as NDJSON", async ({ folder }) => {
    await FakeProject.create(folder);
    const served = await serve(folder, ["--json"]);
    await sync(served, "c");
    served.running.kill("SIGINT");
    const { stdout, exitCode } = await served.running.finished;

    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(exitCode).toBe(0);
    expect(events[0]).toEqual({
      at: expect.any(String),
      event: "listening",
      url: served.url,
      needs_token: false,
    });
    expect(events.filter(({ event }) => event !== "connection").slice(1)).toEqual([
      { at: expect.any(String), event: "job_started", connection: "c", job: 1 },
      {
        at: expect.any(String),
        event: "job_ended",
        connection: "c",
        job: 1,
        status: "succeeded",
        failures: [],
      },
    ]);
  });

  it("keeps its token to itself, and everything behind it", async ({ folder }) => {
    const project = await FakeProject.create(folder);
    await writeFile(join(folder, "token"), `${TOKEN}\n`);
    const served = await serve(folder, ["--token-file", "token", "--listen", "0.0.0.0:0"]).catch(
      () => undefined,
    );
    expect(served).toBeDefined();
    const url = served!.url.replace("0.0.0.0", "127.0.0.1");
    const ask = (path: string, headers: Record<string, string> = {}) =>
      fetch(`${url}${path}`, { headers, redirect: "manual" });
    const authorization = `Bearer ${TOKEN}`;

    expect((await ask("/api/v1/connections")).status).toBe(401);
    expect((await ask("/")).headers.get("location")).toBe("/login");
    expect((await ask("/login")).status).toBe(200);
    const started = await fetch(`${url}/api/v1/connections/c/sync`, {
      method: "POST",
      headers: { authorization, "content-type": "application/json" },
    });
    expect(started.status).toBe(202);
    await expect
      .poll(
        async () =>
          ((await (await ask("/api/v1/jobs/1", { authorization })).json()) as { status: string })
            .status,
        PATIENTLY,
      )
      .toBe("succeeded");
    const page = await (await ask("/", { authorization })).text();
    served!.running.kill("SIGTERM");
    const { stdout, stderr } = await served!.running.finished;

    expect(stdout).toContain("where the token is asked for");
    const given = JSON.stringify(project.given("read"));
    for (const text of [stdout, stderr, page, project.log(), given])
      expect(text).not.toContain(TOKEN);
  });
});

describe("syncline serve, asked to end,", () => {
  it("lets what runs commit what it has read, says so meanwhile, and goes on with it at the next start", async ({
    folder,
  }) => {
    const { project, served } = await runs(folder, ENDS_WELL, { every: "1d" });

    served.running.kill("SIGTERM");
    const { exitCode } = await served.running.finished;

    expect(exitCode).toBe(0);
    expect(project.stateText()).toContain('{"at":4}');
    expect(project.leftovers()).toEqual([]);
    const again = await serve(folder, ["--json"]);
    await again.running.line((line) => line.includes('"job_started"') && line.includes('"job":2'));
  });

  it("is draining until then, and a second signal ends it at once", async ({ folder }) => {
    const { project, served } = await runs(folder, ENDS_NEVER);
    const reader = await readEvents(`${served.url}/api/v1/events`);
    onTestFinished(reader.close);

    served.running.kill("SIGTERM");
    await served.running.errorLine((line) => line.startsWith("stopping"));
    const health = await served.get("/healthz");
    const locked = await served.post("/api/v1/connections/c/sync");
    served.running.kill("SIGTERM");
    const { exitCode } = await served.running.finished;

    expect([health.status, await health.text()]).toEqual([503, "draining\n"]);
    expect([409, 503]).toContain(locked.status);
    expect(exitCode).toBe(143);
    expect(project.leftovers()).toEqual([]);
  });
});

describe("syncline serve refuses", () => {
  it("a home that is served already, and leaves the one that serves it alone", async ({
    folder,
  }) => {
    await FakeProject.create(folder);
    const served = await serve(folder);

    const second = await runExecutable("syncline", ["serve", "--listen", "127.0.0.1:0"], {
      cwd: folder,
    });

    expect(second.exitCode).toBe(4);
    expect(second.stderr).toContain(`is served by process ${served.running.pid} since`);
    expect((await served.get("/healthz")).status).toBe(200);
  });

  it("an address that somebody else has, before anything runs", async ({ folder }) => {
    const project = await FakeProject.create(folder, { connection: { every: "1d" } });
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };

    const { exitCode, stderr, stdout } = await project.run(
      "serve",
      "--listen",
      `127.0.0.1:${port}`,
    );

    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(
      `http://127.0.0.1:${port} cannot be listened at: something else listens there already`,
    );
    expect(project.leftovers()).toEqual([]);
    expect((await project.run("jobs")).stderr).toContain("no jobs yet");
  });

  it.for([
    [["--listen", "0.0.0.0:0"], {}, "others can reach 0.0.0.0, so a token is needed"],
    [["--listen", "[::]:0"], {}, "others can reach ::, so a token is needed"],
    [
      ["--listen", "0.0.0.0:0"],
      { SYNCLINE_SERVE_TOKEN: "short" },
      "SYNCLINE_SERVE_TOKEN wants 16 to 512 characters",
    ],
    [["--listen", "nowhere"], {}, '--listen wants an address and a port, and "nowhere" is none'],
    [["--listen", "127.0.0.1:65536"], {}, "--listen wants an address and a port"],
    [["--listen", "192.0.2.1:0"], { SYNCLINE_SERVE_TOKEN: TOKEN }, "cannot be listened at"],
    [["--token-file", "nothing"], {}, "--token-file: nothing cannot be read (ENOENT)"],
    [["--at-once", "0"], {}, "--at-once wants a whole number above 0"],
    [["orders"], {}, "too many arguments for 'serve'"],
  ] as const)("what makes no sense: %j", async ([args, env, said], { folder }) => {
    await FakeProject.create(folder);

    const { exitCode, stdout, stderr } = await runExecutable("syncline", ["serve", ...args], {
      cwd: folder,
      env,
    });

    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(said);
    expect(stderr).not.toMatch(/\bat .*:\d+:\d+/);
  });
});
