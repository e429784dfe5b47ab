import { expect } from "vitest";
import { ChangeSource } from "./change-source.ts";
import { onOwnServer } from "./own-server.ts";

const it = onOwnServer();

/** So long and so random that it is stored outside its row. */
const LONG = `(select string_agg(md5(i::text || $1), '') from generate_series(1, 200) i)`;
const long = (seed: string) => LONG.replace("$1", `'${seed}'`);

const shortened = (story: string[]) => story.map((line) => line.replace(/[0-9a-f]{6000,}/g, "…"));

it("names values that the log does not carry, or reads them once more", async ({ database }) => {
  await database.exec(`create table t (id int primary key, n int, big text);
    create table f (id int primary key, n int, big text); alter table f replica identity full;
    insert into t values (1, 0, ${long("a")}), (2, 0, ${long("b")}); insert into f select * from t;
    create publication syncline_test for all tables`);
  const source = new ChangeSource(database);
  const streams = await source.streams(["t", "f"]);
  const first = await source.readWell(streams);
  await database.exec(`update t set n = 1 where id = 1; update f set n = 1 where id = 1;
    update t set n = 2 where id = 2; update t set big = 'short' where id = 2; update t set n = 3 where id = 2;
    update t set id = 10 where id = 1`);
  const state = first.lastState;

  const told = await source.readWell(streams, { state });
  expect(shortened(told.story("t"))).toEqual([
    '{"id":1,"n":1} {"unchanged":["big"]}',
    '{"id":2,"n":2} {"unchanged":["big"]}',
    '{"id":2,"n":2,"big":"short"}',
    '{"id":2,"n":3,"big":"short"}',
    '- {"id":1,"n":null,"big":null}',
    '{"id":10,"n":1} {"unchanged":["big"]}',
  ]);
  expect(shortened(told.story("f"))).toEqual(['{"id":1,"n":1,"big":"…"}']);

  await database.exec("delete from t where id = 10");
  const gone = await source.readWell(streams, { state });
  expect(gone.story("t").slice(0, -1)).toEqual(told.story("t"));
  const [deletion, moved] = gone.records("t").slice(-3);
  expect(moved!.data["_ab_cdc_lsn"]).toBe(deletion!.data["_ab_cdc_lsn"]);
  const later = await source.readWell(streams, { state, supportsChangeRecords: false });
  expect(shortened(later.story("t")).slice(0, 3)).toEqual([
    '{"big":null,"id":1,"n":1} {"changes":[{"field":"big","change":"NULLED","reason":"SOURCE_RETRIEVAL_ERROR"}]}',
    '{"big":"short","id":2,"n":2} {"changes":[{"field":"big","change":"TRUNCATED","reason":"SOURCE_RETRIEVAL_ERROR"}]}',
    '{"id":2,"n":2,"big":"short"}',
  ]);
});

it("tells of an emptied table, and warns where nobody understands that", async ({ database }) => {
  await database.exec(`create table t (id int primary key); insert into t values (1);
    create publication syncline_test for all tables`);
  const source = new ChangeSource(database);
  const streams = await source.streams(["t"]);
  const { lastState: state } = await source.readWell(streams);
  await database.exec("truncate t; insert into t values (2)");
  await database.exec("truncate t; insert into t values (3)");

  expect((await source.readWell(streams, { state })).story("t")).toEqual([
    '- {} {"operation":"truncate"}',
    '{"id":2}',
    '- {} {"operation":"truncate"}',
    '{"id":3}',
  ]);
  const other = await source.readWell(streams, { state, supportsChangeRecords: false });
  expect(other.story("t")).toEqual(['{"id":2}', '{"id":3}']);
  expect(other.logs.filter((line) => line.startsWith("WARN"))).toEqual([
    "WARN public.t: the table was emptied by TRUNCATE, which cannot be told to the destination: the rows stay there",
  ]);
});

