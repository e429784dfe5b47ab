import { existsSync, readFileSync, rmSync } from "node:fs";
import { cp, mkdir, rename } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { it, type Database } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import { succeeded } from "../support/run.ts";

const streams = [
  {
    name: "t",
    sync_mode: "incremental",
    destination_sync_mode: "append",
    cursor_field: "id",
  },
];

async function fill(source: Database, ...ids: number[]): Promise<void> {
  await source.exec("create table if not exists t (id int primary key)");
  await source.exec(`insert into t select unnest(array[${ids.join(",")}])`);
}

async function ids(destination: Database): Promise<(string | null)[]> {
  return (await destination.rows("select id from t order by id")).flat();
}

/** What a run may not change at a destination that is not its own. */
async function kept(destination: Database): Promise<unknown> {
  return [
    await destination.rows(
      "select oid, relname from pg_class where relname like '%\\_t' or relname = 't' order by 1",
    ),
    await destination.rows("select * from t order by 1"),
    await destination.rows("select * from _syncline.checkpoint order by 1, 2, 3, 4"),
    await destination.rows("select * from _syncline.written_table order by 1, 2"),
  ];
}

it("refuses a renamed connection, and hands it positions and tables when it is told the old name", async ({
  source,
  destination,
  folder,
}) => {
  await fill(source, 1, 2);
  const project = await Project.create(folder, {
    source,
    destination,
    connections: { before: { streams } },
  });
  await project.sync();
  const inProject = (connections: Record<string, object>) =>
    project.configure({ source, destination, connections });
  await inProject({ after: { streams } });
  await fill(source, 3);
  const before = await kept(destination);

  const refused = await project.trySync();

  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain(
    "public.t is written by the connection before; this is the connection after",
  );
  expect(refused.stderr).toContain("syncline state move before after");
  const plan = await project.syncline(["plan"]);
  expect(plan.exitCode).toBe(2);
  expect(plan.stdout).toContain("not synced: public.t: ");
  expect(plan.stdout).toContain("is written by the connection before");
  expect(await kept(destination)).toEqual(before);

  await inProject({ before: { streams }, after: { streams, prefix: "x_" } });
  const still = await project.syncline(["state", "move", "before", "after"]);
  expect(still.exitCode).toBe(2);
  expect(still.stderr).toContain("before is still a connection of syncline.yaml");
  await inProject({ after: { streams } });
  const moved = succeeded(await project.syncline(["state", "move", "before", "after"]));
  expect(moved.stderr).toContain("what the connection before had here is this connection's now");
  expect(existsSync(join(folder, ".syncline/state/before.json"))).toBe(false);
  await project.sync();

  expect(await ids(destination)).toEqual(["1", "2", "3"]);
  const shown = succeeded(await project.syncline(["state", "show", "after", "--json"])).stdout;
  expect(shown).toContain('"connection":"after"');
  expect(shown).toContain('"cursor":"3"');
  succeeded(await project.syncline(["state", "move", "before", "after"]));
}, 60_000);

it("moves only to a connection that has nothing of its own, and only names that can be", async ({
  source,
  destination,
  folder,
}) => {
  await fill(source, 1);
  const own = { streams, prefix: "own_" };
  const project = await Project.create(folder, {
    source,
    destination,
    connections: { before: { streams }, after: own },
  });
  await project.sync();
  await project.configure({ source, destination, connections: { after: own } });

  for (const [from, why] of [
    ["before", "after has positions of its own"],
    ["../before", "../before cannot be the name of a connection"],
  ]) {
    const run = await project.syncline(["state", "move", from!, "after"]);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain(why);
  }
  rmSync(join(folder, ".syncline/state"), { recursive: true });
  const run = await project.syncline(["state", "move", "before", "after"]);
  expect(run.exitCode).toBe(2);
  expect(run.stderr).toContain(
    "the connection after has tables or positions of its own here, beside those of before",
  );
});

