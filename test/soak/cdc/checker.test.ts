import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { account, compareHistory, compareRows, intervals } from "./checker.ts";
import { type Change, keyOf } from "./oracle.ts";
import { nulls, perfectCopy, recordOf, rowsAfter, write, type Written } from "./perfect-copy.ts";
import { type Arrived, currentOf, type Version } from "./records.ts";
import { FOLLOWED, type Followed } from "./tables.ts";

/** Who finds no fault must be able to find one: a perfect copy is made up here, and then damaged. */

let written: Written;

beforeAll(async () => {
  written = await write(7, 900);
});

afterAll(() => written.close());

function perfect(table: Followed) {
  const { loaded, delivered, changes, from } = perfectCopy(table, written.history);
  return { changes, from, arrived: [...loaded, ...delivered.map((one) => recordOf(one, from))] };
}

const CALM = { wasInterrupted: false };
const judge = (table: Followed, arrived: readonly Arrived[]) => {
  const { changes, from } = perfect(table);
  return account(table, changes, arrived, { from, ...CALM }).findings;
};

describe.for(FOLLOWED)("the oracle of $name", (table) => {
  it("has the table's rows when it has replayed the log", async () => {
    const rows = rowsAfter(table, written.history.get(table.name)!);
    const found = rows.map((row) =>
      recordOf({ row, kind: "put", lsn: 1n } as unknown as Change, 0n),
    );

    expect(written.history.get(table.name)!.length).toBeGreaterThan(50);
    expect(compareRows(table, await currentOf(written.database, table), found)).toEqual([]);
  });

  it("finds nothing wrong with a perfect copy", () => {
    expect(judge(table, perfect(table).arrived)).toEqual([]);
  });

  it("notices a record that is lost, comes twice, or has another position", () => {
    const { arrived } = perfect(table);
    for (const at of [0, arrived.length - 1]) {
      const one = arrived[at]!;
      const but = (...instead: Arrived[]) => judge(table, arrived.toSpliced(at, 1, ...instead));

      expect(but(), `without ${at}`).not.toEqual([]);
      expect(but(one, one), `twice ${at}`).not.toEqual([]);
      expect(but({ ...one, lsn: one.lsn + 1n }), `moved ${at}`).not.toEqual([]);
    }
  });

  it("notices a value that is another one, or NULL without a word", () => {
    const { arrived } = perfect(table);
    const at = arrived.findLastIndex(
      ({ row, deletedAt }) => deletedAt === null && row["body"] !== null,
    );
    const one = arrived[at]!;
    const but = (instead: Partial<Arrived>) =>
      judge(table, arrived.toSpliced(at, 1, { ...one, ...instead }));

    expect(but({ row: { ...one.row, body: "another" } })).not.toEqual([]);
    expect(but({ row: { ...one.row, body: null } })).not.toEqual([]);
    expect(but({ row: { ...one.row, body: null }, noted: ["body"] })).not.toEqual([]);
  });

  it.skipIf(table.key.length === 0)("knows every version and its end", () => {
    const { changes, from, arrived } = perfect(table);
    const found = account(table, changes, arrived, { from, ...CALM });
    const expected = intervals(table, changes, found);
    const versions = expected.map(({ whole, start, end }): Version => {
      const row = { ...nulls, ...whole };
      return {
        lsn: start,
        updatedAt: "",
        deletedAt: null,
        row,
        unknown: [],
        noted: [],
        start,
        end,
        isActive: end === null,
      };
    });
    const active = versions.filter(({ isActive }) => isActive);
    const closed = versions.findIndex(({ isActive }) => !isActive);

    expect(compareHistory(table, expected, versions)).toEqual([]);
    expect(active.map(({ row }) => keyOf(table, row)).toSorted()).toEqual(
      rowsAfter(table, changes)
        .map((row) => keyOf(table, row))
        .toSorted(),
    );
    expect(compareHistory(table, expected, versions.toSpliced(closed, 1))).not.toEqual([]);
    expect(
      compareHistory(
        table,
        expected,
        versions.with(closed, { ...versions[closed]!, end: versions[closed]!.end! + 1n }),
      ),
    ).not.toEqual([]);
  });
});

it("has changes of every kind to tell", () => {
  const all = [...written.history.values()].flat();

  expect(new Set(all.map(({ kind }) => kind))).toEqual(new Set(["put", "delete", "truncate"]));
  expect(all.some(({ unchanged }) => unchanged.length > 0)).toBe(true);
});
