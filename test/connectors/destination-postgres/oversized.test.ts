import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import { it, type Database } from "../../support/fixtures.ts";
import {
  complete,
  errorOf,
  INTEGER,
  record,
  stream,
  TEXT,
  write,
  type StreamSpec,
} from "./drive.ts";

/** Text that no compression makes shorter. */
const text = (characters: number) => randomBytes(characters / 2).toString("hex");

const properties = { id: INTEGER, title: TEXT, body: TEXT };

const MODES: readonly (readonly [
  string,
  Partial<StreamSpec>,
  Readonly<Record<string, unknown>>,
])[] = [
  ["append", {}, {}],
  ["append with hashes", {}, { hashid: true }],
  ["overwrite in place", { mode: "overwrite" }, { hashid: true }],
  ["dedup with history", { mode: "append_dedup", key: ["id"] }, {}],
  ["dedup, refreshed", { mode: "append_dedup", key: ["id"], generation: 2, minimum: 2 }, {}],
];

it.for(MODES)(
  "gives up the value that an index of the user's has no room for, and no other: %s",
  async ([, spec, config], { destination, folder }) => {
    const first = stream({ properties, ...spec, generation: 1, minimum: 0 });
    const streams = [stream({ properties, generation: 1, minimum: 0, ...spec })];
    await write(destination, folder, [first], [record("demo", { id: 1 }), complete("demo")], {
      config,
    });
    await destination.exec("create index titles on demo (lower(title), id)");
    if (spec.mode === "append_dedup")
      await destination.exec("create index old_titles on demo_scd (title)");
    const rows = [
      { id: 2, title: text(6_400), body: text(12_800) },
      { id: 3, title: "short", body: text(12_800) },
      { id: 4, title: text(20_000), body: text(60) },
    ];

    const run = await write(
      destination,
      folder,
      streams,
      [...rows.map((row) => record("demo", row)), complete("demo")],
      { config },
    );

    expect([run.exitCode, errorOf(run)]).toEqual([0, ""]);
    expect(await contents(destination)).toEqual([
      ["2", null, "12800", "title NULLED DESTINATION_FIELD_SIZE_LIMITATION"],
      ["3", "short", "12800", null],
      ["4", null, "60", "title NULLED DESTINATION_FIELD_SIZE_LIMITATION"],
    ]);
    if (config["hashid"] === true)
      expect(
        await destination.rows(
          `select count(*) from demo where _airbyte_demo_hashid is distinct from
             md5(array_to_string(array[coalesce(id::text, ''), coalesce(title, ''), coalesce(body, '')], '-'))`,
        ),
      ).toEqual([["0"]]);
    if (spec.mode === "append_dedup")
      expect(
        await destination.rows(
          "select id, title, length(body) from demo_scd where id > 1 order by id",
        ),
      ).toEqual([
        ["2", null, "12800"],
        ["3", "short", "12800"],
        ["4", null, "60"],
      ]);
    expect(run.stdout).toContain(
      "demo: 2 × NULL in place of a value: title: DESTINATION_FIELD_SIZE_LIMITATION",
    );
  },
);

it("gives up a stream whose key an index has no room for", async ({ destination, folder }) => {
  const dedup = stream({ properties, mode: "append_dedup", key: ["title"] });
  await write(destination, folder, [dedup], [record("demo", { title: "a" }), complete("demo")]);
  await destination.exec("create index titles on demo (title)");

  const run = await write(
    destination,
    folder,
    [dedup],
    [record("demo", { id: 2, title: text(6_400), body: text(12_800) }), complete("demo")],
  );

  expect(run.exitCode).toBe(1);
  expect(errorOf(run)).toMatch(/constraint titles.*postgres\.too_large/);
  expect(await destination.rows("select title from demo")).toEqual([["a"]]);
});

const SOURCE_TYPES = { type: "integer", "x-postgres-type": "integer" };

