import { Client } from "pg";
import { expect } from "vitest";
import { it, type Database } from "../../support/fixtures.ts";
import { runExecutable, start, type Finished } from "../../support/run.ts";
import {
  committedState,
  complete,
  errorOf,
  INTEGER,
  JSON_COLUMN,
  leftovers,
  record,
  startWrite,
  state,
  stream,
  tablesOf,
  TEXT,
  TIMESTAMP,
  write,
  writeCommand,
  type StreamSpec,
  type WriteOptions,
} from "./drive.ts";

const env = { SYNCLINE_CONNECTION_ID: "shop" };

const versions = stream({
  properties: { id: INTEGER, name: TEXT, at: TIMESTAMP },
  mode: "append_dedup",
  incremental: true,
  key: ["id"],
  cursor: "at",
});

async function normalize(
  destination: Database,
  folder: string,
  streams: readonly StreamSpec[],
  options: WriteOptions = {},
): Promise<Finished> {
  const args = await writeCommand("normalize", destination, folder, streams, options);
  return runExecutable("destination-postgres", args, { env: options.env ?? {} });
}

/** All rows of a table without the time they were typed at, in a fixed order. */
async function contents(destination: Database, table: string): Promise<string[]> {
  const rows = await destination.rows(
    `select (to_jsonb(t) - '_airbyte_normalized_at')::text from ${table} t order by 1`,
  );
  return rows.map(([row]) => row!);
}

function statusesOf(run: Finished): string[] {
  return run
    .messages()
    .flatMap((message) =>
      message.type === "TRACE" && message.trace.stream_status
        ? [
            `${message.trace.stream_status.stream_descriptor.name} ${message.trace.stream_status.status}`,
          ]
        : [],
    );
}

/** Waits until so many sessions of the database are as `condition` says. */
async function until(destination: Database, condition: string, count: number): Promise<void> {
  await destination.exec(`
    do $$ begin
      while (select count(*) from pg_stat_activity
              where datname = current_database() and ${condition}) <> ${count} loop
        perform pg_stat_clear_snapshot();
        perform pg_sleep(0.02);
      end loop;
    end $$`);
}

it("makes the typed table anew from the raw one, with the ids and times the rows had", async ({
  destination,
  folder,
}) => {
  const rows = [record("demo", { id: 1, name: "a" }), record("demo", { id: 2, name: 'b\t"\\' })];
  await write(destination, folder, [stream()], [...rows, complete("demo")]);
  const before = await contents(destination, "demo");
  const raw = await contents(destination, "_airbyte_raw_demo");
  await destination.exec("update demo set name = 'changed by hand'; drop table demo");

  const run = await normalize(destination, folder, [stream()]);

  expect(run.exitCode, run.stdout).toBe(0);
  expect(statusesOf(run)).toEqual(["demo STARTED", "demo COMPLETE"]);
  expect(run.stdout).toContain("rebuilt from 2 rows, 0 values became NULL");
  expect(await contents(destination, "demo")).toEqual(before);
  expect(await contents(destination, "_airbyte_raw_demo")).toEqual(raw);
  expect(await tablesOf(destination)).toEqual(["_airbyte_raw_demo", "demo"]);
});

it("undoes what was done to the typed table by hand, and keeps what hangs on it", async ({
  destination,
  folder,
}) => {
  await write(
    destination,
    folder,
    [stream()],
    [record("demo", { id: 1, name: "a" }), record("demo", { id: 2 }), complete("demo")],
  );
  const before = await contents(destination, "demo");
  await destination.exec(`
    update demo set name = 'x', id = id + 10; delete from demo where id = 12;
    alter table demo add column mine int default 5; create index mine on demo (mine);
    create view names as select name from demo;
    grant select on demo to public;
  `);

  const run = await normalize(destination, folder, [stream()]);

  expect(run.exitCode, run.stdout).toBe(0);
  expect(
    await contents(
      destination,
      "(select id, name, _airbyte_ab_id, _airbyte_emitted_at, _airbyte_meta from demo)",
    ),
  ).toEqual(before);
  expect(await destination.rows("select name from names order by 1")).toEqual([["a"], [null]]);
  expect(await destination.rows("select distinct mine from demo")).toEqual([["5"]]);
  expect(await destination.rows("select has_table_privilege('public', 'demo', 'select')")).toEqual([
    ["t"],
  ]);
});

it("gives a column the type the catalog has now, values that were NULL included", async ({
  destination,
  folder,
}) => {
  const asInteger = stream();
  const asText = stream({ properties: { id: TEXT, name: TEXT } });
  await write(
    destination,
    folder,
    [asInteger],
    [record("demo", { id: 1 }), record("demo", { id: "x" }), complete("demo")],
  );
  expect(await destination.rows("select id from demo order by 1")).toEqual([["1"], [null]]);

  await normalize(destination, folder, [asText]);

  expect(await destination.rows("select id, _airbyte_meta from demo order by 1")).toEqual([
    ["1", null],
    ["x", null],
  ]);
});

