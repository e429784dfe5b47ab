import { expect } from "vitest";
import { it } from "../../support/fixtures.ts";
import {
  committedState,
  complete,
  errorOf,
  INTEGER,
  JSON_COLUMN,
  leftovers,
  NUMBER,
  record,
  startWrite,
  state,
  statesOf,
  stream,
  tablesOf,
  text,
  TEXT,
  TIMESTAMPTZ,
  write,
} from "./drive.ts";

it("loads records into a raw and a final table, column by column", async ({
  destination,
  folder,
}) => {
  const demo = stream({
    properties: { id: INTEGER, name: TEXT, amount: NUMBER, at: TIMESTAMPTZ, doc: JSON_COLUMN },
  });

  const run = await write(
    destination,
    folder,
    [demo],
    [
      record(
        "demo",
        '{"id":9007199254740993,"name":"a\\tb\\n\\"c\\" \\u20ac \\ud83d\\ude00","amount":12345678901234567.10,"at":"2022-09-01T16:30:13.939030Z","doc":{"k":[1,null]}}',
      ),
      record("demo", '{"id":null,"name":null,"amount":"NaN","at":"infinity"}'),
      state("demo", { done: true }, 2),
      complete("demo"),
    ],
  );

  expect(run.exitCode).toBe(0);
  expect(await tablesOf(destination)).toEqual(["_airbyte_raw_demo", "demo"]);
  const columns = await destination.rows(
    `select attrelid::regclass::text || '.' || attname || ' ' || format_type(atttypid, atttypmod)
       from pg_attribute where attrelid in ('demo'::regclass, '_airbyte_raw_demo'::regclass)
        and attnum > 0 order by attrelid::regclass::text, attnum`,
  );
  expect(columns.flat()).toEqual([
    "_airbyte_raw_demo._airbyte_ab_id uuid",
    "_airbyte_raw_demo._airbyte_data jsonb",
    "_airbyte_raw_demo._airbyte_emitted_at timestamp with time zone",
    "demo.id bigint",
    "demo.name text",
    "demo.amount numeric",
    "demo.at timestamp with time zone",
    "demo.doc jsonb",
    "demo._airbyte_ab_id uuid",
    "demo._airbyte_emitted_at timestamp with time zone",
    "demo._airbyte_normalized_at timestamp with time zone",
    "demo._airbyte_meta jsonb",
  ]);
  expect(
    await destination.rows("select id, name, amount, at, doc, _airbyte_meta from demo order by id"),
  ).toEqual([
    [
      "9007199254740993",
      'a\tb\n"c" € 😀',
      "12345678901234567.10",
      "2022-09-01 16:30:13.93903+00",
      '{"k": [1, null]}',
      null,
    ],
    [null, null, "NaN", "infinity", null, null],
  ]);
  const [raw] = await destination.rows(
    `select count(*), count(distinct r._airbyte_ab_id), bool_and(f._airbyte_emitted_at = r._airbyte_emitted_at)
       from _airbyte_raw_demo r join demo f using (_airbyte_ab_id)
      where r._airbyte_data ? 'id' and r._airbyte_emitted_at = '2022-09-23 13:33:20+00'`,
  );
  expect(raw).toEqual(["2", "2", "t"]);
  expect(statesOf(run)).toEqual([{ done: true }]);
});

it("prints a state back unchanged, with the number of records it covers", async ({
  destination,
  folder,
}) => {
  const line =
    '{ "state":{"id":7,"unknown":[1.0],"type":"STREAM","stream":{"stream_state":{"big":12345678901234567890},"stream_descriptor":{"name":"demo"}}},"type":"STATE"}';

  const run = await write(
    destination,
    folder,
    [stream()],
    [record("demo", { id: 1 }), line, complete("demo")],
  );

  const printed = run.stdout.split("\n").find((text) => text.includes('"STATE"'));
  expect(printed).toBe(line.replace('"demo"}}}', '"demo"}},"destinationStats":{"recordCount":1}}'));
});

/** A stream whose states a later run goes on from. */
const incremental = stream({ incremental: true, cursor: "id" });

