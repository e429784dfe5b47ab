import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import { type PostgresServer, startPostgres } from "../../support/postgres-server.ts";
import type { State } from "../../../protocol/messages.ts";
import { type Database, it } from "../../support/fixtures.ts";
import { type Printed, SourceDriver } from "./drive.ts";

/** A server of its own: a transaction that is open anywhere on a server leaves a doubt. */
let server: PostgresServer;
let admin: Client;
let source: Database;

beforeAll(async () => {
  server = await startPostgres({ settings: { autovacuum: "off" } });
  admin = new Client(server.url());
  await admin.connect();
  const { host, port, username, password } = server;
  source = { config: { host, port, username, password, database: "postgres" } } as Database;
});

beforeEach(async () => {
  await admin.query("drop table if exists t");
});

afterAll(async () => {
  await admin.end();
  await server.stop("immediate");
});

/** Reads the stream `t` again and again, each time from the state of the time before. */
async function follower(folder: string) {
  const driver = new SourceDriver(source, folder);
  const streams = await driver.configure(["t"], {
    sync_mode: "incremental",
    cursor_field: ["updated_at"],
  });
  let states: readonly State[] | undefined;
  return {
    async next(): Promise<Printed & { ids: number[] }> {
      const printed = await driver.read(streams, states);
      states = printed.states;
      const ids = printed.rows("t").map((row) => Number(row["id"]));
      return { ...printed, ids: ids.toSorted((left, right) => left - right) };
    },
  };
}

const TABLE = "create table t (id int primary key, updated_at timestamp not null default now())";

it("does not repeat the window after a rewriting ALTER or VACUUM FULL", async ({ folder }) => {
  await admin.query(`${TABLE}; insert into t (id) select generate_series(1, 100)`);
  const stream = await follower(folder);
  await stream.next();

  await admin.query("vacuum full t");
  const afterVacuum = await stream.next();
  await admin.query("alter table t alter column id type bigint");
  await admin.query("insert into t (id) values (101)");
  const afterAlter = await stream.next();

  expect(afterVacuum.ids).toEqual([]);
  expect(afterAlter.ids).toEqual([101]);
});

it("misses no row tied with the last one when a table is emptied and filled in one transaction", async ({
  folder,
}) => {
  await admin.query(`${TABLE}; insert into t values (1, '2024-01-01'), (2, '2024-01-02')`);
  const stream = await follower(folder);
  await stream.next();
  const fill = (...more: string[]) =>
    admin.query(
      `truncate t; insert into t values ${["(1, '2024-01-01')", "(2, '2024-01-02')", ...more].join(", ")}`,
    );

  await fill();
  const same = await stream.next();
  await fill("(3, '2024-01-02')");
  const tied = await stream.next();

  expect([same.ids, tied.ids]).toEqual([[], [2, 3]]);
});

it("repeats rows rather than losing a late one when a table is rewritten while others write", async ({
  folder,
}) => {
  await admin.query(`${TABLE}; insert into t (id) select generate_series(1, 3)`);
  const stream = await follower(folder);
  const late = new Client(server.url());
  await late.connect();
  await late.query("begin; insert into t values (4, now() - interval '1 minute')");
  await stream.next();
  await late.query("commit");
  await late.end();
  await admin.query("alter table t alter column id type bigint");

  const second = await stream.next();
  const third = await stream.next();

  expect(second.ids).toEqual([1, 2, 3, 4]);
  expect(second.logs.join("\n")).toMatch(
    /WARN public\.t: the table was rewritten while others wrote/,
  );
  expect(third.ids).toEqual([]);
});
