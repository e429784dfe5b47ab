/** @guarantee versions-in-order */
import { expect } from "vitest";
import { it, type Database } from "../../support/fixtures.ts";
import { runExecutable } from "../../support/run.ts";
import {
  complete,
  INTEGER,
  record,
  state,
  stream,
  TEXT,
  TIMESTAMP,
  write,
  writeCommand,
  type StreamSpec,
} from "./drive.ts";

const NOON = 1_700_000_000_000;
const AN_HOUR = 3_600_000;

const DATE = { type: "string", format: "date" };

/** A stream `v` of key `id`, and the cursor that all versions of a test share. */
const STREAMS: readonly [string, StreamSpec, string][] = [
  ["a date", cursorOf(DATE), '"2024-05-05"'],
  ["a rounded time", cursorOf(TIMESTAMP), '"2024-05-05T12:00:00"'],
  ["a text", cursorOf(TEXT), '"a"'],
  ["NULL", cursorOf(INTEGER), "null"],
  [
    "none, as with row versions",
    { ...cursorOf(INTEGER), incremental: false, cursor: undefined as never },
    "1",
  ],
];

function cursorOf(at: StreamSpec["properties"][string]): StreamSpec {
  return stream({
    name: "v",
    properties: { id: INTEGER, name: TEXT, at },
    mode: "append_dedup",
    incremental: true,
    key: ["id"],
    cursor: "at",
  });
}

const rowOf = (id: number, name: string, at: string, emittedAt: number) =>
  record("v", `{"id":${id},"name":"${name}","at":${at}}`, emittedAt);

const final = (destination: Database) => destination.rows("select id, name from v order by id");

/** Active versions, and of how many. */
const history = (destination: Database) =>
  destination.rows(
    `select id, string_agg(name, ',') filter (where _airbyte_active_row = 1), count(*),
            count(*) filter (where _airbyte_active_row = 1 and _airbyte_end_at is null)
       from v_scd group by id order by id`,
  );

it.for(STREAMS)(
  "keeps the version that came last although the source's clock went back: the cursor is %s",
  async ([, spec, at], { destination, folder }) => {
    const row = (name: string, emittedAt: number) => rowOf(1, name, at, emittedAt);
    await write(destination, folder, [spec], [row("a", NOON), complete("v")]);

    await write(destination, folder, [spec], [row("b", NOON - AN_HOUR), complete("v")]);
    expect(await final(destination)).toEqual([["1", "b"]]);
    expect(await history(destination)).toEqual([["1", "b", "2", "1"]]);

    // One behind the last, one between both, one before the first; several of one run.
    await write(
      destination,
      folder,
      [spec],
      [
        row("c", NOON + AN_HOUR),
        row("d", NOON - AN_HOUR / 2),
        row("e", NOON - 2 * AN_HOUR),
        complete("v"),
      ],
    );
    expect(await final(destination)).toEqual([["1", "e"]]);
    expect(await history(destination)).toEqual([["1", "e", "5", "1"]]);

    await write(destination, folder, [spec], [row("f", NOON - AN_HOUR / 3), complete("v")]);
    expect(await final(destination)).toEqual([["1", "f"]]);
    expect(await history(destination)).toEqual([["1", "f", "6", "1"]]);
  },
);

it("closes versions with one cursor where the next cursor begins, whatever the clock said", async ({
  destination,
  folder,
}) => {
  const spec = cursorOf(INTEGER);
  const send = (name: string, at: number, emittedAt: number) =>
    write(destination, folder, [spec], [rowOf(1, name, `${at}`, emittedAt), complete("v")]);
  const chain = () =>
    destination.rows(
      `select name, _airbyte_start_at, _airbyte_end_at, _airbyte_active_row from v_scd
        order by _airbyte_start_at, name`,
    );

  await send("a", 10, NOON);
  await send("b", 10, NOON - AN_HOUR);
  await send("d", 30, NOON - 3 * AN_HOUR);
  expect(await chain()).toEqual([
    ["a", "10", "10", "0"],
    ["b", "10", "30", "0"],
    ["d", "30", null, "1"],
  ]);
  // A version that comes late belongs before it, and behind the last of those with one cursor.
  await send("c", 20, NOON - 2 * AN_HOUR);
  expect(await chain()).toEqual([
    ["a", "10", "10", "0"],
    ["b", "10", "20", "0"],
    ["c", "20", "30", "0"],
    ["d", "30", null, "1"],
  ]);

  await send("b2", 10, NOON - 5 * AN_HOUR);
  expect(await chain()).toEqual([
    ["a", "10", "10", "0"],
    ["b", "10", "10", "0"],
    ["b2", "10", "20", "0"],
    ["c", "20", "30", "0"],
    ["d", "30", null, "1"],
  ]);
  expect(await final(destination)).toEqual([["1", "d"]]);
});

