import { expect } from "vitest";
import { connect } from "../../../connectors/postgres/connection.ts";
import type { State } from "../../../protocol/messages.ts";
import { type Database, it } from "../../support/fixtures.ts";
import { type Printed, SourceDriver } from "./drive.ts";

const session = (source: Database) => connect(source.config, { applicationName: "test" });

/** Reads a stream again and again, each time from the state of the time before. */
async function follower(source: Database, folder: string, options = {}, cursor = "updated_at") {
  const driver = new SourceDriver(source, folder, options);
  const streams = await driver.configure(["t"], {
    sync_mode: "incremental",
    cursor_field: [cursor],
  });
  let states: readonly State[] | undefined;
  return {
    async next(from?: readonly State[]): Promise<Printed & { ids: number[] }> {
      const printed = await driver.read(streams, from ?? states);
      if (printed.exitCode === 0) states = printed.states;
      return {
        ...printed,
        ids: printed
          .rows("t")
          .map((row) => Number(row["id"]))
          .sort((left, right) => left - right),
      };
    },
  };
}

const TABLE = "create table t (id int primary key, updated_at timestamp not null default now())";

/** @guarantee every-row-arrives */
it("delivers rows once: first all, then what is new, and ties with the last value", async ({
  source,
  folder,
}) => {
  await source.exec(
    `${TABLE}; insert into t values (1, '2024-01-01'), (2, '2024-01-02 03:04:05.123456')`,
  );
  const stream = await follower(source, folder);

  const first = await stream.next();
  const nothing = await stream.next();
  await source.exec("insert into t values (3, '2024-01-02 03:04:05.123456'), (4, '2024-01-03')");
  const third = await stream.next();
  const again = await stream.next();

  expect(first.ids).toEqual([1, 2]);
  expect(first.states.at(-1)?.stream?.stream_state).toMatchObject({
    stream_name: "t",
    stream_namespace: "public",
    cursor_field: ["updated_at"],
    cursor: "2024-01-02 03:04:05.123456",
    cursor_record_count: 1,
  });
  expect(nothing.ids).toEqual([]);
  expect(nothing.states.at(-1)?.stream).toEqual(first.states.at(-1)?.stream);
  expect(third.ids).toEqual([3, 4]);
  expect(again.ids).toEqual([]);
});

/** @guarantee every-row-arrives */
it("delivers rows that are committed late, also from savepoints, once", async ({
  source,
  folder,
}) => {
  await source.exec(`${TABLE}; insert into t (id) values (1)`);
  const stream = await follower(source, folder);
  const late = await session(source);
  await late.query(
    "begin; insert into public.t (id) values (2); savepoint s; insert into public.t (id) values (3)",
  );
  await source.exec("insert into t (id) values (4)");

  const first = await stream.next();
  await source.exec("insert into t (id) values (5)");
  const second = await stream.next();
  await late.query("commit");
  const third = await stream.next();
  const fourth = await stream.next();
  await late.end();

  expect(first.ids).toEqual([1, 4]);
  expect(second.ids).toEqual([5]);
  expect(third.ids).toEqual([2, 3]);
  expect(fourth.ids).toEqual([]);
});

it("delivers an updated row again, and never one that was rolled back", async ({
  source,
  folder,
}) => {
  await source.exec(`${TABLE}; insert into t (id) values (1), (2)`);
  const stream = await follower(source, folder);
  await stream.next();

  await source.exec(
    "begin; insert into t (id) values (9); rollback; update t set updated_at = now() where id = 2",
  );
  const second = await stream.next();

  expect(second.ids).toEqual([2]);
});

/** @guarantee bounded-memory */
it("keeps the state small when 100,000 rows share one cursor value", async ({ source, folder }) => {
  await source.exec(
    `${TABLE}; insert into t select i, '2024-01-01' from generate_series(1, 100000) i`,
  );
  const stream = await follower(source, folder);

  const first = await stream.next();
  await source.exec("insert into t values (0, '2024-01-01')");
  const second = await stream.next();

  expect(first.ids).toHaveLength(100_000);
  expect(JSON.stringify(first.states.at(-1)).length).toBeLessThan(1000);
  expect(second.ids).toEqual([0]);
});

