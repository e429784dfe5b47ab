import { expect } from "vitest";
import { it } from "../../support/fixtures.ts";
import { runExecutable } from "../../support/run.ts";
import {
  complete,
  errorOf,
  JSON_COLUMN,
  record,
  state,
  stream,
  tablesOf,
  text,
  TEXT,
  write,
  writeCommand,
  INTEGER,
} from "./drive.ts";

const SECRET = "4711-secret";

for (const [what, line, code] of [
  ["a line that is no message", `hello ${SECRET}`, "protocol.bad_message"],
  [
    "broken JSON",
    `{"type":"RECORD","record":{"stream":"demo","emitted_at":1,"data":{"id":${SECRET}`,
    "protocol.bad_message",
  ],
  [
    "a record with an unfinished row",
    record("demo", `{"id":1,"name":"${SECRET}`),
    "protocol.bad_message",
  ],
  ["a record that says nothing", '{"type":"RECORD","record":{}}', "protocol.bad_message"],
  ["an unknown stream", record("other", { id: SECRET }), "protocol.unknown_stream"],
  ["another namespace", record("demo", { id: 1 }, 1, "elsewhere"), "protocol.unknown_stream"],
] as const)
  it(`refuses ${what}, says where, quotes nothing and changes nothing`, async ({
    destination,
    folder,
  }) => {
    const run = await write(
      destination,
      folder,
      [stream()],
      [record("demo", { id: 1 }), line, complete("demo")],
    );

    expect(run.exitCode).toBe(1);
    expect(errorOf(run)).toContain("line 2 of the input");
    expect(errorOf(run)).toContain(code);
    expect(run.stdout).not.toContain(SECRET);
    expect(await tablesOf(destination)).toEqual([]);
  });

it("takes what has no namespace for the only stream of that name", async ({
  destination,
  folder,
}) => {
  const streams = [stream({ namespace: "shop" }), stream({ name: "other", namespace: "shop" })];

  const run = await write(destination, folder, streams, [
    record("demo", { id: 1 }),
    state("demo", { at: 1 }),
    record("demo", { id: 2 }, 1, "shop"),
    complete("demo"),
    complete("other"),
  ]);

  expect(run.exitCode, run.stdout).toBe(0);
  expect(run.stdout).toContain('"stream_state":{"at":1}');
  expect(await destination.rows("select id from shop.demo order by 1")).toEqual([["1"], ["2"]]);
});

it("guesses nothing where streams of two namespaces share the name", async ({
  destination,
  folder,
}) => {
  const streams = [stream({ namespace: "shop" }), stream({ namespace: "store" })];

  const run = await write(destination, folder, streams, [record("demo", { id: 1 })]);

  expect(run.exitCode).toBe(1);
  expect(errorOf(run)).toContain("the stream demo is not in the catalog");
});

it("refuses a last line that was cut", async ({ destination, folder }) => {
  const args = await writeCommand("write", destination, folder, [stream()]);
  const input = text([record("demo", { id: 1 }), record("demo", { id: 2 })]).slice(0, -10);

  const run = await runExecutable("destination-postgres", args, { stdin: input });

  expect(run.exitCode).toBe(1);
  expect(errorOf(run)).toContain("protocol.torn_line");
});

it("takes a last line without a newline", async ({ destination, folder }) => {
  const args = await writeCommand("write", destination, folder, [stream()]);
  const input = text([record("demo", { id: 1 }), complete("demo")]).slice(0, -1);

  const run = await runExecutable("destination-postgres", args, { stdin: input });

  expect(run.exitCode).toBe(0);
});

it("refuses bytes that are not UTF-8", async ({ destination, folder }) => {
  const args = await writeCommand("write", destination, folder, [stream()]);
  const input = Buffer.concat([
    Buffer.from(text([record("demo", { id: 1 })])),
    Buffer.from(`${record("demo", '{"name":"\u0001"}')}\n`).map((byte) =>
      byte === 1 ? 0xe9 : byte,
    ),
  ]);

  const run = await runExecutable("destination-postgres", args, { stdin: input });

  expect(run.exitCode).toBe(1);
  expect(errorOf(run)).toContain("line 2 of the input");
});

it("passes over messages that do not concern a destination", async ({ destination, folder }) => {
  const run = await write(
    destination,
    folder,
    [stream()],
    [
      { type: "LOG", log: { level: "INFO", message: "hello" } },
      { type: "FUTURE", future: {} },
      record("demo", { id: 1 }),
      complete("demo"),
    ],
  );

  expect(run.exitCode).toBe(0);
});

it("reads records in any key order and spacing, unknown and repeated keys included", async ({
  destination,
  folder,
}) => {
  const run = await write(
    destination,
    folder,
    [stream()],
    [
      ' { "record" : { "data" : { "name" : "a" , "extra" : {"x":[1]} , "id" : 1 , "id" : 2 } , "emitted_at" : 5, "namespace":null, "stream" : "demo" } , "type" : "RECORD" } ',
      complete("demo"),
    ],
  );

  expect(run.exitCode).toBe(0);
  expect(await destination.rows("select id, name from demo")).toEqual([["2", "a"]]);
  expect(run.stdout).toContain("extra");
});

