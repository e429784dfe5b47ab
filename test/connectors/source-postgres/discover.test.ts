import { expect } from "vitest";
import { it } from "../../support/fixtures.ts";
import { SourceDriver } from "./drive.ts";

it("announces tables, views, materialized and foreign tables, and a partitioned table once", async ({
  source,
  folder,
}) => {
  await source.exec(`
    create table plain (id int primary key, name text);
    create table parted (id int, at date) partition by range (at);
    create table parted_2024 partition of parted for values from ('2024-01-01') to ('2025-01-01');
    create table parent (id int);
    create table child (more text) inherits (parent);
    create unlogged table unlogged (id int);
    create view a_view as select id from plain;
    create materialized view a_matview as select id from plain;
    create extension file_fdw;
    create server files foreign data wrapper file_fdw;
    create foreign table a_foreign (line text) server files options (filename '/dev/null');
    create extension pg_stat_statements;
    create schema "Other";
    create table "Other"."Mixed Case" (id int);
    create temporary table gone (id int);
  `);

  const { catalog } = await new SourceDriver(source, folder).discover();

  expect(catalog.streams.map((stream) => `${stream.namespace}.${stream.name}`)).toEqual([
    "Other.Mixed Case",
    "public.a_foreign",
    "public.a_matview",
    "public.a_view",
    "public.child",
    "public.parent",
    "public.parted",
    "public.plain",
    "public.unlogged",
  ]);
});

it("leaves out what is ours where the source is the destination of others, unless asked for it", async ({
  source,
  folder,
}) => {
  await source.exec(`
    create table orders (id int);
    create schema _syncline; create table _syncline.checkpoint (id int);
    create schema _syncline_me; create table _syncline_me.checkpoint (id int);
    create schema _synclines; create table _synclines.kept (id int);
  `);
  const announced = async (config?: { schemas: string[] }) => {
    const { catalog } = await new SourceDriver(source, folder, config).discover();
    return catalog.streams.map((stream) => `${stream.namespace}.${stream.name}`);
  };

  expect(await announced()).toEqual(["_synclines.kept", "public.orders"]);
  expect(await announced({ schemas: ["_syncline"] })).toEqual(["_syncline.checkpoint"]);
});

it("announces keys in the key's order, and only the configured schemas", async ({
  source,
  folder,
}) => {
  await source.exec(`
    create schema app;
    create table app.t (c int, b text, a int, primary key (a, c));
    create table public.elsewhere (id int);
  `);

  const { catalog } = await new SourceDriver(source, folder, { schemas: ["app"] }).discover();

  expect(catalog.streams).toHaveLength(1);
  expect(catalog.streams[0]).toMatchObject({
    name: "t",
    namespace: "app",
    source_defined_primary_key: [["a"], ["c"]],
    supported_sync_modes: ["full_refresh", "incremental"],
  });
  expect(Object.keys(catalog.streams[0]!.json_schema["properties"] as object)).toEqual([
    "c",
    "b",
    "a",
  ]);
});

it("announces generated and identity columns, not dropped ones, and tables of 0 and 1,600 columns", async ({
  source,
  folder,
}) => {
  const wide = Array.from({ length: 1600 }, (_, i) => `c${i} bool`).join(", ");
  await source.exec(`
    create table special (id int generated always as identity, gone text, twice int generated always as (1 + 1) stored);
    alter table special drop column gone;
    create table nothing ();
    create table wide (${wide});
  `);

  const { catalog } = await new SourceDriver(source, folder).discover();

  const columns = Object.fromEntries(
    catalog.streams.map((stream) => [
      stream.name,
      Object.keys(stream.json_schema["properties"] as object),
    ]),
  );
  expect(columns["special"]).toEqual(["id", "twice"]);
  expect(columns["nothing"]).toEqual([]);
  expect(columns["wide"]).toHaveLength(1600);
  expect(catalog.streams.find(({ name }) => name === "nothing")?.supported_sync_modes).toEqual([
    "full_refresh",
  ]);
});

it("leaves out what the user may not read, and says so", async ({ source, folder }) => {
  const user = `limited_${process.pid}_${Date.now()}`;
  await source.exec(`
    create role ${user} login password 'limited';
    create table public.open (id int, secret text);
    create table public.closed (id int primary key);
    create schema hidden; create table hidden.t (id int);
    grant usage on schema public to ${user};
    grant select (id) on public.open to ${user};
    grant select on hidden.t to ${user};
  `);
  const driver = new SourceDriver(source, folder, { username: user, password: "limited" });

  const { catalog, logs } = await driver.discover();
  const printed = await driver.read(await driver.configure(["open"]));

  expect(catalog.streams.map(({ name }) => name)).toEqual(["open"]);
  expect(Object.keys(catalog.streams[0]!.json_schema["properties"] as object)).toEqual(["id"]);
  expect(logs.join("\n")).toMatch(/public\.open: left out secret/);
  expect(logs.join("\n")).toMatch(/2 tables .*hidden\.t, public\.closed/);
  expect(printed.exitCode).toBe(0);
  await source.exec(`drop owned by ${user}; drop role ${user}`);
});