it("keeps the types of a source whose rows fit a page only with them", async ({
  destination,
  folder,
}) => {
  const names = Array.from({ length: 1_100 }, (_, n) => `c${n}`);
  const wide = stream({
    properties: Object.fromEntries(names.map((name) => [name, SOURCE_TYPES])),
    mode: "append_dedup",
    key: ["c0"],
  });
  const rows = Array.from({ length: 5 }, (_, row) =>
    record("demo", Object.fromEntries(names.map((name, n) => [name, n + row]))),
  );

  const run = await write(destination, folder, [wide], [...rows, complete("demo")]);

  expect([run.exitCode, errorOf(run)]).toEqual([0, ""]);
  expect(run.stdout).not.toContain("× NULL");
  expect(
    await destination.rows(
      `select count(*), count(c1099), sum(c1099), min(pg_typeof(c7)::text),
              count(_airbyte_meta) from demo`,
    ),
  ).toEqual([["5", "5", `${5 * 1_099 + 10}`, "integer", "0"]]);
});

it("gives up as few values of a row that is wider than a page as that takes, and says that it will", async ({
  destination,
  folder,
}) => {
  const names = Array.from({ length: 1_100 }, (_, n) => `c${n}`);
  const wide = stream({
    properties: Object.fromEntries(names.map((name) => [name, INTEGER])),
  });
  const rows = Array.from({ length: 40 }, (_, row) =>
    record("demo", Object.fromEntries(names.map((name, n) => [name, n + row]))),
  );

  const run = await write(
    destination,
    folder,
    [wide],
    [record("demo", { c1099: 1 }), ...rows, complete("demo")],
    { config: { tables: "final_only" } },
  );

  expect([run.exitCode, errorOf(run)]).toEqual([0, ""]);
  expect(run.stdout).toContain("demo: a row with a value in each of its 1100 columns");
  expect(run.stdout.match(/× NULL in place of a value/g)).toHaveLength(108);
  expect(
    await destination.rows(
      `select count(*), count(c991), count(c992), count(c1099),
              min(jsonb_array_length(_airbyte_meta -> 'changes')),
              max(jsonb_array_length(_airbyte_meta -> 'changes')) from demo`,
    ),
  ).toEqual([["41", "40", "0", "1", "108", "108"]]);
});

it("gives up what fits the table a row is loaded into, but not the one it is merged into", async ({
  destination,
  folder,
}) => {
  const names = Array.from({ length: 990 }, (_, n) => `c${n}`);
  const wide = stream({
    properties: Object.fromEntries(["id", ...names].map((name) => [name, INTEGER])),
    mode: "append_dedup",
    key: ["id"],
  });
  const row = (id: number, from = 0) =>
    record("demo", { id, ...Object.fromEntries(names.slice(from).map((name, n) => [name, n])) });

  const run = await write(
    destination,
    folder,
    [wide],
    [row(1), record("demo", { id: 2, c989: 2 }), row(3), row(4, 1), row(5, 1), complete("demo")],
    { config: { tables: "final_only" } },
  );

  expect([run.exitCode, errorOf(run)]).toEqual([0, ""]);
  const rows = await destination.rows(
    `select id, c0, c989, jsonb_array_length(_airbyte_meta -> 'changes'),
            (select count(*) from jsonb_each(to_jsonb(d)) j where j.key ~ '^c' and j.value <> 'null')
       from demo d order by id`,
  );
  expect(rows.map(([id, first, last]) => [id, first, last])).toEqual([
    ["1", "0", null],
    ["2", null, "2"],
    ["3", "0", null],
    ["4", null, null],
    ["5", null, null],
  ]);
  const [given, left] = rows[0]!.slice(3).map(Number);
  expect(given! + left!).toBe(990);
  expect(given).toBeLessThan(20);
  const numbers = rows.map((one) => one.slice(3).map(Number));
  expect(numbers[2]).toEqual([given, left]);
  expect(numbers.slice(3)).toEqual([
    [given! - 1, left],
    [given! - 1, left],
  ]);
  expect(await destination.rows("select count(*), count(c0) from demo_scd")).toEqual([["5", "2"]]);
});

/** Of all rows but the first: id, title, the length of the body, and what `_airbyte_meta` says. */
function contents(destination: Database): Promise<(string | null)[][]> {
  return destination.rows(
    `select id, title, length(body),
            (select string_agg(concat_ws(' ', c ->> 'field', c ->> 'change', c ->> 'reason'), ', ')
               from jsonb_array_elements(_airbyte_meta -> 'changes') c)
       from demo where id > 1 order by id`,
  );
}
