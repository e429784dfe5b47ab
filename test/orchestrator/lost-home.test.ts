import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import { succeeded } from "../support/run.ts";
import { shimmed } from "../support/shim.ts";

it("replaces what is there, and does not add to it, after positions were cleared or all of .syncline is gone", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec("create table t (id int primary key); insert into t values (1), (2)");
  const project = await Project.create(folder, { source, destination, connections: { c: {} } });
  const rows = () => destination.rows("select id from t order by id");
  await project.sync();

  succeeded(await project.syncline(["state", "clear", "c", "--yes"]));
  await project.sync();
  expect(await rows()).toEqual([["1"], ["2"]]);

  rmSync(join(folder, ".syncline"), { recursive: true });
  await project.sync();
  expect(await rows()).toEqual([["1"], ["2"]]);
});

it("goes on with what is there after .syncline is gone, whatever was done before", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec("create table t (id int primary key)");
  const append = { sync_mode: "incremental", destination_sync_mode: "append", cursor_field: "id" };
  const project = await Project.create(folder, {
    source,
    destination,
    connections: { c: { streams: [{ name: "t", ...append }] } },
  });
  let last = 0;
  // Rows that were there when everything was read once more are there twice afterwards.
  for (const [commands, copies] of [
    [[["sync"]], 1],
    [[["refresh", "c", "--remove", "--yes"]], 1],
    [[["clear", "c", "--yes"], ["sync"]], 1],
    [[["refresh", "c", "--keep"]], 2],
  ] as const) {
    await source.exec(`insert into t values (${++last})`);
    for (const command of commands) succeeded(await project.syncline([...command]));
    await source.exec(`insert into t values (${++last})`);
    rmSync(join(folder, ".syncline"), { recursive: true });

    await project.sync();

    const rows = await destination.rows("select id, count(*) from t group by id order by id");
    expect([commands, rows]).toEqual([
      commands,
      rows.map((_, i) => [String(i + 1), String(i < last - 2 ? copies : 1)]),
    ]);
    expect(rows).toHaveLength(last);
  }
}, 120_000);

/** @guarantee added-once */
describe("rows that were to replace others, and were not all read when .syncline was lost", () => {
  const INTERRUPTED = { commitMs: 1, sourceBlockBytes: 10_000 };
  const incremental = { sync_mode: "incremental", cursor_field: "id" };
  const full = { sync_mode: "full_refresh" };

  it.for([
    {
      before: { ...incremental, destination_sync_mode: "append_dedup", primary_key: "id" },
      replace: ["refresh", "c", "--remove", "--yes"],
      rows: [3100, 3100],
    },
    {
      before: { ...incremental, destination_sync_mode: "append" },
      replace: ["refresh", "c", "--remove", "--yes"],
      refused: "public.t has rows, and what the connection c read to replace them is not whole",
      rows: [100, 100],
    },
    {
      before: { ...full, destination_sync_mode: "overwrite" },
      replace: ["sync"],
      later: { ...full, destination_sync_mode: "append" },
      rows: [3200, 3100],
    },
  ] as const)(
    "are not taken for those that are there: $before.destination_sync_mode",
    async ({ before, replace, rows, ...more }, { source, destination, folder }) => {
      await source.exec(`
        create table t (id int primary key, filler text);
        insert into t select n, repeat('x', 200) from generate_series(1, 100) n`);
      const configured = async (mode: object, sourceCommand?: string[]) =>
        Project.create(folder, {
          source,
          destination,
          sourceConfig: { checkpoint_target_interval_seconds: 0 },
          ...(sourceCommand && { sourceCommand }),
          connections: {
            c: {
              retry: { max_attempts: 1 },
              streams: [{ name: "t", namespace: "public", ...mode }],
            },
          },
        });
      succeeded(await (await configured(before)).syncline(["sync"]));
      await source.exec(
        "insert into t select n, repeat('x', 200) from generate_series(101, 3000) n",
      );
      const dies = { on: "stdout", state: 6, when: "before", act: "die" } as const;
      const dying = await configured(before, await shimmed(folder, "source-postgres", [dies]));
      const interrupted = await dying.syncline([...replace], { limits: INTERRUPTED });
      expect(interrupted.exitCode).toBe(1);
      const [kept] = await destination.rows("select count(*) from _syncline.checkpoint");
      rmSync(join(folder, ".syncline"), { recursive: true });
      await source.exec("insert into t select n, 'new' from generate_series(3001, 3100) n");
      const project = await configured("later" in more ? more.later : before);

      const { exitCode, stderr } = await project.trySync();

      const [there] = await destination.rows("select count(*), count(distinct id) from t");
      expect(there!.map(Number)).toEqual(rows);
      expect(kept).toEqual(["1"]);
      expect(exitCode).toBe("refused" in more ? 2 : 0);
      if ("refused" in more) expect(stderr).toContain(more.refused);
    },
  );
});
