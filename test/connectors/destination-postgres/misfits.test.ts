/** @guarantee exact-values */
import { expect } from "vitest";
import { it } from "../../support/fixtures.ts";
import {
  BOOLEAN,
  complete,
  errorOf,
  INTEGER,
  JSON_COLUMN,
  NUMBER,
  record,
  state,
  statesOf,
  stream,
  TEXT,
  TIMESTAMP,
  write,
} from "./drive.ts";

const typed = stream({
  properties: {
    id: INTEGER,
    n: NUMBER,
    b: BOOLEAN,
    at: TIMESTAMP,
    t: TEXT,
    j: JSON_COLUMN,
  },
});

it("makes values of the wrong type NULL, says so per row, and counts them", async ({
  destination,
  folder,
}) => {
  const run = await write(
    destination,
    folder,
    [typed],
    [
      record("demo", '{"id":"foo","n":"foo","b":"yes","at":"now","t":{"a":[1]},"j":"foo"}'),
      record("demo", '{"id":9223372036854775808,"n":1e200000,"at":"2022-02-30T00:00:00"}'),
      record("demo", '{"id":1.0,"n":"1.50","b":true,"at":"2022-02-28 10:00","t":17,"j":null}'),
      state("demo", {}, 3),
      complete("demo"),
    ],
  );

  expect(run.exitCode).toBe(0);
  const rows = await destination.rows(
    `select id, n, b, at, t, j, (select string_agg(c->>'field' || ' ' || (c->>'reason'), ', ')
       from jsonb_array_elements(_airbyte_meta->'changes') c) from demo`,
  );
  expect(rows).toEqual([
    [
      null,
      null,
      null,
      null,
      '{"a":[1]}',
      '"foo"',
      "id DESTINATION_TYPECAST_ERROR, n DESTINATION_TYPECAST_ERROR, b DESTINATION_TYPECAST_ERROR, at DESTINATION_TYPECAST_ERROR",
    ],
    [
      null,
      null,
      null,
      null,
      null,
      null,
      "id DESTINATION_FIELD_SIZE_LIMITATION, n DESTINATION_FIELD_SIZE_LIMITATION, at DESTINATION_TYPECAST_ERROR",
    ],
    ["1", "1.50", "t", "2022-02-28 10:00:00", "17", "null", null],
  ]);
  expect(run.stdout).toContain("demo: 1 × NULL in place of a value: b: DESTINATION_TYPECAST_ERROR");
});

it("makes text PostgreSQL cannot hold NULL, in the raw table too", async ({
  destination,
  folder,
}) => {
  await write(
    destination,
    folder,
    [typed],
    [
      record("demo", '{"id":1,"t":"a\\u0000b","j":{"k":"\\ud83d"}}'),
      record("demo", '{"id":2,"t":"\\ud83d\\ude00"}'),
      complete("demo"),
    ],
  );

  expect(await destination.rows("select id, t, j from demo order by id")).toEqual([
    ["1", null, '{"k": null}'],
    ["2", "😀", null],
  ]);
  expect(
    await destination.rows("select _airbyte_data from _airbyte_raw_demo order by 1 desc"),
  ).toContainEqual(['{"j": {"k": null}, "t": null, "id": 1}']);
});

it("keeps the changes that the source announced", async ({ destination, folder }) => {
  const line = record("demo", '{"id":1}').replace(
    /\}\}$/,
    '},"meta":{"changes":[{"field":"t","change":"TRUNCATED","reason":"SOURCE_FIELD_SIZE_LIMITATION"}]}}}'.slice(
      1,
    ),
  );

  const run = await write(destination, folder, [typed], [line, complete("demo")]);

  expect(errorOf(run)).toBe("");
  expect(await destination.rows("select _airbyte_meta->'changes'->0->>'reason' from demo")).toEqual(
    [["SOURCE_FIELD_SIZE_LIMITATION"]],
  );
});

