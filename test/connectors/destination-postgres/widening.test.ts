import { describe, expect, it as unit } from "vitest";
import {
  castable,
  commonType,
  respells,
} from "../../../connectors/destination-postgres/plan/widening.ts";
import type { PropertySchema } from "../../../protocol/catalog.ts";
import { type Database, it } from "../../support/fixtures.ts";
import { type Finished, succeeded } from "../../support/run.ts";
import { columns } from "../../support/tables.ts";
import { complete, record, stream, type StreamSpec, write } from "./drive.ts";

const TIMESTAMP = "timestamp without time zone";
const TIMESTAMPTZ = "timestamp with time zone";

describe("commonType", () => {
  unit.each([
    // The ladders, up and down: a column never gets narrower.
    ["smallint", "integer", "integer"],
    ["integer", "bigint", "bigint"],
    ["bigint", "numeric", "numeric"],
    ["bigint", "integer", "bigint"],
    ["numeric", "bigint", "numeric"],
    ["integer", "text", "text"],
    ["text", "integer", "text"],
    ["character varying(3)", "character varying(5)", "character varying(5)"],
    ["character varying(5)", "character varying(3)", "character varying(5)"],
    ["character varying(5)", "text", "text"],
    ["date", TIMESTAMP, TIMESTAMP],
    [TIMESTAMPTZ, "date", TIMESTAMPTZ],
    [
      "timestamp(0) without time zone",
      "timestamp(3) without time zone",
      "timestamp(3) without time zone",
    ],
    ["jsonb", "json", "json"],
    ["jsonb", "bigint", "jsonb"],
    // A third type that holds both.
    ["bigint", "double precision", "numeric"],
    ["numeric(10,2)", "numeric(10,4)", "numeric"],
    ["numeric(5,2)", "bigint", "numeric"],
    ["timestamp(0) without time zone", TIMESTAMPTZ, TIMESTAMPTZ],
    ["bit(3)", "bit(5)", "bit varying"],
    ["money", "integer", "numeric"],
    ["integer[]", "bigint[]", "bigint[]"],
    // Nothing in common: what would be cut or rounded silently is given room, the rest stays.
    ["boolean", "bigint", undefined],
    ["bigint", "boolean", undefined],
    ["date", "boolean", undefined],
    ["bigint", "public.mood", undefined],
    ["numeric(10,2)", "boolean", "numeric"],
    ["public.mood", "public.humour", "text"],
    ["integer[]", "integer", undefined],
  ] as const)("of %s and %s is %s", (existing, wanted, common) => {
    expect(commonType(existing, wanted)).toBe(common);
  });

  const FAMILIES: readonly (readonly [
    compare: string,
    types: Record<string, readonly string[]>,
  ])[] = [
    [
      "numeric",
      {
        smallint: ["-32768"],
        integer: ["2147483647"],
        bigint: ["9223372036854775807", "9007199254740993"],
        oid: ["4294967295"],
        numeric: ["12345678901234567890.123456789", "NaN"],
        "numeric(10,2)": ["-99999999.99"],
        "numeric(10,4)": ["999999.9999"],
        "numeric(30,2)": ["9999999999999999999999999999.99"],
        "double precision": ["0.30000000000000004", "1.7976931348623157e308", "5e-324"],
        money: ["92233720368547758.07"],
      },
    ],
    [
      "timestamptz",
      {
        date: ["0044-03-15 BC", "infinity"],
        [TIMESTAMP]: ["2022-09-01 16:30:13.939031"],
        "timestamp(0) without time zone": ["2022-09-01 16:30:13"],
        "timestamp(3) without time zone": ["2022-09-01 16:30:13.123"],
        [TIMESTAMPTZ]: ["2022-09-01 16:30:13.939031+05:30"],
        "timestamp(0) with time zone": ["2022-09-01 16:30:13+02"],
      },
    ],
    [
      "text",
      {
        text: ["a ", ""],
        "character varying": ["abcdef "],
        "character varying(3)": ["ab "],
        "character varying(5)": ["abcde"],
        "character(2)": ["ab"],
        name: ["abc "],
      },
    ],
  ];

  it("holds every value of both, by the server's own judgement", async ({ destination }) => {
    for (const [compare, types] of FAMILIES) {
      const checks: { what: string; sql: string }[] = [];
      for (const [from, values] of Object.entries(types))
        for (const [to, others] of Object.entries(types)) {
          const common = commonType(from, to)!;
          const same = (type: string, value: string, sql: string) => ({
            what: `${value}: ${from} and ${to} → ${common}`,
            sql: `(${sql})::${printed(common)}::${compare} = (${quoted(value)}::${type})::${printed(type)}::${compare}`,
          });
          for (const value of values)
            checks.push(
              same(
                from,
                value,
                `(${castable(`(${quoted(value)}::${from})`, from, common)})::${common}`,
              ),
            );
          for (const value of others)
            checks.push(same(to, value, `(${quoted(value)}::${to})::${printed(to)}::${common}`));
        }

      const [row] = await destination.rows(`select ${checks.map(({ sql }) => sql).join(",\n")}`);

      expect(checks.filter((_, index) => row![index] !== "t").map(({ what }) => what)).toEqual([]);
      expect(checks.length).toBeGreaterThan(50);
    }
  });
});

