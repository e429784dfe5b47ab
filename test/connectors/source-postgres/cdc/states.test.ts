import { describe, expect, it as pure } from "vitest";
import {
  printLogPosition,
  printTablePosition,
  readLogPosition,
  readStreamPart,
  type TablePosition,
} from "../../../../connectors/source-postgres/cdc/cdc-state.ts";
import type { JsonObject } from "../../../../protocol/json.ts";
import type { State } from "../../../../protocol/messages.ts";
import { CHANGE_METHOD, ChangeSource } from "./change-source.ts";
import { onOwnServer } from "./own-server.ts";

const it = onOwnServer();

const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
const NAMES = { slot: "s", publication: "p" };

describe("positions", () => {
  pure("are read as they were printed", () => {
    const position = {
      lsn: 2n ** 40n,
      ...NAMES,
      systemIdentifier: "1",
      timeline: "2",
      databaseOid: "3",
    };
    const shared = bytes(printLogPosition(position, { committedAt: "now", serverLsn: 5n }));
    expect(readLogPosition(shared, { slot: "", publication: "" })).toEqual(position);
    const table: TablePosition = {
      tableOid: 4_000_000_000,
      from: 17n,
      columns: [{ number: 1, name: "a", typeOid: 23 }],
      load: {
        ctid: "(1,2)",
        filenode: 5,
        snapshot: { xmin: 10n, xmax: 2n ** 40n, running: [10n, 12n] },
      },
      resumedUpTo: 18n,
      isMissing: true,
    };
    const name = { name: "t", schema: "public" };
    expect(readStreamPart(bytes(printTablePosition(name, table)))).toEqual(table);
    const { load: _, ...finished } = { ...table, load: undefined, isMissing: false };
    expect(readStreamPart(bytes(printTablePosition(name, finished)))).toMatchObject(finished);
  });

  pure("of Airbyte's source are taken from the lowest place they name", () => {
    const places =
      '{"transaction_id":null,"lsn_proc":18014398509481985,"lsn_commit":18014398509481984,"lsn":18014398509481999}';
    const shared = bytes({ state: { '["db",{"server":"db"}]': places } });
    expect(readLogPosition(shared, NAMES)).toEqual({ lsn: 18014398509481984n, ...NAMES });
    expect(readLogPosition(bytes({ state: {} }), NAMES)).toBeUndefined();
    expect(readStreamPart(bytes({}))).toBe("unread");
    expect(readStreamPart(bytes({ state_type: "ctid", ctid: "(1,1)" }))).toBe("read otherwise");
    expect(readStreamPart(bytes({ state_type: "cursor_based", version: 2 }))).toBe(
      "loaded by another source",
    );
    expect(readStreamPart(bytes({ state_type: "ctid_based", version: 3, ctid: null }))).toBe(
      "loaded by another source",
    );
  });
});

it("goes on from a state of Airbyte's source", async ({ database }) => {
  await database.exec(`create table t (id int primary key); insert into t values (1);
    create table u (id int primary key); insert into u values (1);
    create publication syncline_test for all tables`);
  await database.exec(
    `select pg_create_logical_replication_slot('${CHANGE_METHOD.replication_slot}', 'pgoutput')`,
  );
  const [row] = await database.query("select (pg_current_wal_insert_lsn() - '0/0') as lsn");
  await database.exec("insert into t values (2); insert into u values (2)");
  const lsn = row!["lsn"]!;
  const state: State = {
    type: "GLOBAL",
    global: {
      shared_state: {
        state: { '["db",{"server":"db"}]': `{"lsn_proc":${lsn},"lsn_commit":${lsn},"lsn":${lsn}}` },
      },
      stream_states: [
        {
          stream_descriptor: { name: "t", namespace: "public" },
          stream_state: { state_type: "cursor_based", version: 2, stream_name: "t" },
        },
        { stream_descriptor: { name: "u", namespace: "public" }, stream_state: {} },
      ],
    },
  };
  const source = new ChangeSource(database);
  const read = await source.readWell(await source.streams(["t", "u"]), { state });
  expect(read.story("t")).toEqual(['{"id":2}']);
  expect(read.story("u")).toEqual(['{"id":1}', '{"id":2}']);
});