it("follows numbers, texts and uuids by the order of their own type", async ({
  source,
  folder,
}) => {
  for (const [type, values] of [
    ["bigint", ["9007199254740993", "9007199254740994"]],
    ["numeric", ["9.5", "10.25"]],
    ["text", ["a", "b"]],
    ["uuid", ["00000000-0000-0000-0000-00000000000a", "00000000-0000-0000-0000-00000000000b"]],
    ["date", ["2024-01-01", "2024-01-02"]],
    ["boolean", ["false", "true"]],
    ["bytea", ["\\x00", "\\x01"]],
  ] as const) {
    await source.exec(
      `drop table if exists t; create table t (id int, c ${type} not null); insert into t values (1, '${values[0]}')`,
    );
    const stream = await follower(source, folder, {}, "c");
    await stream.next();

    await source.exec(`insert into t values (2, '${values[1]}')`);
    const second = await stream.next();

    expect([type, second.ids]).toEqual([type, [2]]);
    expect(second.states.at(-1)?.stream?.stream_state?.["cursor"]).toBe(values[1]);
  }
});

it("delivers an infinite cursor once, and does not let it hide later rows", async ({
  source,
  folder,
}) => {
  await source.exec(`${TABLE}; insert into t values (1, '2024-01-01'), (2, 'infinity')`);
  const stream = await follower(source, folder);

  const first = await stream.next();
  await source.exec("insert into t values (3, '2024-01-02')");
  const second = await stream.next();

  expect(first.ids).toEqual([1, 2]);
  expect(second.ids).toEqual([3]);
});

it("refuses NULL cursors and types without an order before reading anything", async ({
  source,
  folder,
}) => {
  await source.exec("create table t (id int, c int, j point); insert into t values (1, null)");
  const withNull = await (await follower(source, folder, {}, "c")).next();
  const noOrder = await (await follower(source, folder, {}, "j")).next();
  const missing = await (await follower(source, folder, {}, "absent")).next();

  const intro =
    "The following tables have invalid columns selected as cursor, please select a column with a well-defined ordering with no null values as a cursor. ";
  expect(withNull.errors[0]?.message).toBe(
    `${intro}{tableName='public.t', cursorColumnName='c', cursorSqlType=INTEGER, cause=Cursor column contains NULL value}`,
  );
  expect(noOrder.errors[0]?.message).toBe(
    `${intro}{tableName='public.t', cursorColumnName='j', cursorSqlType=OTHER, cause=Unsupported cursor type}`,
  );
  expect(missing.errors[0]).toMatchObject({
    failure_type: "config_error",
    message: expect.stringMatching(/absent.*public\.t/),
  });
  for (const printed of [withNull, noOrder, missing]) {
    expect(printed.exitCode).toBe(1);
    expect(printed.ids).toEqual([]);
  }
  for (const { statuses } of [withNull, noOrder]) expect(statuses).toEqual(["t INCOMPLETE"]);
});

