/** @guarantee exact-values */
import fc from "fast-check";
import { expect } from "vitest";
import { keptByNative, keptByProtocol, type Kept } from "../support/type-fidelity.ts";
import type { PostgresType } from "../../connectors/postgres/types/column-type.ts";
import { type Database, it } from "../support/fixtures.ts";
import { binaryForms, printPlainly } from "./lossless-compare.ts";
import { compareZoo, type FilledSource, nameOf, pipe, typesOf } from "./lossless-copy.ts";
import { IN_BINARY, type ZooColumn } from "./lossless-zoo.ts";

/** Rows of random values; every column has another one in each. */
const ROWS = 400;

/** Set SYNCLINE_SEED to try other values than everybody's. */
const SEED = Number(process.env["SYNCLINE_SEED"] ?? 20_220_901);

/** What PostgreSQL can hold as text: no U+0000, no half a surrogate pair. */
const anyText = fc
  .oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc
      .array(
        fc.oneof(
          fc.constantFrom("\\", "\\N", "\\.", "\\t", "\t", "\n", "\r", '"', "'", ",", "{", "}"),
          fc.constantFrom(
            "(",
            ")",
            "[",
            "]",
            ":",
            ";",
            "=>",
            "NULL",
            " ",
            "\\u0000",
            "😀",
            "e\u0301",
          ),
          fc.integer({ min: 1, max: 0x9f }).map((code) => String.fromCharCode(code)),
        ),
        { maxLength: 12 },
      )
      .map((parts) => parts.join("")),
  )
  .filter((text) => !text.includes("\0") && !/\p{Surrogate}/u.test(text));

const integer = (min: number, max: number) => fc.integer({ min, max });
const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{0,${length}}$`));

const literal = (text: string) => `E'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
const quoted = anyText.map(literal);

/** JSON as people and programs write it: any escapes, any spacing, numbers of any length. */
const anyJson = fc.letrec<{ value: string }>((tie) => {
  const space = fc.constantFrom("", "", "", " ", "\t", "  ", "\n", "\r\n");
  const text = anyText.chain((plain) =>
    fc.boolean().map((escaped) => {
      const json = JSON.stringify(plain);
      return escaped
        ? json.replaceAll(
            /[^\x20-\x7e]/g,
            (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
          )
        : json;
    }),
  );
  const number = fc
    .tuple(
      fc.constantFrom("", "-"),
      fc.bigInt({ min: 0n, max: 10n ** 40n }),
      digits(30),
      integer(-40, 40),
    )
    .map(([sign, whole, fraction, exponent]) =>
      [sign, whole, fraction && `.${fraction}`, exponent % 3 === 0 ? "" : `e${exponent}`].join(""),
    );
  const pair = (key: string, value: string, gap: string) => `${key}${gap}:${gap}${value}`;
  return {
    value: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      fc.constantFrom("null", "true", "false", "{}", "[]"),
      number,
      text,
      fc
        .tuple(fc.array(tie("value"), { maxLength: 4 }), space)
        .map(([items, gap]) => `[${gap}${items.join(`${gap},${gap}`)}${gap}]`),
      fc
        .tuple(fc.array(fc.tuple(text, tie("value")), { maxLength: 4 }), space)
        .map(
          ([members, gap]) =>
            `{${gap}${members.map(([key, value]) => pair(key, value, gap)).join(",")}${gap}}`,
        ),
    ),
  };
}).value;

const float64 = fc
  .oneof(fc.double(), fc.double({ noDefaultInfinity: true, noNaN: true }))
  .map((value) => (Object.is(value, -0) ? "'-0'::float8" : `'${value}'::float8`));
const float32 = fc.float().map((value) => (Object.is(value, -0) ? "'-0'" : `'${value}'`));
const numeric = fc
  .tuple(
    fc.constantFrom("", "-"),
    fc.bigInt({ min: 0n, max: 10n ** 60n }),
    digits(60),
    integer(-50, 50),
  )
  .map(([sign, whole, fraction, exponent]) => `${sign}${whole}.${fraction}0e${exponent}`);
const microseconds = fc.bigInt({ min: 0n, max: 86_399_999_999n });
const day = integer(-2_451_545, 106_751_982);
const timestamp = fc
  .tuple(day, microseconds)
  .map(([days, us]) => `'2000-01-01'::timestamp + '${days} days' + '${us} microseconds'`);
const interval = fc
  .tuple(integer(-999_999, 999_999), integer(-999_999, 999_999), fc.maxSafeInteger())
  .map(([months, days, us]) => `'${months} months ${days} days ${us} microseconds'`);
const time = microseconds.map((us) => `'00:00'::time + '${us} microseconds'`);
const offset = fc
  .tuple(fc.constantFrom("+", "-"), integer(0, 15), integer(0, 59), integer(0, 59))
  .map(([sign, ...parts]) => sign + parts.map((part) => String(part).padStart(2, "0")).join(":"));
const bytes = fc
  .uint8Array({ maxLength: 60 })
  .map((values) => `'\\x${Buffer.from(values).toString("hex")}'`);

/** An array with NULLs, of one or two dimensions or with lower bounds of its own. */
function arrayOf(element: fc.Arbitrary<string>, type: string): fc.Arbitrary<string> {
  const item = fc.option(element, { nil: "null" });
  return fc.tuple(fc.array(item, { maxLength: 4 }), integer(0, 3)).map(([items, form]) => {
    const list = `array[${items.join(", ")}]::${type}[]`;
    if (form === 0 && items.length > 0) return `array[${list}, ${list}]`;
    if (form === 1 && items.length > 0) return `('[-2:${items.length - 3}]=' || (${list})::text)`;
    return list;
  });
}

