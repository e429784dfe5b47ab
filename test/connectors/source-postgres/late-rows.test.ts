/** @guarantee every-row-arrives */
import { expect } from "vitest";
import { connect } from "../../../connectors/postgres/connection.ts";
import { openSession } from "../../../connectors/postgres/session.ts";
import { readOpenTransactions } from "../../../connectors/source-postgres/position/snapshot.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import type { State } from "../../../protocol/messages.ts";
import { type Database, it } from "../../support/fixtures.ts";
import { SourceDriver } from "./drive.ts";

const MINUTE = 60_000;

/** Reads the stream `t`, by default by its column `id`, each time from the state of the time before. */
async function follower(source: Database, folder: string, options: JsonObject = {}, cursor = "id") {
  const driver = new SourceDriver(source, folder, options);
  const streams = await driver.configure(["t"], {
    sync_mode: "incremental",
    cursor_field: [cursor],
  });
  let states: State[] | undefined;
  const blob = () => states!.at(-1)!.stream!.stream_state!;
  return {
    blob,
    former: () => blob()["former_cursors"] as { cursor: string; reached_at: string }[],
    /** Makes the state as it were had its last reads been this much earlier. */
    age(milliseconds: number) {
      for (const former of this.former())
        former.reached_at = new Date(Date.parse(former.reached_at) - milliseconds).toISOString();
    },
    async next(): Promise<string[]> {
      const printed = await driver.read(streams, states);
      expect(printed.exitCode).toBe(0);
      states = printed.states;
      return printed.rows("t").map((row) => `${row["id"] as string | number}`);
    },
  };
}

it.for([
  ["bigint", ["100", "200", "150", "50"]],
  ["text", ["m", "p", "n", "a"]],
  ["uuid", ["1", "3", "2", "0"].map((digit) => `${digit.repeat(8)}-0000-7000-8000-000000000000`)],
] as const)(
  "looks for late rows down to the %s cursor of a late commit window ago",
  async ([type, [first, second, late, old]], { source, folder }) => {
    await source.exec(`create table t (id ${type} primary key); insert into t values ('${first}')`);
    const stream = await follower(source, folder);
    await stream.next();
    const lateFromAtFirst = stream.blob()["late_from"];
    stream.age(61 * MINUTE);

    const nothing = await stream.next();
    const lateFromLater = stream.blob()["late_from"];
    await source.exec(`insert into t values ('${second}')`);
    const newer = await stream.next();
    await source.exec(`insert into t values ('${late}'), ('${old}')`);

    expect(lateFromAtFirst).toBeUndefined();
    expect(nothing).toEqual([]);
    expect(lateFromLater).toBe(first);
    expect(newer).toEqual([second]);
    // The window is what late rows are promised for.
    expect(await stream.next()).toEqual([late]);
    expect(await stream.next()).toEqual([]);
  },
);

it("looks at all rows for late ones while no read is a window old, and where no index helps", async ({
  source,
  folder,
}) => {
  await source.exec("create table t (id int not null, pad text); insert into t values (100, '')");
  const withoutIndex = await follower(source, folder);
  await withoutIndex.next();
  expect(withoutIndex.former()).toBeUndefined();
  await source.exec("create index on t (id)");
  const withIndex = await follower(source, folder);
  await withIndex.next();

  await source.exec("insert into t values (1, '')");

  expect(await withoutIndex.next()).toEqual(["1"]);
  expect(await withIndex.next()).toEqual(["1"]);
});

it("looks further back than the window where a transaction has been open for longer", async ({
  source,
  folder,
}) => {
  await source.exec("create table t (id int primary key); insert into t values (1)");
  const stream = await follower(source, folder, { late_commit_window: 0 });
  await stream.next();
  const late = await connect(source.config, { applicationName: "test" });
  await late.query("begin; insert into public.t values (2)");
  await source.exec("insert into t values (3)");
  await stream.next();
  // The first read was ten minutes ago, and the second just now, while the transaction was open.
  stream.former()[0]!.reached_at = new Date(Date.now() - 10 * MINUTE).toISOString();
  await source.exec("insert into t values (4)");
  await stream.next();
  const lateFrom = stream.blob()["late_from"];
  await late.query("commit");
  await late.end();

  expect(lateFrom).toBe("1");
  expect(await stream.next()).toEqual(["2"]);
});