it("reads whole tables beside those that it follows, and keeps a state of all", async ({
  database,
}) => {
  await database.exec(`create table t (id int primary key); insert into t values (1);
    create table u (id int primary key); insert into u values (1);
    create view v as select * from t`);
  const source = new ChangeSource(database);
  const streams = await source.streams(["t", "u", "v"], { u: "full_refresh", v: "full_refresh" });
  const first = await source.readWell(streams);
  expect(first.story("v")).toEqual(['{"id":1}']);
  await database.exec("insert into t values (2); insert into u values (2)");
  const second = await source.readWell(streams, { state: first.lastState });
  expect(second.story("t")).toEqual(['{"id":2}']);
  expect(second.story("u")).toEqual(['{"id":1}', '{"id":2}']);
  for (const state of second.states.slice(1)) {
    const names = state.global!.stream_states.map(({ stream_descriptor: { name } }) => name);
    expect(new Set(names)).toEqual(new Set(["t", "u", "v"]));
  }
  const lsns = second.records("u").map(({ data }) => data["_ab_cdc_lsn"] as number);
  expect(lsns.every((lsn) => lsn > 0)).toBe(true);
});

it("makes no slot where nothing is followed", async ({ database }) => {
  await database.exec("create table t (id int primary key); insert into t values (1)");
  const source = new ChangeSource(database);
  const streams = await source.streams(["t"], { t: "full_refresh" });
  const first = await source.readWell(streams);
  expect(first.story("t")).toEqual(['{"id":1}']);
  const slots = await database.query(
    "select 1 from pg_replication_slots where database = current_database()",
  );
  expect(slots).toEqual([]);
  const followed = await source.readWell(await source.streams(["t"]), { state: first.lastState });
  expect(followed.story("t")).toEqual(['- {} {"operation":"truncate"}', '{"id":1}']);
});

it("begins anew where the place in the log is lost, if that is wanted", async ({ database }) => {
  await database.exec("create table t (id int primary key); insert into t values (1), (2)");
  const source = new ChangeSource(database);
  const streams = await source.streams(["t"]);
  const first = await source.readWell(streams);
  await database.exec(
    `select pg_drop_replication_slot('${CHANGE_METHOD.replication_slot}'); delete from t where id = 1`,
  );
  const state = first.lastState;
  const refused = await source.read(streams, { state });
  expect(refused.failure?.code).toBe("cdc.position_lost");
  expect(refused.messages).toEqual([]);
  const anew: JsonObject = { invalid_cdc_cursor_position_behavior: "Re-sync data" };
  const again = new ChangeSource(database, anew);
  const second = await again.readWell(streams, { state });
  expect(second.story("t")).toEqual(['- {} {"operation":"truncate"}', '{"id":2}']);
  await database.exec("insert into t values (3)");
  expect((await source.readWell(streams, { state: second.lastState })).story("t")).toEqual([
    '{"id":3}',
  ]);
});

it("locks a table no longer than it is read, if that is wanted", async ({ database }) => {
  await database.exec(`create table t (id int primary key); insert into t values (1);
    create table u (id int primary key); insert into u values (1);
    create table v (id int primary key); insert into v values (1)`);
  const source = new ChangeSource(database, {}, { lock: "per_stream" });
  const streams = await source.streams(["t", "u", "v"]);
  const first = await source.readWell(streams.slice(0, 1));
  const second = await source.readWell(streams, {
    state: first.lastState,
    onMessage: async (message) => {
      if (message.type === "RECORD" && message.record.stream === "v")
        await database.exec(
          "set lock_timeout = '5s'; truncate u; insert into u values (2); insert into t values (2)",
        );
    },
  });
  const third = await source.readWell(streams, { state: second.lastState });
  const story = (name: string) => [...second.story(name), ...third.story(name)];
  expect(story("t")).toEqual(['{"id":2}']);
  expect(story("u")).toEqual(['{"id":1}', '- {} {"operation":"truncate"}', '{"id":2}']);
  expect(story("v")).toEqual(['{"id":1}']);
});

it("does not read only those rows that policies show", async ({ database }) => {
  await database.exec("create table t (id int primary key)");
  const source = new ChangeSource(database, {}, { row_security: "on" });
  const { failure, messages } = await source.read([]);
  expect(failure?.code).toBe("config.invalid");
  expect(failure?.message).toContain("row_security");
  expect(messages).toEqual([]);
});

it("publishes the tables again where the publication is gone with the slot", async ({
  database,
}) => {
  await database.exec("create table t (id int primary key); insert into t values (1)");
  const source = new ChangeSource(database, {
    invalid_cdc_cursor_position_behavior: "Re-sync data",
  });
  const streams = await source.streams(["t"]);
  const { lastState: state } = await source.readWell(streams);
  await database.exec(
    `select pg_drop_replication_slot('${CHANGE_METHOD.replication_slot}');
     drop publication ${CHANGE_METHOD.publication}`,
  );
  const second = await source.readWell(streams, { state });
  expect(second.story("t")).toEqual(['- {} {"operation":"truncate"}', '{"id":1}']);
});
