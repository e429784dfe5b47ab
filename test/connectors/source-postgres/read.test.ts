import { expect } from "vitest";
import { type Database, it } from "../../support/fixtures.ts";
import { connect } from "../../../connectors/postgres/connection.ts";
import { openSession, type Session } from "../../../connectors/postgres/session.ts";
import { describeDatabase } from "../../../connectors/source-postgres/catalog/describe-database.ts";
import { beginSnapshot } from "../../../connectors/source-postgres/read/snapshot.ts";
import { SourceDriver, sorted } from "./drive.ts";
import { commandOf, runExecutable } from "../../support/run.ts";

const sql = (text: string) => ({ text, values: [] });
/** Begins to read tables, as they are described now. */
async function snapshotOf(reader: Session, tables: readonly { schema: string; name: string }[]) {
  const before = await reader.whileReading(() => describeDatabase(reader, { tables }));
  const nothing = () => Promise.resolve();
  return (await beginSnapshot(reader, tables, before, unheard, nothing)).description;
}

const connected = (source: Database) => connect(source.config, { applicationName: "test" });

const unheard = () => {};

it("prints statuses, records and one counted state per stream, also for empty tables", async ({
  source,
  folder,
}) => {
  await source.exec(`
    create table t (id bigint, name text); create table empty (id int); create table nothing ();
    insert into t values (9007199254740993, 'a"b'), (2, null);
    insert into nothing default values; insert into nothing default values;
  `);
  const driver = new SourceDriver(source, folder);

  const printed = await driver.read(await driver.configure(["t", "empty", "nothing"]));

  expect(printed.exitCode).toBe(0);
  expect(printed.data("t")).toEqual([
    '{"id":9007199254740993,"name":"a\\"b"}',
    '{"id":2,"name":null}',
  ]);
  expect(printed.data("nothing")).toEqual(["{}", "{}"]);
  expect(printed.statuses).toEqual([
    "t STARTED",
    "t RUNNING",
    "t COMPLETE",
    "empty STARTED",
    "empty COMPLETE",
    "nothing STARTED",
    "nothing RUNNING",
    "nothing COMPLETE",
  ]);
  expect(
    printed.states.map((state) => [state.stream?.stream_descriptor.name, state.sourceStats]),
  ).toEqual([
    ["t", { recordCount: 2 }],
    ["empty", { recordCount: 0 }],
    ["nothing", { recordCount: 2 }],
  ]);
});

it("reads 500 tables, and one of 1,600 columns, in one go", async ({ source, folder }) => {
  const tables = Array.from({ length: 500 }, (_, i) => `create table t${i} as select ${i} as id`);
  await source.exec(tables.join(";\n"));
  await source.exec(`create table wide (${Array.from({ length: 1600 }, (_, i) => `c${i} int default ${i}`).join(", ")});
    insert into wide default values`);
  const driver = new SourceDriver(source, folder);

  const printed = await driver.read(
    await driver.configure(["wide", ...tables.map((_, i) => `t${i}`)]),
  );

  expect(printed.exitCode).toBe(0);
  expect(printed.states).toHaveLength(501);
  expect(printed.rows("t499")).toEqual([{ id: 499 }]);
  expect(Object.keys(printed.rows("wide")[0]!)).toHaveLength(1600);
});

it("reads the configured columns only, in the configured order", async ({ source, folder }) => {
  await source.exec("create table t (a int, b int, c int); insert into t values (1, 2, 3)");
  const driver = new SourceDriver(source, folder);
  const [stream] = await driver.configure(["t"]);
  stream!.stream.json_schema = { type: "object", properties: { c: {}, a: {} } };

  const printed = await driver.read([stream!]);

  expect(printed.data("t")).toEqual(['{"c":3,"a":1}']);
});

