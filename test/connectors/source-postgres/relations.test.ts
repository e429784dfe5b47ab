/** @guarantee every-row-arrives */
import { expect } from "vitest";
import { connect } from "../../../connectors/postgres/connection.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import type { State } from "../../../protocol/messages.ts";
import { type Database, it } from "../../support/fixtures.ts";
import { checkpointsOf, OFTEN } from "./checkpointed.ts";
import { type Printed, SourceDriver } from "./drive.ts";

/** Follows the stream `t` by its column `c`, each time from the state of the time before. */
async function follower(source: Database, folder: string, options: JsonObject = {}) {
  const driver = new SourceDriver(source, folder, options);
  const streams = await driver.configure(["t"], { sync_mode: "incremental", cursor_field: ["c"] });
  let states: readonly State[] | undefined;
  return {
    streams,
    async next(): Promise<Printed & { ids: number[] }> {
      const printed = await driver.read(streams, states);
      if (printed.exitCode === 0) states = printed.states.slice(-1);
      const ids = printed.rows("t").map((row) => Number(row["id"]));
      return { ...printed, ids: ids.toSorted((left, right) => left - right) };
    },
  };
}

const SOME = "(1, '2024-01-01'), (2, '2025-01-02')";

/** Each a table `t` and a row committed late, another tied with the last one, and one beyond it. */
it.for([
  [
    "a partitioned table",
    `create table t (id int, c timestamp not null) partition by range (c);
     create table t24 partition of t for values from ('2024-01-01') to ('2025-01-01');
     create table t25 partition of t for values from ('2025-01-01') to ('2026-01-01')`,
  ],
  [
    "a table with children",
    `create table t (id int, c timestamp not null); create table other (more text) inherits (t);
     create rule r as on insert to t where new.id >= 3 do instead insert into other values (new.id, new.c)`,
  ],
  [
    "a table with generated, dropped and hidden columns",
    `create table t (id int, gone int, c timestamp not null, twice int generated always as (id * 2) stored);
     alter table t drop column gone`,
  ],
  ["an unlogged table", "create unlogged table t (id int, c timestamp not null)"],
])(
  "delivers rows of %s once, those committed late included",
  async ([, table], { source, folder }) => {
    await source.exec(`${table}; insert into t (id, c) values ${SOME}`);
    const stream = await follower(source, folder);
    const late = await connect(source.config, { applicationName: "test" });
    await late.query("begin; insert into public.t (id, c) values (3, '2025-01-01 23:50')");

    const first = await stream.next();
    await source.exec("insert into t (id, c) values (4, '2025-01-02'), (5, '2025-01-02 00:10')");
    const second = await stream.next();
    await late.query("commit");
    await late.end();
    const third = await stream.next();
    const fourth = await stream.next();

    expect([first.ids, second.ids, third.ids, fourth.ids]).toEqual([[1, 2], [4, 5], [3], []]);
  },
);

it.for([
  ["foreign tables", "import foreign schema there limit to (t) from server there into public"],
  [
    "partitioned tables with foreign partitions",
    `create table t (id int, c timestamp not null) partition by range (c);
     create foreign table elsewhere partition of t default server there options (schema_name 'there', table_name 't')`,
  ],
])("follows %s by counting ties", async ([, table], { source, folder }) => {
  await source.exec(`
    create extension postgres_fdw; create schema there;
    create table there.t (id int, c timestamp not null); insert into there.t values ${SOME};
    do $$ begin
      execute format('create server there foreign data wrapper postgres_fdw options (host ''127.0.0.1'', port %L, dbname %L)',
        current_setting('port'), current_database());
    end $$;
    create user mapping for current_user server there options (user '${source.config.username}', password '${source.config.password}');
  `);
  await source.exec(table!);
  const stream = await follower(source, folder);

  const first = await stream.next();
  const nothing = await stream.next();
  await source.exec("insert into there.t values (3, '2025-01-02')");
  const tie = await stream.next();
  await source.exec("insert into there.t values (4, '2025-01-03')");
  const beyond = await stream.next();

  expect(first.errors).toEqual([]);
  expect([first.ids, nothing.ids, tie.ids, beyond.ids]).toEqual([[1, 2], [], [2, 3], [4]]);
  expect(stream.streams[0]!.stream.is_resumable).toBe(false);
});

it("follows materialized views by counting ties, since a refresh makes all their rows new", async ({
  source,
  folder,
}) => {
  await source.exec(`create table base (id int, c timestamp); insert into base values ${SOME};
    create materialized view t as select * from base`);
  const stream = await follower(source, folder);

  const first = await stream.next();
  await source.exec("refresh materialized view t");
  const same = await stream.next();
  await source.exec("insert into base values (3, '2025-01-02'); refresh materialized view t");
  const tie = await stream.next();

  expect([first.ids, same.ids, tie.ids]).toEqual([[1, 2], [], [2, 3]]);
});