/** Through which a value is compared without loss: the text, except where text has a currency. */
const printed = (type: string) => (type === "money" ? "numeric" : "text");
const quoted = (value: string) => `'${value}'`;

describe("a native column", () => {
  it("widens with its source, from small numbers to text, and keeps what it had", async ({
    destination,
    folder,
  }) => {
    const steps = [
      ["smallint", "32767"],
      ["integer", "2147483647"],
      ["bigint", "9223372036854775807"],
      ["numeric", "9223372036854775808.5"],
      ["text", '"many"'],
    ] as const;
    const types = [];

    for (const [type, value] of steps) {
      await writeValue(destination, folder, nativeColumn(type), value);
      types.push((await columns(destination, "demo"))[0]);
    }

    expect(types).toEqual(steps.map(([type]) => `v ${type}`));
    expect((await valuesOf(destination)).flat()).toEqual(
      steps.map(([, value]) => value.replaceAll('"', "")),
    );
  });

  it.for([
    ["numeric(10,2)", "12.34", "numeric(10,4)", "1.2345", "numeric", ["12.34", "1.2345"]],
    [
      "double precision",
      "0.1",
      "numeric",
      "0.12345678901234567890",
      "numeric",
      ["0.1", "0.12345678901234567890"],
    ],
    [
      "double precision",
      "1e20",
      "bigint",
      "9007199254740993",
      "numeric",
      ["100000000000000000000", "9007199254740993"],
    ],
    [
      "timestamp(0) without time zone",
      '"2022-01-01 00:00:00"',
      TIMESTAMP,
      '"2022-01-01 00:00:00.123456"',
      TIMESTAMP,
      ["2022-01-01 00:00:00", "2022-01-01 00:00:00.123456"],
    ],
    [
      "date",
      '"2022-01-01"',
      TIMESTAMPTZ,
      '"2022-01-01 10:00:00+00"',
      TIMESTAMPTZ,
      ["2022-01-01 00:00:00+00", "2022-01-01 10:00:00+00"],
    ],
    ["character(4)", '"a   "', "text", '"abcdef"', "text", ["a   ", "abcdef"]],
    ["character(3)[]", '["a  "]', "text[]", '["abcd"]', "text[]", ['{"a  "}', "{abcd}"]],
    ["bit(3)", '"101"', "bit(5)", '"10101"', "bit varying", ["101", "10101"]],
    [
      "integer[]",
      "[1]",
      "bigint[]",
      "[9007199254740993]",
      "bigint[]",
      ["{1}", "{9007199254740993}"],
    ],
  ] as const)(
    "of %s with %s that is to hold %s too loses nothing of either",
    async ([from, old, to, next, type, seen], { destination, folder }) => {
      await writeValue(destination, folder, nativeColumn(from), old);

      await writeValue(destination, folder, nativeColumn(to), next);

      expect((await columns(destination, "demo"))[0]).toBe(`v ${type}`);
      expect((await valuesOf(destination)).flat()).toEqual(seen);
    },
  );

  it("that holds the new type already stays as it is, and the log says how to get the source's", async ({
    destination,
    folder,
  }) => {
    await writeValue(destination, folder, nativeColumn("bigint"), "1");

    const run = await writeValue(destination, folder, nativeColumn("smallint"), "2");

    expect((await columns(destination, "demo"))[0]).toBe("v bigint");
    expect(run.stdout).not.toContain("keeping the type");
    expect(run.stdout).toContain("public.demo keeps the wider types of v");
  });

  it("never takes a value for another one: 1 is not true, and a time is no date", async ({
    destination,
    folder,
  }) => {
    await writeValue(destination, folder, nativeColumn("boolean"), "true");
    const run = await writeValue(destination, folder, nativeColumn("integer"), "1");

    expect(run.stdout).toContain("keeping the type of public.demo.v from boolean to integer");
    expect(
      await destination.rows(
        "select v, _airbyte_meta->'changes'->0->>'change' from demo order by v",
      ),
    ).toEqual([
      ["t", null],
      [null, "NULLED"],
    ]);
  });
});

it("finds the rows of a key again after its column was given another spelling", async ({
  destination,
  folder,
}) => {
  const keyed = (type: string): StreamSpec => ({
    ...nativeColumn(type),
    mode: "append_dedup",
    key: ["v"],
  });
  await writeValue(destination, folder, keyed("numeric(10,2)"), "7.50");

  await writeValue(destination, folder, keyed("numeric(12,4)"), "7.5000");

  expect(respells("numeric(10,2)", "numeric(12,4)")).toBe(true);
  expect(await destination.rows("select v from demo")).toEqual([["7.5000"]]);
});

function nativeColumn(type: string): StreamSpec {
  const schema: PropertySchema = { type: "string", "x-postgres-type": type };
  return stream({ properties: { v: schema } });
}

let emittedAt = 1_663_940_000_000;

/** Adds a row under native types; `value` is JSON. Rows come back in the order of writing. */
async function writeValue(
  destination: Database,
  folder: string,
  spec: StreamSpec,
  value: string,
): Promise<Finished> {
  const lines = [record("demo", `{"v":${value}}`, (emittedAt += 1000)), complete("demo")];
  const config = { column_types: "native", tables: "final_only", history: false };
  return succeeded(await write(destination, folder, [spec], lines, { config }));
}

const valuesOf = async (destination: Database) =>
  destination.rows("select v from demo order by _airbyte_emitted_at");