it("commits a state's rows alone and prints it then, while the input goes on", async ({
  destination,
  folder,
}) => {
  const run = await startWrite(destination, folder, [incremental]);
  run.write(
    text([record("demo", { id: 1 }), state("demo", { at: 1 }, 1), record("demo", { id: 2 })]),
  );

  await run.line((line) => line.includes('"at":1'));

  expect(await destination.rows("select id from demo")).toEqual([["1"]]);
  run.endInput();
  expect((await run.finished).exitCode).toBe(1);
}, 20_000);

it("adds to what is there and gives each run its own rows", async ({ destination, folder }) => {
  const lines = [record("demo", { id: 1, name: "a" }), complete("demo")];

  await write(destination, folder, [stream()], lines);
  await write(destination, folder, [stream()], lines);

  const [row] = await destination.rows("select count(*), count(distinct _airbyte_ab_id) from demo");
  expect(row).toEqual(["2", "2"]);
});

it("creates empty tables for a stream without records", async ({ destination, folder }) => {
  const run = await write(destination, folder, [stream()], [complete("demo")]);

  expect(run.exitCode).toBe(0);
  expect(await destination.rows("select * from demo")).toEqual([]);
});

it("loads a stream that has no columns", async ({ destination, folder }) => {
  const none = stream({ properties: {} });

  const run = await write(
    destination,
    folder,
    [none],
    [record("demo", {}), record("demo", {}), complete("demo")],
  );

  expect(run.exitCode).toBe(0);
  expect(await destination.rows("select count(*) from demo")).toEqual([["2"]]);
});

it("commits what states cover and nothing more when the input ends too early", async ({
  destination,
  folder,
}) => {
  const run = await write(
    destination,
    folder,
    [incremental],
    [record("demo", { id: 1 }), state("demo", { at: 1 }, 1), record("demo", { id: 2 })],
  );

  expect(run.exitCode).toBe(1);
  expect(errorOf(run)).toContain("stream.incomplete");
  expect(statesOf(run)).toEqual([{ at: 1 }]);
  expect(await destination.rows("select id from demo")).toEqual([["1"]]);
});

it("takes rows back that were sent before their state came and it never did", async ({
  destination,
  folder,
}) => {
  const big = "x".repeat(1_000_000);
  const other = stream({ name: "other", incremental: true, cursor: "id" });

  const run = await write(
    destination,
    folder,
    [incremental, other],
    [
      record("demo", { id: 1 }),
      state("demo", { at: 1 }, 1),
      ...Array.from({ length: 12 }, (_, id) => record("other", { id, name: big })),
      record("demo", { id: 2 }),
      state("demo", { at: 2 }, 1),
    ],
  );

  expect(errorOf(run)).toContain("demo, other");
  expect(statesOf(run)).toEqual([{ at: 1 }, { at: 2 }]);
  expect(await destination.rows("select id from demo order by id")).toEqual([["1"], ["2"]]);
  expect(await tablesOf(destination)).toEqual(["_airbyte_raw_demo", "demo"]);
});

it("adds nothing of a full refresh that fails, whatever its states said, when nobody keeps them", async ({
  destination,
  folder,
}) => {
  const lines = [record("demo", { id: 1 }), state("demo", { at: 1 }, 1), record("demo", { id: 2 })];

  const failed = await write(destination, folder, [stream({ resumable: true })], lines);

  expect(errorOf(failed)).toContain("stream.incomplete");
  expect(statesOf(failed)).toEqual([]);
  expect(await tablesOf(destination)).toEqual([]);

  const done = await write(
    destination,
    folder,
    [stream({ resumable: true })],
    [...lines, state("demo", { at: 2 }, 1), complete("demo")],
  );

  expect(statesOf(done)).toEqual([{ at: 1 }, { at: 2 }]);
  expect(await destination.rows("select id from demo order by id")).toEqual([["1"], ["2"]]);
});

