import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { it, type Database } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";

const append = { sync_mode: "incremental", destination_sync_mode: "append", cursor_field: "id" };

async function count(destination: Database, table: string): Promise<string | null> {
  return (
    await destination.rows(`select count(*) || '/' || count(distinct id) from ${table}`)
  )[0]![0]!;
}

it("keeps two projects apart that share the name of a connection and a warehouse, also at the same time", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec(`
    create table orders as select i as id, repeat('x', 100) as filler from generate_series(1, 20000) i;
    create table events as table orders`);
  // Of one name and with one column, in schemas of their own, and a table that only one has.
  const make = async (name: string, streams: string[]) => {
    await mkdir(join(folder, name));
    return Project.create(join(folder, name), {
      source,
      destination,
      destinationConfig: { schema: name },
      connections: {
        nightly: {
          namespace: "destination",
          streams: streams.map((stream) => ({ name: stream, ...append })),
          retry: { max_attempts: 1 },
        },
      },
    });
  };
  const [shop, farm] = [await make("shop", ["orders"]), await make("farm", ["orders", "events"])];

  for (const rows of [20_000, 20_010]) {
    const both = await Promise.all([shop.trySync(), farm.trySync()]);
    expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    for (const table of ["shop.orders", "farm.orders", "farm.events"])
      expect([table, await count(destination, table)]).toEqual([table, `${rows}/${rows}`]);
    await source.exec("insert into orders select i, '' from generate_series(20001, 20010) i");
    await source.exec("insert into events select i, '' from generate_series(20001, 20010) i");
  }
}, 120_000);

it("reads everything again where the destination's schema was changed", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec("create table orders as select i as id from generate_series(1, 20) i");
  const settings = (schema: string) => ({
    source,
    destination,
    destinationConfig: { schema },
    connections: {
      c: { namespace: "destination", streams: [{ name: "orders", ...append }] },
    },
  });
  const project = await Project.create(folder, settings("one"));
  await project.sync();
  await project.configure(settings("two"));
  await project.sync();

  expect(await count(destination, "two.orders")).toBe("20/20");
  expect(await count(destination, "one.orders")).toBe("20/20");
});
