import { Client } from "pg";
import { expect } from "vitest";
import { type Database, it } from "../../support/fixtures.ts";
import { type Pooler, startPooler } from "../../support/pooler.ts";
import { SourceDriver } from "./drive.ts";

/** What another application finds on the pooled session. */
async function settings(pooler: Pooler, { config }: Database): Promise<unknown[]> {
  const { database, username: user } = config;
  const client = new Client({ host: pooler.host, port: pooler.port, database, user });
  await client.connect();
  // `application_name` is each client's own word at its start.
  const { rows } = await client.query<Record<string, string>>(
    "select name, setting, source from pg_settings where name <> 'application_name' order by name",
  );
  await client.end();
  return rows;
}

/** @guarantee source-unchanged */
it("sets nothing on a session that a transaction pooler gives to others afterwards", async ({
  source,
  folder,
}) => {
  await source.exec(`create table t (id int primary key, at timestamptz default now());
    create materialized view m as select 1 as id;
    insert into t values (1), (2)`);
  const pooler = await startPooler(source.config);
  const { host, port } = pooler;
  const pooled = { ...source, config: { ...source.config, host, port } };
  const before = await settings(pooler, source);

  const driver = new SourceDriver(pooled, folder);
  const { status } = await driver.check();
  const afterCheck = await settings(pooler, source);
  const streams = await driver.configure(["t", "m"]);
  const afterDiscover = await settings(pooler, source);
  const read = await driver.read(streams);
  const afterRead = await settings(pooler, source);
  const increments = await driver.configure(["t"], {
    sync_mode: "incremental",
    cursor_field: ["at"],
  });
  const first = await driver.read(increments);
  const second = await driver.read(increments, first.states);
  const afterIncrement = await settings(pooler, source);
  const failing = new SourceDriver(pooled, folder, { schemas: ["missing"] });
  const failed = await failing.check();
  const afterFailure = await settings(pooler, source);
  await pooler.close();

  expect([status, failed.status]).toEqual(["SUCCEEDED", "FAILED"]);
  expect([read.rows("t"), read.rows("m"), first.rows("t"), second.rows("t")]).toMatchObject([
    [{ id: 1 }, { id: 2 }],
    [{ id: 1 }],
    [{ id: 1 }, { id: 2 }],
    [],
  ]);
  expect(before.length).toBeGreaterThan(300);
  for (const after of [afterCheck, afterDiscover, afterRead, afterIncrement, afterFailure])
    expect(after).toEqual(before);
});
