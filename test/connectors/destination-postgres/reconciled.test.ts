import { expect } from "vitest";
import { it, type Database } from "../../support/fixtures.ts";
import { runExecutable, succeeded } from "../../support/run.ts";
import {
  complete,
  errorOf,
  record,
  state,
  statesOf,
  stream,
  write,
  writeCommand,
  type StreamSpec,
  type WriteOptions,
} from "./drive.ts";

const append = stream({ incremental: true, cursor: "id" });
const dedup: StreamSpec = { ...append, mode: "append_dedup", key: ["id"] };

/** Records `[id, name]`, a state, and the end of the stream. */
const lines = (...rows: readonly (readonly [number, string])[]) => [
  ...rows.map(([id, name]) => record("demo", { id, name })),
  state("demo", { rows: rows.length }),
  complete("demo"),
];

/** A trigger of the user's that keeps some or all rows from being inserted, updated or deleted. */
const meddling = (table: string, when: string, condition = "true") => `
  create function meddle() returns trigger language plpgsql as
    $$ begin return case when ${condition} then null else new end; end $$;
  create trigger meddle ${when} on ${table} for each row execute function meddle()`;

const names = (destination: Database, table = "demo") =>
  destination.rows(`select id, name from ${table} order by id, name`);

const LOADS: readonly (readonly [string, string, StreamSpec, WriteOptions])[] = [
  ["a typed table", "demo", append, {}],
  ["a typed table without a raw one", "demo", append, { config: { tables: "final_only" } }],
  ["a raw table", "_airbyte_raw_demo", append, {}],
  [
    "a raw table without a typed one",
    "_airbyte_raw_demo",
    append,
    { config: { tables: "raw_only" } },
  ],
  ["a raw table whose rows are merged", "_airbyte_raw_demo", dedup, {}],
];

/** @guarantee complete-when-sure */
it.for(LOADS)(
  "takes all rows that are loaded into %s, or none",
  async ([, table, spec, options], { destination, folder }) => {
    succeeded(await write(destination, folder, [spec], lines([1, "a"]), options));
    const before = await destination.rows(`select * from ${table}`);
    const isThree = table === "demo" ? "new.id = 3" : "new._airbyte_data ->> 'id' = '3'";
    await destination.exec(meddling(table, "before insert", isThree));

    const run = await write(destination, folder, [spec], lines([2, "b"], [3, "c"]), options);

    expect(run.exitCode).toBe(1);
    expect(errorOf(run)).toMatch(
      new RegExp(`public\\.${table} .*it took 1 of 2 rows.*trigger meddle.*postgres\\.constraint`),
    );
    expect(statesOf(run)).toEqual([]);
    expect(await destination.rows(`select * from ${table}`)).toEqual(before);
  },
);

it("rebuilds a typed table whole, or leaves it as it is", async ({ destination, folder }) => {
  succeeded(await write(destination, folder, [append], lines([1, "a"], [2, "b"])));
  await destination.exec(
    `update demo set name = 'mine'; ${meddling("demo", "before insert", "new.id = 2")}`,
  );

  const args = await writeCommand("normalize", destination, folder, [append]);
  const run = await runExecutable("destination-postgres", args);

  expect(run.exitCode).toBe(1);
  expect(errorOf(run)).toMatch(/public\.demo .*1 rows in place of 2.*trigger meddle/);
  expect(await names(destination)).toEqual([
    ["1", "mine"],
    ["2", "mine"],
  ]);
});

it.for(["update", "delete"])(
  "begins to deduplicate all rows that were appended, or none: under a trigger on %s",
  async (event, { destination, folder }) => {
    succeeded(await write(destination, folder, [append], lines([1, "a"], [1, "b"], [2, "c"])));
    await destination.exec(meddling("demo", `before ${event}`));

    const run = await write(destination, folder, [dedup], lines([3, "d"]));

    expect(errorOf(run)).toMatch(/public\.demo .*trigger meddle.*postgres\.constraint/);
    expect(await names(destination)).toHaveLength(3);
  },
);

const MERGES: readonly (readonly [string, string, StreamSpec, WriteOptions])[] = [
  ["demo", "insert", dedup, {}],
  ["demo", "update", dedup, {}],
  ["demo", "insert", dedup, { config: { history: false } }],
  ["demo", "update", dedup, { config: { history: false } }],
  ["demo_scd", "insert", dedup, {}],
  ["demo_scd", "update", dedup, {}],
  ["demo_scd", "delete", dedup, {}],
  ["demo", "insert", append, { config: { hashid: true } }],
];

/** @guarantee complete-when-sure */
it.for(MERGES)(
  "merges all rows into %s, or none: under a trigger on %s",
  async ([table, event, spec, options], { destination, folder }) => {
    succeeded(await write(destination, folder, [spec], lines([1, "a"], [2, "b"]), options));
    const before = await destination.rows(`select * from ${table} order by id`);
    const isOne = event === "delete" ? "old.id = 1" : "new.id in (1, 3)";
    await destination.exec(meddling(table, `before ${event}`, isOne));

    // Row 1 comes again, as a version of its own where that is to be updated; row 3 is new.
    const time = event === "update" ? 1_663_950_000_000 : undefined;
    const next = [record("demo", { id: 1, name: "A" }, time), ...lines([3, "c"], [4, "d"])];
    const run = await write(destination, folder, [spec], next, options);

    expect(run.exitCode).toBe(1);
    expect(errorOf(run)).toMatch(
      new RegExp(`public\\.${table} .*trigger meddle.*postgres\\.constraint`),
    );
    expect(statesOf(run)).toEqual([]);
    expect(await destination.rows(`select * from ${table} order by id`)).toEqual(before);
  },
);
