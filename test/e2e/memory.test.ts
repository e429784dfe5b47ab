import { expect } from "vitest";
import {
  complete,
  INTEGER,
  record,
  startWrite,
  stream,
  text,
  TEXT,
} from "../connectors/destination-postgres/drive.ts";
import { descendants, residentMegabytes } from "../support/processes.ts";
import { it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import { start, succeeded } from "../support/run.ts";

/** A tenth of the records below: whoever keeps rows as objects runs out of it. */
const LITTLE = "--max-old-space-size=32";

/** 300 MB of records, far more than any process may hold. */
const ROWS = 300_000;
const BIG = `
  create table big as
  select n as id, md5(n::text) || repeat('x', 900) as filler from generate_series(1, ${ROWS}) n
`;

/** As much of each of many tables as fills all buffers that a stream has. */
const ROWS_OF_MANY = 16_000;

/** Of each of forty streams: together four times what all batches may hold. */
const ALTERNATING_ROWS = 2_500;

const PROCESSES = ["source-postgres/bin.js", "destination-postgres/bin.js"] as const;

const BIG_REPLACED = {
  name: "big",
  namespace: "public",
  sync_mode: "full_refresh",
  destination_sync_mode: "overwrite",
};

const isLinux = process.platform === "linux";

/** @guarantee bounded-memory */
it(
  "no process of a sync takes more than 150 MB, nor 32 MB of objects, also while the destination stands still",
  { timeout: 180_000, skip: !isLinux },
  async ({ source, destination, folder }) => {
    await source.exec(BIG);
    const project = await Project.create(folder, {
      source,
      destination,
      connections: { c: { streams: [BIG_REPLACED] } },
    });
    const syncline = start("syncline", ["sync"], {
      cwd: project.folder,
      env: { NODE_OPTIONS: LITTLE },
    });
    syncline.endInput();
    let isRunning = true;
    const finished = syncline.finished.finally(() => {
      isRunning = false;
    });
    const peaks = new Map<string, number>();
    const measure = () => {
      const ids = new Map([["syncline", syncline.pid]]);
      for (const name of PROCESSES)
        for (const pid of descendants(syncline.pid, name)) ids.set(name, pid);
      for (const [name, pid] of ids)
        peaks.set(name, Math.max(peaks.get(name) ?? 0, residentMegabytes(pid)));
      return ids;
    };

    // The destination is held up in the middle of the data: whoever is before it must wait.
    await expect.poll(() => destination.rows(LOADING), { timeout: 60_000 }).not.toEqual([]);
    const writer = measure().get(PROCESSES[1])!;
    // What the user set for syncline holds for the connectors that it starts.
    expect(descendants(syncline.pid, LITTLE)).toHaveLength(2);
    process.kill(writer, "SIGSTOP");
    await expect.poll(() => source.rows(WAITS_FOR_CLIENT), { timeout: 30_000 }).not.toEqual([]);
    measure();
    process.kill(writer, "SIGCONT");
    while (isRunning) {
      measure();
      await source.rows("select pg_sleep(0.05)");
    }

    succeeded(await finished);
    expect(peaks.size).toBe(3);
    for (const [name, megabytes] of peaks) expect(megabytes, name).toBeLessThan(150);
    expect(await destination.rows("select count(*) from big")).toEqual([[`${ROWS}`]]);
  },
);

/** @guarantee bounded-memory */
it(
  "the destination takes no more for many large tables than for one",
  { timeout: 180_000, skip: !isLinux },
  async ({ source, destination, folder }) => {
    const names = Array.from({ length: 16 }, (_, at) => `large_${at}`);
    await source.exec(
      names
        .map(
          (name) => `create table ${name} as
            select n as id, repeat('x', 1000) as filler from generate_series(1, ${ROWS_OF_MANY}) n`,
        )
        .join(";\n"),
    );
    const project = await Project.create(folder, {
      source,
      destination,
      connections: { c: { streams: names.map((name) => ({ ...BIG_REPLACED, name })) } },
    });
    const syncline = start("syncline", ["sync"], { cwd: project.folder });
    syncline.endInput();
    let isRunning = true;
    const finished = syncline.finished.finally(() => {
      isRunning = false;
    });
    let peak = 0;
    while (isRunning) {
      for (const pid of descendants(syncline.pid, PROCESSES[1]))
        peak = Math.max(peak, residentMegabytes(pid));
      await source.rows("select pg_sleep(0.05)");
    }

    succeeded(await finished);
    expect(peak).toBeLessThan(150);
    for (const name of names)
      expect(await destination.rows(`select count(*) from ${name}`)).toEqual([[`${ROWS_OF_MANY}`]]);
  },
);

/** @guarantee bounded-memory */
it(
  "the destination takes no more for many streams whose records alternate than for one",
  { timeout: 180_000, skip: !isLinux },
  async ({ destination, folder }) => {
    const names = Array.from({ length: 40 }, (_, at) => `stream_${at}`);
    const streams = names.map((name) =>
      stream({ name, properties: { id: INTEGER, filler: TEXT } }),
    );
    const running = await startWrite(destination, folder, streams);
    const filler = "x".repeat(1000);
    for (let id = 0; id < ALTERNATING_ROWS; id++)
      running.write(text(names.map((name) => record(name, `{"id":${id},"filler":"${filler}"}`))));
    running.write(text(names.map((name) => complete(name))));
    running.endInput();
    let isRunning = true;
    const finished = running.finished.finally(() => {
      isRunning = false;
    });
    let peak = 0;
    while (isRunning) {
      peak = Math.max(peak, residentMegabytes(running.pid));
      await destination.rows("select pg_sleep(0.05)");
    }

    succeeded(await finished);
    expect(peak).toBeLessThan(140);
    for (const name of names)
      expect(await destination.rows(`select count(*) from ${name}`)).toEqual([
        [`${ALTERNATING_ROWS}`],
      ]);
  },
);

it("connectors without enough memory to work fail the sync, and the old table stays", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec("create table big as select n as id from generate_series(1, 5) n");
  const sides = { source, destination, connections: { c: { streams: [BIG_REPLACED] } } };
  await (await Project.create(folder, sides)).sync();
  await source.exec("delete from big where id > 1");
  const connectorEnv = { NODE_OPTIONS: "--max-old-space-size=4" };

  const starved = await (await Project.create(folder, { ...sides, connectorEnv })).trySync();

  expect(starved.exitCode).toBe(1);
  expect(starved.stdout + starved.stderr).toMatch(/connector\.(exited|no_answer)/);
  expect(await destination.rows("select count(*) from big")).toEqual([["5"]]);
  await (await Project.create(folder, sides)).sync();
  expect(await destination.rows("select count(*) from big")).toEqual([["1"]]);
});

const LOADING = "select 1 from pg_stat_progress_copy where datname = current_database()";

/** The source's server cannot send: its client does not read. */
const WAITS_FOR_CLIENT = `
  select 1 from pg_stat_activity join pg_stat_progress_copy using (pid)
  where pg_stat_activity.datname = current_database() and wait_event = 'ClientWrite'
`;
