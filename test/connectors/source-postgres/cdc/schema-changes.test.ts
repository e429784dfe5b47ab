import type { Message } from "../../../../protocol/messages.ts";
import { expect } from "vitest";
import { ChangeSource, Reading, until } from "./change-source.ts";
import { onOwnServer } from "./own-server.ts";

const it = onOwnServer();

it("reads what was logged before a table was changed as rows of the table as it is now", async ({
  database,
}) => {
  await database.exec(`create table t (id int primary key, gone text, old int, n int, a text, b text);
    insert into t values (1, 'g', 1, 1, 'a', 'b');
    create publication syncline_test for all tables`);
  const source = new ChangeSource(database);
  const first = await source.readWell(await source.streams(["t"]));
  await database.exec("insert into t values (2, 'g', 2, 2, 'a2', 'b2')");
  await database.exec("alter table t rename old to new");
  await database.exec("insert into t values (3, 'g', 3, 3, 'a3', 'b3')");
  await database.exec(
    "alter table t drop gone, alter n type text using 'n' || n, add more int default 7",
  );
  await database.exec("insert into t values (4, 4, 'n4', 'a4', 'b4', 4)");
  await database.exec(
    "alter table t rename a to c; alter table t rename b to a; alter table t rename c to b",
  );
  await database.exec(
    "insert into t (id, a, b) values (5, 'b5', 'a5'); update t set new = 20 where id = 2",
  );

  const streams = await source.streams(["t"]);
  const expected = [
    '{"id":2,"new":2,"n":"2","b":"a2","a":"b2"}',
    '{"id":3,"new":3,"n":"3","b":"a3","a":"b3"}',
    '{"id":4,"new":4,"n":"n4","b":"a4","a":"b4","more":4}',
    '{"id":5,"new":null,"n":null,"b":"a5","a":"b5","more":7}',
    '{"id":2,"new":20,"n":"n2","b":"a2","a":"b2","more":7}',
  ];
  const limits = { checkpointSeconds: 0, sourceBlockBytes: 1 };
  const second = await source.readWell(streams, { state: first.lastState, limits });
  expect(second.logs.join("\n")).toContain(
    "public.t: the server has filled the new column more and converted n in rows that were there",
  );
  expect(second.story("t")).toEqual(expected);
  // The same from every state on the way.
  for (const [at, message] of second.messages.entries()) {
    if (message.type !== "STATE") continue;
    const before = new Reading();
    before.messages.push(...second.messages.slice(0, at));
    const after = await source.readWell(streams, { state: message.state });
    expect([...before.story("t"), ...after.story("t")]).toEqual(expected);
  }
});

it("says nothing of rows that were there where a change of the table has left them alone", async ({
  database,
}) => {
  await database.exec(`create table t (id int primary key, gone int, n int default 5);
    insert into t values (1); create publication syncline_test for all tables`);
  const source = new ChangeSource(database);
  const first = await source.readWell(await source.streams(["t"]));
  await database.exec("alter table t drop gone, add more text; alter table t rename n to m");
  const streams = await source.streams(["t"]);
  const second = await source.readWell(streams, { state: first.lastState });
  expect(second.logs).toEqual([]);
});

it("says once what was done to rows without a word in the log", async ({ database }) => {
  await database.exec(`create table t (id int primary key, n int); insert into t values (1, 1);
    create table u (id int primary key); create publication syncline_test for all tables`);
  const source = new ChangeSource(database);
  const first = await source.readWell(await source.streams(["t", "u"]));
  await database.exec("alter table t alter n type bigint; insert into u values (1)");
  const streams = await source.streams(["t", "u"]);
  const second = await source.readWell(streams, { state: first.lastState });
  await database.exec("insert into u values (2)");
  const third = await source.readWell(streams, { state: second.lastState });
  await database.exec("alter table t alter n type text; insert into u values (3)");
  const again = await source.streams(["t", "u"]);
  const fourth = await source.readWell(again, { state: third.lastState });
  expect(second.logs.filter((line) => line.includes("converted n")).length).toBe(1);
  expect(third.logs).toEqual([]);
  expect(fourth.logs.filter((line) => line.includes("converted n")).length).toBe(1);
});

