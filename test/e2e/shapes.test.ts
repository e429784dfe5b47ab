import { expect } from "vitest";
import { it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import { columns, leftovers, relations } from "../support/tables.ts";

/** A connection for each mode of the destination, and every stream of the source. */
const EVERYTHING = { everything: { streams: ["*"] } };

it("copies a table without rows: the tables are there, and empty", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec("create table empty (id int primary key, at timestamptz)");
  const project = await Project.create(folder, { source, destination, connections: EVERYTHING });

  const result = await project.sync("everything");

  expect(await project.counts(result.job)).toEqual({ "public.empty": [0, 0] });
  expect(await relations(destination)).toEqual(["_airbyte_raw_empty", "empty"]);
  expect(await columns(destination, "empty")).toEqual([
    "id bigint",
    "at timestamp with time zone",
    "_airbyte_ab_id uuid",
    "_airbyte_emitted_at timestamp with time zone",
    "_airbyte_normalized_at timestamp with time zone",
    "_airbyte_meta jsonb",
  ]);
  expect(await destination.rows("select count(*) from empty")).toEqual([["0"]]);
});

it("empties the copy of a table whose rows are all gone", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec("create table t (id int primary key); insert into t values (1), (2)");
  const project = await Project.create(folder, { source, destination, connections: EVERYTHING });
  await project.sync("everything");
  expect(await destination.rows("select count(*) from t")).toEqual([["2"]]);

  await source.exec("delete from t");
  await project.sync("everything");

  expect(await destination.rows("select count(*) from t")).toEqual([["0"]]);
  expect(await destination.rows("select count(*) from _airbyte_raw_t")).toEqual([["0"]]);
});

it("copies the rows of a table without columns", async ({ source, destination, folder }) => {
  await source.exec("create table nothing (); insert into nothing default values");
  await source.exec("insert into nothing default values; insert into nothing default values");
  const project = await Project.create(folder, { source, destination, connections: EVERYTHING });

  const result = await project.sync("everything");

  expect(await project.counts(result.job)).toEqual({ "public.nothing": [3, 3] });
  expect(await destination.rows("select _airbyte_data from _airbyte_raw_nothing")).toEqual([
    ["{}"],
    ["{}"],
    ["{}"],
  ]);
  expect(await destination.rows("select count(*) from nothing")).toEqual([["3"]]);
});

/** PostgreSQL's own limit. */
const MOST_COLUMNS = 1600;

const wideTable = (name: string, count: number) => `
  create table ${name} (${Array.from({ length: count }, (_, n) => `c${n} boolean`).join(", ")});
  insert into ${name} select ${Array.from({ length: count }, (_, n) =>
    n % 3 === 0 ? "null" : String(n % 2 === 0),
  ).join(", ")} from generate_series(1, 5);
`;

it("copies a table of as many columns as PostgreSQL allows, raw", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec(wideTable("wide", MOST_COLUMNS));
  const project = await Project.create(folder, {
    source,
    destination,
    destinationConfig: { tables: "raw_only" },
    connections: EVERYTHING,
  });

  await project.sync("everything");

  const [expected] = await source.query("select to_jsonb(wide) as row from wide limit 1");
  expect(
    await destination.rows(
      "select _airbyte_data = $1::jsonb, count(*) from _airbyte_raw_wide group by 1",
      [expected!["row"]],
    ),
  ).toEqual([["t", "5"]]);
});

it("copies a table with columns of its own to spare for ours", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec(wideTable("wide", MOST_COLUMNS - 4));
  const project = await Project.create(folder, { source, destination, connections: EVERYTHING });

  await project.sync("everything");

  const digest = `
    select count(*), md5(string_agg((to_jsonb(wide)
      - '{_airbyte_ab_id,_airbyte_emitted_at,_airbyte_normalized_at,_airbyte_meta}'::text[])::text, ''))
    from wide`;
  expect(await destination.rows(digest)).toEqual(await source.rows(digest));
});

it("refuses a table with more columns than fit beside ours, before anything is read", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec(wideTable("wide", MOST_COLUMNS));
  const project = await Project.create(folder, { source, destination, connections: EVERYTHING });

  const result = await project.trySync("everything");

  expect(result.exitCode).toBe(2);
  expect(result.stderr + result.stdout).toMatch(/public\.wide|wide/);
  expect(result.stderr + result.stdout).toMatch(/1,?600/);
  expect(await relations(destination)).toEqual([]);
  expect(await leftovers(destination)).toEqual([]);
});

it("copies 500 tables in one sync", async ({ source, destination, folder }) => {
  await source.exec(`do $$ begin
    for n in 1..500 loop
      execute format('create table table_%s (id int primary key, name text)', n);
      execute format('insert into table_%s select g, ''row '' || g from generate_series(1, %s) g', n, n % 5);
    end loop;
  end $$`);
  const project = await Project.create(folder, { source, destination, connections: EVERYTHING });

  const result = await project.sync("everything");

  const counts = Object.values(await project.counts(result.job));
  expect(counts).toHaveLength(500);
  expect(counts.reduce((sum, [, committed]) => sum + committed, 0)).toBe(1000);
  expect(await relations(destination)).toHaveLength(1000);
  expect(await destination.rows("select id, name from table_499 order by id")).toEqual(
    await source.rows("select id, name from table_499 order by id"),
  );
  expect(await leftovers(destination)).toEqual([]);
});