it("follows a table of which the user may select some columns only, by counting ties", async ({
  source,
  folder,
}) => {
  const user = `columns_${source.config.database}`;
  await source.exec(`create table t (id int, c timestamp not null, secret int);
    insert into t values (1, '2024-01-01', 7), (2, '2025-01-02', 7);
    create role ${user} login password 'reader'; grant select (id, c) on t to ${user}`);
  const stream = await follower(source, folder, { username: user, password: "reader" });

  const first = await stream.next();
  await source.exec("insert into t values (3, '2025-01-02', 7)");
  const tie = await stream.next();
  await source.exec(`drop owned by ${user}; drop role ${user}`);

  expect(first.errors).toEqual([]);
  expect([first.ids, tie.ids]).toEqual([
    [1, 2],
    [2, 3],
  ]);
});

it("names row-level security as the reason where a role would see some rows only", async ({
  source,
  folder,
}) => {
  const user = `rows_${source.config.database}`;
  await source.exec(`create table t (id int, c timestamp not null); insert into t values ${SOME};
    alter table t enable row level security; create policy first on t using (id = 1);
    create role ${user} login password 'reader'; grant select on t to ${user}`);
  const stream = await follower(source, folder, { username: user, password: "reader" });

  const printed = await stream.next();
  await source.exec(`drop owned by ${user}; drop role ${user}`);

  expect(printed.exitCode).toBe(1);
  expect(printed.ids).toEqual([]);
  expect(printed.errors[0]).toMatchObject({
    failure_type: "config_error",
    message: expect.stringMatching(/row-level security.* "?t"?.*row_security: on/),
  });
});

it("reads what row-level security lets its user see when it is told that this is all", async ({
  source,
  folder,
}) => {
  const user = `rows_${source.config.database}`;
  await source.exec(`create table t (id int, c timestamp not null); insert into t values ${SOME};
    alter table t enable row level security; create policy odd on t using (id % 2 = 1);
    create role ${user} login password 'reader'; grant select on t to ${user}`);
  const login = { username: user, password: "reader", row_security: "on" };
  const stream = await follower(source, folder, login);

  const first = await stream.next();
  await source.exec("insert into t select id + 10, c + interval '1 day' from t");
  const second = await stream.next();
  await source.exec(`drop owned by ${user}; drop role ${user}`);

  expect([first.errors, second.errors]).toEqual([[], []]);
  expect(first.ids).toEqual([1]);
  expect(second.ids).toEqual([11]);
});

it("follows a view by its column also where tables are followed by xmin", async ({
  source,
  folder,
}) => {
  await source.exec(`create table base (id int, c timestamp not null);
    insert into base values ${SOME}; create view t as select * from base`);
  const options = { replication_method: { method: "Xmin" } };
  const stream = await follower(source, folder, options);
  const { catalog } = await new SourceDriver(source, folder, options).discover();

  const first = await stream.next();
  await source.exec("insert into base values (3, '2025-01-03')");
  const second = await stream.next();

  const announced = Object.fromEntries(catalog.streams.map((one) => [one.name, one]));
  expect(announced["t"]).toMatchObject({ supported_sync_modes: ["full_refresh", "incremental"] });
  expect(announced["t"]).not.toHaveProperty("source_defined_cursor");
  expect(announced["base"]).toMatchObject({ source_defined_cursor: true });
  expect([first.ids, second.ids]).toEqual([[1, 2], [3]]);
});

it.for(["timestamptz", "date"])(
  "says at each read of a view that a %s in the future stands in front of other rows",
  async (type, { source, folder }) => {
    await source.exec(`create table base (id int, c ${type} not null);
      create view t as select * from base;
      insert into base values (1, now()), (2, now() + interval '3 days')`);
    const stream = await follower(source, folder);
    await stream.next();
    await source.exec("insert into base values (3, now())");

    for (const read of [await stream.next(), await stream.next()]) {
      expect(read.ids).toEqual([]);
      expect(read.logs.join("\n")).toMatch(
        /WARN public\.t: the cursor stands at a value of c that is [234]\d{3} minutes ahead of the server's clock/,
      );
    }
  },
);

it("resumes a first load by xmin at every checkpoint, exactly once", async ({ source, folder }) => {
  await source.exec(
    "create table t (id int, pad text); insert into t select i, repeat('x', 100) from generate_series(1, 8000) i",
  );
  const driver = new SourceDriver(source, folder, {
    ...OFTEN,
    replication_method: { method: "Xmin" },
  });
  const streams = await driver.configure(["t"], { sync_mode: "incremental" });
  const whole = await driver.read(streams);
  await source.exec("insert into t values (0, ''); delete from t where id = 8000");
  const expected = (await source.rows("select id from t")).map(([id]) => Number(id));

  const checkpoints = checkpointsOf(whole).slice(0, -1);
  expect(checkpoints.length).toBeGreaterThan(5);
  for (const { state, before } of [checkpoints[0]!, checkpoints.at(-1)!]) {
    const resumed = await driver.read(streams, [state]);
    const ids = [...before, ...resumed.rows("t")].map((row) => Number(row["id"]));
    expect(new Set(ids.filter((id) => id !== 8000))).toEqual(new Set(expected));
    expect(ids).toHaveLength(new Set(ids).size);
    const nothing = await driver.read(streams, resumed.states.slice(-1));
    expect(nothing.rows("t")).toEqual([]);
  }
});
