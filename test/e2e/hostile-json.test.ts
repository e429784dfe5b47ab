import { join } from "node:path";
import { describe, expect } from "vitest";
import { type Database, it } from "../support/fixtures.ts";
import { Project, type Sync } from "../support/project.ts";
import { leftovers, relations } from "../support/tables.ts";

const FAKE_SOURCE = join(import.meta.dirname, "../fixtures/orchestrator/source.mjs");

const PROPERTIES = {
  id: { type: "integer" },
  n: { type: "number" },
  b: { type: "boolean" },
  d: { type: "string", format: "date" },
  at: { type: "string", format: "date-time", airbyte_type: "timestamp_without_timezone" },
  t: { type: "string" },
  o: { type: "object" },
  a: { type: "array", items: {} },
};

/** A RECORD line of the stream `demo` with this text as its data. */
const line = (data: string) =>
  `{"type":"RECORD","record":{"stream":"demo","emitted_at":1663940000000,"data":${data}}}\n`;

interface Places {
  readonly source: Database;
  readonly destination: Database;
  readonly folder: string;
}

/** Syncs what a fake source prints: `lines`, a STATE and COMPLETE. */
async function sync(
  { source, destination, folder }: Places,
  lines: string | Buffer,
  properties: object = PROPERTIES,
): Promise<Sync> {
  const project = await Project.create(folder, {
    source,
    destination,
    sourceCommand: [process.execPath, FAKE_SOURCE],
    sourceConfig: {
      streams: [{ name: "demo", json_schema: { type: "object", properties } }],
      script: [
        { base64: Buffer.from(lines).toString("base64") },
        { state: { done: true }, stream: "demo", count: null },
        { status: "COMPLETE", stream: "demo" },
      ],
    },
    connections: {
      c: {
        streams: [{ name: "demo", sync_mode: "full_refresh", destination_sync_mode: "append" }],
      },
    },
  });
  return project.trySync("c");
}

/** The fields of each row that became NULL, by `_airbyte_meta`, in the order of the rows. */
async function nulled(destination: Database): Promise<string[]> {
  const rows = await destination.rows(`
    select coalesce(string_agg(c->>'field', ' ' order by c->>'field'), '')
      from demo left join lateral jsonb_array_elements(_airbyte_meta->'changes') c on true
     group by demo.ctid order by demo.ctid`);
  return rows.map(([fields]) => fields!);
}