it("names missing tables and columns, reads the others, and fails", async ({ source, folder }) => {
  await source.exec(
    "create table a (id int); create table b (id int, old int); create table c (id int); insert into c values (1)",
  );
  const driver = new SourceDriver(source, folder);
  const streams = await driver.configure(["a", "b", "c"]);
  await source.exec("drop table a; alter table b drop column old");

  const printed = await driver.read(streams);

  expect(printed.exitCode).toBe(1);
  expect(
    printed.errors.map(({ message, failure_type: type, stream_descriptor: stream }) => [
      stream?.name,
      type,
      message,
    ]),
  ).toEqual([
    ["a", "config_error", expect.stringMatching(/table public\.a does not exist/)],
    ["b", "config_error", expect.stringMatching(/public\.b has no column old/)],
    [undefined, "config_error", expect.stringMatching(/2 of 3 streams .* public\.a, public\.b/)],
  ]);
  expect(printed.statuses).toEqual([
    "a INCOMPLETE",
    "b INCOMPLETE",
    "c STARTED",
    "c RUNNING",
    "c COMPLETE",
  ]);
});

it("reads a column whose type has changed since discover as it is now, and says so", async ({
  source,
  folder,
}) => {
  await source.exec(
    "create table t (id int, a int, b varchar(3)); insert into t values (1, 2, 'x')",
  );
  const driver = new SourceDriver(source, folder);
  const streams = await driver.configure(["t"]);
  await source.exec("alter table t alter a type text, alter b type text");

  const printed = await driver.read(streams);

  expect(printed.exitCode).toBe(0);
  expect(printed.data("t")).toEqual(['{"id":1,"a":"2","b":"x"}']);
  expect(printed.logs.filter((line) => line.startsWith("WARN"))).toEqual([
    expect.stringMatching(
      /^WARN public\.t: .*: a is text and was integer, b is text and was character varying\(3\); /,
    ),
  ]);
});

it.for([
  "alter table t drop column a",
  "alter table t alter column a type text",
  "alter table t rename column a to b",
  "drop table t",
  "create or replace view v as select 2 as a",
  "refresh materialized view m",
])("makes others wait until the rows are read: %s", async (change, { source }) => {
  await source.exec(`create table t as select 1 as id, 2 as a; create view v as select 1 as a;
    create materialized view m as select 1 as a`);
  const reader = await openSession(source.config, { applicationName: "test" });
  const writer = await connected(source);
  const tables = ["t", "v", "m"].map((name) => ({ schema: "public", name }));
  const [row] = await writer
    .query<{ pid: string }>("select pg_backend_pid()::text as pid")
    .then(({ rows }) => rows);

  await snapshotOf(reader, tables);
  await writer.query("set search_path = public");
  const changed = writer.query(change);
  const isWaiting = async () =>
    (await source.rows("select 1 from pg_locks where not granted and pid = $1", [row!.pid]))
      .length > 0;
  while (!(await isWaiting())) await new Promise((resolve) => setImmediate(resolve));
  const rows = await reader.query("read", sql("select a from public.t"));

  expect(rows).toEqual([{ a: "2" }]);
  await reader.run("roll back", "rollback");
  await changed;
  await Promise.all([reader.close(), writer.end()]);
});

/** @guarantee streams-fail-alone */
it("ends only the stream that fails in the middle, and reads the rest in the same snapshot", async ({
  source,
  folder,
}) => {
  await source.exec(`
    create table numbers as select i from generate_series(1, 20000) i;
    create view failing as select 100 / (i - 15000) as i from numbers;
    create table secret (id int); alter table secret enable row level security;
    create table after as select 1 as id;
    create role reader_${process.pid} login password 'reader';
    grant select on all tables in schema public to reader_${process.pid};
  `);
  const driver = new SourceDriver(source, folder, {
    username: `reader_${process.pid}`,
    password: "reader",
  });

  const printed = await driver.read(await driver.configure(["failing", "secret", "after"]));

  expect(printed.exitCode).toBe(1);
  expect(printed.statuses).toEqual([
    "failing STARTED",
    "failing RUNNING",
    "failing INCOMPLETE",
    "secret STARTED",
    "secret INCOMPLETE",
    "after STARTED",
    "after RUNNING",
    "after COMPLETE",
  ]);
  expect(printed.errors.map(({ message }) => message).join("\n")).toMatch(/row-level security/);
  expect(printed.rows("after")).toEqual([{ id: 1 }]);
  await source.exec(`drop owned by reader_${process.pid}; drop role reader_${process.pid}`);
});

