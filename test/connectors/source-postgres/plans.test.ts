import { Client } from "pg";
import { afterAll, beforeAll, expect } from "vitest";
import { type PostgresServer, startPostgres } from "../../support/postgres-server.ts";
import type { State } from "../../../protocol/messages.ts";
import { type Database, it } from "../../support/fixtures.ts";
import { checkpointsOf, OFTEN } from "./checkpointed.ts";
import { SourceDriver } from "./drive.ts";

const ROWS = 5_000_000;

/** A server that logs the plan of every statement of the source, as it ran. */
let server: PostgresServer;
let admin: Client;
let source: Database;

beforeAll(async () => {
  server = await startPostgres({
    settings: { shared_preload_libraries: "auto_explain", autovacuum: "off" },
  });
  admin = new Client(server.url());
  await admin.connect();
  await admin.query(`
    create role reader superuser login password 'reader';
    alter role reader set auto_explain.log_min_duration = 0;
    create table t (id bigint not null, c timestamptz, nullable bigint);
    insert into t select i, '2024-01-01 00:00:00+00'::timestamptz + i * interval '1 second', i
      from generate_series(1, ${ROWS}) i;
    create index on t (id); create index on t (c); create index on t (nullable);
    create table other (id bigint primary key)`);
  await admin.query("vacuum analyze t");
  source = {
    config: {
      host: server.host,
      port: server.port,
      database: "postgres",
      username: "reader",
      password: "reader",
    },
  } as unknown as Database;
}, 120_000);

afterAll(async () => {
  await admin.end();
  await server.stop("immediate");
});

/** The statements on the table `t` that were logged while `work` ran, each with its plan. */
async function plansOf(work: () => Promise<void>): Promise<string[]> {
  const marker = (name: string) =>
    `begin; set local auto_explain.log_min_duration = 0; select '${name} ${Math.random()}'`;
  const reached = async (statement: string) => {
    const text = statement.slice(statement.indexOf("'"));
    await admin.query(`${statement}; commit`);
    while (!server.log().includes(text)) await admin.query("select 1");
    return server.log();
  };
  const start = marker("from here");
  await reached(start);
  await work();
  const log = await reached(marker("to here"));
  const since = log.slice(log.indexOf(start.slice(start.indexOf("'"))));
  return since.split("Query Text: ").filter((entry) => entry.includes(`"public"."t"`));
}

/** The state of a read that found the newest of the rows there are, an hour and more ago. */
async function stateAtEnd(cursor: string): Promise<State[]> {
  const { rows } = await admin.query<Record<string, string>>(`
    select max(${cursor})::text as cursor, min(late)::text as late_from,
      pg_snapshot_xmax(pg_current_snapshot())::text as xid,
      (select system_identifier::text from pg_control_system()) as system_identifier,
      (select oid::text from pg_database where datname = current_database()) as database_oid,
      't'::regclass::oid::int8::text as table_oid, pg_relation_filenode('t')::int8::text as filenode
    from (select ${cursor}, case when id > ${ROWS - 3600} then ${cursor} end as late from t) rows`);
  const found = rows[0]!;
  const blob = {
    state_type: "cursor_based",
    version: 2,
    cursor_field: [cursor],
    cursor: found["cursor"]!,
    cursor_record_count: 1,
    late_from: found["late_from"]!,
    former_cursors: [
      { cursor: found["late_from"]!, reached_at: new Date(Date.now() - 7_200_000).toISOString() },
      { cursor: found["cursor"]!, reached_at: new Date(Date.now() - 1000).toISOString() },
    ],
    snapshot: {
      xmin: found["xid"]!,
      xmax: found["xid"]!,
      delivered: [],
      system_identifier: found["system_identifier"]!,
      database_oid: found["database_oid"]!,
      table_oid: Number(found["table_oid"]),
      filenode: Number(found["filenode"]),
    },
  };
  const descriptor = { name: "t", namespace: "public" };
  return [{ type: "STREAM", stream: { stream_descriptor: descriptor, stream_state: blob } }];
}

it.for(["c", "id", "nullable"])(
  "finds nothing new, and then one row, in 5,000,000 rows without a sequential scan (cursor %s)",
  async (cursor, { folder }) => {
    const driver = new SourceDriver(source, folder);
    const streams = await driver.configure(["t"], {
      sync_mode: "incremental",
      cursor_field: [cursor],
    });
    const states = await stateAtEnd(cursor);
    const writer = new Client(server.url());
    await writer.connect();

    const idle = await plansOf(async () => {
      expect((await driver.read(streams, states)).rows("t")).toEqual([]);
    });
    // With a writer at work, each row's transaction is of interest too.
    await writer.query("begin; insert into other values (1)");
    await admin.query(
      `insert into t select max(id) + 1, max(c) + interval '1 second', max(id) + 1 from t`,
    );
    const busy = await plansOf(async () => {
      expect((await driver.read(streams, states)).rows("t")).toHaveLength(1);
    });
    await writer.query("rollback");
    await writer.end();
    await admin.query("delete from t where id > $1", [ROWS]);

    for (const plans of [idle, busy]) {
      expect(plans.filter((plan) => plan.startsWith("copy "))).toHaveLength(1);
      expect(plans.filter((plan) => plan.includes("Seq Scan"))).toEqual([]);
    }
    const queries = busy.map((plan) => plan.split("\n")[0]!).join("\n");
    expect(queries).toMatch(/order by .* desc limit 1/);
    expect(queries).toMatch(/count\(\*\)/);
    if (cursor === "nullable") expect(queries).toMatch(/is null/);
    if (cursor === "c") expect(queries).toMatch(/'Infinity'::/);
  },
);

it("counts the rows an interrupted refresh delivered in their blocks alone", async ({ folder }) => {
  await admin.query(
    "create table small as select i as id, 0 as version, repeat('x', 100) as pad from generate_series(1, 20000) i",
  );
  await admin.query("alter table t rename to big; alter table small rename to t; analyze t");
  const driver = new SourceDriver(source, folder, OFTEN);
  const streams = await driver.configure(["t"], { destination_sync_mode: "overwrite" });
  const [first] = checkpointsOf(await driver.read(streams));

  const plans = await plansOf(async () => {
    const resumed = await driver.read(streams, [first!.state]);
    expect(resumed.rows("t")).toHaveLength(20_000 - first!.before.length);
  });
  await admin.query("drop table t; alter table big rename to t");

  const count = plans.find((plan) => plan.startsWith("select count(*)"));
  expect(count).toMatch(/Tid Range Scan on t/);
});
