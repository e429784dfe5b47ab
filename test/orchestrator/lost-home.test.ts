import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import { succeeded } from "../support/run.ts";

it("replaces what is there, and does not add to it, after positions were cleared or all of .syncline is gone", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec("create table t (id int primary key); insert into t values (1), (2)");
  const project = await Project.create(folder, { source, destination, connections: { c: {} } });
  const rows = () => destination.rows("select id from t order by id");
  await project.sync();

  succeeded(await project.syncline(["state", "clear", "c"]));
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
    [[["refresh", "c", "--remove"]], 1],
    [[["clear", "c"], ["sync"]], 1],
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