it("takes any name for a stream and its columns", async ({ destination, folder }) => {
  const names = [
    'a"b',
    "new\nline;--",
    "%s.dotted name",
    "select",
    "Id",
    "id",
    "😀".repeat(20),
    "constructor",
    "ctid",
    "_airbyte_meta",
    "",
  ];
  const odd = stream({
    name: 't"q\n;--%',
    properties: { ...Object.fromEntries(names.map((name) => [name, TEXT])), id: INTEGER },
  });
  const row = Object.fromEntries(names.map((name, i) => [name, name === "id" ? 7 : `v${i}`]));

  const run = await write(destination, folder, [odd], [record(odd.name, row), complete(odd.name)]);

  expect(errorOf(run)).toBe("");
  const [stored] = await destination.query('select * from "t""q\n;--%"');
  expect(new Set(Object.values(stored!).slice(0, names.length))).toEqual(
    new Set(names.map((name, i) => (name === "id" ? "7" : `v${i}`))),
  );
  expect(stored).toMatchObject({
    ctid_: "v8",
    _airbyte_meta_: "v9",
    _: "v10",
    _airbyte_meta: null,
  });
});

it("finds collisions between the tables of two streams before it creates any", async ({
  destination,
  folder,
}) => {
  const run = await write(
    destination,
    folder,
    [stream({ name: "x" }), stream({ name: "_airbyte_raw_x" })],
    [],
  );

  expect(run.exitCode).toBe(1);
  expect(errorOf(run)).toMatch(/raw table of x.*_airbyte_raw_x/);
  expect(await tablesOf(destination)).toEqual([]);
});

it("keeps streams apart whose long names differ at the end only", async ({
  destination,
  folder,
}) => {
  const [a, b] = ["a", "b"].map((end) => stream({ name: `${"long_".repeat(20)}${end}` }));

  const run = await write(
    destination,
    folder,
    [a!, b!],
    [record(a!.name, { id: 1 }), record(b!.name, { id: 2 }), complete(a!.name), complete(b!.name)],
  );

  expect(run.exitCode).toBe(0);
  expect(await tablesOf(destination)).toHaveLength(4);
});

/** @guarantee users-own-stays */
it("refuses a table it did not make, a view, and a schema it may not write", async ({
  destination,
  folder,
}) => {
  await destination.exec("create table demo (id bigint); create view seen as select 1 as x");

  const table = await write(destination, folder, [stream()], [complete("demo")]);
  const view = await write(destination, folder, [stream({ name: "seen" })], [complete("seen")]);

  expect(errorOf(table)).toMatch(/public\.demo exists and was not made by this tool/);
  expect(errorOf(view)).toMatch(/public\.seen exists and is not a table/);
  expect(await tablesOf(destination)).toEqual(["demo"]);
});

it("says which privilege is missing, in a check and in a write", async ({
  destination,
  folder,
}) => {
  const user = `${destination.config.database}_weak`;
  await destination.exec(`
    create role ${user} login password 'weak';
    create schema locked;
    revoke create on schema public from public;
  `);
  const weak = { config: { ...destination.config, username: user, password: "weak" } };
  const inLocked = { config: { schema: "locked" } };

  const args = await writeCommand("check", weak, folder, [], inLocked);
  const check = await runExecutable("destination-postgres", args.slice(0, 3));
  const run = await write(weak, folder, [stream()], [complete("demo")], inLocked);

  expect(check.stdout).toContain('"FAILED"');
  expect(check.stdout).toMatch(/GRANT USAGE, CREATE ON SCHEMA/);
  expect(run.exitCode).toBe(1);
  expect(errorOf(run)).toMatch(/may not create tables in the schema locked/);
  await destination.exec(`drop role ${user}`);
});

it("takes values and states however deep, and says what is not taken so deep", async ({
  destination,
  folder,
}) => {
  const deep = `${"[".repeat(6_000)}${"]".repeat(6_000)}`;
  const documents = stream({ properties: { id: INTEGER, j: JSON_COLUMN } });
  const row = `{"stream":"demo","emitted_at":1,"data":{"id":1,"j":${deep}}`;
  const blob = `{"stream_descriptor":{"name":"demo"},"stream_state":${deep}}`;
  const taken = await write(
    destination,
    folder,
    [documents],
    [
      `{"type":"RECORD","record":${row}}}`,
      `{"type":"STATE","state":{"type":"STREAM","stream":${blob}}}`,
      complete("demo"),
    ],
  );
  const refused = await write(
    destination,
    folder,
    [documents],
    [`{"type":"RECORD","record":${row},"meta":{"changes":[${deep}]}}}`, complete("demo")],
  );

  expect(taken.exitCode).toBe(0);
  expect(taken.stdout).toContain(deep);
  expect(await destination.rows("select length(j::text) from demo")).toEqual([["12000"]]);
  expect(errorOf(refused)).toContain("line 1");
  expect(errorOf(refused)).toContain("has a `meta` that is nested deeper than 200 levels");
  expect(errorOf(refused)).toContain("protocol.bad_message");
});

it("checks by doing everything once, and leaves nothing behind", async ({
  destination,
  folder,
}) => {
  const args = await writeCommand("check", destination, folder, [], {
    config: { schema: "fresh" },
  });

  const run = await runExecutable("destination-postgres", args.slice(0, 3));

  expect(run.stdout).toContain('"SUCCEEDED"');
  expect(
    await destination.rows("select 1 from pg_namespace where nspname in ('fresh', '_syncline')"),
  ).toEqual([]);
});
