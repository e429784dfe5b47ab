import { expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import { succeeded } from "../support/run.ts";

it("reads again what was emptied by hand, and gives up only the stream of a table it cannot mend", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec(`
    create table a (id int primary key, name text); insert into a select i, 'a' from generate_series(1, 2000) i;
    create table b (id int primary key, name text); insert into b values (1, 'b'), (2, 'b')`);
  const stream = (name: string) => ({
    name,
    sync_mode: "incremental",
    destination_sync_mode: "append",
    cursor_field: "id",
  });
  const project = await Project.create(folder, {
    source,
    destination,
    destinationConfig: { tables: "final_only" },
    connections: { c: { streams: [stream("a"), stream("b")] } },
  });
  const names = (table: string) =>
    destination.rows(`select name, count(*) from ${table} group by 1 order by 1`);
  await project.sync();
  await source.exec(
    "insert into a select i, 'new' from generate_series(2001, 2010) i; insert into b values (3, 'new')",
  );
  await destination.exec("truncate a; alter table b drop column name");

  const plan = await project.syncline(["plan"]);
  const run = await project.trySync();

  expect(await names("a")).toEqual([
    ["a", "2000"],
    ["new", "10"],
  ]);
  for (const { exitCode, stdout, stderr } of [plan, run]) {
    expect(exitCode).toBe(3);
    expect(stdout + stderr).toContain("public.b was changed by hand: its column name is gone");
  }
  expect(await destination.rows("select count(*) from b")).toEqual([["2"]]);
  succeeded(await project.syncline(["refresh", "c", "--stream", "b", "--remove", "--yes"]));
  expect(await names("b")).toEqual([
    ["b", "2"],
    ["new", "1"],
  ]);
}, 60_000);
