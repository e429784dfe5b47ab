/** @guarantee versions-in-order */
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

const DATE = { type: "string", format: "date" };

const events: StreamSpec = stream({
  name: "ev",
  properties: { id: INTEGER, name: TEXT, day: DATE, at: INTEGER },
  mode: "append_dedup",
  incremental: true,
  key: ["id"],
  cursor: "at",
});

const DAYS = ["2024-05-01", "2024-05-02", "2024-05-03"];

/** Nine rows, three of each day. */
const NINE = Array.from({ length: 9 }, (_, n) =>
  eventOf({ id: n + 1, name: `e${n + 1}`, day: DAYS[n % 3]!, at: 1 }),
);

function eventOf(data: { id: number; name: string; day: string; at: number }): string {
  return record("ev", data, 1_700_000_000_000 + data.at);
}

/** Puts partitioned tables in the place of what a first run made: as somebody who wants them so does. */
async function partition(destination: Database, tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    await destination.exec(`
      alter table ${table} rename to ${table}_model;
      create table ${table} (like ${table}_model) partition by list (day);
      drop table ${table}_model;`);
    for (const [n, day] of DAYS.entries())
      await destination.exec(
        `create table ${table}_${n} partition of ${table} for values in ('${day}')`,
      );
  }
}

const final = (destination: Database) =>
  destination.rows("select id, name, day::text, at from ev order by id, at");

const history = (destination: Database) =>
  destination.rows(
    `select id, name, day::text, _airbyte_start_at, _airbyte_end_at, _airbyte_active_row
       from ev_scd order by id, _airbyte_start_at`,
  );

const untouched = (ids: readonly number[]) =>
  ids.map((id) => [`${id}`, `e${id}`, DAYS[(id - 1) % 3]!]);

it.for<readonly [string, readonly string[], Readonly<Record<string, unknown>>]>([
  ["final", ["ev"], {}],
  ["final, without history", ["ev"], { history: false }],
  ["history", ["ev_scd"], {}],
  ["final and history", ["ev", "ev_scd"], {}],
])(
  "changes the row that was changed, and no other, of a partitioned table: %s",
  async ([, tables, config], { destination, folder }) => {
    await write(destination, folder, [events], [complete("ev")], { config });
    await partition(destination, tables);
    await write(destination, folder, [events], [...NINE, complete("ev")], { config });

    const run = await write(
      destination,
      folder,
      [events],
      [
        eventOf({ id: 3, name: "changed", day: DAYS[2]!, at: 2 }),
        // One that moves to another partition, and one version that comes late.
        eventOf({ id: 4, name: "moved", day: DAYS[1]!, at: 2 }),
        eventOf({ id: 5, name: "late", day: DAYS[1]!, at: 0 }),
        complete("ev"),
      ],
      { config },
    );

    expect([run.exitCode, errorOf(run)]).toEqual([0, ""]);
    expect(await final(destination)).toEqual([
      ...untouched([1, 2]).map((row) => [...row, "1"]),
      ["3", "changed", DAYS[2], "2"],
      ["4", "moved", DAYS[1], "2"],
      ...untouched([5, 6, 7, 8, 9]).map((row) => [...row, "1"]),
    ]);
    if ("history" in config) return;
    const open = (ids: readonly number[]) => untouched(ids).map((row) => [...row, "1", null, "1"]);
    expect(await history(destination)).toEqual([
      ...open([1, 2]),
      ["3", "e3", DAYS[2], "1", "2", "0"],
      ["3", "changed", DAYS[2], "2", null, "1"],
      ["4", "e4", DAYS[0], "1", "2", "0"],
      ["4", "moved", DAYS[1], "2", null, "1"],
      ["5", "late", DAYS[1], "0", "1", "0"],
      ...open([5, 6, 7, 8, 9]),
    ]);
  },
);

it("replaces the version that comes again in a partitioned history, and no other", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [events], [complete("ev")]);
  await partition(destination, ["ev", "ev_scd"]);
  await write(destination, folder, [events], [...NINE, complete("ev")]);

  await write(destination, folder, [events], [NINE[4]!, complete("ev")]);

  const ids = Array.from({ length: 9 }, (_, n) => n + 1);
  expect(await final(destination)).toEqual(untouched(ids).map((row) => [...row, "1"]));
  expect(await history(destination)).toEqual(untouched(ids).map((row) => [...row, "1", null, "1"]));
});

it("leaves rows of a table that inherits from the final one alone", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [events], [...NINE, complete("ev")]);
  await destination.exec(`
    create table mine () inherits (ev);
    insert into mine (id, name) select 100 + n, 'mine' from generate_series(1, 20) n`);

  await write(
    destination,
    folder,
    [events],
    [eventOf({ id: 3, name: "changed", day: DAYS[2]!, at: 2 }), complete("ev")],
  );

  expect(await destination.rows("select count(*) from mine where name = 'mine'")).toEqual([["20"]]);
  expect(await destination.rows("select name from ev where id = 3")).toEqual([["changed"]]);
});

it("leaves one row of each key when a partitioned table is deduplicated from now on", async ({
  destination,
  folder,
}) => {
  const appended: StreamSpec = { ...events, mode: "append" };
  await write(destination, folder, [appended], [complete("ev")]);
  await partition(destination, ["ev"]);
  const changed = eventOf({ id: 3, name: "changed", day: DAYS[2]!, at: 2 });
  await write(destination, folder, [appended], [...NINE, changed, complete("ev")]);

  const run = await write(destination, folder, [events], [complete("ev")]);

  expect([run.exitCode, errorOf(run)]).toEqual([0, ""]);
  expect(await final(destination)).toEqual([
    ...untouched([1, 2]).map((row) => [...row, "1"]),
    ["3", "changed", DAYS[2], "2"],
    ...untouched([4, 5, 6, 7, 8, 9]).map((row) => [...row, "1"]),
  ]);
});
