/** @guarantee every-row-arrives */
import { expect } from "vitest";
import { connect } from "../../../connectors/postgres/connection.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import type { State } from "../../../protocol/messages.ts";
import { type Database, it } from "../../support/fixtures.ts";
import { type Printed, SourceDriver } from "./drive.ts";

async function follower(source: Database, folder: string, options: JsonObject = {}) {
  const driver = new SourceDriver(source, folder, options);
  const streams = await driver.configure(["t"], {
    sync_mode: "incremental",
    ...(options["replication_method"] === undefined ? { cursor_field: ["c"] } : {}),
  });
  let states: readonly State[] | undefined;
  return async (): Promise<Printed & { ids: number[]; stateBytes: number }> => {
    const printed = await driver.read(streams, states);
    expect(printed.exitCode).toBe(0);
    states = printed.states.slice(-1);
    return {
      ...printed,
      ids: printed.rows("t").map((row) => Number(row["id"])),
      stateBytes: JSON.stringify(states).length,
    };
  };
}

/** Transactions of one row each, with another between any two, so that their ids are not in a row. */
const transactions = (from: number, to: number) => `do $$ begin
  for i in ${from}..${to} loop
    insert into t (id) values (i); commit;
    insert into other default values; commit;
  end loop; end $$`;

const sorted = (ids: readonly number[]) => ids.toSorted((left, right) => left - right);
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

it.for([
  ["by cursor", {}],
  ["by xmin", { replication_method: { method: "Xmin" } }],
] as const)(
  "delivers each of 13,000 transactions once while one stays open, in bounded states (%s)",
  async ([, options], { source, folder }) => {
    await source.exec(`create table t (id int, c timestamptz not null default clock_timestamp());
      create table other (id serial); insert into t (id) values (0)`);
    const next = await follower(source, folder, options);
    expect((await next()).ids).toEqual([0]);
    const open = await connect(source.config, { applicationName: "test" });
    await open.query(
      "begin; insert into public.t (id) values (-1); savepoint s; insert into public.t (id) values (-2)",
    );
    await source.exec(transactions(1, 13_000));

    const first = await next();
    await open.query("savepoint more; insert into public.t (id) values (-3)");
    const second = await next();
    await source.exec(transactions(13_001, 13_100));
    const third = await next();
    const fourth = await next();
    await open.query("commit");
    await open.end();
    const last = await next();

    expect(sorted(first.ids)).toEqual(numbers(1, 10_000));
    expect(first.logs.join("\n")).toMatch(
      /WARN public\.t: a transaction has been running since \d{5,} transactions; the newest rows are left/,
    );
    expect(sorted(second.ids)).toEqual(numbers(10_001, 13_000));
    expect(sorted(third.ids)).toEqual(numbers(13_001, 13_100));
    expect(fourth.ids).toEqual([]);
    expect(sorted(last.ids)).toEqual([-3, -2, -1]);
    expect(first.stateBytes).toBeLessThan(10_000 * 20);
    // What has ended since the read before is one range.
    expect(third.stateBytes).toBeLessThan(4_000);
    expect((await next()).ids).toEqual([]);
  },
);

/** Each writes the rows -1 and -2, the second in a savepoint that is over before its transaction. */
const SAVEPOINTS = {
  "released savepoint":
    "insert into public.t (id) values (-1); savepoint s; insert into public.t (id) values (-2); release s",
  "nested savepoints":
    "insert into public.t (id) values (-1); savepoint s; savepoint inner_one; insert into public.t (id) values (-2); release inner_one; release s",
  "block with EXCEPTION":
    "do $$ begin insert into public.t (id) values (-1); begin insert into public.t (id) values (-2); exception when others then null; end; end $$",
  "released savepoints beyond what a session lists":
    "insert into public.t (id) values (-1); do $$ begin for i in 1..70 loop begin insert into public.t (id) select -2 where i = 70; insert into public.other default values; exception when others then null; end; end loop; end $$",
};

it.for(
  Object.entries(SAVEPOINTS).flatMap(([what, statements], index) =>
    (index === 0 ? ["Standard", "sequence", "Xmin"] : ["Standard"]).map(
      (method) => [what, method, statements] as const,
    ),
  ),
)(
  "delivers the rows of a %s once its transaction ends, reads meanwhile or none (%s)",
  async ([, method, statements], { source, folder }) => {
    await source.exec(`create table t (id int, c ${method === "sequence" ? "serial" : "timestamptz not null default clock_timestamp()"});
      create table other (id serial); insert into t (id) values (0)`);
    const next = await follower(
      source,
      folder,
      method === "Xmin" ? { replication_method: { method } } : {},
    );
    await next();
    const open = await connect(source.config, { applicationName: "test" });
    await open.query(`begin; ${statements}`);
    const found: number[] = [];
    for (const id of [1, 2, 3, 4]) {
      await source.exec(transactions(id * 10, id * 10 + 1));
      found.push(...(await next()).ids);
    }
    await open.query("commit");
    await open.end();
    const last = await next();

    expect(sorted(found)).toEqual([10, 11, 20, 21, 30, 31, 40, 41]);
    expect(sorted(last.ids)).toEqual([-2, -1]);
    expect((await next()).ids).toEqual([]);
  },
);

it("delivers once what a savepoint wrote before and after it was rolled back to", async ({
  source,
  folder,
}) => {
  await source.exec(`create table t (id int, c timestamptz not null default clock_timestamp());
    create table other (id serial); insert into t (id) values (0)`);
  const next = await follower(source, folder);
  await next();
  const open = await connect(source.config, { applicationName: "test" });
  await open.query(`begin; ${SAVEPOINTS["released savepoint"]}; savepoint kept`);
  await source.exec(transactions(10, 11));
  const first = await next();
  await open.query("rollback to kept; insert into public.t (id) values (-3)");
  await source.exec(transactions(20, 21));
  const second = await next();
  await open.query("commit");
  await open.end();

  expect(sorted(first.ids)).toEqual([10, 11]);
  expect(sorted(second.ids)).toEqual([20, 21]);
  expect(sorted((await next()).ids)).toEqual([-3, -2, -1]);
});
