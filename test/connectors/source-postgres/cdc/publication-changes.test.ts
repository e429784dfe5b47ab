import { expect } from "vitest";
import { ChangeSource } from "./change-source.ts";
import { onOwnServer } from "./own-server.ts";

const it = onOwnServer({ settings: { max_prepared_transactions: "3" } });

it("loads a table again that was taken out of the publication and put back between two reads", async ({
  database,
}) => {
  await database.exec(`create table t (id int primary key); insert into t values (1);
    create table u (id int primary key);
    create publication syncline_test for table t, u`);
  const source = new ChangeSource(database);
  const streams = await source.streams(["t", "u"]);
  const first = await source.readWell(streams);
  await database.exec("alter publication syncline_test drop table t");
  await database.exec("insert into t values (2); delete from t where id = 1");
  await database.exec("alter publication syncline_test add table t");
  await database.exec("insert into u values (5)");
  const second = await source.readWell(streams, { state: first.lastState });
  expect(second.story("t")).toEqual(['- {} {"operation":"truncate"}', '{"id":2}']);
  expect(second.story("u")).toEqual(['{"id":5}']);
  const third = await source.readWell(streams, { state: second.lastState });
  expect(third.records()).toEqual([]);
});

it("knows a publication that was dropped and made again, and begins anew where that is asked for", async ({
  database,
}) => {
  await database.exec("create table t (id int primary key); insert into t values (1)");
  const source = new ChangeSource(database);
  const streams = await source.streams(["t"]);
  const first = await source.readWell(streams);
  await database.exec(`drop publication syncline_test; insert into t values (2);
    create publication syncline_test for table t`);
  const second = await source.read(streams, { state: first.lastState });
  expect(second.failure).toMatchObject({
    code: "cdc.position_lost",
    message: expect.stringContaining("was dropped and created again") as string,
  });
  const anew = new ChangeSource(database, {
    invalid_cdc_cursor_position_behavior: "Re-sync data",
  });
  const third = await anew.readWell(streams, { state: first.lastState });
  expect(third.story("t")).toEqual(['- {} {"operation":"truncate"}', '{"id":1}', '{"id":2}']);
});

it("puts the tables it followed into the publication that it makes anew", async ({ database }) => {
  await database.exec("create table t (id int primary key); insert into t values (1)");
  const source = new ChangeSource(database, {
    invalid_cdc_cursor_position_behavior: "Re-sync data",
  });
  const streams = await source.streams(["t"]);
  const first = await source.readWell(streams);
  await database.exec("drop publication syncline_test; insert into t values (2)");
  const second = await source.readWell(streams, { state: first.lastState });
  expect(second.story("t")).toEqual(['- {} {"operation":"truncate"}', '{"id":1}', '{"id":2}']);
});

it("says what the publication leaves out whenever it is read", async ({ database }) => {
  await database.exec(`create table t (id int primary key);
    create publication syncline_test for table t with (publish = 'insert, update')`);
  const source = new ChangeSource(database);
  const reading = await source.readWell(await source.streams(["t"]));
  expect(reading.logs.join("\n")).toContain("leaves out every delete, truncate");
});

it("publishes no table with partitions whose updates the server would then refuse", async ({
  database,
}) => {
  await database.exec(`create table t (id int, v int) partition by range (id);
    create table t_1 partition of t for values from (0) to (9);
    alter table t replica identity full;
    create table k (id int primary key, v int) partition by range (id);
    create table k_1 partition of k for values from (0) to (9);
    insert into t values (1, 1); insert into k values (1, 1)`);
  const source = new ChangeSource(database);
  const [t, k] = await source.streams(["t", "k"]);
  expect(t?.stream.supported_sync_modes).toEqual(["full_refresh"]);
  const reading = await source.read([t!, k!]);
  expect(reading.statuses).toContain("t INCOMPLETE");
  await database.exec("update t set v = 2; update k set v = 2");
});

it("tells a row that moves from its old key where the key is one that somebody chose", async ({
  database,
}) => {
  await database.exec(`create table t (id int, v int); alter table t replica identity full;
    insert into t values (1, 1)`);
  const source = new ChangeSource(database);
  const streams = (await source.streams(["t"])).map((one) => ({ ...one, primary_key: [["id"]] }));
  const first = await source.readWell(streams);
  await database.exec("update t set id = 2; update t set v = 3");
  const second = await source.readWell(streams, { state: first.lastState });
  expect(second.story("t")).toEqual(['- {"id":1,"v":1}', '{"id":2,"v":1}', '{"id":2,"v":3}']);
});

it("says that a new slot waits for a prepared transaction", async ({ database }) => {
  await database.exec("create table t (id int primary key)");
  await database.exec("begin; insert into t values (1); prepare transaction 'pending'");
  const source = new ChangeSource(database);
  const reading = await source.readWell(await source.streams(["t"]), {
    onLog: async (message) => {
      if (
        message.includes("waits for open transactions to end: the prepared transaction 'pending'")
      )
        await database.exec("commit prepared 'pending'");
    },
  });
  expect(reading.story("t")).toEqual(['{"id":1}']);
});

it("publishes a table again that was dropped and made anew, and no table that somebody took out", async ({
  database,
}) => {
  await database.exec(`create table t (id int primary key); insert into t values (1);
    create table u (id int primary key); create table v (id int primary key)`);
  const source = new ChangeSource(database);
  const streams = await source.streams(["t", "u", "v"]);
  const first = await source.readWell(streams);
  await database.exec(`drop table t; create table t (id int primary key); insert into t values (2);
    alter publication syncline_test drop table u`);
  const second = await source.read(streams, { state: first.lastState });
  expect(second.statuses).toContain("u INCOMPLETE");
  expect(second.story("t")).toEqual(['- {} {"operation":"truncate"}', '{"id":2}']);
  await database.exec("insert into t values (3)");
  const third = await source.read(streams, { state: second.lastState });
  expect(third.story("t")).toEqual(['{"id":3}']);
});