/** @guarantee bytes-untouched */
describe("records as no source should print them", () => {
  it("arrive with every value that fits, whatever its type, and say which did not", async ({
    source,
    destination,
    folder,
  }) => {
    const places = { source, destination, folder };
    const values = ["true", "0", "1.5", "-1e400", '"x"', "[]", "{}", '[1,"a"]', '{"a":{"b":[]}}'];

    const { exitCode, log } = await sync(
      places,
      values
        .map((v) =>
          line(`{"id":${v},"n":${v},"b":${v},"d":${v},"at":${v},"t":${v},"o":${v},"a":${v}}`),
        )
        .join(""),
    );

    expect(exitCode, log).toBe(0);
    expect(
      await destination.rows("select id, n, b, d, at, t, o, a from demo order by ctid"),
    ).toEqual([
      [null, null, "t", null, null, "true", "true", "true"],
      ["0", "0", null, null, null, "0", "0", "0"],
      [null, "1.5", null, null, null, "1.5", "1.5", "1.5"],
      [
        null,
        `-1${"0".repeat(400)}`,
        null,
        null,
        null,
        "-1e400",
        `-1${"0".repeat(400)}`,
        `-1${"0".repeat(400)}`,
      ],
      [null, null, null, null, null, "x", '"x"', '"x"'],
      [null, null, null, null, null, "[]", "[]", "[]"],
      [null, null, null, null, null, "{}", "{}", "{}"],
      [null, null, null, null, null, '[1,"a"]', '[1, "a"]', '[1, "a"]'],
      [null, null, null, null, null, '{"a":{"b":[]}}', '{"a": {"b": []}}', '{"a": {"b": []}}'],
    ]);
    expect(await nulled(destination)).toEqual([
      "at d id n",
      "at b d",
      "at b d id",
      "at b d id",
      ...Array.from({ length: 5 }, () => "at b d id n"),
    ]);
    expect(await destination.rows("select count(*) from _airbyte_raw_demo")).toEqual([["9"]]);
    expect(log).toContain("7 × NULL in place of a value: id: DESTINATION_TYPECAST_ERROR");
  });

  it("arrive however deep, with any number, key or escape that JSON has", async ({
    source,
    destination,
    folder,
  }) => {
    const places = { source, destination, folder };
    const deep = (levels: number) => `${'{"k":['.repeat(levels)}1${"]}".repeat(levels)}`;
    const lines = [
      `{"id":1,"id":2}`,
      `{"id":9223372036854775807,"n":0.${"0".repeat(400)}1}`,
      `{"id":9223372036854775808,"n":1e999999}`,
      `{"id":12345678901234567890123,"n":12345678901234567890123.000}`,
      `{"id":6,"t":"\\ud83d\\ude00\\t\\"\\\\\\/\\u00e9","o":{"\\u00e9":"\\u2028"}}`,
      `{"id":7,"__proto__":{"x":1},"constructor":2,"":3,"😀":4}`,
      ` { "t" : "spaced" , "id" : 8 } `,
      `{"id":9,"o":${deep(100)},"t":${deep(100)}}`,
      `{}`,
    ];

    const { exitCode, log } = await sync(places, lines.map(line).join(""));

    expect(exitCode, log).toBe(0);
    expect(
      await destination.rows(
        "select id, n, t from demo where t is null or length(t) < 99 order by ctid",
      ),
    ).toEqual([
      ["2", null, null],
      ["9223372036854775807", `0.${"0".repeat(400)}1`, null],
      [null, null, null],
      [null, "12345678901234567890123.000", null],
      ["6", null, '😀\t"\\/é'],
      ["7", null, null],
      ["8", null, "spaced"],
      [null, null, null],
    ]);
    expect(await destination.rows("select o #>> '{é}', o from demo where id = 6")).toEqual([
      ["\u2028", '{"é": "\u2028"}'],
    ]);
    expect(
      await destination.rows("select t = $1, o::text = $2 from demo where id = 9", [
        deep(100),
        deep(100).replaceAll(":", ": "),
      ]),
    ).toEqual([["t", "t"]]);
    expect(
      await destination.rows(
        `select _airbyte_data from _airbyte_raw_demo where (_airbyte_data->>'id') = '7'`,
      ),
    ).toEqual([['{"": 3, "id": 7, "😀": 4, "__proto__": {"x": 1}, "constructor": 2}']]);
    expect(log).toContain("__proto__");
  });

  it("lose the values PostgreSQL has no room for, and nothing else", async ({
    source,
    destination,
    folder,
  }) => {
    const places = { source, destination, folder };
    const lines = [
      `{"id":1,"t":"a\\u0000b","o":{"k":"fine"}}`,
      `{"id":2,"t":"\\ud800","o":{"k":"\\udc00"},"n":1}`,
      `{"id":3,"o":{"\\u0000":1},"a":["\\u0000"],"t":"fine"}`,
      `{"id":4,"o":${"[".repeat(100_000)}${"]".repeat(100_000)},"t":"fine"}`,
      `{"id":5,"t":"after"}`,
    ];

    const { exitCode, log } = await sync(places, lines.map(line).join(""));

    expect(exitCode, log).toBe(0);
    expect(await destination.rows("select id, n, t, o, a from demo order by id")).toEqual([
      ["1", null, null, '{"k": "fine"}', null],
      ["2", "1", null, '{"k": null}', null],
      ["3", null, "fine", "{}", "[null]"],
      ["4", null, "fine", null, null],
      ["5", null, "after", null, null],
    ]);
    expect(await nulled(destination)).toEqual(["t", "o t", "a o", "o", ""]);
    expect(await destination.rows("select count(*) from _airbyte_raw_demo")).toEqual([["5"]]);
  });

  it("may be large: a string of 10 MB, 400 keys, each row its own", async ({
    source,
    destination,
    folder,
  }) => {
    const places = { source, destination, folder };
    const keys = Array.from({ length: 400 }, (_, index) => `key_${index}`);
    const properties = Object.fromEntries(keys.map((key) => [key, { type: "integer" }]));
    const some = (seed: number) =>
      `{${keys
        .filter((_, index) => (index * 7 + seed) % 3 === 0)
        .toReversed()
        .map((key) => `"${key}":${seed}`)
        .join(",")}}`;

    const { exitCode, log } = await sync(
      places,
      line(`{"t":"${"ä".repeat(5_000_000)}"}`) + [0, 1, 2].map((seed) => line(some(seed))).join(""),
      { ...properties, t: { type: "string" } },
    );

    expect(exitCode, log).toBe(0);
    expect(
      await destination.rows(
        "select length(t), md5(t) = md5(repeat('ä', 5000000)) from demo where t is not null",
      ),
    ).toEqual([["5000000", "t"]]);
    expect(
      await destination.rows(
        "select key_0, key_1, key_2, key_399 from demo where t is null order by ctid",
      ),
    ).toEqual([
      ["0", null, null, "0"],
      [null, null, "1", null],
      [null, "2", null, null],
    ]);
  });
});

describe("lines that are no records", () => {
  const broken: readonly (readonly [what: string, text: string | Buffer])[] = [
    ["a bare NaN", line('{"id":NaN}')],
    ["a bare Infinity", line('{"id":-Infinity}')],
    ["a comma too many", line('{"id":1,}')],
    ["a raw newline in a string", line('{"t":"a\nb"}')],
    ["single quotes", line("{'id':1}")],
    ["data that is an array", line('[{"id":1}]')],
    ["data that is a string", line('"x"')],
    ["data that is null", line("null")],
    [
      "a byte that is no UTF-8",
      Buffer.concat([
        Buffer.from('{"type":"RECORD","record":{"stream":"demo","emitted_at":1,"data":{"t":"'),
        Buffer.of(0xff),
        Buffer.from('"}}}\n'),
      ]),
    ],
    ["a byte order mark", `\ufeff${line('{"id":1}')}`],
    ["half a line", line('{"id":1}').slice(0, -5)],
  ];

  it.for(broken)(
    "%s fails the sync, and changes nothing",
    async ([, text], { source, destination, folder }) => {
      const places = { source, destination, folder };
      const bytes = Buffer.concat([
        Buffer.from(line('{"id":1,"t":"not to be told"}')),
        Buffer.from(text),
      ]);

      const { exitCode, log, stdout, stderr } = await sync(places, bytes);

      expect(exitCode).toBe(1);
      expect(log).toMatch(
        /line 2 of the input .* is not a well-formed RECORD|protocol\.bad_message/,
      );
      expect(log + stdout + stderr).not.toContain("not to be told");
      expect(await relations(destination)).toEqual([]);
      expect(await leftovers(destination)).toEqual([]);
    },
  );
});
