import { expect } from "vitest";
import { it } from "../../support/fixtures.ts";
import { complete, record, stream, write } from "./drive.ts";

const native = (type: string, more: object = {}) => ({
  type: "string",
  "x-postgres-type": type,
  ...more,
});

it("recreates the source's types, enums and domains included", async ({ destination, folder }) => {
  const mood = {
    kind: "enum",
    schema: "shop",
    name: "mood",
    labels: ["sad", "it's ok", "happy"],
  };
  const price = { kind: "domain", schema: "shop", name: "price", base: "numeric(10,2)" };
  const demo = stream({
    properties: {
      small: { type: "integer", "x-postgres-type": "smallint" },
      name: native("character varying(5)"),
      m: native("shop.mood", { "x-postgres-definitions": [mood] }),
      p: {
        type: "number",
        "x-postgres-type": "shop.price",
        "x-postgres-base-type": "numeric(10,2)",
        "x-postgres-definitions": [price],
      },
      f: { type: "number", "x-postgres-type": "double precision" },
      doc: { type: "object", airbyte_type: "json", "x-postgres-type": "json" },
      bits: native("bit(3)"),
      raw: native("bytea"),
      span: native("interval"),
      tags: { type: "array", "x-postgres-type": "text[]" },
      bounded: { type: "array", "x-postgres-type": "integer[]" },
      day: native("date", { format: "date" }),
      place: native("nowhere.geometry"),
    },
  });

  const run = await write(
    destination,
    folder,
    [demo],
    [
      record(
        "demo",
        String.raw`{"small":1,"name":"abc","m":"it's ok","p":1.50,"f":"-Infinity","doc":{"b":1,"a":2,"a":"\u0000"},"bits":"101","raw":"\\x00ff","span":"1 day 02:00:00","tags":["a","b,\"\\{}",null],"bounded":"[5:6]={1,2}","day":"0044-03-15 BC","place":"x"}`,
      ),
      record(
        "demo",
        '{"small":40000,"name":"too long","m":"furious","doc":null,"tags":[["a"],["b"]]}',
      ),
      complete("demo"),
    ],
    { config: { column_types: "native", tables: "final_only" } },
  );

  expect(run.exitCode).toBe(0);
  expect(run.stdout).toContain("columns of the type nowhere.geometry get protocol types");
  const types = await destination.rows(
    `select format_type(atttypid, atttypmod) from pg_attribute
      where attrelid = 'demo'::regclass and attnum between 1 and 13 order by attnum`,
  );
  expect(types.flat()).toEqual([
    "smallint",
    "character varying(5)",
    "shop.mood",
    "shop.price",
    "double precision",
    "json",
    "bit(3)",
    "bytea",
    "interval",
    "text[]",
    "integer[]",
    "date",
    "text",
  ]);
  expect(
    await destination.rows(
      "select small, name, m, p, f, doc, bits, raw, span, tags, bounded, day, place from demo",
    ),
  ).toEqual([
    [
      "1",
      "abc",
      "it's ok",
      "1.50",
      "-Infinity",
      String.raw`{"b":1,"a":2,"a":"\u0000"}`,
      "101",
      String.raw`\x00ff`,
      "1 day 02:00:00",
      String.raw`{a,"b,\"\\{}",NULL}`,
      "[5:6]={1,2}",
      "0044-03-15 BC",
      "x",
    ],
    [null, null, null, null, null, "null", null, null, null, "{{a},{b}}", null, null, null],
  ]);
  expect(
    await destination.rows(
      "select c->>'field' from demo, jsonb_array_elements(_airbyte_meta->'changes') c order by 1",
    ),
  ).toEqual([["m"], ["name"], ["small"]]);
});