it("adds what a full refresh's states cover when they are kept beside the data", async ({
  destination,
  folder,
}) => {
  const refresh = stream({ resumable: true, generation: 1 });
  const options = { env: { SYNCLINE_CONNECTION_ID: "shop" } };

  const failed = await write(
    destination,
    folder,
    [refresh],
    [record("demo", { id: 1 }), state("demo", { at: 1 }, 1), record("demo", { id: 2 })],
    options,
  );

  expect(statesOf(failed)).toEqual([{ at: 1 }]);
  expect(await destination.rows("select id from demo")).toEqual([["1"]]);
  expect(await committedState(destination, folder, [refresh], options)).toContain('"at":1');

  await write(
    destination,
    folder,
    [refresh],
    [record("demo", { id: 2 }), state("demo", { at: 2 }, 1), complete("demo")],
    options,
  );

  expect(await destination.rows("select id from demo order by id")).toEqual([["1"], ["2"]]);
});

it("fills only the tables it is asked for", async ({ destination, folder }) => {
  const lines = (name: string) => [record(name, { id: 1 }), complete(name)];

  await write(destination, folder, [stream({ name: "f" })], lines("f"), {
    config: { tables: "final_only" },
  });
  await write(destination, folder, [stream({ name: "r" })], lines("r"), {
    config: { tables: "raw_only" },
  });

  expect(await tablesOf(destination)).toEqual(["_airbyte_raw_r", "f"]);
});

it.for([
  ["raw_and_final", "in the raw table only: fields of 2 records"],
  ["raw_only", "in the raw table only: fields of 2 records"],
  ["final_only", "lost, since there is no raw table: fields of 2 records"],
])(
  "says what becomes of fields that the catalog does not have: %s",
  async ([tables, what], { destination, folder }) => {
    const lines = [
      record("demo", { id: 1, name: "a" }),
      record("demo", { id: 2, more: 1, name: "b", most: 2 }),
      record("demo", { more: null }),
      complete("demo"),
    ];

    const run = await write(destination, folder, [stream()], lines, { config: { tables } });

    expect(run.stdout).toContain(`demo: ${what!} that are not in the catalog: more, most`);
    expect(run.stdout.includes("lost")).toBe(tables === "final_only");
  },
);

it("puts streams into the schema of their namespace, and creates it", async ({
  destination,
  folder,
}) => {
  const run = await write(
    destination,
    folder,
    [stream({ namespace: "sales" })],
    [record("demo", { id: 1 }, 1, "sales"), complete("demo", "sales")],
  );

  expect(run.exitCode).toBe(0);
  expect(await destination.rows("select id from sales.demo")).toEqual([["1"]]);
});

it("adds a hash of the values when asked to, as the tutorials print it", async ({
  destination,
  folder,
}) => {
  await write(
    destination,
    folder,
    [stream({ name: "append_full_refresh_demo" })],
    [
      record("append_full_refresh_demo", { id: 1, name: "Mary X" }),
      record("append_full_refresh_demo", { id: 3, name: "Alex M" }),
      complete("append_full_refresh_demo"),
    ],
    { config: { hashid: true } },
  );

  expect(
    await destination.rows(
      "select _airbyte_append_full_refresh_demo_hashid from append_full_refresh_demo order by id",
    ),
  ).toEqual([["e20f46dc3a88fcf0ef2101b89d832709"], ["fc1a25c4fe1949b371a42920320021ee"]]);
  expect(await leftovers(destination)).toEqual([]);
});

it("keeps going while 100 streams arrive interleaved", async ({ destination, folder }) => {
  const names = Array.from({ length: 100 }, (_, i) => `s${i}`);
  const lines = [1, 2, 3].flatMap((id) => names.map((name) => record(name, { id })));

  const run = await write(
    destination,
    folder,
    names.map((name) => stream({ name })),
    [...lines, ...names.flatMap((name) => [state(name, {}, 3), complete(name)])],
  );

  expect(run.exitCode).toBe(0);
  expect(statesOf(run)).toHaveLength(100);
  expect(await destination.rows("select count(*) from s99")).toEqual([["3"]]);
}, 60_000);
