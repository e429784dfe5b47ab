/** @guarantee exact-values */
import fc from "fast-check";
import { expect } from "vitest";
import { binaryKindOf } from "../../../connectors/postgres/types/type-table.ts";
import { BinaryWriter } from "../../../connectors/destination-postgres/encode/binary/binary-writer.ts";
import { CopyBuffer } from "../../../connectors/destination-postgres/encode/copy-buffer.ts";
import { TEXT_FORMAT } from "../../../connectors/destination-postgres/encode/text/text-format.ts";
import { BINARY_FORMAT } from "../../../connectors/destination-postgres/encode/binary/binary-format.ts";
import { loadRepairing } from "../../../connectors/destination-postgres/lane/repair.ts";
import { RowEncoder } from "../../../connectors/destination-postgres/encode/row-encoder.ts";
import { withSession, type Session } from "../../../connectors/postgres/session.ts";
import { TextWriter } from "../../../connectors/destination-postgres/encode/text/text-writer.ts";
import { VALUE_KIND, type ValueKind } from "../../../connectors/postgres/types/kinds.ts";
import { it, type Database } from "../../support/fixtures.ts";
import {
  complete,
  errorOf,
  INTEGER,
  record,
  startWrite,
  state,
  statesOf,
  stream,
  text as lines,
  TEXT,
  TIMESTAMPTZ,
  write,
} from "./drive.ts";

const INSTANT = "timestamp with time zone";
const TIMES = { emittedAt: "2022-09-01T16:30:13.939Z", normalizedAt: "2022-09-01 16:30:14+02" };

interface Case {
  readonly type: string;
  readonly kind: ValueKind;
  /** JSON tokens that the type's own input function, or our checks, have an opinion on. */
  readonly tokens: readonly string[];
  readonly random: fc.Arbitrary<string>;
}

const quoted = (texts: readonly string[]) => texts.map((text) => JSON.stringify(text));
const padded = (value: number, width: number) => String(value).padStart(width, "0");
const upTo = (max: number, width = 2) => fc.nat(max).map((value) => padded(value, width));
const fraction = fc.option(fc.stringMatching(/^\.\d{1,9}$/), { nil: "" });
const zone = fc.oneof(
  fc.constantFrom("", "Z", "+00", "-15:59:59", "+0530", " +05:45", "+05:30:15"),
  fc.tuple(fc.constantFrom("+", "-"), upTo(15), upTo(59)).map(([s, h, m]) => `${s}${h}:${m}`),
);
const day = fc
  .tuple(fc.integer({ min: 1, max: 300_000 }), upTo(12), upTo(31))
  .map(([year, month, date]) => `${padded(year, 4)}-${month}-${date}`);
const clock = fc
  .tuple(upTo(24), upTo(59), upTo(60), fraction, zone)
  .map(([h, m, s, f, z]) => `${h}:${m}:${s}${f}${z}`);
const era = fc.constantFrom("", "", "", " BC");
const timestamp = fc
  .tuple(day, fc.constantFrom("T", " "), clock, era)
  .map((all) => JSON.stringify(all.join("")));
const number = fc
  .tuple(
    fc.constantFrom("", "-"),
    fc.stringMatching(/^(0|[1-9]\d{0,40})$/),
    fc.option(fc.stringMatching(/^\.\d{1,40}$/), { nil: "" }),
    fc.option(fc.stringMatching(/^[eE][+-]?\d{1,3}$/), { nil: "" }),
  )
  .map((parts) => parts.join(""));
const integer = fc
  .bigInt({ min: -(2n ** 66n), max: 2n ** 66n })
  .chain((value) => fc.integer({ min: 0, max: 66 }).map((bits) => String(value >> BigInt(bits))));
const text = fc
  .string({ unit: "grapheme-composite" })
  .map((value) => JSON.stringify(value.replaceAll("\0", "")));
const json = fc.json({ stringUnit: "grapheme" }).filter((value) => !value.includes("\\u"));