it("mends only the rows the server itself refuses, however many", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [typed], [record("demo", { id: 0 }), complete("demo")]);
  // A column narrower than the schema says, which a view keeps from being widened.
  await destination.exec(
    "alter table demo alter column t type varchar(3); create view held as select t from demo",
  );

  const run = await write(
    destination,
    folder,
    [typed],
    [
      ...Array.from({ length: 1000 }, (_, i) =>
        record("demo", { id: i + 1, t: i % 100 === 7 ? "too long" : "ok" }),
      ),
      state("demo", { at: 1 }, 1000),
      complete("demo"),
    ],
  );

  expect(run.exitCode).toBe(0);
  expect(statesOf(run)).toEqual([{ at: 1 }]);
  expect(
    await destination.rows(
      `select count(*), count(t), count(_airbyte_meta),
              min(_airbyte_meta->'changes'->0->>'reason') from demo where id > 0`,
    ),
  ).toEqual([["1000", "990", "10", "DESTINATION_FIELD_SIZE_LIMITATION"]]);
});

it("makes the largest values of a row NULL that no page can hold", async ({
  destination,
  folder,
}) => {
  const names = Array.from({ length: 1500 }, (_, i) => `c${i}`);
  const wide = stream({
    properties: Object.fromEntries(names.map((name) => [name, TEXT])),
  });
  const row = (size: number) =>
    record("demo", Object.fromEntries(names.map((name) => [name, "x".repeat(size)])));

  const run = await write(destination, folder, [wide], [row(1), row(6), complete("demo")]);

  expect(run.exitCode).toBe(0);
  const [counts] = await destination.rows("select count(*), count(_airbyte_meta) from demo");
  expect(counts).toEqual(["2", "1"]);
}, 120_000);

it("does not hide that a constraint of the user's refuses a row", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [typed], [record("demo", { id: 1 }), complete("demo")]);
  await destination.exec("alter table demo add constraint positive check (id > 0)");

  const run = await write(
    destination,
    folder,
    [typed],
    [record("demo", '{"id":-1234512345}'), complete("demo")],
  );

  expect(run.exitCode).toBe(1);
  expect(errorOf(run)).toContain("constraint positive");
  expect(run.stdout).not.toContain("1234512345");
});

it("says of a value that only the raw table cannot hold that it is missing there, and nowhere else", async ({
  destination,
  folder,
}) => {
  const json = stream({
    properties: { id: INTEGER, j: { ...JSON_COLUMN, "x-postgres-type": "json" } },
  });

  const run = await write(
    destination,
    folder,
    [json],
    [record("demo", '{"id":1,"j":{"k":"\\u0000"}}'), complete("demo")],
    { config: { column_types: "native" } },
  );

  expect(await destination.rows("select j, _airbyte_meta from demo")).toEqual([
    ['{"k":"\\u0000"}', null],
  ]);
  expect(await destination.rows("select _airbyte_data from _airbyte_raw_demo")).toEqual([
    ['{"j": {"k": null}, "id": 1}'],
  ]);
  expect(run.stdout).toContain("j, in the raw table alone: DESTINATION_SERIALIZATION_ERROR");
});

it.for<readonly [string, Readonly<Record<string, unknown>>]>([
  ["with raw tables", {}],
  ["without", { tables: "final_only" }],
])(
  "costs a document that holds U+0000 that string alone, %s",
  async ([, config], { destination, folder }) => {
    const documents = stream({
      properties: { id: INTEGER, j: JSON_COLUMN, o: { type: "object" }, a: { type: "array" } },
    });
    const value = String.raw`{"b" : 1, "a":["x\u0000y", "z", {"k":"\ud800","l":2}], "\u0000":[3], "c":"\u00e9" }`;

    const run = await write(
      destination,
      folder,
      [documents],
      [
        record("demo", `{"id":1,"j":${value},"o":${value},"a":[${value},"\\u0000","v"]}`),
        record(
          "demo",
          String.raw`{"id":2,"j":"\u0000","o":{"k":1, "a\u0000":1 , "only\ud800":2 },"a":["\u0000"]}`,
        ),
        record("demo", String.raw`{"id":3,"j":["\\u0000"]}`),
        complete("demo"),
      ],
      { config },
    );

    const kept = '{"a": [null, "z", {"k": null, "l": 2}], "b": 1, "c": "é"}';
    expect([run.exitCode, errorOf(run)]).toEqual([0, ""]);
    expect(await destination.rows("select j, o, a from demo order by id")).toEqual([
      [kept, kept, `[${kept}, null, "v"]`],
      [null, '{"k": 1}', "[null]"],
      [String.raw`["\\u0000"]`, null, null],
    ]);
    const cut = (field: string) => [field, "TRUNCATED", "DESTINATION_SERIALIZATION_ERROR"];
    expect(
      await destination.rows(
        `select c->>'field', c->>'change', c->>'reason'
           from demo, jsonb_array_elements(_airbyte_meta->'changes') c order by id, 1`,
      ),
    ).toEqual([
      ...["a", "j", "o"].map(cut),
      cut("a"),
      ["j", "NULLED", "DESTINATION_SERIALIZATION_ERROR"],
      cut("o"),
    ]);
    expect(run.stdout).toContain("demo: 2 × a part of a value lost: a: DESTINATION_SERIALIZATION");
    if ("tables" in config) return;
    expect(
      await destination.rows(
        "select _airbyte_data->'j', _airbyte_data->'a' from _airbyte_raw_demo order by _airbyte_data->'id' limit 2",
      ),
    ).toEqual([
      [kept, `[${kept}, null, "v"]`],
      ["null", "[null]"],
    ]);
  },
);