/** @guarantee one-moment */
it("never takes a TRUNCATE or a rewriting ALTER during the read for an empty table", async ({
  source,
}) => {
  await source.exec(`
    create table t as select i from generate_series(1, 5) i;
    create materialized view m as select i from t;
  `);
  const reader = await openSession(source.config, { applicationName: "test" });
  const writer = await connected(source);

  const tables = ["t", "m"].map((name) => ({ schema: "public", name }));
  await snapshotOf(reader, tables);
  let isTruncated = false;
  const truncated = writer.query("truncate public.t").then(() => (isTruncated = true));
  const rows = await reader.query("count", sql("select count(*) from public.t"));

  expect(rows).toEqual([{ count: "5" }]);
  expect(isTruncated).toBe(false);
  await reader.run("roll back", "rollback");
  await truncated;
  await Promise.all([reader.close(), writer.end()]);
});

it("sees a table that was rewritten between looking it up and locking it as it is now", async ({
  source,
}) => {
  await source.exec("create table t as select i from generate_series(1, 5) i");
  const reader = await openSession(source.config, { applicationName: "test" });
  const writer = await connected(source);
  await writer.query("begin; alter table public.t alter column i type bigint");
  const waiting = snapshotOf(reader, [{ schema: "public", name: "t" }]);
  const isBlocked = async () => {
    const [row] = await source.rows(
      "select count(*) from pg_locks where not granted and relation = 'public.t'::regclass",
    );
    return row![0] !== "0";
  };
  while (!(await isBlocked())) await new Promise((resolve) => setImmediate(resolve));

  await writer.query("commit");
  const description = await waiting;
  const rows = await reader.query("count", sql("select count(*) from public.t"));

  expect(description.relations[0]?.columns[0]?.type.name).toBe("int8");
  expect(rows).toEqual([{ count: "5" }]);
  await reader.run("roll back", "rollback");
  await Promise.all([reader.close(), writer.end()]);
});

it("prints the same under any settings of role and database", async ({ source, folder }) => {
  await source.exec(`
    create table t as select 1/3::float8 as f, '\\x00ff'::bytea as b, '2024-02-03 04:05:06.7'::timestamp as ts,
      '2024-02-03 04:05:06+02'::timestamptz as tz, '1 day 02:00'::interval as i, 12.3::money as m, '2024-02-03'::date as d;
  `);
  const driver = new SourceDriver(source, folder);
  const streams = await driver.configure(["t"]);
  const before = await driver.read(streams);
  const name = source.config.database;
  for (const setting of [
    "DateStyle = 'German'",
    "IntervalStyle = 'iso_8601'",
    "TimeZone = 'Asia/Kolkata'",
    "extra_float_digits = 0",
    "bytea_output = 'escape'",
    "statement_timeout = '1ms'",
    "default_transaction_isolation = 'serializable'",
  ])
    await source.exec(`alter database "${name}" set ${setting}`);

  const after = await driver.read(streams);

  expect(before.data("t")).toEqual([
    '{"f":0.3333333333333333,"b":"\\\\x00ff","ts":"2024-02-03T04:05:06.700000","tz":"2024-02-03T02:05:06.000000Z","i":"1 day 02:00:00","m":12.30,"d":"2024-02-03"}',
  ]);
  expect(after.data("t")).toEqual(before.data("t"));
});

