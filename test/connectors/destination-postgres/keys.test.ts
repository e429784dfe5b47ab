/** @guarantee no-key-lost */
import { expect } from "vitest";
import type { PropertySchema } from "../../../protocol/catalog.ts";
import { it, type Database } from "../../support/fixtures.ts";
import { runExecutable } from "../../support/run.ts";
import {
  complete,
  errorOf,
  INTEGER,
  record,
  state,
  statesOf,
  stream,
  TEXT,
  TIMESTAMP,
  write,
  writeCommand,
  type StreamSpec,
} from "./drive.ts";

/** A stream `v` of key `id` and cursor `at`. */
const versions = (spec: Partial<StreamSpec> = {}) =>
  stream({
    name: "v",
    properties: { id: INTEGER, name: TEXT, at: INTEGER },
    mode: "append_dedup",
    incremental: true,
    key: ["id"],
    cursor: "at",
    ...spec,
  });

const LARGE = ["9223372036854775808", "9223372036854775809", "18446744073709551615"];
const NEGATIVE = "-9223372036854775809";
const IDS = [...LARGE, NEGATIVE, "1"];

const rowOf = (id: string, name: string, at: number | string = 1, emittedAt = 1000) =>
  record("v", `{"id":${id},"name":"${name}","at":${at}}`, emittedAt);

const rows = (destination: Database, table = "v") =>
  destination.rows(`select id, name, at, _airbyte_meta from ${table} order by id`);

const expected = (name: string) =>
  IDS.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)).map((id) => [id, name, "1", null]);

it.for<readonly [string, Partial<StreamSpec>, Readonly<Record<string, unknown>>]>([
  ["of an incremental stream", {}, {}],
  ["of a stream without cursor", { incremental: false, cursor: undefined as never }, {}],
  ["without history", {}, { history: false }],
  ["without raw tables", {}, { tables: "final_only" }],
  ["with hashes", {}, { hashid: true }],
  ["of a refresh", { generation: 2, minimum: 2 }, {}],
])(
  "keeps keys apart that its integer column cannot hold, in one that can: %s",
  async ([, spec, config], { destination, folder }) => {
    const streams = [versions(spec)];
    const first = IDS.map((id) => rowOf(id, "a"));

    const run = await write(destination, folder, streams, [...first, complete("v")], { config });

    expect([run.exitCode, errorOf(run)]).toEqual([0, ""]);
    expect(await rows(destination)).toEqual(expected("a"));

    const again = IDS.toReversed().map((id) => rowOf(id, "b", 1, 2000));
    const later = versions({ ...spec, minimum: 0 });
    await write(destination, folder, [later], [...again, complete("v")], { config });

    expect(await rows(destination)).toEqual(expected("b"));
    if ("history" in config) return;
    expect(
      await destination.rows(
        "select name, count(distinct id), sum(_airbyte_active_row) from v_scd group by 1 order by 1",
      ),
    ).toEqual([
      ["a", "5", "0"],
      ["b", "5", "5"],
    ]);
  },
);

it("keeps large keys apart that come behind small ones, commit by commit", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [versions()], [rowOf("1", "old"), complete("v")]);

  const run = await write(
    destination,
    folder,
    [versions()],
    [
      rowOf("2", "a", 2),
      state("v", { at: 2 }, 1),
      rowOf(LARGE[0]!, "b", 3),
      rowOf(LARGE[1]!, "c", 3),
      state("v", { at: 3 }, 2),
      rowOf("3", "d", 4),
      rowOf(LARGE[0]!, "e", 4),
      state("v", { at: 4 }, 2),
      complete("v"),
    ],
    { env: { SYNCLINE_CONNECTION_ID: "c" } },
  );

  expect([run.exitCode, errorOf(run)]).toEqual([0, ""]);
  expect(await destination.rows("select id, name from v order by id")).toEqual([
    ["1", "old"],
    ["2", "a"],
    ["3", "d"],
    [LARGE[0], "e"],
    [LARGE[1], "c"],
  ]);
  expect(
    await destination.rows(
      "select data_type from information_schema.columns where table_name in ('v', 'v_scd') and column_name = 'id'",
    ),
  ).toEqual([["numeric"], ["numeric"]]);
});

it("puts large keys in the place of a table that others hang on", async ({
  destination,
  folder,
}) => {
  const options = { env: { SYNCLINE_CONNECTION_ID: "c" } };
  await write(
    destination,
    folder,
    [versions({ generation: 1 })],
    [rowOf("1", "old"), complete("v")],
    options,
  );
  await destination.exec("create index mine on v (name); create index my_scd on v_scd (name)");

  const run = await write(
    destination,
    folder,
    [versions({ generation: 2, minimum: 2 })],
    [...IDS.map((id) => rowOf(id, "a")), complete("v")],
    options,
  );

  expect([run.exitCode, errorOf(run)]).toEqual([0, ""]);
  expect(await rows(destination)).toEqual(expected("a"));
});