it("costs an array of a native type the string that holds U+0000", async ({
  destination,
  folder,
}) => {
  const tags = stream({
    properties: { id: INTEGER, tags: { type: "array", "x-postgres-type": "text[]" } },
  });

  await write(
    destination,
    folder,
    [tags],
    [
      record("demo", String.raw`{"id":1,"tags":["a","b\u0000",["c"]]}`),
      record("demo", String.raw`{"id":2,"tags":["a","b\u0000"]}`),
      complete("demo"),
    ],
    { config: { column_types: "native" } },
  );

  expect(await destination.rows("select tags from demo where id = 2")).toEqual([["{a,NULL}"]]);
});

it("takes a member away whose name jsonb cannot hold, and says so", async ({
  destination,
  folder,
}) => {
  const run = await write(
    destination,
    folder,
    [typed],
    [record("demo", String.raw`{"id":1,"x\u0000":"lost","n":2}`), complete("demo")],
  );

  expect([run.exitCode, errorOf(run)]).toEqual([0, ""]);
  expect(await destination.rows("select id, n from demo")).toEqual([["1", "2"]]);
  expect(await destination.rows("select _airbyte_data from _airbyte_raw_demo")).toEqual([
    ['{"n": 2, "id": 1}'],
  ]);
});

it("takes whole numbers of any size where they are announced as big", async ({
  destination,
  folder,
}) => {
  const big = { airbyte_type: "big_integer" };
  const numbers = stream({
    properties: {
      id: INTEGER,
      s: { type: "string", ...big },
      i: { type: "integer", ...big },
      n: { type: ["null", "number"], ...big },
    },
  });
  const digits = "123456789012345678901234567890";

  await write(
    destination,
    folder,
    [numbers],
    [record("demo", `{"id":1,"s":"${digits}","i":-${digits},"n":${digits}}`), complete("demo")],
  );

  expect(await destination.rows("select s, i, n, _airbyte_meta from demo")).toEqual([
    [digits, `-${digits}`, digits, null],
  ]);
});

const DATED = stream({
  properties: { id: INTEGER, day: { type: "string", format: "date" }, at: TIMESTAMP },
});

it.for<readonly [string, Readonly<Record<string, unknown>>, string]>([
  ["in binary", {}, "date"],
  ["as text", { column_types: "native" }, "xml"],
])(
  "takes the date of a timestamp, and says where a time of the day is lost, %s",
  async ([, config, other], { destination, folder }) => {
    // A column that has no binary form of ours makes the rows text.
    const properties = { ...DATED.properties, x: { type: "string", "x-postgres-type": other } };
    const rows = [
      "2023-05-05",
      "2023-05-05T00:00:00Z",
      "2023-05-05 00:00",
      "2023-05-05T23:59:59.5-11:00",
      "-0043-03-15T00:00:00",
      "-0043-03-15",
      "2023-05-05T25:00:00",
    ];

    await write(
      destination,
      folder,
      [{ ...DATED, properties }],
      [...rows.map((day, id) => record("demo", { id, day })), complete("demo")],
      { config },
    );

    const changes = "_airbyte_meta->'changes'->0";
    expect(
      await destination.rows(
        `select day, ${changes}->>'change', ${changes}->>'reason' from demo order by id`,
      ),
    ).toEqual([
      ["2023-05-05", null, null],
      ["2023-05-05", null, null],
      ["2023-05-05", null, null],
      ["2023-05-05", "TRUNCATED", "DESTINATION_TYPECAST_ERROR"],
      ["0044-03-15 BC", null, null],
      ["0044-03-15 BC", null, null],
      [null, "NULLED", "DESTINATION_TYPECAST_ERROR"],
    ]);
  },
);