it("treats values that do not fit as a sync does", async ({ destination, folder }) => {
  await write(
    destination,
    folder,
    [stream()],
    [record("demo", { id: "x" }), record("demo", { id: 1e30 }), complete("demo")],
  );
  const before = await contents(destination, "demo");

  const run = await normalize(destination, folder, [stream()]);

  expect(await contents(destination, "demo")).toEqual(before);
  expect(before.join()).toContain("DESTINATION_TYPECAST_ERROR");
  expect(run.stdout).toContain("2 values became NULL");
});

it("keeps what a record's source had changed, and what no raw table can hold", async ({
  destination,
  folder,
}) => {
  const changed = record("demo", { id: 1, name: null }).replace(
    /\}\}$/,
    ',"meta":{"changes":[{"field":"name","change":"NULLED","reason":"SOURCE_RETRIEVAL_ERROR"}]}}}',
  );
  await write(
    destination,
    folder,
    [stream()],
    [
      changed,
      record("demo", '{"id":2,"name":"a\\u0000b"}'),
      record("demo", '{"id":"y"}'),
      complete("demo"),
    ],
  );
  const before = await contents(destination, "demo");
  expect(before.join()).toContain("SOURCE_RETRIEVAL_ERROR");
  expect(before.join()).toContain("DESTINATION_SERIALIZATION_ERROR");

  await normalize(destination, folder, [stream()]);
  await normalize(destination, folder, [stream()]);

  expect(await contents(destination, "demo")).toEqual(before);
});

it("keeps the text of json columns, also what jsonb cannot hold", async ({
  destination,
  folder,
}) => {
  const native = { config: { column_types: "native" } };
  const json = stream({
    properties: { id: INTEGER, j: { ...JSON_COLUMN, "x-postgres-type": "json" } },
  });
  await write(
    destination,
    folder,
    [json],
    [
      record("demo", '{"id":1,"j":{"b" : 1.0, "a":1,"a":2}}'),
      record("demo", '{"id":2,"j":{"k":"\\u0000"}}'),
      record("demo", '{"id":3,"j":{"b" : 2}}'),
      record("demo", '{"id":4,"j":null}'),
      record("demo", '{"id":5}'),
      record("demo", '{"id":6,"j":{"n":1e400000}}'),
      record("demo", '{"id":7,"j":{"k" : "\\ud83d\\ude00"}}'),
      complete("demo"),
    ],
    native,
  );
  await destination.exec(`update demo set j = '{"mine":true}' where id = 3`);

  const run = await normalize(destination, folder, [json], native);

  expect(run.exitCode, run.stdout).toBe(0);
  expect(await destination.rows("select id, j from demo order by id")).toEqual([
    ["1", '{"b" : 1.0, "a":1,"a":2}'],
    ["2", '{"k":"\\u0000"}'],
    ["3", '{"b": 2}'],
    ["4", "null"],
    ["5", null],
    ["6", '{"n":1e400000}'],
    ["7", '{"k" : "\\ud83d\\ude00"}'],
  ]);
});

it("makes deduplicated tables and their history anew, hashes included", async ({
  destination,
  folder,
}) => {
  const options = { config: { hashid: true } };
  const version = (id: number, name: string, second: number, emittedAt: number) =>
    record("demo", { id, name, at: `2022-01-01T00:00:0${second}.000000` }, emittedAt);
  await write(
    destination,
    folder,
    [versions],
    [version(1, "a", 1, 1000), version(2, "b", 1, 1000), state("demo", {}), complete("demo")],
    options,
  );
  await write(
    destination,
    folder,
    [versions],
    [version(1, "c", 3, 2000), version(1, "late", 2, 2001), state("demo", {}), complete("demo")],
    options,
  );
  const final = await contents(destination, "demo");
  const history = await contents(destination, "demo_scd");
  expect([final.length, history.length]).toEqual([2, 4]);
  await destination.exec("drop table demo; update demo_scd set name = 'x', _airbyte_end_at = null");

  const run = await normalize(destination, folder, [versions], options);

  expect(run.exitCode, run.stdout).toBe(0);
  expect(run.stdout).toContain('"stats":{"recordCount":2,"nulledCount":0}');
  expect(await contents(destination, "demo")).toEqual(final);
  expect(await contents(destination, "demo_scd")).toEqual(history);

  await write(
    destination,
    folder,
    [versions],
    [version(1, "d", 4, 3000), state("demo", {}), complete("demo")],
    options,
  );
  expect(await destination.rows("select id, name from demo order by 1")).toEqual([
    ["1", "d"],
    ["2", "b"],
  ]);
});