it("goes on from Airbyte's states, and repeats ties when their number changed", async ({
  source,
  folder,
}) => {
  await source.exec(
    `${TABLE}; insert into t values (1, '2024-01-01'), (2, '2024-01-02'), (3, '2024-01-02'), (4, '2024-01-03')`,
  );
  const stream = await follower(source, folder);
  const state = (blob: object) =>
    [
      {
        type: "STREAM",
        stream: { stream_descriptor: { name: "t", namespace: "public" }, stream_state: blob },
      },
    ] as unknown as State[];
  const two = {
    state_type: "cursor_based",
    version: 2,
    cursor_field: ["updated_at"],
    cursor: "2024-01-02T00:00:00.000000",
  };

  const same = await stream.next(state({ ...two, cursor_record_count: 2 }));
  const fewer = await stream.next(state({ ...two, cursor_record_count: 1 }));
  const three = await stream.next(
    state({
      version: 3,
      state_type: "cursor_based",
      cursors: { updated_at: "2024-01-02T00:00:00" },
    }),
  );
  const legacy = await stream.next({
    cdc: false,
    streams: [{ stream_name: "t", stream_namespace: "public", ...two }],
  } as unknown as State[]);

  expect(same.ids).toEqual([4]);
  expect(fewer.ids).toEqual([2, 3, 4]);
  expect(three.ids).toEqual([4]);
  expect(legacy.ids).toEqual([4]);
});

it("follows views by counting ties", async ({ source, folder }) => {
  await source.exec(
    "create table base (id int, updated_at timestamp); insert into base values (1, '2024-01-01'); create view t as select * from base",
  );
  const stream = await follower(source, folder);
  const first = await stream.next();
  const nothing = await stream.next();
  await source.exec("insert into base values (2, '2024-01-01')");
  const tie = await stream.next();

  expect([first.ids, nothing.ids]).toEqual([[1], []]);
  expect(tie.ids).toEqual([1, 2]);
});

it("warns when the source is behind the state, or is another database", async ({
  source,
  folder,
}) => {
  await source.exec(`${TABLE}; insert into t values (1, '2024-01-01'), (2, '2024-01-02')`);
  const stream = await follower(source, folder);
  const first = await stream.next();
  await source.exec("delete from t where id = 2");
  const behind = await stream.next();
  const foreign = structuredClone(first.states.slice(-1));
  (foreign[0]!.stream!.stream_state!["snapshot"] as Record<string, string>)["system_identifier"] =
    "1";
  const other = await stream.next(foreign);

  expect(behind.logs.join("\n")).toMatch(/public\.t: the source is behind the state/);
  expect(other.logs.join("\n")).toMatch(/another database server/);
});

it("follows a table without a cursor by the transactions that wrote its rows", async ({
  source,
  folder,
}) => {
  await source.exec(
    "create table t (id int, updated_at timestamp); insert into t values (1, null)",
  );
  const stream = await follower(source, folder, { replication_method: { method: "Xmin" } });
  const late = await session(source);
  await late.query("begin; insert into public.t values (2, null)");
  const first = await stream.next();
  await source.exec("update t set id = 10 where id = 1");
  const second = await stream.next();
  await late.query("commit");
  const third = await stream.next();
  const fourth = await stream.next();
  await late.end();

  expect([first.ids, second.ids, third.ids, fourth.ids]).toEqual([[1], [10], [2], []]);
});

it("lets an index on the cursor serve the look for late rows", async ({ source, folder }) => {
  await source.exec(
    `${TABLE}; insert into t select i, timestamp '2024-01-01' + i * interval '1 second' from generate_series(1, 200000) i;
    create index on t (updated_at); analyze t`,
  );
  const stream = await follower(source, folder);
  await stream.next();
  await source.exec("insert into t values (0, '2024-01-03 07:00')");
  const scans = async () => {
    const [row] = await source.rows(
      "select seq_scan, seq_tup_read from pg_stat_user_tables where relname = 't'",
    );
    return row!.map(Number);
  };
  await source.exec("select pg_stat_force_next_flush()");
  const [scansBefore, rowsBefore] = await scans();

  const second = await stream.next();
  await source.exec("select pg_stat_force_next_flush()");

  expect(second.ids).toEqual([0, ...second.ids.filter((id) => id !== 0)]);
  expect(second.ids).toContain(0);
  const [scansAfter, rowsAfter] = await scans();
  expect(scansAfter).toBe(scansBefore);
  // The last blocks are looked at for a row to tell the table's history by.
  expect(rowsAfter! - rowsBefore!).toBeLessThan(5000);
});