it("fails the stream of a row beyond max_row_bytes, naming stream and size, and reads on", async ({
  source,
  folder,
}) => {
  await source.exec(`
    create table big as select i, repeat('x', 1000 * i) as t from generate_series(1, 100) i;
    create table after as select 1 as id;
  `);
  const driver = new SourceDriver(source, folder, { max_row_bytes: 50_000 });

  const printed = await driver.read(await driver.configure(["big", "after"]));

  expect(printed.exitCode).toBe(1);
  expect(printed.errors[0]?.message).toMatch(/public\.big: a row has 50004 bytes/);
  expect(printed.statuses.at(-1)).toBe("after COMPLETE");
});

it("reads small tables, of which the next are asked for early, beside others in any order", async ({
  source,
  folder,
}) => {
  for (const [at, name] of ["a", "b", "c", "d", "e", "f"].entries())
    await source.exec(`create table ${name} as select ${at} as id from generate_series(1, ${at})`);
  await source.exec("create view seen as select 7 as id");
  const driver = new SourceDriver(source, folder);
  const whole = await driver.configure(["a", "b", "seen", "c", "d", "e", "f"]);
  const followed = { sync_mode: "incremental" as const, cursor_field: ["id"] };
  const streams = whole.map((one) => (one.stream.name === "d" ? { ...one, ...followed } : one));

  const printed = await driver.read(streams);

  expect(printed.exitCode).toBe(0);
  for (const [at, name] of ["a", "b", "c", "d", "e", "f"].entries())
    expect(printed.rows(name)).toEqual(Array.from({ length: at }, () => ({ id: at })));
  expect(printed.rows("seen")).toEqual([{ id: 7 }]);
});

it("ends quietly when the reader of its output goes away", async ({ source, folder }) => {
  await source.exec(
    "create table t as select i, repeat('x', 100) as x from generate_series(1, 100000) i",
  );
  const driver = new SourceDriver(source, folder);
  const args = await driver.readArguments(await driver.configure(["t"]));
  const script = `"$0" "$@" | head -n 100 >/dev/null; echo "\${PIPESTATUS[0]}"`;

  const finished = await runExecutable("bash", [
    "--norc",
    "-c",
    script,
    ...commandOf("source-postgres"),
    ...args,
  ]);

  expect(finished.stdout.trim()).toBe("141");
  expect(finished.stderr).toBe("");
});

it("stops soon after SIGTERM, with whole lines and without COMPLETE", async ({
  source,
  folder,
}) => {
  await source.exec(
    "create table t as select i, repeat('x', 100) as x from generate_series(1, 3000000) i",
  );
  const driver = new SourceDriver(source, folder);
  const running = await driver.startReading(await driver.configure(["t"]));
  await running.line((line) => line.startsWith('{"type":"RECORD"'));

  running.kill("SIGTERM");
  const printed = sorted(await running.finished);

  expect(printed.exitCode).toBe(143);
  expect(printed.statuses).not.toContain("t COMPLETE");
  expect(printed.stdout.endsWith("\n")).toBe(true);
});

it("stops soon after SIGTERM, too, while it waits for a lock", async ({ source, folder }) => {
  await source.exec("create table t (id int)");
  const driver = new SourceDriver(source, folder);
  const streams = await driver.configure(["t"]);
  const owner = await connected(source);
  await owner.query("begin; lock table public.t in access exclusive mode");
  const running = await driver.startReading(streams);
  const isWaiting = async () =>
    (await source.rows("select 1 from pg_locks where not granted and relation = 't'::regclass"))
      .length > 0;
  while (!(await isWaiting())) await new Promise((resolve) => setImmediate(resolve));

  const start = performance.now();
  running.kill("SIGTERM");
  const printed = sorted(await running.finished);
  await owner.query("rollback");
  await owner.end();

  expect(printed.exitCode).toBe(143);
  expect(printed.statuses).toEqual([]);
  // Without asking the server it would be a minute.
  expect(performance.now() - start).toBeLessThan(20_000);
});