it("keeps the list of former cursors short however long a transaction is open", async ({
  source,
  folder,
}) => {
  await source.exec("create table t (id int primary key); insert into t values (1000)");
  const stream = await follower(source, folder, { late_commit_window: 0 });
  await stream.next();
  const now = Date.now();
  // As after a read each second, in all of which a transaction was open.
  stream.blob()["former_cursors"] = Array.from({ length: 32 }, (_, i) => ({
    cursor: String(i),
    reached_at: new Date(now + (i - 32) * 1000).toISOString(),
  }));
  await source.exec("insert into t values (2000)");
  await stream.next();

  expect(stream.former().length).toBeLessThanOrEqual(32);
  expect(stream.former()[0]!.cursor).toBe("0");
  expect(JSON.stringify(stream.blob()).length).toBeLessThan(3000);
});

it("goes on from a state without former cursors by looking at all rows, and starts the list", async ({
  source,
  folder,
}) => {
  await source.exec("create table t (id int primary key); insert into t values (100)");
  const stream = await follower(source, folder);
  await stream.next();
  delete stream.blob()["former_cursors"];
  await source.exec("insert into t values (1), (101)");

  expect((await stream.next()).toSorted()).toEqual(["1", "101"]);
  expect(stream.former()).toHaveLength(1);
});

it("knows since when the oldest transaction is open, an idle one included", async ({ source }) => {
  const reader = await openSession(source.config, { applicationName: "test" });
  const writer = await connect(source.config, { applicationName: "test" });
  const before = await readOpenTransactions(reader, 3600, []);
  await writer.query("begin");
  const { rows } = await writer.query<{ at: string }>(
    "select floor(extract(epoch from now()) * 1000)::text as at",
  );

  const during = await readOpenTransactions(reader, 3600, []);
  await writer.query("rollback");
  await Promise.all([reader.close(), writer.end()]);

  expect(before.openSince).toBe(before.lookedAt);
  expect(during.openSince).toBe(Number(rows[0]!.at));
  expect(during.lookedAt).toBeGreaterThanOrEqual(during.openSince);
});

it.for([
  ["timestamptz", "90 minutes"],
  ["timestamptz", "12 hours"],
  ["timestamp", "90 minutes"],
  ["timestamp", "30 hours"],
  ["date", "400 days"],
] as const)(
  "delivers what is written after a row whose %s is %s ahead of the clock",
  async ([type, ahead], { source, folder }) => {
    const future = `now() + interval '${ahead}'`;
    await source.exec(`create table t (id int primary key, c ${type} not null default now());
      create index on t (c);
      insert into t values (1, now() - interval '2 days'), (2, ${future})`);
    const stream = await follower(source, folder, {}, "c");
    const first = await stream.next();
    const found: string[][] = [];
    for (const id of [3, 4, 5]) {
      await source.exec(`insert into t (id) values (${id})`);
      found.push(await stream.next());
    }
    await source.exec(`update t set c = now() where id = 1; insert into t values (6, ${future})`);

    expect(first.toSorted()).toEqual(["1", "2"]);
    expect(found).toEqual([["3"], ["4"], ["5"]]);
    expect((await stream.next()).toSorted()).toEqual(["1", "6"]);
    expect(await stream.next()).toEqual([]);
  },
);

it("delivers what was written since a row ahead of the clock, longer ago than the window", async ({
  source,
  folder,
}) => {
  await source.exec(`create table t (id int primary key, c timestamptz not null default now());
    insert into t values (1, now() + interval '2 hours')`);
  const stream = await follower(source, folder, { late_commit_window: 0 }, "c");
  await stream.next();
  await source.exec("insert into t (id) values (2)");

  expect(await stream.next()).toEqual(["2"]);
  expect(await stream.next()).toEqual([]);
});

it("delivers what local clocks behind UTC write after a row ahead of them", async ({
  source,
  folder,
}) => {
  const local = "now() - interval '11 hours'";
  await source.exec(`create table t (id int primary key, c timestamp not null);
    insert into t values (1, ${local}), (2, ${local} + interval '90 minutes')`);
  const stream = await follower(source, folder, {}, "c");
  await stream.next();
  await source.exec(`insert into t values (3, ${local})`);

  expect(await stream.next()).toEqual(["3"]);
});

it("delivers what is written after the server's clock was set back", async ({ source, folder }) => {
  await source.exec(`create table t (id int primary key, c timestamptz not null default now());
    insert into t (id) values (1)`);
  const stream = await follower(source, folder, {}, "c");
  await stream.next();
  // As a state looks to a server whose clock was set back by five hours.
  const ahead = new Date(Date.now() + 5 * 60 * MINUTE).toISOString();
  stream.blob()["cursor"] = ahead;
  stream.blob()["late_from"] = new Date(Date.parse(ahead) - 60 * MINUTE).toISOString();
  await source.exec("insert into t (id) values (2)");

  expect(await stream.next()).toEqual(["2"]);
});