it.for<readonly [string, Readonly<Record<string, unknown>>]>([
  ["without history", { history: false }],
  ["without raw tables", { tables: "final_only" }],
])("keeps the version that came last %s", async ([, config], { destination, folder }) => {
  const spec = cursorOf(DATE);
  const row = (name: string, emittedAt: number) => rowOf(1, name, '"2024-05-05"', emittedAt);
  const options = { config, env: { SYNCLINE_CONNECTION_ID: "c" } };

  await write(
    destination,
    folder,
    [spec],
    [
      row("a", NOON),
      state("v", { at: 1 }, 1),
      row("b", NOON - 1),
      row("c", NOON - 2),
      complete("v"),
    ],
    options,
  );

  expect(await final(destination)).toEqual([["1", "c"]]);
});

it.for(STREAMS)(
  "keeps the row that came last when its stream is deduplicated from now on: the cursor is %s",
  async ([, spec, at], { destination, folder }) => {
    const row = (id: number, name: string, emittedAt: number) => rowOf(id, name, at, emittedAt);
    const appended: StreamSpec = { ...spec, mode: "append" };
    const ids = Array.from({ length: 300 }, (_, n) => n);
    await write(
      destination,
      folder,
      [appended],
      [...ids.map((id) => row(id, `a${"x".repeat(id)}`, NOON)), complete("v")],
    );
    await write(
      destination,
      folder,
      [appended],
      [...ids.map((id) => row(id, "b", NOON - AN_HOUR)), complete("v")],
    );

    await write(destination, folder, [spec], [row(7, "c", NOON - 2 * AN_HOUR), complete("v")]);

    expect(await destination.rows("select name, count(*) from v group by 1 order by 1")).toEqual([
      ["b", "299"],
      ["c", "1"],
    ]);
    expect(
      await destination.rows(
        "select name, count(*) from v_scd where _airbyte_active_row = 1 group by 1 order by 1",
      ),
    ).toEqual([
      ["b", "299"],
      ["c", "1"],
    ]);
  },
);

it.for(STREAMS)(
  "keeps the version that came last when typed tables are made again: the cursor is %s",
  async ([, spec, at], { destination, folder }) => {
    const row = (name: string, emittedAt: number) => rowOf(1, name, at, emittedAt);
    await write(destination, folder, [spec], [row("a", NOON), complete("v")]);
    await write(destination, folder, [spec], [row("b", NOON - AN_HOUR), complete("v")]);

    const args = await writeCommand("normalize", destination, folder, [spec]);
    const run = await runExecutable("destination-postgres", args);

    expect(run.exitCode).toBe(0);
    expect(await final(destination)).toEqual([["1", "b"]]);
    expect(await history(destination)).toEqual([["1", "b", "2", "1"]]);
  },
);

it("keeps the version that came last when it was stored in the place of rows that are gone", async ({
  destination,
  folder,
}) => {
  const spec = cursorOf(DATE);
  const options = { config: { history: false } };
  const row = (name: string) => rowOf(1, name, '"2024-05-05"', NOON);
  const first = Array.from({ length: 300 }, (_, n) => row(`superseded ${n}`));
  await write(destination, folder, [spec], [...first, row("a"), complete("v")], options);
  await destination.exec(
    "delete from _airbyte_raw_v where _airbyte_data ->> 'name' like 'superseded%'",
  );
  await destination.exec("vacuum _airbyte_raw_v");
  await write(destination, folder, [spec], [row("b"), complete("v")], options);
  const [[isInFront]] = (await destination.rows(
    `select (select ctid from _airbyte_raw_v where _airbyte_data ->> 'name' = 'b')
          < (select ctid from _airbyte_raw_v where _airbyte_data ->> 'name' = 'a')`,
  )) as [[string]];
  expect(isInFront).toBe("t");

  const args = await writeCommand("normalize", destination, folder, [spec], options);
  expect((await runExecutable("destination-postgres", args)).exitCode).toBe(0);
  expect(await final(destination)).toEqual([["1", "b"]]);

  // Without a table that tells, the age of the rows does.
  await destination.exec("drop table v");
  expect((await runExecutable("destination-postgres", args)).exitCode).toBe(0);
  expect(await final(destination)).toEqual([["1", "b"]]);
});