it.for([
  ["a column is added", "alter table t add more int", "insert into t values (3, 3, 3)"],
  ["a column is retyped", "alter table t alter n type bigint", "insert into t values (3, 3)"],
  ["a column is renamed", "alter table t rename n to m", "insert into t values (3, 3)"],
  [
    "its rows are told apart by all columns",
    "alter table t replica identity full",
    "update t set n = 3",
  ],
  [
    "it is made anew",
    "drop table t; create table t (id int primary key, n int)",
    "insert into t values (3, 3)",
  ],
])(
  "ends before the first change of another shape when %s, with all that came before in a state",
  async ([, change, insert], { database }) => {
    await database.exec(`create table t (id int primary key, n int); insert into t values (1, 1);
    create table u (id int primary key);
    create publication syncline_test for all tables`);
    const source = new ChangeSource(database);
    const streams = await source.streams(["t", "u"]);
    const seen: string[] = [];
    const reading = source.read(streams, {
      follow: true,
      // A full block is printed at once: behind one of the last transaction there is no STATE any more.
      limits: { followSeconds: 3600, sourceBlockBytes: 64 * 1024 },
      onMessage: (message) => void seen.push(message.type),
    });
    await until(() => seen.filter((type) => type === "STATE").length >= 2);
    await database.exec("insert into t values (2, 2)");
    await database.exec(change!);
    await database.exec(`begin; insert into u values (1); ${insert}; commit`);
    const first = await reading;
    expect(first.failure?.code).toBe("source.schema_changed");
    expect(first.failure?.kind).toBe("transient_error");
    expect(first.story("t")).toEqual(['{"id":1,"n":1}', '{"id":2,"n":2}']);
    const lastState = first.messages.findLastIndex(({ type }) => type === "STATE");
    const isOfT = (one: Message) => one.type === "RECORD" && one.record.stream === "t";
    expect(lastState).toBeGreaterThan(first.messages.findLastIndex(isOfT));

    const second = await source.readWell(await source.streams(["t", "u"]), {
      state: first.lastState,
    });
    expect(second.story("u")).toEqual(['{"id":1}']);
    const now = await database.query("select to_json(t)::text as row from t order by id");
    const rows = new Map<unknown, string>();
    for (const { data, meta } of [...first.records("t"), ...second.records("t")]) {
      const { _ab_cdc_lsn: _, _ab_cdc_updated_at: __, _ab_cdc_deleted_at: deleted, ...row } = data;
      if (meta?.operation === "truncate") rows.clear();
      else if (deleted === null) rows.set(row["id"], JSON.stringify(row));
      else rows.delete(row["id"]);
    }
    const missing = change!.includes("add more") ? { more: null } : {};
    const renamed = (row: string) => {
      const { n, ...rest } = JSON.parse(row) as Record<string, unknown>;
      return change!.includes("rename") && n !== undefined
        ? { ...rest, m: n }
        : { ...missing, ...JSON.parse(row) };
    };
    expect([...rows.values()].map(renamed)).toEqual(now.map(({ row }) => JSON.parse(row!)));
  },
);

it("asks for another discovery when a followed table has lost a column since the last one", async ({
  database,
}) => {
  await database.exec(`create table t (id int primary key, n int); insert into t values (1, 1);
    create publication syncline_test for all tables`);
  const source = new ChangeSource(database);
  const streams = await source.streams(["t"]);
  const first = await source.readWell(streams);
  await database.exec("alter table t drop n; insert into t values (2)");

  const second = await source.read(streams, { state: first.lastState });
  const third = await source.readWell(await source.streams(["t"]), { state: first.lastState });

  expect(second.failure).toMatchObject({ code: "source.schema_changed", kind: "transient_error" });
  expect(third.story("t")).toEqual(['{"id":2}']);
});

it("loads a table again that was out of sight, and takes back what was there", async ({
  database,
}) => {
  await database.exec(`create table t (id int primary key); insert into t values (1);
    create table u (id int primary key); insert into u values (1);
    create publication syncline_test for table t, u`);
  const source = new ChangeSource(database);
  const streams = await source.streams(["t", "u"]);
  const first = await source.readWell(streams);
  await database.exec("alter publication syncline_test drop table t; alter table u rename to v");
  await database.exec("insert into t values (2); delete from t where id = 1");
  const second = await source.read(streams, { state: first.lastState });
  expect(second.failure?.code).toBe("stream.incomplete");
  expect(second.statuses).toEqual(["t INCOMPLETE", "u INCOMPLETE"]);
  await database.exec("alter publication syncline_test add table t; alter table v rename to u");
  const third = await source.readWell(streams, { state: second.lastState });
  expect(third.story("t")).toEqual(['- {} {"operation":"truncate"}', '{"id":2}']);
  expect(third.story("u")).toEqual(['- {} {"operation":"truncate"}', '{"id":1}']);
});