it("tells two projects apart, and lets one adopt what the other wrote", async ({
  source,
  destination,
  folder,
}) => {
  await fill(source, 1, 2);
  const make = async (name: string) => {
    await mkdir(join(folder, name));
    return Project.create(join(folder, name), {
      source,
      destination,
      connections: { shop: { streams } },
    });
  };
  const [first, second] = [await make("first"), await make("second")];
  await first.sync();
  const before = await kept(destination);

  const refused = await second.trySync();

  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain(
    `public.t is written by the connection shop of the project ${hostname()}:${join(folder, "first")}; this is the connection shop of the project ${hostname()}:${join(folder, "second")}`,
  );
  expect(refused.stderr).toContain("syncline adopt shop");
  expect(await kept(destination)).toEqual(before);

  const adopted = succeeded(await second.syncline(["adopt", "shop"]));
  expect(adopted.stderr).toContain("public.t is this connection's now; it was that of");
  await fill(source, 3);
  await second.sync();

  expect(await ids(destination)).toEqual(["1", "2", "3"]);
  const turned = await first.trySync();
  expect(turned.exitCode).toBe(2);
  expect(turned.stderr).toContain(join(folder, "second"));
}, 60_000);

it("knows a project again that was moved, and one whose own files are lost", async ({
  source,
  destination,
  folder,
}) => {
  await fill(source, 1);
  const options = { source, destination, connections: { shop: { streams } } };
  const [old, moved] = [join(folder, "old"), join(folder, "moved")];
  await mkdir(old);
  await (await Project.create(old, options)).sync();

  await rename(old, moved);
  const project = await Project.create(moved, options);
  await fill(source, 2);
  await project.sync();
  expect(readFileSync(join(moved, ".syncline/project"), "utf8")).toBe(`${hostname()}:${old}\n`);

  // Nothing tells it from another project any more.
  rmSync(join(moved, ".syncline"), { recursive: true });
  await fill(source, 3);
  expect((await project.trySync()).exitCode).toBe(2);
  succeeded(await project.syncline(["adopt", "shop"]));
  await project.sync();
  expect(await ids(destination)).toEqual(["1", "2", "3"]);

  // Lost where it was, it is the same one.
  rmSync(join(moved, ".syncline"), { recursive: true });
  await fill(source, 4);
  await project.sync();
  expect(await ids(destination)).toEqual(["1", "2", "3", "4"]);
}, 60_000);

it("lets a project that runs in another place each time have a name", async ({
  source,
  destination,
  folder,
}) => {
  const options = { source, destination, connections: { shop: { streams } } };
  for (const at of [1, 2, 3]) {
    const place = join(folder, String(at));
    await mkdir(place);
    const project = await Project.create(place, options);
    await fill(source, at);
    succeeded(await project.syncline(["sync"], { env: { SYNCLINE_PROJECT_ID: "shop" } }));
  }

  expect(await ids(destination)).toEqual(["1", "2", "3"]);
  const copy = join(folder, "copy");
  await cp(join(folder, "3"), copy, { recursive: true });
  const refused = await (await Project.create(copy, options)).trySync();
  expect(refused.stderr).toContain("of the project shop; this is");
}, 60_000);

it("goes on with a table that was made again, once it is adopted", async ({
  source,
  destination,
  folder,
}) => {
  await fill(source, 1, 2);
  const project = await Project.create(folder, {
    source,
    destination,
    connections: { shop: { streams } },
  });
  await project.sync();
  const state = readFileSync(join(folder, ".syncline/state/shop.json"), "utf8");
  await destination.exec(`create table copy as table t; drop table t, _airbyte_raw_t;
    alter table copy rename to t`);
  await fill(source, 3);

  const refused = await project.trySync();
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain("public.t has rows, and is not the table that");
  expect(readFileSync(join(folder, ".syncline/state/shop.json"), "utf8")).toBe(state);
  expect(await ids(destination)).toEqual(["1", "2"]);

  succeeded(await project.syncline(["adopt", "shop", "--stream", "t"]));
  await project.sync();
  expect(await ids(destination)).toEqual(["1", "2", "3"]);
});