const INTEGERS = ["0", "-0", "7", "-1", "1.0", "12e2", '"17"', "1.5", '"x"', "true", "null"];
const LIMITS = [15, 31, 63].flatMap((bits) =>
  [0n, -1n, 1n].flatMap((by) => [
    String(2n ** BigInt(bits) + by),
    String(-(2n ** BigInt(bits)) + by),
  ]),
);
const DIGITS = Array.from({ length: 20 }, (_, digits) => "9".repeat(digits + 1));
const NUMBERS = [
  ...INTEGERS,
  ...DIGITS,
  ..."0.0 -0.000 0.00010 10000 9999.9999 1e5 1.50e1 1.5e-3 -12.34E+2 1e-16383 1e131071 1e131072 0e50".split(
    " ",
  ),
  '"NaN"',
  '"Infinity"',
  '"-Infinity"',
  '"1.50"',
  "123456789012345678901234567890.000000000000000000000000000001",
  "1e308",
  "1e309",
  "4.9e-324",
  "1e-400",
];
const DATES = quoted([
  "1999-01-08",
  "2000-01-01",
  "1999-12-31",
  "0001-01-01",
  "0001-12-31 BC",
  "4714-11-24 BC",
  "5874897-12-31",
  "+012345-01-01",
  "2024-02-29",
  "2023-02-29",
  "infinity",
  "-infinity",
  "",
  "now",
  "1999\u002d01-08",
  // Years before 1 as ISO 8601 counts them.
  "-0043-03-15",
  "0000-03-15",
  "0000-02-29",
  "-0001-02-29",
  "-0004-02-29",
  "-0000-01-01",
  "-0043-03-15 BC",
  "0000-03-15 BC",
  "-4713-11-24",
  "-4713-11-23",
  "-43-03-15",
  // Timestamps, of which the date is taken.
  "2023-05-05T00:00:00Z",
  "2023-05-05T23:59:59.999999-11:00",
  "2023-05-05 24:00:00",
  "2023-05-05T12:00",
  "-0043-03-15T10:00:00Z",
  "0044-03-15T10:00:00Z BC",
  "2023-05-05T25:00:00Z",
  "2023-05-05 noon",
]);
const TIMES_OF_DAY = quoted([
  "00:00",
  "04:05:06",
  "24:00:00",
  "23:59:60",
  "23:59:60.5",
  "23:59:59.9999995",
  "12:00:00.1234565",
  "12:00:00.0000005",
  "12:00:00.5+05:30",
  "12:00:00-15:59",
  "allballs",
  "",
]);
const TIMESTAMPS = [
  ...quoted([
    "2022-09-01T16:30:13.939030",
    "2022-09-01T16:30:13.939030Z",
    "2022-09-01 10:00",
    "2022-09-01",
    "1713-01-01T00:00:00.000001",
    "2285-12-31T23:59:59.999999",
    "294276-12-31T23:59:59.999999",
    "294276-12-31T23:59:59.9999999",
    "294276-12-31T23:59:59-01",
    "4714-11-24 00:00:00 BC",
    "4714-11-24T00:00:00+01 BC",
    "0044-03-15T00:00:00+05:30 BC",
    "-0043-03-15T10:00:00Z",
    "-0043-03-15T10:00:00.5+05:30",
    "-0043-03-15",
    "0000-12-31T23:59:59",
    "-4713-11-24T00:00:00",
    "-4714-11-24T00:00:00",
    "2022-12-31T24:00:00",
    "2022-12-31T23:59:60",
    "2022-12-31T23:59:60.5",
    "2022-09-01T25:00:00",
    "infinity",
    "-infinity",
    "",
    "yesterday",
  ]),
  '"2022-09-01T16:30:13\\u002e939030"',
  "17",
];
const TEXTS = [
  '"x\\ty\\n\\\\ \\u00e9 \\ud83d\\ude00"',
  '"a\\u0000b"',
  '"\\ud83d"',
  "17",
  '{"a":[1]}',
  '""',
  "null",
];

const CASES: readonly Case[] = [
  ...(["smallint", "integer", "bigint"] as const).map((type, i) => ({
    type,
    kind: [VALUE_KIND.int2, VALUE_KIND.int4, VALUE_KIND.int8][i]!,
    tokens: [...INTEGERS, ...LIMITS, ...DIGITS, ...DIGITS.map((digits) => `-${digits}`)],
    random: integer,
  })),
  ...["numeric", "numeric(12,2)", "double precision"].map((type) => ({
    type,
    kind: VALUE_KIND.number,
    tokens: NUMBERS,
    random: fc.oneof(
      number,
      number.map((token) => `"${token}"`),
    ),
  })),
  {
    type: "boolean",
    kind: VALUE_KIND.boolean,
    tokens: ["true", "false", "null", "0", '"t"'],
    random: fc.constant("true"),
  },
  {
    type: "date",
    kind: VALUE_KIND.date,
    tokens: DATES,
    random: fc.tuple(day, era).map((all) => JSON.stringify(all.join(""))),
  },
  ...["time without time zone", "time(3) without time zone", "time with time zone"].map((type) => ({
    type,
    kind: VALUE_KIND.time,
    tokens: TIMES_OF_DAY,
    random: clock.map((value) => JSON.stringify(value)),
  })),
  ...["timestamp without time zone", "timestamp(3) with time zone", "timestamp with time zone"].map(
    (type) => ({
      type,
      kind: VALUE_KIND.timestamp,
      tokens: TIMESTAMPS,
      random: timestamp,
    }),
  ),
  ...["text", "character varying(5)", "character(5)"].map((type) => ({
    type,
    kind: VALUE_KIND.text,
    tokens: [...TEXTS, '"abcde  "', '"abcdef"'],
    random: text,
  })),
  {
    type: "uuid",
    kind: VALUE_KIND.text,
    tokens: quoted([
      "2ea9413f-0986-4dfe-a466-883a64b0b387",
      "{2EA9413F09864dfea466-883a64b0b387}",
      "2ea9-413f-0986-4dfe-a466-883a-64b0-b387",
      "2e-a9413f09864dfea466883a64b0b387",
      "{2ea9413f-0986-4dfe-a466-883a64b0b387",
      "x",
    ]),
    random: fc.uuid().map((value) => JSON.stringify(value)),
  },
  {
    type: "jsonb",
    kind: VALUE_KIND.jsonb,
    tokens: [
      "null",
      '"\\u0000"',
      '{"a":1,"a":2}',
      '{"a":"\\u0000","b":["\\ud83d","x",{"c":"\\u0000"}]}',
      '{"\\u0000":1,"a":2,"\\ud83d":{"b":3}}',
    ],
    random: json,
  },
  {
    type: "jsonb",
    kind: VALUE_KIND.jsonbOrNull,
    tokens: ["null", "1.50", '"\\ud83d"'],
    random: json,
  },
  {
    type: "json",
    kind: VALUE_KIND.jsonOrNull,
    tokens: ["null", '"\\u0000"', '{"a":1, "a":2}'],
    random: json,
  },
];

