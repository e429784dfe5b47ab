import { Client } from "pg";
import { expect } from "vitest";
import { it, type Database } from "../../support/fixtures.ts";
import {
  complete,
  errorOf,
  INTEGER,
  leftovers,
  record,
  startWrite,
  state,
  statesOf,
  stream,
  tablesOf,
  TEXT,
  write,
} from "./drive.ts";

const demo = stream({ mode: "overwrite" });

const rowsOf = (ids: readonly number[], name = "x") => [
  ...ids.map((id) => record("demo", { id, name })),
  state("demo", { done: true }),
  complete("demo"),
];

async function idsOf(destination: Database): Promise<string[]> {
  const rows = await destination.rows("select id from public.demo order by id");
  return rows.map(([id]) => id!);
}

it("replaces both tables, leaves nothing behind, and logs the rename", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [demo], rowsOf([1, 2]));

  const run = await write(destination, folder, [demo], rowsOf([3]));

  expect(run.exitCode).toBe(0);
  expect(await idsOf(destination)).toEqual(["3"]);
  expect(await destination.rows("select _airbyte_data->>'id' from _airbyte_raw_demo")).toEqual([
    ["3"],
  ]);
  expect(await tablesOf(destination)).toEqual(["_airbyte_raw_demo", "demo"]);
  expect(await leftovers(destination)).toEqual([]);
  expect(run.stdout).toMatch(/alter table [^\n]* rename to \\"demo\\"/);
});

/** @guarantee replaced-whole */
it("keeps the old table and prints no state when the source does not complete", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [demo], rowsOf([1, 2]));

  const run = await write(
    destination,
    folder,
    [demo],
    [record("demo", { id: 3 }), state("demo", { at: 3 }, 1)],
  );

  expect(run.exitCode).toBe(1);
  expect(errorOf(run)).toContain("demo");
  expect(statesOf(run)).toEqual([]);
  expect(await idsOf(destination)).toEqual(["1", "2"]);
  expect(await leftovers(destination)).toEqual([]);
});

it("empties the tables when the source has no rows", async ({ destination, folder }) => {
  await write(destination, folder, [demo], rowsOf([1, 2]));

  await write(destination, folder, [demo], rowsOf([]));

  expect(await idsOf(destination)).toEqual([]);
  expect(await tablesOf(destination)).toEqual(["_airbyte_raw_demo", "demo"]);
});

it("swaps complete streams although another one is not", async ({ destination, folder }) => {
  const other = stream({ name: "other", mode: "overwrite" });

  const run = await write(
    destination,
    folder,
    [demo, other],
    [record("other", { id: 9 }), ...rowsOf([1])],
  );

  expect(run.exitCode).toBe(1);
  expect(await idsOf(destination)).toEqual(["1"]);
  expect(await tablesOf(destination)).toEqual(["_airbyte_raw_demo", "demo"]);
});

it("replaces the table of an append stream whose generation starts anew", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [stream()], rowsOf([1, 2]));

  await write(destination, folder, [stream({ generation: 2, minimum: 2 })], rowsOf([3]));

  expect(await idsOf(destination)).toEqual(["3"]);
});

it("refuses to keep some of the old generations", async ({ destination, folder }) => {
  const run = await write(destination, folder, [stream({ generation: 3, minimum: 2 })], rowsOf([]));

  expect(run.exitCode).toBe(1);
  expect(errorOf(run)).toMatch(/minimum_generation_id.*catalog\.invalid/);
});

/** @guarantee users-own-stays */
it("keeps a table's views, grants, indexes, triggers and extra columns", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [demo], rowsOf([1, 2]));
  await destination.exec(`
    create view names as select name from demo;
    create index demo_id on demo (id);
    alter table demo add column remark text default 'mine';
    create role ${destination.config.database}_reader;
    grant select on demo to ${destination.config.database}_reader;
    comment on table demo is 'ours';
    create table seen (id bigint);
    create function see() returns trigger language plpgsql as
      $$ begin insert into public.seen values (new.id); return null; end $$;
    create trigger see after insert on demo for each row execute function see();
  `);
  const oid = await destination.rows("select 'demo'::regclass::oid");

  const run = await write(destination, folder, [demo], rowsOf([7], "seven"));

  expect(run.exitCode).toBe(0);
  expect(await destination.rows("select * from names")).toEqual([["seven"]]);
  expect(await destination.rows("select id, remark from demo")).toEqual([["7", "mine"]]);
  expect(await destination.rows("select 'demo'::regclass::oid")).toEqual(oid);
  expect(await destination.rows("select id from seen")).toEqual([["7"]]);
  expect(
    await destination.rows(
      `select has_table_privilege('${destination.config.database}_reader', 'demo', 'SELECT'),
              to_regclass('demo_id') is not null, obj_description('demo'::regclass)`,
    ),
  ).toEqual([["t", "t", "ours"]]);
  expect(await leftovers(destination)).toEqual([]);
  await destination.exec(`
    drop owned by ${destination.config.database}_reader;
    drop role ${destination.config.database}_reader;
  `);
});

