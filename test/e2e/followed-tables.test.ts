import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { onOwnServer } from "../connectors/source-postgres/cdc/own-server.ts";
import { createDatabase, type Database } from "../support/database.ts";
import { Project } from "../support/project.ts";

const it = onOwnServer().extend<{ destination: Database; folder: string }>({
  destination: async ({ server }, use) => {
    const { database, drop } = await createDatabase(server.url("postgres"));
    await use(database);
    await drop();
  },
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the parameter's shape
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), "syncline-followed-"));
    await use(folder);
    await rm(folder, { recursive: true, force: true });
  },
});

const METHOD = { method: "CDC", replication_slot: "followed_tables", publication: "followed" };

const followed = (name: string, mode = "append_dedup") => ({
  name,
  sync_mode: "incremental",
  destination_sync_mode: mode,
});

const optionsOf = (source: Database, destination: Database, streams: readonly object[]) => ({
  source,
  destination,
  sourceConfig: { replication_method: METHOD },
  destinationConfig: { history: true },
  connections: { c: { streams } },
});

/** So long and so random that it is stored outside its row. */
const long = (seed: string) =>
  `(select string_agg(md5(i::text || '${seed}'), '') from generate_series(1, 200) i)`;

/** @guarantee every-row-arrives */
it("keeps values that a change of the key does not carry, also of a row that is gone by then", async ({
  database: source,
  destination,
  folder,
}) => {
  await source.exec(`create table t (id int primary key, n int, big text);
    insert into t values (1, 0, ${long("a")}), (2, 0, ${long("b")});
    create table log (id int primary key, n int, big text); insert into log select * from t`);
  const streams = [followed("t"), followed("log", "append")];
  const project = await Project.create(folder, optionsOf(source, destination, streams));
  await project.sync("c");
  await source.exec(`update t set id = 10 where id = 1; update t set n = 1 where id = 10;
    update t set id = 11 where id = 10; delete from t where id = 11;
    update t set id = 20, n = 5 where id = 2;
    update log set id = 10 where id = 1; delete from log where id = 10`);
  await project.sync("c");

  expect(await destination.rows("select id, n, md5(big) from t")).toEqual(
    await source.rows("select id, n, md5(big) from t"),
  );
  const versions = await destination.rows(
    `select id, n, big = ${long("a")}, _airbyte_active_row from t_scd order by id, n`,
  );
  expect(versions).toEqual([
    ["1", "0", "t", "0"],
    ["2", "0", "f", "0"],
    ["10", "0", "t", "0"],
    ["10", "1", "t", "0"],
    ["11", "1", "t", "0"],
    ["20", "5", "f", "1"],
  ]);
  // What is only added is added as it came.
  const added = await destination.rows(
    `select id, _ab_cdc_deleted_at is not null, big is null, _airbyte_meta ->> 'unchanged' from log
     order by _ab_cdc_lsn, id, 2`,
  );
  expect(added).toEqual([
    ["1", "f", "f", null],
    ["2", "f", "f", null],
    ["1", "t", "t", null],
    ["10", "f", "t", '["big"]'],
    ["10", "t", "t", null],
  ]);
});

/** @guarantee every-row-arrives */
it("takes back what was deleted while a stream was not selected", async ({
  database: source,
  destination,
  folder,
}) => {
  await source.exec(`create table t (id int primary key); insert into t values (1), (2);
    create table u (id int primary key); insert into u values (1)`);
  const optionsWith = (...names: string[]) =>
    optionsOf(
      source,
      destination,
      names.map((name) => followed(name)),
    );
  const project = await Project.create(folder, optionsWith("t", "u"));
  await project.sync("c");
  const alone = await project.syncline(["sync", "c", "--stream", "u"]);
  expect(alone.exitCode).not.toBe(0);
  expect(alone.stderr).toContain("none can be synced alone");

  await project.configure(optionsWith("u"));
  await source.exec("delete from t where id = 1; insert into t values (3)");
  await project.sync("c");
  await project.sync("c");
  await project.configure(optionsWith("t", "u"));
  await source.exec("insert into t values (4); insert into u values (2)");
  await project.sync("c");
  const ids = async (table: string) => await destination.rows(`select id from ${table} order by 1`);
  expect(await ids("t")).toEqual([["2"], ["3"], ["4"]]);
  expect(await ids("u")).toEqual([["1"], ["2"]]);
});
