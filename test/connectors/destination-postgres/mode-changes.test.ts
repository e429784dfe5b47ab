import { expect } from "vitest";
import { it, type Database } from "../../support/fixtures.ts";
import { columns } from "../../support/tables.ts";
import {
  complete,
  errorOf,
  INTEGER,
  leftovers,
  record,
  state,
  stream,
  tablesOf,
  TEXT,
  write,
  type StreamSpec,
} from "./drive.ts";

const properties = { id: INTEGER, name: TEXT, at: INTEGER };
const append = stream({ properties, incremental: true, cursor: "at" });
const dedup = stream({
  properties,
  incremental: true,
  cursor: "at",
  mode: "append_dedup",
  key: ["id"],
});
const overwrite = stream({ properties, mode: "overwrite" });

/** Records `[id, name, at]`, a state, and the end of the stream. */
const lines = (versions: readonly (readonly [number, string, number])[], emittedAt: number) => [
  ...versions.map(([id, name, at]) => record("demo", { id, name, at }, emittedAt)),
  state("demo", {}),
  complete("demo"),
];

const final = (destination: Database) =>
  destination.rows("select id, name from demo order by id, at");

const history = (destination: Database) =>
  destination.rows(
    `select id, name, _airbyte_start_at, _airbyte_end_at, _airbyte_active_row from demo_scd
      order by id, _airbyte_start_at`,
  );

async function unkeyed(destination: Database): Promise<string | null> {
  const [row] = await destination.rows(
    "select count(*) from demo where _airbyte_unique_key is distinct from md5(id::text)",
  );
  return row![0]!;
}

it("deduplicates from now on what was appended before: the newest of each key stays", async ({
  destination,
  folder,
}) => {
  await write(
    destination,
    folder,
    [append],
    lines(
      [
        [1, "a", 1],
        [2, "b", 1],
        [1, "newest", 3],
        [1, "c", 2],
      ],
      1000,
    ),
  );
  await destination.exec(`
    alter table demo add column mine int default 5; create view names as select name from demo`);

  const run = await write(destination, folder, [dedup], lines([[2, "d", 4]], 2000));

  expect(errorOf(run)).toBe("");
  expect(await final(destination)).toEqual([
    ["1", "newest"],
    ["2", "d"],
  ]);
  expect(await unkeyed(destination)).toBe("0");
  expect(run.stdout).toContain("2 older versions of its rows were removed");
  expect(await history(destination)).toEqual([
    ["1", "a", "1", "2", "0"],
    ["1", "c", "2", "3", "0"],
    ["1", "newest", "3", null, "1"],
    ["2", "b", "1", "4", "0"],
    ["2", "d", "4", null, "1"],
  ]);
  expect(await destination.rows("select distinct mine from demo")).toEqual([["5"]]);
  expect(await destination.rows("select count(*) from _airbyte_raw_demo")).toEqual([["5"]]);
});

it("goes from deduplicated to appended and back without a row too many or a version lost", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [dedup], lines([[1, "a", 1]], 1000));
  await write(destination, folder, [append], lines([[1, "b", 2]], 2000));
  expect(await final(destination)).toEqual([
    ["1", "a"],
    ["1", "b"],
  ]);

  await write(destination, folder, [dedup], lines([[1, "c", 3]], 3000));

  expect(await final(destination)).toEqual([["1", "c"]]);
  expect(await history(destination)).toEqual([
    ["1", "a", "1", "2", "0"],
    ["1", "b", "2", "3", "0"],
    ["1", "c", "3", null, "1"],
  ]);
});

it("begins a history where there is none, with the rows that are there", async ({
  destination,
  folder,
}) => {
  const without = { config: { history: false } };
  await write(
    destination,
    folder,
    [dedup],
    lines(
      [
        [1, "a", 1],
        [2, "b", 1],
      ],
      1000,
    ),
    without,
  );
  expect(await tablesOf(destination)).toEqual(["_airbyte_raw_demo", "demo"]);

  const run = await write(destination, folder, [dedup], lines([[1, "c", 2]], 2000));

  expect(errorOf(run)).toBe("");
  expect(await history(destination)).toEqual([
    ["1", "a", "1", "2", "0"],
    ["1", "c", "2", null, "1"],
    ["2", "b", "1", null, "1"],
  ]);
});

it("does not take a history for whole that was not kept up for a while", async ({
  destination,
  folder,
}) => {
  const without = { config: { history: false } };
  await write(destination, folder, [dedup], lines([[1, "a", 1]], 1000));
  await write(destination, folder, [dedup], lines([[1, "b", 2]], 2000), without);
  await write(destination, folder, [dedup], lines([], 3000), without);
  expect((await history(destination)).length).toBe(1);

  await write(destination, folder, [dedup], lines([[1, "c", 3]], 4000));

  expect(await history(destination)).toEqual([
    ["1", "a", "1", "2", "0"],
    ["1", "b", "2", "3", "0"],
    ["1", "c", "3", null, "1"],
  ]);
});

