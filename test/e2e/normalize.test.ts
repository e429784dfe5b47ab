import { expect } from "vitest";
import { type Database, it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import { succeeded } from "../support/run.ts";
import { leftovers, relations } from "../support/tables.ts";

const TABLES = ["added", "replaced", "merged", "merged_scd"];

const CONNECTIONS = {
  shop: {
    streams: [
      {
        name: "added",
        sync_mode: "incremental",
        destination_sync_mode: "append",
        cursor_field: "at",
      },
      { name: "replaced", sync_mode: "full_refresh", destination_sync_mode: "overwrite" },
      {
        name: "merged",
        sync_mode: "incremental",
        destination_sync_mode: "append_dedup",
        cursor_field: "at",
        primary_key: ["id"],
      },
    ],
  },
};

const row = `(id int primary key, at timestamptz, price numeric, tags text[], doc jsonb, b bytea)`;
const rows = (step: number) => `
  select i, now() + ${step} * interval '1 hour' + i * interval '1 ms', i / 7.0, array['a', null, 'tab' || chr(9)],
         jsonb_build_object('i', i, 's', 'line' || chr(10)), decode('00ff', 'hex')
    from generate_series(1, 2000) i`;

/** Each table without the time its rows were typed at, as one digest. */
async function digests(destination: Database): Promise<(string | null)[]> {
  const all: (string | null)[] = [];
  for (const table of TABLES) {
    const [result] = await destination.rows(
      `select count(*) || ' ' || md5(string_agg(line, '' order by line))
         from (select (to_jsonb(t) - '_airbyte_normalized_at')::text as line from ${table} t) l`,
    );
    all.push(result![0]!);
  }
  return all;
}

it("makes the tables of every mode what the syncs made them, and the next sync goes on", async ({
  source,
  destination,
  folder,
}) => {
  for (const table of ["added", "replaced", "merged"])
    await source.exec(`create table ${table} ${row}; insert into ${table} ${rows(0)}`);
  const destinationConfig = { hashid: true };
  const project = await Project.create(folder, {
    source,
    destination,
    destinationConfig,
    connections: CONNECTIONS,
  });
  await project.sync("shop");
  await source.exec(`update merged m set (at, price) = (n.at, -1)
    from (${rows(1)}) n (id, at, price, tags, doc, b) where n.id = m.id and m.id % 3 = 0`);
  await project.sync("shop");
  const before = await digests(destination);
  expect(before.map((digest) => Number(digest!.split(" ")[0]))).toEqual([2000, 2000, 2000, 2666]);
  await destination.exec(`
    drop table added;
    update replaced set price = null, doc = '{}';
    alter table merged drop column doc;
    alter table merged alter column price type text;
    delete from merged where id % 2 = 0;
    update merged_scd set _airbyte_end_at = null;
  `);

  const rebuilt = succeeded(await project.syncline(["normalize", "shop"]));

  expect(await digests(destination)).toEqual(before);
  expect(await leftovers(destination)).toEqual([]);
  expect(await relations(destination)).toHaveLength(7);
  expect(rebuilt.stdout).toMatch(/merged/);

  await source.exec("update merged set at = now() + interval '1 day', price = 5 where id = 1");
  const next = await project.sync("shop");
  expect((await project.counts(next.job))["public.merged"]).toEqual([1, 1]);
  expect(await destination.rows("select price from merged where id = 1")).toEqual([["5"]]);
  expect(await destination.rows("select count(*) from merged")).toEqual([["2000"]]);
});