const COLUMNS: readonly (readonly [type: string, values: fc.Arbitrary<string>])[] = [
  ["text", quoted],
  ["varchar", quoted],
  ["bpchar", quoted],
  ["citext", quoted],
  ["json", anyJson.map(literal)],
  ["jsonb", anyJson.filter((json) => !/\\u0000/.test(json)).map(literal)],
  ["int8", fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => `'${value}'`)],
  ["int4", integer(-(2 ** 31), 2 ** 31 - 1).map((value) => `'${value}'`)],
  ["int2", integer(-32_768, 32_767).map((value) => `'${value}'`)],
  ["numeric", numeric.map((value) => `'${value}'`)],
  ["float8", float64],
  ["float4", float32],
  ["date", integer(-2_451_545, 2_145_031_948).map((days) => `'2000-01-01'::date + ${days}`)],
  ["timestamp", timestamp],
  ["timestamptz", timestamp.map((value) => `(${value}) at time zone 'UTC'`)],
  ["time", time],
  ["timetz", fc.tuple(time, offset).map(([at, zone]) => `((${at})::text || '${zone}')`)],
  ["interval", interval],
  ["bytea", bytes],
  ["uuid", fc.uuid().map((value) => `'${value}'`)],
  ["varbit", fc.stringMatching(/^[01]{0,70}$/).map((value) => `'${value}'`)],
  ["inet", fc.ipV6().map((value) => `'${value}'`)],
  ["point", fc.tuple(float64, float64).map(([x, y]) => `point(${x}, ${y})`)],
  [
    "hstore",
    fc
      .tuple(quoted, fc.option(quoted, { nil: "null" }))
      .map((pair) => `hstore(${pair.join(", ")})`),
  ],
  [
    "pair",
    fc
      .tuple(integer(-9, 9), fc.option(quoted, { nil: "null" }))
      .map((pair) => `row(${pair.join(", ")})`),
  ],
  ["letters", fc.tuple(anyText, anyText).map(([a, b]) => rangeOf(a, b))],
  ["text[]", arrayOf(quoted, "text")],
  ["float8[]", arrayOf(float64, "float8")],
  [
    "numeric[]",
    arrayOf(
      numeric.map((value) => `'${value}'`),
      "numeric",
    ),
  ],
  ["timestamp[]", arrayOf(timestamp, "timestamp")],
  ["bytea[]", arrayOf(bytes, "bytea")],
  [
    "jsonb[]",
    arrayOf(
      quoted.map((text) => `to_jsonb(${text}::text)`),
      "jsonb",
    ),
  ],
  [
    "box[]",
    arrayOf(
      integer(-9, 9).map((at) => `'(${at},1),(0,${at})'`),
      "box",
    ),
  ],
];

function rangeOf(a: string, b: string): string {
  const [low, high] = Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0 ? [a, b] : [b, a];
  return `letters(${literal(low)}, ${literal(high)}, '[]')`;
}

const TYPES = `
  create extension citext; create extension hstore;
  create type pair as (a int, b text);
  create type letters as range (subtype = text, collation = "C");
`;

it("keeps random values of every shape, under native and under protocol types", async ({
  source: database,
  destination,
  folder,
}) => {
  await database.exec(TYPES);
  const groups = [
    { table: "zoo_plain", columns: COLUMNS.filter(([type]) => IN_BINARY.test(type)) },
    { table: "zoo_other", columns: COLUMNS.filter(([type]) => !IN_BINARY.test(type)) },
  ];
  for (const { table, columns } of groups) await fill(database, table, columns);
  const zoo = groups.flatMap(({ table, columns }) =>
    columns.map(([type], index) => ({ table, column: `c${index}`, type })),
  );
  const source = { database, zoo, types: await typesOf(database) };
  await destination.exec("create extension citext; create extension hstore");
  await printPlainly(database);
  await printPlainly(destination);
  const bytes = await binaryForms(database, zoo);

  await pipe(source, destination, folder, { column_types: "native", tables: "final_only" });
  await expectKept(source, destination, keptByNative, bytes);

  await pipe(source, destination, folder, { column_types: "protocol" });
  await expectKept(source, destination, keptByProtocol, new Map());
});

async function fill(database: Database, table: string, columns: typeof COLUMNS): Promise<void> {
  const definitions = columns.map(([type], index) => `c${index} ${type}`);
  await database.exec(`create table ${table} (id int primary key, ${definitions.join(", ")})`);
  const samples = columns.map(([, values]) => fc.sample(values, { seed: SEED, numRuns: ROWS }));
  for (let row = 0; row < ROWS; row++) {
    const values = samples.map((sample, index) => `(${sample[row]})::${columns[index]![0]}`);
    await database.exec(`insert into ${table} values (${[row, ...values].join(", ")})`);
  }
}

async function expectKept(
  source: FilledSource,
  destination: Database,
  keptBy: (type: PostgresType) => Kept,
  bytes: ReadonlyMap<string, string>,
): Promise<void> {
  const kept = new Map(
    source.zoo.map((one: ZooColumn) => [nameOf(one), keptBy(source.types.get(nameOf(one))!)]),
  );
  const { differences, compared } = await compareZoo(source, destination, kept, bytes);
  expect(differences).toEqual([]);
  expect(compared).toBe(ROWS * COLUMNS.length);
}
