import { afterAll, beforeAll, describe, expect } from "vitest";
import { createDatabase, type Database } from "../../support/database.ts";
import { it } from "../../support/fixtures.ts";
import { type PostgresServer, startPostgres } from "../../support/postgres-server.ts";
import { SeededRandom } from "../random.ts";
import { account, compareHistory, compareRows, intervals } from "./checker.ts";
import { type Change, type History, keyOf, Oracle } from "./oracle.ts";
import { type Arrived, currentOf, type Version } from "./records.ts";
import { FOLLOWED, type Followed, schema, TYPES } from "./tables.ts";
import type { Row } from "./test-decoding.ts";
import { Workload } from "./workload.ts";

/** Who finds no fault must be able to find one: a perfect copy is made up here, and then damaged. */

let server: PostgresServer;
let database: Database;
let drop: () => Promise<void>;
let history: History;

beforeAll(async () => {
  server = await startPostgres({ settings: { max_prepared_transactions: "20" } });
  ({ database, drop } = await createDatabase(server.url()));
  const oracle = await Oracle.open(database);
  await database.exec(schema());
  const workload = await Workload.open(database.url, new SeededRandom(7));
  await workload.begin();
  for (let n = 0; n < 900; n++) await workload.step();
  await workload.settle();
  await workload.close();
  history = await oracle.history();
  await oracle.close();
});

afterAll(async () => {
  await drop();
  await server.stop("immediate");
});

const nulls = Object.fromEntries(Object.keys(TYPES).map((name) => [name, null]));

/** The record that a change becomes. */
const recordOf = (change: Change, from: bigint): Arrived => ({
  lsn: change.lsn > from ? change.lsn : from,
  updatedAt: change.committedAt,
  deletedAt: change.kind === "put" ? null : change.committedAt,
  row: { ...nulls, ...change.row },
  unknown: change.unchanged,
  noted: [],
});

/** A copy that began behind the middle transaction, and missed nothing since. */
function perfect(table: Followed): {
  changes: readonly Change[];
  from: bigint;
  arrived: Arrived[];
} {
  const changes = history.get(table.name)!;
  const transactions = [...new Set(changes.map(({ transaction }) => transaction))];
  const middle = changes.find(
    ({ transaction }) => transaction === transactions[Math.floor(transactions.length / 2)],
  )!;
  const before = changes.filter(({ transaction }) => transaction <= middle.transaction);
  const after = changes.filter(({ transaction }) => transaction > middle.transaction);
  const from = before.at(-1)!.lsn + 1n;
  const first: Arrived[] = rowsAfter(table, before).map((row) => ({
    lsn: from,
    updatedAt: "2020-01-01 00:00:00+00",
    deletedAt: null,
    row: { ...nulls, ...row },
    unknown: [],
    noted: [],
  }));
  const loadedLate = first.map((one) => ({
    ...one,
    updatedAt: middle.committedAt.replace("+00", "9+00"),
  }));
  return { changes, from, arrived: [...loadedLate, ...after.map((one) => recordOf(one, from))] };
}

/** The same as what the checker counts, in the simplest words: a list. */
function rowsAfter(table: Followed, changes: readonly Change[]): Row[] {
  let rows: Row[] = [];
  const same = (a: Row, b: Row) =>
    Object.keys(TYPES).every((name) => (a[name] ?? null) === (b[name] ?? null));
  const without = (row: Row) => {
    const at = rows.findIndex((one) => same(one, row));
    rows = rows.filter((_, index) => index !== at);
  };
  for (const { kind, key, row, whole, before } of changes) {
    if (kind === "truncate") rows = [];
    else if (table.key.length > 0) rows = rows.filter((one) => keyOf(table, one) !== key);
    else if (kind === "delete") without(row);
    else if (before) without(before);
    if (kind === "put") rows.push(whole);
  }
  return rows;
}

const CALM = { wasInterrupted: false };
const judge = (table: Followed, arrived: readonly Arrived[]) => {
  const { changes, from } = perfect(table);
  return account(table, changes, arrived, { from, ...CALM }).findings;
};

describe.for(FOLLOWED)("the oracle of $name", (table) => {
  it("has the table's rows when it has replayed the log", async () => {
    const rows = rowsAfter(table, history.get(table.name)!);
    const found = rows.map((row) =>
      recordOf({ row, kind: "put", lsn: 1n } as unknown as Change, 0n),
    );

    expect(history.get(table.name)!.length).toBeGreaterThan(50);
    expect(compareRows(table, await currentOf(database, table), found)).toEqual([]);
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
  const all = [...history.values()].flat();

  expect(new Set(all.map(({ kind }) => kind))).toEqual(new Set(["put", "delete", "truncate"]));
  expect(all.some(({ unchanged }) => unchanged.length > 0)).toBe(true);
});