it("refuses to lose rows that have no raw row, and says how many", async ({
  destination,
  folder,
}) => {
  await write(
    destination,
    folder,
    [stream(), stream({ name: "other" })],
    [
      record("demo", { id: 1 }),
      record("demo", { id: 2 }),
      record("other", { id: 3 }),
      complete("demo"),
      complete("other"),
    ],
  );
  await destination.exec("delete from _airbyte_raw_demo where _airbyte_data->>'id' = '1'");
  await destination.exec("update other set id = 4");

  const run = await normalize(destination, folder, [stream(), stream({ name: "other" })]);

  expect(run.exitCode).toBe(1);
  expect(errorOf(run)).toContain("1 rows of public.demo have no row in public._airbyte_raw_demo");
  expect(statusesOf(run)).toContain("demo INCOMPLETE");
  expect(statusesOf(run)).toContain("other COMPLETE");
  expect(await destination.rows("select id from demo order by 1")).toEqual([["1"], ["2"]]);
  expect(await destination.rows("select id from other")).toEqual([["3"]]);
});

it("refuses a config without both kinds of tables", async ({ destination, folder }) => {
  for (const tables of ["raw_only", "final_only"]) {
    const run = await normalize(destination, folder, [stream()], { config: { tables } });

    expect(run.exitCode).toBe(1);
    expect(errorOf(run)).toContain(`tables is "${tables}"`);
    expect(errorOf(run)).toContain("config.invalid");
  }
});

it("has nothing to do for a stream that was never synced", async ({ destination, folder }) => {
  const run = await normalize(destination, folder, [stream()]);

  expect(run.exitCode, run.stdout).toBe(0);
  expect(await tablesOf(destination)).toEqual([]);
});

it("leaves states as they are, and its connection's next sync goes on", async ({
  destination,
  folder,
}) => {
  const append = stream({ incremental: true, cursor: "id" });
  await write(
    destination,
    folder,
    [append],
    [record("demo", { id: 1 }), state("demo", { at: 1 }, 1), complete("demo")],
    { env },
  );
  const states = await committedState(destination, folder, [append], { env });

  await normalize(destination, folder, [append], { env });

  expect(await committedState(destination, folder, [append], { env })).toBe(states);
  const next = await write(
    destination,
    folder,
    [append],
    [record("demo", { id: 2 }), state("demo", { at: 2 }, 1), complete("demo")],
    { env },
  );
  expect(next.exitCode, next.stdout).toBe(0);
  expect(await destination.rows("select id from demo order by 1")).toEqual([["1"], ["2"]]);
});

it("waits for a sync of the connection, and gives up when it goes on", async ({
  destination,
  folder,
}) => {
  // One whose states are committed on the way.
  const kept = stream({ incremental: true, cursor: "id" });
  await write(destination, folder, [kept], [record("demo", { id: 1 }), complete("demo")]);
  const writing = await startWrite(destination, folder, [kept], { env });
  writing.write(`${record("demo", { id: 2 })}\n${JSON.stringify(state("demo", {}))}\n`);
  await writing.line((line) => line.includes('"STATE"'));

  const run = await normalize(destination, folder, [kept], { env });

  expect(errorOf(run)).toContain("sync.locked");
  expect(errorOf(run)).toContain("a sync of the connection shop is running");
  writing.write(`${JSON.stringify(complete("demo"))}\n`);
  writing.endInput();
  expect((await writing.finished).exitCode).toBe(0);
}, 60_000);

it("leaves everything as it was when it is killed on the way", async ({ destination, folder }) => {
  await write(
    destination,
    folder,
    [versions],
    [
      ...[1, 2, 3].map((id) => record("demo", { id, at: "2022-01-01T00:00:00.000000" })),
      state("demo", {}),
      complete("demo"),
    ],
  );
  const before = [await contents(destination, "demo"), await contents(destination, "demo_scd")];
  // Whoever changes the table has to wait for this session, with everything else done.
  const other = new Client(destination.url);
  await other.connect();
  await other.query("begin; lock table demo in share mode");
  const args = await writeCommand("normalize", destination, folder, [versions]);
  const running = start("destination-postgres", args);
  await until(destination, "wait_event_type = 'Lock' and query like 'lock table only%'", 1);

  running.kill("SIGKILL");
  await running.finished;
  await other.end();
  await until(destination, "application_name = 'syncline destination-postgres'", 0);

  expect([await contents(destination, "demo"), await contents(destination, "demo_scd")]).toEqual(
    before,
  );
  expect(await leftovers(destination)).toEqual([]);
  expect((await normalize(destination, folder, [versions])).exitCode).toBe(0);
  expect([await contents(destination, "demo"), await contents(destination, "demo_scd")]).toEqual(
    before,
  );
}, 40_000);