it("refuses a table that was merged by another key, before it changes anything", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [dedup], lines([[1, "a", 1]], 1000));

  const run = await write(
    destination,
    folder,
    [{ ...dedup, properties: { ...properties, more: TEXT }, key: ["id", "name"] }],
    lines([[1, "b", 2]], 2000),
  );

  expect(run.exitCode).toBe(1);
  expect(errorOf(run)).toContain("were merged by another key than id, name");
  expect(errorOf(run)).toContain("refresh the stream");
  expect(await final(destination)).toEqual([["1", "a"]]);
  expect(await columns(destination, "demo")).not.toContain("more text");

  // A refresh replaces them, by whatever key.
  const refresh: StreamSpec = { ...dedup, key: ["id", "name"], generation: 2, minimum: 2 };
  const refreshed = await write(destination, folder, [refresh], lines([[1, "b", 2]], 3000));
  expect(errorOf(refreshed)).toBe("");
  expect(await final(destination)).toEqual([["1", "b"]]);
});

it("goes between replacing, adding and merging", async ({ destination, folder }) => {
  const step = async (spec: StreamSpec, name: string, at: number) => {
    const run = await write(destination, folder, [spec], lines([[1, name, at]], at * 1000));
    expect(errorOf(run)).toBe("");
    return (await final(destination)).map(([, is]) => is);
  };

  expect(await step(overwrite, "a", 1)).toEqual(["a"]);
  expect(await step(append, "b", 2)).toEqual(["a", "b"]);
  expect(await step(overwrite, "c", 3)).toEqual(["c"]);
  expect(await step(dedup, "d", 4)).toEqual(["d"]);
  expect(await step(overwrite, "e", 5)).toEqual(["e"]);
  expect(await step(dedup, "f", 6)).toEqual(["f"]);
  expect(await leftovers(destination)).toEqual([]);
});

it("fills the hash of older rows when it is asked for later", async ({ destination, folder }) => {
  await write(destination, folder, [stream()], [record("demo", { id: 1 }), complete("demo")]);

  await write(destination, folder, [stream()], [record("demo", { id: 2 }), complete("demo")], {
    config: { hashid: true },
  });

  expect(
    await destination.rows(
      "select id, _airbyte_demo_hashid = md5(concat_ws('-', id::text, '')) from demo order by id",
    ),
  ).toEqual([
    ["1", "t"],
    ["2", "t"],
  ]);
});

it("makes typed tables from the raw one when they are asked for later, or were dropped", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [dedup], lines([[1, "a", 1]], 1000), {
    config: { tables: "raw_only" },
  });

  const run = await write(destination, folder, [dedup], lines([[1, "b", 2]], 2000));

  expect(errorOf(run)).toBe("");
  expect(await final(destination)).toEqual([["1", "b"]]);
  expect((await history(destination)).map(([, name]) => name)).toEqual(["a", "b"]);

  await destination.exec("drop table demo, demo_scd");
  await write(destination, folder, [dedup], lines([[2, "c", 3]], 3000));

  expect(await final(destination)).toEqual([
    ["1", "b"],
    ["2", "c"],
  ]);
  expect((await history(destination)).map(([, name]) => name)).toEqual(["a", "b", "c"]);
});

it("does not take a typed table for whole that was left out for a while", async ({
  destination,
  folder,
}) => {
  const only = (tables: string) => ({ config: { tables } });
  await write(destination, folder, [append], lines([[1, "a", 1]], 1000));
  await write(destination, folder, [append], lines([[2, "b", 2]], 2000), only("raw_only"));

  const refused = await write(
    destination,
    folder,
    [append],
    lines([[3, "c", 3]], 3000),
    only("final_only"),
  );
  expect(errorOf(refused)).toContain('lacks the rows that were synced while tables was "raw_only"');

  await write(destination, folder, [append], lines([[3, "c", 3]], 3000));

  expect((await final(destination)).map(([id]) => id)).toEqual(["1", "2", "3"]);
  await write(destination, folder, [append], lines([[4, "d", 4]], 4000), only("final_only"));
  expect((await final(destination)).map(([id]) => id)).toEqual(["1", "2", "3", "4"]);
});

it("adds a raw table to a typed one, and leaves one out again", async ({ destination, folder }) => {
  const finalOnly = { config: { tables: "final_only" } };
  await write(destination, folder, [append], lines([[1, "a", 1]], 1000), finalOnly);
  await write(destination, folder, [append], lines([[2, "b", 2]], 2000));
  await write(destination, folder, [append], lines([[3, "c", 3]], 3000), finalOnly);

  expect((await final(destination)).length).toBe(3);
  expect(await destination.rows("select _airbyte_data->>'id' from _airbyte_raw_demo")).toEqual([
    ["2"],
  ]);
});
