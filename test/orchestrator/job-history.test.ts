import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { openHome } from "../../orchestrator/store/home.ts";
import { indexJobs } from "../../orchestrator/store/job-index.ts";
import { JobHistory } from "../../orchestrator/store/job-history.ts";
import { createJob, readJob, saveJob } from "../../orchestrator/store/jobs.ts";
import { lockConnection } from "../../orchestrator/store/lock.ts";
import { thisProcess } from "../../orchestrator/store/process-identity.ts";
import { outdatedJobs } from "../../orchestrator/store/retention.ts";
import { it } from "../support/fixtures.ts";
import { Project, WHOLE } from "./project.ts";

const HANGS = [{ status: "STARTED" }, { records: 1 }, { state: { at: 1 } }, { wait: true }];

/** A finished job, made so many days ago. */
function past(folder: string, connection: string, days = 0): number {
  const job = createJob(folder, "sync", connection);
  const created_at = new Date(Date.now() - days * 86_400_000).toISOString();
  saveJob(folder, { ...job, status: "succeeded", created_at });
  return job.id;
}

describe("a job whose process was killed", () => {
  it("is interrupted, for `jobs`, `status` and `logs -f`, with what is known of it", async ({
    folder,
  }) => {
    const project = await Project.create(folder, { script: HANGS });
    const running = project.start("sync", "-v");
    await running.errorLine((line) => line.includes("attempt 0"));
    const live = JSON.parse((await project.run("jobs", "--json")).stdout) as object;
    running.kill("SIGKILL");
    await running.finished;

    const status = await project.run("status");
    const jobs = await project.run("jobs", "--json");
    const logs = await project.run("logs", "-f", "c");

    expect(live).toMatchObject({ status: "running", run_by: { pid: running.pid } });
    expect(status.stdout).toMatch(/c +s → d +interrupted +1 /);
    expect(status.stdout).toContain("c: sync.interrupted: its process ended without a word");
    expect(JSON.parse(jobs.stdout)).toMatchObject({
      status: "interrupted",
      attempts: [{ status: "interrupted", failures: [{ code: "sync.interrupted" }] }],
    });
    expect(logs.exitCode).toBe(0);
    expect(readJob(join(folder, ".syncline/jobs"), 1)?.status).toBe("interrupted");
  });

  it("is recorded so by the next run of its connection", async ({ folder }) => {
    const project = await Project.create(folder);
    await project.sync();
    const jobs = join(folder, ".syncline/jobs");
    createJob(jobs, "sync", "c");

    await project.sync();

    expect(readJob(jobs, 2)?.status).toBe("interrupted");
    expect(readJob(jobs, 3)?.status).toBe("succeeded");
  });

  it("does not run because somebody else holds the connection", async ({ folder }) => {
    const home = openHome(join(folder, "home"));
    const job = createJob(home.jobs, "sync", "c");
    saveJob(home.jobs, { ...job, created_at: "2020-01-01T00:00:00.000Z" });
    const lock = await lockConnection(home.locks, "c");

    expect(new JobHistory(home).job(job.id)?.status).toBe("interrupted");
    lock.release();
  });
});

describe("a job that runs", () => {
  it("is left as it is while its process lives", async ({ folder }) => {
    const home = openHome(join(folder, "home"));
    const lock = await lockConnection(home.locks, "c");
    const job = createJob(home.jobs, "sync", "c");

    expect(new JobHistory(home).job(job.id)).toMatchObject({
      status: "running",
      run_by: { pid: process.pid },
    });
    expect(readJob(home.jobs, job.id)?.status).toBe("running");
    lock.release();
    expect(new JobHistory(home).job(job.id)?.status).toBe("interrupted");
  });

  it("is left as it is where nobody here can see its process, and its last sign is told", ({
    folder,
  }) => {
    const home = openHome(join(folder, "home"));
    const since = new Date().toISOString();
    const holder = { ...thisProcess(), host: "another", bootId: "another", since };
    writeFileSync(join(home.locks, `c.${"0".repeat(16)}.lock`), JSON.stringify(holder));
    const job = createJob(home.jobs, "sync", "c");

    const { status, run_by } = new JobHistory(home).job(job.id)!;

    expect(status).toBe("running");
    expect(run_by).toMatchObject({ host: "another", last_sign_at: expect.any(String) as string });
    expect(readJob(home.jobs, job.id)?.status).toBe("running");
  });
});