/** Loads one row per token into a table with one column, and gives back what the server holds. */
async function load(
  session: Session,
  database: Database,
  one: Case,
  tokens: readonly string[],
  binary: boolean,
) {
  await session.run(
    "make a table",
    `drop table if exists public.t; create table public.t (c ${one.type}, id uuid, at timestamptz, norm timestamptz, meta jsonb)`,
  );
  const encoder = new RowEncoder([{ key: "c", kind: one.kind }], {
    final: binary
      ? new BinaryWriter([binaryKindOf(one.type, one.kind)!])
      : new TextWriter([one.kind]),
    raw: new TextWriter([]),
  });
  const rows = new CopyBuffer(16);
  for (const [index, token] of tokens.entries()) {
    const source = Buffer.from(`{"c":${token}}`);
    expect(encoder.readData(source, 0, source.length, rows)).toBe(source.length);
    encoder.endRow(source, { ...TIMES, id: idOf(index) }, {}, rows, undefined);
  }
  await session.begin();
  const count = await loadRepairing(
    session,
    {
      table: { schema: "public", name: "t" },
      columns: ["c", "id", "at", "norm", "meta"],
      types: [one.type, "uuid", INSTANT, INSTANT, "jsonb"],
      addedBytes: 0,
      format: binary ? BINARY_FORMAT : TEXT_FORMAT,
      metaColumn: 4,
      dataColumns: { from: 0, to: 1 },
      fieldOf: () => "c",
      onRepair: () => {},
    },
    rows.bytes.subarray(0, rows.length),
  );
  await session.commit();
  expect(count).toBe(tokens.length);
  return database.rows("select c::text, id, at, norm, meta from t order by id");
}

function idOf(index: number): string {
  return `2ea9413f-0986-4dfe-a466-${String(index).padStart(12, "0")}`;
}

for (const one of CASES)
  it(`sends ${one.type} in binary as the value its text would have become (kind ${one.kind})`, async ({
    destination,
  }) => {
    const tokens = [...one.tokens, ...fc.sample(one.random, 300)];

    const [asText, asBinary] = await withSession(
      destination.config,
      { applicationName: "test" },
      async (session) => [
        await load(session, destination, one, tokens, false),
        await load(session, destination, one, tokens, true),
      ],
    );

    const differing = tokens.flatMap((token, i) =>
      JSON.stringify(asBinary[i]) === JSON.stringify(asText[i])
        ? []
        : [{ token, binary: asBinary[i], text: asText[i] }],
    );
    expect(differing).toEqual([]);
    expect(asText.filter(([value]) => value !== null).length).toBeGreaterThan(1);
  });

it("spells rows as text for a table whose columns are not of the planned types", async ({
  destination,
  folder,
}) => {
  const demo = stream({ properties: { id: INTEGER, name: TEXT, at: TIMESTAMPTZ } });
  await destination.query(
    `create table demo (id text, name varchar(9), at timestamptz, _airbyte_ab_id text,
       _airbyte_emitted_at timestamptz, _airbyte_normalized_at timestamptz, _airbyte_meta json)`,
  );

  const row = record("demo", '{"id":12345678,"name":"12345678","at":"2022-09-01T16:30:13Z"}');
  const run = await write(destination, folder, [demo], [row, complete("demo")]);

  expect(errorOf(run)).toBe("");
  expect(await destination.rows("select id, name, at, _airbyte_emitted_at from demo")).toEqual([
    ["12345678", "12345678", "2022-09-01 16:30:13+00", "2022-09-23 13:33:20+00"],
  ]);
});

it("loads nothing into a table that was altered after the run began", async ({
  destination,
  folder,
}) => {
  const run = await startWrite(destination, folder, [stream({ incremental: true, cursor: "id" })]);
  run.write(lines([record("demo", { id: 1, name: "12345678" }), state("demo", { n: 1 }, 1)]));
  await run.line((line) => line.includes('"STATE"'));
  await destination.query("alter table demo alter column id type timestamp using null");

  run.write(lines([record("demo", { id: 2 }), state("demo", { n: 2 }, 1), complete("demo")]));
  run.endInput();
  const finished = await run.finished;

  expect(errorOf(finished)).toContain("public.demo was altered while it was loaded");
  expect(statesOf(finished)).toEqual([{ n: 1 }]);
  expect(await destination.rows("select id, name from demo")).toEqual([[null, "12345678"]]);
});
