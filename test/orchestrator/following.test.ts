import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { JobReport } from "../../orchestrator/store/jobs.ts";
import type { Running } from "../support/run.ts";
import { it } from "../support/fixtures.ts";
import { Project, type ProjectSettings } from "./project.ts";

const STREAMS = [{ name: "s", sync_mode: "incremental" }];

/** A project whose source takes acknowledgements and follows. */
const settings = (source: object, more: ProjectSettings = {}): ProjectSettings => ({
  sourceFile: "following-source.mjs",
  source,
  destinationRemembers: true,
  ...more,
  connection: { streams: STREAMS, ...more.connection },
});

/** What the source says it was given and heard in its reads. */
const heardOf = (project: Project) =>
  project.given("heard") as unknown as { heard: number[]; isStopped: boolean }[];
const readsOf = (project: Project) =>
  project.given("read").map(({ hears, follows, state, catalog }) => ({
    hears: hears as unknown as boolean,
    follows: follows as unknown as boolean,
    catalog: JSON.parse(catalog!) as Record<string, unknown>,
    from: state === undefined ? 0 : sharedOf(state),
  }));
const sharedOf = (state: string) =>
  (JSON.parse(state) as { global: { shared_state: { n: number } } }[])[0]!.global.shared_state.n;

/** The numbers of the records that the destination got. */
const delivered = (project: Project) =>
  project.delivered().flatMap((line) => {
    const message = JSON.parse(line) as { type: string; record: { data: { n: number } } };
    return message.type === "RECORD" ? [message.record.data.n] : [];
  });

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

/** Waits until the source has nothing more to follow with. */
const idleAt = (running: Running, n: number) =>
  running.errorLine((line) => line.includes(`idle at ${n}`));

async function stopped(running: Running): Promise<{ exitCode: number | null; job: JobReport }> {
  running.kill("SIGINT");
  const { exitCode, stdout, stderr } = await running.finished;
  if (stdout === "") throw new Error(stderr);
  return { exitCode, job: JSON.parse(stdout) as JobReport };
}

describe("a source that takes acknowledgements", () => {
  it.for([true, false])(
    "is told of its last state before it ends (the destination remembers: %s)",
    async (destinationRemembers, { folder }) => {
      const project = await Project.create(
        folder,
        settings({ changes: 3 }, { destinationRemembers }),
      );

      const first = await project.sync();
      const second = await project.sync();

      expect([first.exitCode, second.exitCode]).toEqual([0, 0]);
      expect(heardOf(project).map(({ heard }) => heard)).toEqual([[3], [6]]);
      expect(readsOf(project).map(({ from }) => from)).toEqual([0, 3]);
      expect(delivered(project)).toEqual(upTo(6));
    },
  );

  it("does not wait for a destination that has ended without a word", async ({ folder }) => {
    const project = await Project.create(
      folder,
      settings({ changes: 2, patience: 600_000 }, { destination: { swallowStates: true } }),
    );

    expect((await project.sync()).exitCode).not.toBe(0);

    expect(heardOf(project)[0]).toMatchObject({ heard: [], isStopped: true });
  });

  it("is told of it also where the destination puts a refresh in place only at the end", async ({
    destination,
    folder,
  }) => {
    const project = await Project.create(folder, settings({ changes: 3 }));
    const config = JSON.parse(readFileSync(join(folder, "syncline.yaml"), "utf8")) as object;
    const real = { connector: "destination-postgres", config: destination.config };
    await project.write({ ...config, destinations: { d: real } });
    await project.sync();

    const { exitCode } = await project.run("refresh", "c", "--remove", "--yes");

    expect(exitCode).toBe(0);
    expect(heardOf(project).map(({ heard }) => heard)).toEqual([[3], [3]]);
    expect(await destination.rows("select n from s order by n")).toEqual([["1"], ["2"], ["3"]]);
  });

  it("is told of its last state and nothing else where nothing comes back", async ({ folder }) => {
    const destination = { swallowStates: true };
    const project = await Project.create(
      folder,
      settings({ changes: 3, patience: 300 }, { destination }),
    );

    expect((await project.sync()).exitCode).toBe(1);
    expect(heardOf(project).map(({ heard }) => heard)).toEqual([[]]);
  });

  it("is not taken at its word for what is whole when it reports a failure", async ({ folder }) => {
    const project = await Project.create(
      folder,
      settings({ changes: 2, complains: true, patience: 300 }),
    );

    expect((await project.sync()).exitCode).toBe(1);
    expect(project.delivered().filter((line) => line.includes("COMPLETE"))).toEqual([]);
  });

  it("holds nobody up when it does not listen", { timeout: 60_000 }, async ({ folder }) => {
    const project = await Project.create(
      folder,
      settings({ changes: 500, deaf: true, patience: 1 }),
    );

    const { exitCode } = await project.sync();

    expect(exitCode).toBe(0);
    expect(delivered(project)).toEqual(upTo(500));
  });

  it("is one whose failure still counts, although all was said", async ({ folder }) => {
    const project = await Project.create(folder, settings({ changes: 2, exit: 3 }));

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(1);
    expect(job.attempts[0]!.failures).toMatchObject([{ code: "connector.exited" }]);
    expect(delivered(project)).toEqual([1, 2]);
  });

  it("learns in its catalog what the destination understands, and nobody else does", async ({
    folder,
  }) => {
    const project = await Project.create(
      folder,
      settings({}, { destinationSpec: { supports_change_records: true } }),
    );
    await project.sync();
    const printed = await project.run("catalog", "c");
    const ofDestination = await project.run("catalog", "c", "--destination");

    expect(readsOf(project)[0]!.catalog).toMatchObject({ supports_change_records: true });
    expect(JSON.parse(printed.stdout)).toMatchObject({ supports_change_records: true });
    expect(ofDestination.stdout).not.toContain("supports_change_records");
    expect(project.given("write")[0]!["catalog"]).not.toContain("supports_change_records");

    await project.configure(settings({}));
    await project.sync();
    expect(readsOf(project)[1]!.catalog).not.toHaveProperty("supports_change_records");
  });
});