describe("the index of jobs", () => {
  it("opens the record of no job twice, and is made again when it is lost or torn", ({
    folder,
  }) => {
    const ids = ["a", "b", "a"].map((name) => past(folder, name));
    indexJobs(folder);
    for (const id of ids) writeFileSync(join(folder, String(id), "job.json"), "torn");

    const remembered = indexJobs(folder);
    writeFileSync(join(folder, "index"), "1 a\n2 ");
    const torn = indexJobs(folder);
    saveJob(folder, { ...createJob(folder, "sync", "b"), status: "failed" });
    const healed = indexJobs(folder);

    expect([...remembered.byConnection]).toEqual([
      ["a", [1, 3]],
      ["b", [2]],
    ]);
    expect([...torn.byConnection]).toEqual([["a", [1]]]);
    expect(healed.byConnection.get("b")).toEqual([4]);
  });
});

describe("old jobs", () => {
  it("go by number and by age, but never the last one of a connection", ({ folder }) => {
    for (const days of [100, 40, 3, 2, 1]) past(folder, "a", days);
    past(folder, "rare", 400);

    expect(outdatedJobs(folder, { jobs: 3, days: 1000 })).toEqual([1, 2]);
    expect(outdatedJobs(folder, { jobs: 1000, days: 30 })).toEqual([1, 2]);
    expect(outdatedJobs(folder, { jobs: 1, days: 0.001 })).toEqual([1, 2, 3, 4]);
    expect(outdatedJobs(folder, { jobs: 1, days: 30 }, 1)).toEqual([1]);
  });

  it("go after a run as the configuration says, and by `prune` at once", async ({ folder }) => {
    const project = await Project.create(folder);
    await project.sync();
    const jobs = join(folder, ".syncline/jobs");
    const text = readFileSync(join(folder, "syncline.yaml"), "utf8");
    await project.write({ ...(JSON.parse(text) as object), keep: { jobs: 3 } });
    for (let n = 0; n < 4; n++) past(jobs, "c");
    const state = project.stateText();

    const dry = await project.run("prune", "--dry-run");
    expect(existsSync(join(jobs, "1"))).toBe(true);
    await project.sync();
    const kept = readdirSync(jobs).filter((name) => name !== "index");
    const pruned = await project.run("prune", "--keep", "1", "--json");
    const next = await project.sync();

    expect(dry.stdout).toBe("2 jobs (1 to 2) would be removed\n");
    expect(kept.sort()).toEqual(["4", "5", "6"]);
    expect(JSON.parse(pruned.stdout)).toEqual({ jobs: [4, 5], removed: true });
    expect(next.job.id).toBe(7);
    expect(state).toBeDefined();
  });
});

describe("looking back", () => {
  it("needs none of the passwords", async ({ folder }) => {
    const project = await Project.create(folder, {
      source: { password: "${NOT_SET}" },
      script: WHOLE,
    });

    for (const args of [["status"], ["status", "c"], ["state", "show"], ["prune"], ["jobs", "c"]])
      expect(await project.run(...args), args.join(" ")).toMatchObject({ exitCode: 0 });
    expect((await project.run("check")).stderr).toContain("variable NOT_SET is not set");
  });

  it("names the connection that was meant, and knows one that was removed since", async ({
    folder,
  }) => {
    const project = await Project.create(folder);
    await project.sync();
    past(join(folder, ".syncline/jobs"), "former");

    for (const command of ["jobs", "logs"]) {
      const { exitCode, stderr } = await project.run(command, "formr");
      expect(exitCode).toBe(2);
      expect(stderr).toContain("no connection is called formr (did you mean former?)");
    }
    expect((await project.run("jobs", "former")).stdout).toMatch(/2 +former +sync +succeeded/);
    expect((await project.run("logs", "c")).stdout).toContain("job 1, attempt 0");
    expect((await project.run("logs", "1.0")).stdout).toContain("job 1, attempt 0");
    expect((await project.run("logs", "7")).stderr).toContain("there is no job 7");
    expect((await project.run("logs", "1.4")).stderr).toContain("job 1 has no attempt 4");
  });

  it("follows the log of a job until that ends", async ({ folder }) => {
    const project = await Project.create(folder, { script: HANGS });
    const running = project.start("sync", "-v");
    await running.errorLine((line) => line.includes("attempt 0"));
    const following = project.start("logs", "-f", "c");
    await following.line((line) => line.includes("attempt 0"));
    running.kill("SIGTERM");

    const { exitCode, stdout } = await following.finished;

    expect(exitCode).toBe(0);
    expect(stdout).toContain("attempt 0 cancelled");
    rmSync(join(folder, ".syncline/jobs/index"), { force: true });
    mkdirSync(join(folder, ".syncline/jobs/99"));
    expect((await project.run("jobs")).stdout).toMatch(/1 +c +sync +cancelled/);
  });
});