it("takes the newest version by a cursor that its integer column cannot hold", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [versions()], [rowOf("1", "a", 10), complete("v")]);

  await write(
    destination,
    folder,
    [versions()],
    [rowOf("1", "c", LARGE[1]), rowOf("1", "b", LARGE[0]), complete("v")],
  );

  expect(await rows(destination)).toEqual([["1", "c", LARGE[1], null]]);
  expect(
    await destination.rows(
      "select name, _airbyte_start_at, _airbyte_end_at, _airbyte_active_row from v_scd order by at",
    ),
  ).toEqual([
    ["a", "10", LARGE[0], "0"],
    ["b", LARGE[0], LARGE[1], "0"],
    ["c", LARGE[1], null, "1"],
  ]);
});

it("rebuilds tables with large keys from the raw one", async ({ destination, folder }) => {
  const first = IDS.map((id) => rowOf(id, "a"));
  await write(destination, folder, [versions()], [...first, complete("v")]);
  await destination.exec("drop table v, v_scd");

  const args = await writeCommand("normalize", destination, folder, [versions()]);
  const run = await runExecutable("destination-postgres", args, {});

  expect(run.exitCode).toBe(0);
  expect(await rows(destination)).toEqual(expected("a"));
});

it.for<readonly [string, string]>([
  ["is none of its type", '"abc"'],
  ["is larger than any number", "1e200000"],
])(
  "gives a stream up over a key that %s, and goes on with the others",
  async ([, value], { destination, folder }) => {
    const other = stream({ name: "other" });

    const run = await write(
      destination,
      folder,
      [versions(), other],
      [
        rowOf("1", "a"),
        state("v", { at: 1 }, 1),
        record("other", { id: 1, name: "x" }),
        rowOf("2", "b", 2),
        rowOf(value, "c", 3),
        state("v", { at: 3 }, 2),
        rowOf("4", "d", 4),
        record("other", { id: 2, name: "y" }),
        state("v", { at: 4 }, 1),
        state("other", { at: 2 }, 2),
        complete("v"),
        complete("other"),
      ],
      { env: { SYNCLINE_CONNECTION_ID: "c" } },
    );

    expect(run.exitCode).toBe(1);
    expect(errorOf(run)).toMatch(/v: the key id .*bigint.*primary_key.*\[stream\.key_invalid\]/);
    expect(errorOf(run)).toMatch(/\[stream\.incomplete\]/);
    expect(errorOf(run)).not.toContain("abc");
    expect(statesOf(run)).toEqual([{ at: 1 }, { at: 2 }]);
    expect(await rows(destination)).toEqual([["1", "a", "1", null]]);
    expect(await destination.rows("select id, name from other order by id")).toEqual([
      ["1", "x"],
      ["2", "y"],
    ]);
  },
);

it.for<readonly [string, Record<string, PropertySchema>, readonly string[]]>([
  ["a text with U+0000", { id: TEXT }, ['"a"', '"a\\u0000"', '"b\\u0000"']],
  ["half a surrogate pair", { id: TEXT }, ['"a"', '"a\\ud800"', '"b\\ud800"']],
  ["no date", { id: TIMESTAMP }, ['"2022-01-01T00:00:00"', '"now"', '"tomorrow"']],
])("makes no row of a key that is %s", async ([, properties, ids], { destination, folder }) => {
  const keyed = versions({ properties: { ...versions().properties, ...properties } });

  const run = await write(
    destination,
    folder,
    [keyed],
    [...ids.map((id) => rowOf(id, "a")), complete("v")],
    { config: { tables: "final_only" } },
  );

  expect(run.exitCode).toBe(1);
  expect(errorOf(run)).toMatch(/v: the key id has a value/);
  const [table] = await destination.rows("select to_regclass('v')");
  expect(table).toEqual([null]);
});

it("fails over a key that only the server can refuse", async ({ destination, folder }) => {
  const native = versions({
    properties: {
      ...versions().properties,
      id: { type: "string", "x-postgres-type": "bit varying(3)" },
    },
  });

  const run = await write(
    destination,
    folder,
    [native],
    [rowOf('"101"', "a"), rowOf('"1x"', "b"), rowOf('"1y"', "c"), complete("v")],
    { config: { column_types: "native" } },
  );

  expect(run.exitCode).toBe(1);
  expect(errorOf(run)).toMatch(/v: the key id has a value.*bit varying\(3\).*postgres\.bad_value/);
});