describe("clear --drop-slot", () => {
  it("has the source remove what it made, behind the rows and positions", async ({ folder }) => {
    const project = await Project.create(folder, settings({}));
    await project.sync();

    const { exitCode, stderr } = await project.run("clear", "c", "--drop-slot", "--yes");

    expect(exitCode).toBe(0);
    expect(stderr).toContain("c: dropped slot shop");
    expect(project.given("drop-slot")).toHaveLength(1);
    expect((await project.run("state", "show")).stdout).toContain("no state");
  });

  it("is refused before anything is done where there is nothing to remove", async ({ folder }) => {
    const project = await Project.create(folder, {});
    await project.sync();
    const before = project.stateText();

    const other = await project.run("clear", "c", "--drop-slot", "--yes");
    const some = await project.run("clear", "c", "--drop-slot", "--stream", "users", "--yes");

    expect([other.exitCode, some.exitCode]).toEqual([2, 2]);
    expect(other.stderr).toContain("source s makes nothing at its server to follow it");
    expect(some.stderr).toContain("--drop-slot is for a whole connection");
    expect(project.stateText()).toBe(before);
  });
});

describe("a followed connection", () => {
  it("is told each state as it is committed, and ends well when it is stopped", async ({
    folder,
  }) => {
    const project = await Project.create(folder, settings({ changes: 4, saysMore: true }));

    const running = project.start("sync", "c", "--follow", "--json");
    await idleAt(running, 4);
    const { exitCode, job } = await stopped(running);

    expect(exitCode).toBe(0);
    expect(job.status).toBe("succeeded");
    expect(job.attempts).toHaveLength(1);
    expect(job.attempts[0]!.streams).toMatchObject([{ status: "complete", committed: 5 }]);
    expect(readsOf(project)).toMatchObject([{ hears: true, follows: true }]);
    expect(heardOf(project)).toEqual([{ command: "heard", heard: upTo(5), isStopped: true }]);
    expect(delivered(project)).toEqual(upTo(5));
  });

  it("is one in the file, too, and goes on where it was", async ({ folder }) => {
    const project = await Project.create(
      folder,
      settings({ changes: 2 }, { connection: { follow: true } }),
    );

    for (const last of [2, 4]) {
      const running = project.start("sync", "--json");
      await idleAt(running, last);
      expect((await stopped(running)).exitCode).toBe(0);
    }

    expect(readsOf(project).map(({ from }) => from)).toEqual([0, 2]);
    expect(delivered(project)).toEqual(upTo(4));
  });

  it.for([true, false])(
    "has its destination commit behind every state, where that offers it (%s)",
    async (supports_follow, { folder }) => {
      const project = await Project.create(
        folder,
        settings({}, { destinationSpec: { supports_follow } }),
      );
      const running = project.start("sync", "c", "--follow", "--json");
      await idleAt(running, 1);
      await stopped(running);
      await project.sync();

      const told = project.given("write").map(({ argv }) => argv!.includes("--follow"));
      expect(told).toEqual([supports_follow, false]);
    },
  );

  it("goes on at once, and asks for the streams anew, where rows have another shape", async ({
    folder,
  }) => {
    const ends = { 0: "source.schema_changed", 1: "source.schema_changed" };
    const columns = { 1: ["a"], 2: ["a", "b"] };
    const retry = { max_attempts: 1, first_delay_seconds: 600 };
    const project = await Project.create(
      folder,
      settings({ changes: 1, ends, columns }, { connection: { retry } }),
    );

    const running = project.start("sync", "c", "--follow", "--json");
    await idleAt(running, 3);
    const { exitCode, job } = await stopped(running);

    expect(exitCode).toBe(0);
    expect(job.attempts.map(({ status }) => status)).toEqual(["failed", "failed", "succeeded"]);
    expect(readsOf(project).map(({ from }) => from)).toEqual([0, 1, 2]);
    const shapes = readsOf(project).map(({ catalog }) =>
      /"a"|"b"/g[Symbol.match](JSON.stringify(catalog)),
    );
    expect(shapes).toEqual([null, ['"a"'], ['"a"', '"b"']]);
    expect(delivered(project)).toEqual(upTo(3));
  });

  it("does not do so for ever where nothing is different", async ({ folder }) => {
    const ends = Object.fromEntries(upTo(9).map((n) => [n - 1, "source.schema_changed"]));
    const project = await Project.create(folder, settings({ ends, stuck: true }));

    const { exitCode, job } = await project.sync();

    expect(exitCode).toBe(1);
    expect(job.attempts).toHaveLength(2);
  });

  it(
    "is tried again for as long as its servers are away, and no longer for anything else",
    {
      timeout: 60_000,
    },
    async ({ folder }) => {
      const away = "postgres.unreachable";
      const ends = { 0: away, 1: away, 2: away, 3: "postgres.auth_failed config_error" };
      const retry = { max_attempts: 1, first_delay_seconds: 0.01, max_delay_seconds: 0.02 };
      const project = await Project.create(folder, settings({ ends }, { connection: { retry } }));

      const { exitCode, stdout } = await project.run("sync", "c", "--follow", "--json");

      expect(exitCode).toBe(2);
      const job = JSON.parse(stdout) as JobReport;
      expect(job.attempts.map(({ failures }) => failures?.[0]!.code)).toEqual([
        away,
        away,
        away,
        "postgres.auth_failed",
      ]);
    },
  );

  it("ends in an unfinished refresh first, whose rows are put in place at its end", async ({
    destination,
    folder,
  }) => {
    const project = await Project.create(
      folder,
      settings({ changes: 3, ends: { 0: "postgres.unreachable" } }),
    );
    const config = JSON.parse(readFileSync(join(folder, "syncline.yaml"), "utf8")) as object;
    const real = { connector: "destination-postgres", config: destination.config };
    await project.write({ ...config, destinations: { d: real } });
    await project.run("refresh", "c", "--remove", "--yes");

    await project.configure(settings({ changes: 3 }));
    await project.write({
      ...(JSON.parse(readFileSync(join(folder, "syncline.yaml"), "utf8")) as object),
      destinations: { d: real },
    });
    const running = project.start("sync", "c", "--follow", "--json");
    await idleAt(running, 6);
    const { job } = await stopped(running);

    expect(job.status).toBe("succeeded");
    expect(readsOf(project).map(({ follows }) => follows)).toEqual([false, false, true]);
    expect(await destination.rows("select n from s order by n")).toEqual(
      upTo(6).map((n) => [String(n)]),
    );
  });

  it("ends also where its source does not listen, and goes on behind what is committed", async ({
    folder,
  }) => {
    const limits = { stop_seconds: 0.5 };
    const project = await Project.create(
      folder,
      settings({ changes: 2, deaf: true }, { connection: { limits } }),
    );
    const running = project.start("sync", "c", "--follow", "--json");
    await idleAt(running, 2);
    const { exitCode, job } = await stopped(running);
    await project.configure(settings({ changes: 2 }));
    await project.sync();

    expect([exitCode, job.status]).toEqual([130, "cancelled"]);
    expect(readsOf(project).map(({ from }) => from)).toEqual([0, 2]);
    expect(delivered(project)).toEqual(upTo(4));
  });

  it("goes on behind what is committed when the orchestrator was killed", async ({ folder }) => {
    const project = await Project.create(folder, settings({ changes: 2 }));
    const running = project.start("sync", "c", "--follow", "--json");
    await idleAt(running, 2);
    running.kill("SIGKILL");
    await running.finished;

    const { exitCode } = await project.sync();

    expect(exitCode).toBe(0);
    expect(delivered(project)).toEqual(upTo(4));
  });

  it("is over, and says so, when its source ends by itself", async ({ folder }) => {
    const project = await Project.create(folder, settings({ endsItself: true }));

    const { exitCode, stdout } = await project.run("sync", "c", "--follow");

    expect(exitCode).toBe(0);
    expect(stdout).toContain("source s ended by itself: as it is set up, it does not follow");
    const why = (await project.run("why")).stdout;
    expect(why).toContain("following: reading, or waiting for changes");
  });

  it("is refused to a source that cannot, and to streams that have an end", async ({ folder }) => {
    const project = await Project.create(folder, settings({}, { connection: { streams: ["s"] } }));
    const whole = await project.run("sync", "c", "--follow");
    expect(whole.exitCode).toBe(2);
    expect(whole.stderr).toContain("full_refresh has an end, and cannot be followed: public.s");

    await project.configure({});
    const other = await project.run("sync", "c", "--follow");
    expect(other.exitCode).toBe(2);
    expect(other.stderr).toContain("source s cannot be followed");
    expect(project.delivered()).toEqual([]);
  });
});