it("gives new tables the default privileges of their schema", async ({ destination, folder }) => {
  const reader = `${destination.config.database}_default`;
  await destination.exec(`
    create role ${reader};
    alter default privileges in schema public grant select on tables to ${reader};
  `);

  await write(destination, folder, [demo], rowsOf([1]));
  await write(destination, folder, [demo], rowsOf([2]));

  expect(
    await destination.rows(`select has_table_privilege('${reader}', 'demo', 'SELECT')`),
  ).toEqual([["t"]]);
  await destination.exec(`drop owned by ${reader}; drop role ${reader}`);
});

/** @guarantee replaced-whole */
it("never shows a reader a missing, empty or half-filled table", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [demo], rowsOf([1, 2, 3]));
  const reader = new Client({ connectionString: destination.url });
  await reader.connect();
  let isOver = false;
  const counts = new Set<string>();
  const reading = (async () => {
    while (!isOver) {
      const { rows } = await reader.query<{ n: string }>("select count(*) as n from public.demo");
      counts.add(rows[0]!.n);
    }
  })();

  for (const ids of [
    [1, 2, 3, 4, 5],
    [1, 2, 3],
    [1, 2, 3, 4, 5],
  ])
    await write(destination, folder, [demo], rowsOf(ids));
  isOver = true;
  await reading;
  await reader.end();

  expect([...counts].sort()).toEqual(["3", "5"]);
}, 60_000);

it("does not wait for a reader that keeps the old table open", async ({ destination, folder }) => {
  await write(destination, folder, [demo], rowsOf([1]));
  const reader = new Client({ connectionString: destination.url });
  await reader.connect();
  await reader.query("begin isolation level repeatable read; select * from public.demo");

  const run = await write(destination, folder, [demo], rowsOf([2, 3]));

  expect(run.exitCode).toBe(0);
  const { rows } = await reader.query("select id from public.demo");
  expect(rows).toEqual([{ id: "1" }]);
  await reader.query("commit");
  expect(await idsOf(destination)).toEqual(["2", "3"]);
  await reader.end();
}, 30_000);

/** @guarantee nothing-left */
it("leaves the old table when it is killed, and the next run cleans up", async ({
  destination,
  folder,
}) => {
  const append = stream({ name: "log", incremental: true, cursor: "id" });
  await write(destination, folder, [demo], rowsOf([1, 2]));
  const run = await startWrite(destination, folder, [demo, append]);
  run.write(`${record("demo", { id: 3 })}\n${record("log", { id: 1 })}\n`);
  run.write(
    `${record("demo", { id: 4, name: "x".repeat(5_000_000) })}\n${JSON.stringify(state("log", { at: 1 }, 1))}\n`,
  );
  await run.line((line) => line.includes('"at":1'));
  expect(await leftovers(destination)).not.toEqual([]);

  run.kill("SIGKILL");
  await run.finished;

  expect(await idsOf(destination)).toEqual(["1", "2"]);
  const next = await write(destination, folder, [demo], rowsOf([5]));
  expect(next.exitCode).toBe(0);
  expect(await idsOf(destination)).toEqual(["5"]);
  expect(await leftovers(destination)).toEqual([]);
}, 60_000);

it("stops cleanly on SIGTERM, the old table as it was", async ({ destination, folder }) => {
  await write(destination, folder, [demo], rowsOf([1, 2]));
  const log = stream({ name: "log", incremental: true, cursor: "id" });
  const run = await startWrite(destination, folder, [demo, log]);
  run.write(`${record("demo", { id: 3 })}\n${record("log", { id: 1 })}\n`);
  run.write(`${JSON.stringify(state("log", { at: 1 }, 1))}\nnot yet`);
  await run.line((line) => line.includes('"at":1'));

  run.kill("SIGTERM");
  const { exitCode } = await run.finished;

  expect(exitCode).toBe(143);
  expect(await idsOf(destination)).toEqual(["1", "2"]);
  expect(await leftovers(destination)).toEqual([]);
});

it("takes over the columns of the new schema", async ({ destination, folder }) => {
  await write(destination, folder, [demo], rowsOf([1]));
  const changed = stream({
    mode: "overwrite",
    properties: { name: TEXT, id: TEXT, more: INTEGER },
  });

  await write(
    destination,
    folder,
    [changed],
    [record("demo", { id: "one", more: 1 }), complete("demo")],
  );

  expect(await destination.rows("select id, more from demo")).toEqual([["one", "1"]]);
});

it.for(["told", "held"])(
  "replaces several tables, each as it has to be, where one is %s",
  async (kind, { destination, folder }) => {
    const streams = ["plain", "other"].map((name) => stream({ name, mode: "overwrite" }));
    const sync = (id: number) =>
      write(destination, folder, streams, [
        ...streams.map(({ name }) => record(name, { id })),
        ...streams.map(({ name }) => complete(name)),
      ]);
    await sync(1);
    await destination.exec(kind === "told" ? "comment on table other is 'mine'" : "");
    const reader = new Client({ connectionString: destination.url });
    await reader.connect();
    await reader.query(kind === "held" ? "begin; select from other" : "");

    const run = await sync(2);
    await reader.end();

    expect(errorOf(run)).toBe("");
    for (const { name } of streams)
      expect(await destination.rows(`select id from ${name}`)).toEqual([["2"]]);
    expect(await destination.rows("select obj_description('other'::regclass)")).toEqual([
      [kind === "told" ? "mine" : null],
    ]);
    expect(await leftovers(destination)).toEqual([]);
  },
);