it("says what holds the type of a key fast that has to be wider", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [versions()], [rowOf("1", "a"), complete("v")]);
  await destination.exec("create view mine as select id from v");

  const run = await write(
    destination,
    folder,
    [versions()],
    [rowOf(LARGE[0]!, "b", 2), rowOf(LARGE[1]!, "c", 2), complete("v")],
  );

  expect(run.exitCode).toBe(1);
  expect(errorOf(run)).toMatch(/v: id has values that bigint cannot hold.*postgres\.object_in_use/);
  expect(await rows(destination)).toEqual([["1", "a", "1", null]]);
});

it("does not blame the key for a row that is wider than a page", async ({
  destination,
  folder,
}) => {
  const names = Array.from({ length: 1_040 }, (_, n) => `c${n}`);
  const properties = Object.fromEntries(["id", "at", ...names].map((name) => [name, INTEGER]));
  const values = Object.fromEntries(names.map((name, n) => [name, n]));

  const run = await write(
    destination,
    folder,
    [versions({ properties })],
    [record("v", { id: 7, at: 1, ...values }), complete("v")],
    { config: { tables: "final_only", history: false } },
  );

  expect(errorOf(run)).not.toContain("the key id");
});

const unique = versions({
  properties: { a: INTEGER, b: INTEGER, name: TEXT, at: INTEGER },
  key: ["a", "b"],
});

/** Two rows of `unique (a, b)` that its source keeps apart, and two that nothing does. */
const UNIQUE_ROWS = [
  record("v", { a: 1, b: null, name: "x", at: 1 }),
  record("v", { a: 1, name: "y", at: 2 }),
  record("v", { a: 2, b: 1, name: "z", at: 1 }),
  record("v", { a: 2, b: 2, name: "z", at: 1 }),
];

const KEYLESS = "v: 2 rows have NULL in their key (a, b)";

it.for<readonly [string, Partial<StreamSpec>, Readonly<Record<string, unknown>>]>([
  ["with history", {}, {}],
  ["without history", {}, { history: false }],
  ["in a refresh", { generation: 2, minimum: 2 }, {}],
  ["without cursor", { incremental: false, cursor: undefined as never }, {}],
])(
  "says how many rows with NULL in their key became one, %s",
  async ([, spec, config], { destination, folder }) => {
    const streams = [{ ...unique, ...spec }];

    const run = await write(destination, folder, streams, [...UNIQUE_ROWS, complete("v")], {
      config,
    });

    expect(run.exitCode).toBe(0);
    expect(await destination.rows("select a, b, name from v order by 1, 2")).toEqual([
      ["1", null, "y"],
      ["2", "1", "z"],
      ["2", "2", "z"],
    ]);
    expect(run.stdout).toContain(KEYLESS);
  },
);

it("says nothing of keys that are whole", async ({ destination, folder }) => {
  const lines = [...UNIQUE_ROWS.slice(2), complete("v")];

  const run = await write(destination, folder, [unique], lines);

  expect([run.exitCode, run.stdout.includes("NULL in their key")]).toEqual([0, false]);
});

it("says how many rows with NULL in their key become one when a stream is deduplicated from now on", async ({
  destination,
  folder,
}) => {
  await write(
    destination,
    folder,
    [{ ...unique, mode: "append" }],
    [...UNIQUE_ROWS, complete("v")],
  );

  const run = await write(destination, folder, [unique], [complete("v")]);

  expect(run.exitCode).toBe(0);
  expect(await destination.rows("select count(*) from v")).toEqual([["3"]]);
  expect(run.stdout).toContain(KEYLESS);
});

it("does not make one row of keys that an earlier run could not hold", async ({
  destination,
  folder,
}) => {
  const first = LARGE.map((id) => rowOf(id, "a"));
  await write(destination, folder, [versions({ mode: "append" })], [...first, complete("v")]);

  const run = await write(destination, folder, [versions()], [complete("v")]);

  expect(run.exitCode).toBe(1);
  expect(errorOf(run)).toMatch(/v: 3 rows lost their key id, .*refresh/);
  expect(await destination.rows("select count(*) from v")).toEqual([["3"]]);
});

it("gives a stream up over a key that its column would round", async ({ destination, folder }) => {
  const timed = stream({
    name: "v",
    properties: { id: TIMESTAMP, at: INTEGER },
    mode: "append_dedup",
    key: ["id"],
  });
  const keys = ["2024-01-01T00:00:00.0000001", "2024-01-01T00:00:00.0000002"];

  const run = await write(
    destination,
    folder,
    [timed],
    [...keys.map((id, at) => record("v", { id, at })), complete("v")],
  );

  expect(run.exitCode).not.toBe(0);
  expect(errorOf(run)).toContain("the key id has a value that its type");
});