it("reads columns that the server computes from the rows as they are", async ({ database }) => {
  await database.exec(`create table t (id int primary key, n int, twice int generated always as (n * 2) stored);
    insert into t values (1, 1);
    create publication syncline_test for all tables`);
  const source = new ChangeSource(database);
  const streams = await source.streams(["t"]);
  const first = await source.readWell(streams);
  expect(first.story("t")).toEqual(['{"id":1,"n":1,"twice":2}']);
  await database.exec(
    "update t set n = 4; insert into t values (2, 2); delete from t where id = 1",
  );
  const { records } = await source
    .readWell(streams, { state: first.lastState })
    .then((reading) => ({
      records: reading.records("t").map(({ data }) => [data["id"], data["twice"]]),
    }));
  expect(records).toEqual([
    [1, null],
    [2, 4],
    [1, undefined],
  ]);
});

it("follows a partitioned table as one stream", async ({ database }) => {
  await database.exec(`create table t (id int, n int, primary key (id)) partition by range (id);
    create table t1 partition of t for values from (0) to (10);
    create table t2 (n int, id int not null); alter table t attach partition t2 for values from (10) to (20);
    insert into t values (1, 1), (11, 1);
    create publication syncline_test for table t with (publish_via_partition_root = true)`);
  const source = new ChangeSource(database);
  const streams = await source.streams(["t"]);
  const first = await source.readWell(streams);
  expect(first.story("t")).toEqual(['{"id":1,"n":1}', '{"id":11,"n":1}']);
  await database.exec(
    "update t set n = 2; update t set id = 12 where id = 1; delete from t where id = 11",
  );
  const second = await source.readWell(streams, { state: first.lastState });
  expect(second.story("t")).toEqual([
    '{"id":1,"n":2}',
    '{"id":11,"n":2}',
    '- {"id":1,"n":null}',
    '{"id":12,"n":2}',
    '- {"id":11,"n":null}',
  ]);
});

it("prints no STATE in the middle of a transaction whose values are read later", async ({
  database,
}) => {
  await database.exec(`create table t (id int primary key, n int, pad text, big text);
    insert into t select i, 0, repeat('x', 200), ${long("a")} from generate_series(1, 300) i;
    create publication syncline_test for all tables`);
  const source = new ChangeSource(database);
  const streams = await source.streams(["t"]);
  const { lastState: state } = await source.readWell(streams);
  await database.exec("update t set n = 1");
  await database.exec("update t set n = 2 where id <= 3");
  const options = { supportsChangeRecords: false };
  const limits = { checkpointSeconds: 0 };
  const whole = await source.readWell(streams, { ...options, state, limits });
  const story = whole.records("t").map(({ data }) => [data["id"], data["n"]]);
  expect(story).toHaveLength(303);
  for (const [at, message] of whole.messages.entries()) {
    if (message.type !== "STATE") continue;
    const before = whole.messages.slice(0, at).filter(({ type }) => type === "RECORD").length;
    const after = await source.readWell(streams, { ...options, state: message.state });
    expect(after.records("t").map(({ data }) => [data["id"], data["n"]])).toEqual(
      story.slice(before),
    );
  }
});

it("refuses a change of more than two of the largest rows, and says how large it is", async ({
  database,
}) => {
  await database.exec(`create table t (id int primary key, a text, b text);
    alter table t replica identity full; alter table t alter a set storage external;
    insert into t values (1, repeat('x', 600000)); create publication syncline_test for table t`);
  const source = new ChangeSource(database, {}, { max_row_bytes: 700_000 });
  const streams = await source.streams(["t"]);
  const first = await source.readWell(streams);
  await database.exec("update t set b = 'y'");
  const second = await source.readWell(streams, { state: first.lastState });
  expect(second.records().length).toBe(1);
  await database.exec("update t set a = repeat('y', 900000)");
  const third = await source.read(streams, { state: second.lastState });
  expect(third.failure).toMatchObject({
    code: "postgres.too_large",
    message: expect.stringMatching(/a change in the log has 15\d{5} bytes/) as string,
    hint: expect.stringContaining("max_row_bytes") as string,
  });
  expect(third.records()).toEqual([]);
});
