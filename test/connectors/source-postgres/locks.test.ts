import { expect } from "vitest";
import { connect } from "../../../connectors/postgres/connection.ts";
import { createDatabase } from "../../support/database.ts";
import { type Database, it } from "../../support/fixtures.ts";
import { startPostgres } from "../../support/postgres-server.ts";
import { sorted, SourceDriver } from "./drive.ts";

const connected = (source: Database) => connect(source.config, { applicationName: "migration" });

it.for(["one_moment", "per_stream"])(
  "says on which table it waits, and for whom, and goes on (%s)",
  async (lock, { source, folder }) => {
    await source.exec(`create table a as select 1 as id; create table b as select 2 as id;
      create materialized view m as select 3 as id`);
    const driver = new SourceDriver(source, folder, { lock });
    const streams = await driver.configure(["a", "b", "m"]);
    const migration = await connected(source);
    await migration.query("begin; alter table public.b add column more int default 4");
    const { rows } = await migration.query<{ pid: string }>("select pg_backend_pid()::text as pid");

    const reading = await driver.startReading(streams);
    const warning = await reading.line((line) => line.includes("waiting for a lock"));
    await migration.query("commit");
    const printed = sorted(await reading.finished);
    await migration.end();

    expect(JSON.parse(warning)).toEqual({
      type: "LOG",
      log: {
        level: "WARN",
        message: `waiting for a lock on public.b, which is held or asked for by session ${rows[0]!.pid} (migration, idle in transaction)`,
      },
    });
    expect(printed.exitCode).toBe(0);
    expect([printed.rows("a"), printed.rows("b"), printed.rows("m")]).toEqual([
      [{ id: 1 }],
      [{ id: 2 }],
      [{ id: 3 }],
    ]);
  },
);

it("says nothing of locks that are free, however long the read takes", async ({
  source,
  folder,
}) => {
  await source.exec("create table t as select 1 as id; create view v as select pg_sleep(3)::text");
  const driver = new SourceDriver(source, folder);

  const printed = await driver.read(await driver.configure(["t", "v"]));

  expect(printed.exitCode).toBe(0);
  expect(printed.logs.join("\n")).not.toContain("lock");
});

it.for([
  ["one_moment", ["a", "b", "t"]],
  ["per_stream", ["t"]],
] as const)(
  "keeps locked what the setting says, while a table is read (%s)",
  async ([lock, expected], { source, folder }) => {
    await source.exec(`create table a as select 1 as id; create table b as select 2 as id;
      create view t as select i as id, repeat('x', 9000) as pad, pg_sleep(0.02)::text as slow
        from generate_series(1, 200) i`);
    const driver = new SourceDriver(source, folder, { lock });
    const streams = await driver.configure(["a", "t", "b"]);

    const reading = await driver.startReading(streams);
    await reading.line((line) => line.startsWith('{"type":"RECORD","record":{"stream":"t"'));
    const rows = await source.rows(
      "select distinct c.relname from pg_locks l join pg_class c on c.oid = l.relation where l.mode = 'AccessShareLock' and c.relname in ('a', 'b', 't') and l.database = (select oid from pg_database where datname = current_database()) order by 1",
    );
    const printed = sorted(await reading.finished);

    expect(rows.flat()).toEqual(expected);
    expect(printed.rows("t")).toHaveLength(200);
    expect(printed.statuses.at(-1)).toBe("b COMPLETE");
  },
);

it("reads each table as it is when its turn comes, and misses nothing, with locks per stream", async ({
  source,
  folder,
}) => {
  await source.exec(`create table a (id int); create table missing (id int);
    create table z (id int, c timestamptz default now()); insert into a values (1); insert into z values (1)`);
  const driver = new SourceDriver(source, folder, { lock: "per_stream" });
  const full = await driver.configure(["a", "missing"]);
  const [z] = await driver.configure(["z"], { sync_mode: "incremental", cursor_field: ["c"] });
  await source.exec("drop table missing");
  const streams = [...full, z!];

  const first = await driver.read(streams);
  const late = await connected(source);
  await late.query("begin; insert into public.z values (2)");
  await source.exec("insert into z values (3)");
  const second = await driver.read(streams, first.states);
  await late.query("commit");
  await late.end();
  const third = await driver.read(streams, second.states);

  expect(first.exitCode).toBe(1);
  expect(first.statuses.filter((status) => !/STARTED|RUNNING/.test(status))).toEqual([
    "a COMPLETE",
    "missing INCOMPLETE",
    "z COMPLETE",
  ]);
  expect([first, second, third].map((read) => read.rows("z").map(({ id }) => id))).toEqual([
    [1],
    [3],
    [2],
  ]);
});

it("says what to do when there is no room for the locks of all tables at once", async ({
  folder,
}) => {
  const settings = { max_locks_per_transaction: "10", max_connections: "10" };
  const server = await startPostgres({ settings });
  const { database, drop } = await createDatabase(server.url());
  const other = await connected(database);
  try {
    const names = Array.from({ length: 200 }, (_, n) => `t${n}`);
    for (const name of names) await database.exec(`create table ${name} as select 1 as id`);
    const driver = new SourceDriver(database, folder);
    const streams = await driver.configure(names);
    // Locks of a session stay when the statement fails that cannot have more of them.
    await expect(
      other.query("select pg_advisory_lock(i) from generate_series(1, 100000) i"),
    ).rejects.toThrow("shared memory");
    await other.query("select pg_advisory_unlock(i) from generate_series(1, 100) i");

    const together = await driver.read(streams);
    const apart = await new SourceDriver(database, folder, { lock: "per_stream" }).read(
      streams.slice(-5),
    );

    expect(together.exitCode).toBe(1);
    expect(together.errors[0]!.message).toMatch(/for 200 tables at once.*lock to per_stream/s);
    expect([apart.exitCode, apart.rows("t199")]).toEqual([0, [{ id: 1 }]]);
  } finally {
    await other.end();
    await drop();
    await server.stop();
  }
}, 60_000);

it("does not wait for a table that it may not read", async ({ source, folder }) => {
  const role = `reader_${Date.now()}`;
  await source.exec(`create table a as select 1 as id;
    create schema hidden; create table hidden.t as select 2 as id;
    create role ${role} login password 'secret';
    grant select on a, hidden.t to ${role}`);
  const streams = await new SourceDriver(source, folder).configure(["a", "t"]);
  const migration = await connected(source);
  try {
    await migration.query("begin; lock table hidden.t in access exclusive mode");
    const driver = new SourceDriver(source, folder, { username: role, password: "secret" });

    const printed = await driver.read(streams);

    expect(printed.rows("a")).toEqual([{ id: 1 }]);
    expect(printed.statuses).toContain("t INCOMPLETE");
  } finally {
    await migration.end();
    await source.exec(`drop owned by ${role}; drop role ${role}`);
  }
});
