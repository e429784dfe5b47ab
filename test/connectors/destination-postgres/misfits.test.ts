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
    ["1", null, null],
    ["2", "😀", null],
  ]);
  expect(
    await destination.rows("select _airbyte_data from _airbyte_raw_demo order by 1 desc"),
  ).toContainEqual(['{"j": null, "t": null, "id": 1}']);
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
    [record("demo", '{"id":-77123}'), complete("demo")],
  );

  expect(run.exitCode).toBe(1);
  expect(errorOf(run)).toContain("constraint positive");
  expect(run.stdout).not.toContain("77123");
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
    ['{"j": null, "id": 1}'],
  ]);
  expect(run.stdout).toContain("j, in the raw table alone: DESTINATION_SERIALIZATION_ERROR");
});
