import { expect } from "vitest";
import { it, type Database } from "../../support/fixtures.ts";
import {
  complete,
  errorOf,
  INTEGER,
  record,
  state,
  statesOf,
  stream,
  TEXT,
  write,
  type StreamSpec,
} from "./drive.ts";

/** A stream `v` of key `id`, with a value `a` that somebody wants to be unique. */
const spec: StreamSpec = stream({
  name: "v",
  properties: { id: INTEGER, a: INTEGER, b: TEXT, at: INTEGER },
  mode: "append_dedup",
  incremental: true,
  key: ["id"],
  cursor: "at",
});

const row = (id: number, a: number | null, at: number, b = "b") =>
  record("v", { id, a, b, at }, 1_000 + at);

const values = (destination: Database) => destination.rows("select id, a from v order by id");

/** Rows 1 to 5, the value of each being its id, and somebody's wish. */
async function withConstraint(
  destination: Database,
  folder: string,
  constraint: string,
  config: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const rows = [1, 2, 3, 4, 5].map((id) => row(id, id, 1));
  await write(destination, folder, [spec], [...rows, complete("v")], { config });
  await destination.exec(constraint);
}

const CONSTRAINTS: readonly [string, string][] = [
  ["a unique index", "create unique index mine on v (a)"],
  ["a unique constraint", "alter table v add constraint mine unique (a)"],
  ["a unique index on two columns", "create unique index mine on v (b, a)"],
  ["a unique index on an expression", "create unique index mine on v ((a * 2))"],
  ["a partial unique index", "create unique index mine on v (a) where b is not null"],
  [
    "an exclusion constraint",
    "alter table v add constraint mine exclude using gist ((case when a is not null then int8range(a, a, '[]') end) with &&)",
  ],
];

/** @guarantee versions-in-order */
it.for(CONSTRAINTS)(
  "moves values between rows under %s, whatever the order of the rows",
  async ([, constraint], { destination, folder }) => {
    await withConstraint(destination, folder, constraint);
    const run = (lines: readonly string[]) =>
      write(destination, folder, [spec], [...lines, complete("v")]);

    const taken = await run([row(5, null, 2), row(4, 5, 2)]);
    expect([taken.exitCode, errorOf(taken)]).toEqual([0, ""]);
    expect(await values(destination)).toEqual([
      ["1", "1"],
      ["2", "2"],
      ["3", "3"],
      ["4", "5"],
      ["5", null],
    ]);

    // A chain whose end a new row takes up, and then a ring.
    const moved = await run([row(1, 4, 3), row(2, 1, 3), row(3, 2, 3), row(6, 3, 3)]);
    expect([moved.exitCode, errorOf(moved)]).toEqual([0, ""]);
    const turned = await run([row(1, 1, 4), row(2, 2, 4), row(3, 4, 4), row(7, 7, 4)]);
    expect([turned.exitCode, errorOf(turned)]).toEqual([0, ""]);
    expect(await values(destination)).toEqual([
      ["1", "1"],
      ["2", "2"],
      ["3", "4"],
      ["4", "5"],
      ["5", null],
      ["6", "3"],
      ["7", "7"],
    ]);
  },
);

it.for<readonly [string, Readonly<Record<string, unknown>>]>([
  ["without history", { history: false }],
  ["without raw tables", { tables: "final_only" }],
  ["with hashes", { hashid: true }],
])("exchanges values %s", async ([, config], { destination, folder }) => {
  await withConstraint(destination, folder, "create unique index mine on v (a)", config);

  const run = await write(
    destination,
    folder,
    [spec],
    [row(1, 2, 2), row(2, 1, 2), complete("v")],
    { config },
  );

  expect([run.exitCode, errorOf(run)]).toEqual([0, ""]);
  expect((await values(destination)).slice(0, 2)).toEqual([
    ["1", "2"],
    ["2", "1"],
  ]);
});

it("keeps what is the user's while values are exchanged", async ({ destination, folder }) => {
  await withConstraint(
    destination,
    folder,
    `create unique index mine on v (a);
     alter table v add column note text;
     update v set note = 'note ' || id;
     alter table v add unique (id);
     create table child (parent bigint references v (id) on delete cascade);
     insert into child select id from v`,
  );

  const run = await write(
    destination,
    folder,
    [spec],
    [row(1, 2, 2), row(2, 1, 2), row(6, 6, 2), complete("v")],
  );

  expect([run.exitCode, errorOf(run)]).toEqual([0, ""]);
  expect(await destination.rows("select id, a, note from v order by id limit 2")).toEqual([
    ["1", "2", "note 1"],
    ["2", "1", "note 2"],
  ]);
  expect(await destination.rows("select count(*) from child")).toEqual([["5"]]);
});

it("exchanges values that must never be NULL under a constraint that can wait", async ({
  destination,
  folder,
}) => {
  await withConstraint(
    destination,
    folder,
    "alter table v alter a set not null, add constraint mine unique (a) deferrable",
  );

  const run = await write(destination, folder, [spec], [row(1, 2, 2), row(2, 1, 2), complete("v")]);

  expect([run.exitCode, errorOf(run)]).toEqual([0, ""]);
  expect((await values(destination)).slice(0, 2)).toEqual([
    ["1", "2"],
    ["2", "1"],
  ]);
});

it.for<readonly [string, string, readonly string[]]>([
  [
    "that must never be NULL",
    "alter table v alter a set not null; create unique index mine on v (a)",
    [row(1, 2, 2), row(2, 1, 2)],
  ],
  [
    "that a check keeps from being NULL",
    "alter table v add check (a is not null); create unique index mine on v (a)",
    [row(1, 2, 2), row(2, 1, 2)],
  ],
  ["that two rows have at the source", "create unique index mine on v (a)", [row(1, 2, 2)]],
])(
  "changes nothing, and says what to do, over values %s",
  async ([, constraint, lines], { destination, folder }) => {
    await withConstraint(destination, folder, constraint);

    const run = await write(
      destination,
      folder,
      [spec],
      [...lines, state("v", { at: 2 }, lines.length), complete("v")],
    );

    expect(run.exitCode).toBe(1);
    expect(errorOf(run)).toMatch(/merge the rows of v: .*constraint mine.*deferrable.*constraint/);
    expect(statesOf(run)).toEqual([]);
    expect((await values(destination)).slice(0, 2)).toEqual([
      ["1", "1"],
      ["2", "2"],
    ]);
  },
);

it("merges streams beside one whose values are exchanged, each row and each count once", async ({
  destination,
  folder,
}) => {
  await withConstraint(destination, folder, "create unique index mine on v (a)");
  const other = stream({ ...spec, name: "w" });
  const next = stream({ ...spec, name: "x" });
  const rowOf = (name: string, id: number | null) => record(name, { id, a: 1, b: "b", at: 1 });

  const run = await write(
    destination,
    folder,
    [other, spec, next],
    [
      rowOf("w", 1),
      rowOf("w", null),
      row(1, 2, 2),
      row(2, 1, 2),
      rowOf("x", 1),
      ...["w", "v", "x"].map((name) => complete(name)),
    ],
  );

  expect([run.exitCode, errorOf(run)]).toEqual([0, ""]);
  expect((await values(destination)).slice(0, 2)).toEqual([
    ["1", "2"],
    ["2", "1"],
  ]);
  expect(await destination.rows("select count(*) from w union all select count(*) from x")).toEqual(
    [["2"], ["1"]],
  );
  expect(run.stdout).toContain("w: 1 rows have NULL in their key");
});