it("describes what a destination needs to recreate enums, domains, composites and ranges", async ({
  source,
  folder,
}) => {
  await source.exec(`
    create type mood as enum ('sad', 'it''s ok', 'happy');
    create domain moods as mood[] check (cardinality(value) < 3);
    create domain positive as numeric(10,2) not null check (value > 0);
    create type pair as (a positive, m mood, t text collate "C");
    create type textrange as range (subtype = text);
    create extension hstore;
    create table t (m mood, ms moods, p pair[], r textrange, h hstore, j positive, c text collate "C", v varchar(20)[]);
  `);

  const { catalog } = await new SourceDriver(source, folder).discover();

  const columns = catalog.streams[0]!.json_schema["properties"] as Record<string, object>;
  const mood = {
    kind: "enum",
    schema: "public",
    name: "mood",
    labels: ["sad", "it's ok", "happy"],
  };
  const positive = {
    kind: "domain",
    schema: "public",
    name: "positive",
    base: "numeric(10,2)",
    not_null: true,
    checks: ["CHECK ((VALUE > (0)::numeric))"],
  };
  expect(columns["m"]).toEqual({
    type: "string",
    "x-postgres-type": "public.mood",
    "x-postgres-definitions": [mood],
  });
  expect(columns["ms"]).toMatchObject({
    type: "array",
    "x-postgres-type": "public.moods",
    "x-postgres-base-type": "public.mood[]",
    "x-postgres-definitions": [mood, { kind: "domain", name: "moods", base: "public.mood[]" }],
  });
  expect(columns["p"]).toMatchObject({
    "x-postgres-type": "public.pair[]",
    "x-postgres-definitions": [
      positive,
      mood,
      {
        kind: "composite",
        name: "pair",
        attributes: [
          { name: "a", type: "public.positive" },
          { name: "m", type: "public.mood" },
          { name: "t", type: "text", collation: 'pg_catalog."C"' },
        ],
      },
    ],
  });
  expect(columns["r"]).toMatchObject({
    "x-postgres-definitions": [{ kind: "range", subtype: "text" }],
  });
  expect(columns["h"]).toMatchObject({
    "x-postgres-definitions": [{ kind: "extension", extension: "hstore" }],
  });
  expect(columns["j"]).toMatchObject({ type: "number", "x-postgres-base-type": "numeric(10,2)" });
  expect(columns["c"]).toMatchObject({ "x-postgres-collation": 'pg_catalog."C"' });
  expect(columns["v"]).toMatchObject({ "x-postgres-type": "character varying(20)[]" });
});

it("refuses a config with an unknown field, and says which", async ({ source, folder }) => {
  const { status, message } = await new SourceDriver(source, folder, {
    shemas: ["public"],
  }).check();

  expect(status).toBe("FAILED");
  expect(message).toMatch(/shemas/);
});

it("checks the password, the database, the schemas and whether anything can be read", async ({
  source,
  folder,
}) => {
  const check = (options: Record<string, string | string[]>) =>
    new SourceDriver(source, folder, options).check();
  expect(await check({})).toMatchObject({
    status: "FAILED",
    message: expect.stringMatching(/no table/),
  });
  await source.exec("create table t (id int)");

  expect(await check({})).toMatchObject({ status: "SUCCEEDED", exitCode: 0 });
  expect(await check({ password: "wrong" })).toMatchObject({
    status: "FAILED",
    message: expect.stringMatching(/password/),
  });
  expect(await check({ database: "absent" })).toMatchObject({
    status: "FAILED",
    message: expect.stringMatching(/absent/),
  });
  expect(await check({ schemas: ["public", "Public"] })).toMatchObject({
    status: "FAILED",
    message: expect.stringMatching(/do not exist: Public/),
  });
});

it("lists 5,000 tables in seconds", async ({ source, folder }) => {
  // A transaction holds a limited number of locks, so the tables come in portions.
  for (let first = 1; first <= 5000; first += 500)
    await source.exec(`do $$ begin
      for i in ${first}..${first + 499} loop
        execute format('create table t%s (id int primary key, a text, b numeric(10,2), c timestamptz, d jsonb, e int[], f bool, g uuid, h date, i float8)', i);
      end loop;
    end $$`);
  await source.exec(
    "analyze pg_class; analyze pg_attribute; analyze pg_constraint; analyze pg_type",
  );
  const driver = new SourceDriver(source, folder);
  const start = performance.now();

  const { catalog } = await driver.discover();

  expect(catalog.streams).toHaveLength(5000);
  // Two seconds on an idle machine; a query per table, or one that goes wrong, takes minutes.
  expect(performance.now() - start).toBeLessThan(20_000);
});