it.for<readonly [string, Readonly<Record<string, unknown>>, string]>([
  ["in binary", {}, "date"],
  ["as text", { column_types: "native" }, "xml"],
])(
  "notes what PostgreSQL rounds of a time, and nothing that it keeps, %s",
  async ([, config, other], { destination, folder }) => {
    const times = stream({
      name: "demo",
      properties: {
        id: INTEGER,
        at: { type: "string", format: "date-time", airbyte_type: "timestamp_without_timezone" },
        instant: { type: "string", format: "date-time", airbyte_type: "timestamp_with_timezone" },
        daily: { type: "string", format: "time", airbyte_type: "time_without_timezone" },
        zoned: { type: "string", format: "time", airbyte_type: "time_with_timezone" },
        x: { type: "string", "x-postgres-type": other },
      },
    });
    const rowOf = (id: number, fraction: string) =>
      record("demo", {
        id,
        at: `2024-02-29T10:00:00${fraction}`,
        instant: `2024-02-29T10:00:00${fraction}+12:52`,
        daily: `10:00:00${fraction}`,
        zoned: `10:00:00${fraction}+12:52`,
      });
    const fractions = ["", ".5267", ".123456", ".123456000", ".1234567", ".000000001"];

    const run = await write(
      destination,
      folder,
      [times],
      [...fractions.map((fraction, id) => rowOf(id, fraction)), complete("demo")],
      { config },
    );

    expect([run.exitCode, errorOf(run)]).toEqual([0, ""]);
    const noted = ["at", "daily", "instant", "zoned"].map((field) => `${field} TRUNCATED`).join();
    expect(
      await destination.rows(
        `select at::time, (select string_agg(concat_ws(' ', c->>'field', c->>'change'), ',' order by c->>'field')
                             from jsonb_array_elements(_airbyte_meta->'changes') c)
           from demo order by id`,
      ),
    ).toEqual([
      ["10:00:00", null],
      ["10:00:00.5267", null],
      ["10:00:00.123456", null],
      ["10:00:00.123456", null],
      ["10:00:00.123457", noted],
      ["10:00:00", noted],
    ]);
  },
);

it("says once of a time that is too fine, and that the server refuses, what became of it", async ({
  destination,
  folder,
}) => {
  const properties = {
    id: INTEGER,
    c: { type: "string", format: "time", airbyte_type: "time_without_timezone" },
    x: { type: "string", "x-postgres-type": "xml" },
  };
  const sourceSays = { field: "c", change: "TRUNCATED", reason: "SOURCE_FIELD_SIZE_LIMITATION" };
  const late = record("demo", { id: 1, c: "23:59:60.1234567" });
  const cut = late.replace(/\}\}$/, `,"meta":{"changes":[${JSON.stringify(sourceSays)}]}}}`);

  await write(
    destination,
    folder,
    [stream({ name: "demo", properties })],
    [cut, complete("demo")],
    { config: { column_types: "native" } },
  );

  expect(
    await destination.rows(
      "select c, (select string_agg(e->>'reason', ' ') from jsonb_array_elements(_airbyte_meta->'changes') e) from demo",
    ),
  ).toEqual([[null, "SOURCE_FIELD_SIZE_LIMITATION DESTINATION_TYPECAST_ERROR"]]);
});

it("counts years before 1 as ISO 8601 does", async ({ destination, folder }) => {
  await write(
    destination,
    folder,
    [DATED],
    [
      record("demo", { id: 1, day: "-0043-03-15", at: "-0043-03-15T10:00:00.5" }),
      record("demo", { id: 2, day: "0000-02-29", at: "0000-12-31T23:59:59" }),
      record("demo", { id: 3, day: "0044-03-15 BC", at: "0044-03-15T10:00:00 BC" }),
      record("demo", { id: 4, day: "-0001-02-29", at: "-4714-01-01T00:00:00" }),
      complete("demo"),
    ],
  );

  expect(await destination.rows("select day, at from demo order by id")).toEqual([
    ["0044-03-15 BC", "0044-03-15 10:00:00.5 BC"],
    ["0001-02-29 BC", "0001-12-31 23:59:59 BC"],
    ["0044-03-15 BC", "0044-03-15 10:00:00 BC"],
    [null, null],
  ]);
});
