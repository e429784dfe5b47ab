import { createDatabase, type Database } from "../../support/database.ts";
import { type PostgresServer, startPostgres } from "../../support/postgres-server.ts";
import { SeededRandom } from "../random.ts";
import { type Change, type History, keyOf, Oracle } from "./oracle.ts";
import type { Arrived } from "./records.ts";
import { type Followed, schema, TYPES } from "./tables.ts";
import type { Row } from "./test-decoding.ts";
import { Workload } from "./workload.ts";

/** A database that was written to, and what was done to it. */
export interface Written {
  readonly server: PostgresServer;
  readonly database: Database;
  readonly history: History;
  close(): Promise<void>;
}

/** Writes to a new database of a new server. */
export async function write(seed: number, steps: number): Promise<Written> {
  const server = await startPostgres({ settings: { max_prepared_transactions: "20" } });
  const { database } = await createDatabase(server.url());
  const oracle = await Oracle.open(database);
  await database.exec(schema());
  const workload = await Workload.open(database.url, new SeededRandom(seed));
  await workload.begin();
  for (let n = 0; n < steps; n++) await workload.step();
  await workload.settle();
  await workload.close();
  const history = await oracle.history();
  await oracle.close();
  return { server, database, history, close: () => server.stop("immediate") };
}

/** Every column there is, without a value. */
export const nulls = Object.fromEntries(Object.keys(TYPES).map((name) => [name, null]));

/** The record that a change becomes. */
export const recordOf = (change: Change, from: bigint): Arrived => ({
  lsn: change.lsn > from ? change.lsn : from,
  updatedAt: change.committedAt,
  deletedAt: change.kind === "put" ? null : change.committedAt,
  row: { ...nulls, ...change.row },
  unknown: change.unchanged,
  noted: [],
});

/** What arrives of a table. */
export interface Copy {
  readonly changes: readonly Change[];
  /** Where its first load began. */
  readonly from: bigint;
  readonly loaded: readonly Arrived[];
  readonly delivered: readonly Change[];
}

/** A copy that began behind the middle transaction, and missed nothing since. */
export function perfectCopy(table: Followed, history: History): Copy {
  const changes = history.get(table.name)!;
  const transactions = [...new Set(changes.map(({ transaction }) => transaction))];
  const middle = changes.find(
    ({ transaction }) => transaction === transactions[Math.floor(transactions.length / 2)],
  )!;
  const before = changes.filter(({ transaction }) => transaction <= middle.transaction);
  const from = before.map(({ lsn }) => lsn).reduce((a, b) => (a > b ? a : b)) + 1n;
  const loaded = rowsAfter(table, before).map((row): Arrived => ({
    lsn: from,
    updatedAt: "2020-01-01 00:00:00+00",
    deletedAt: null,
    row: { ...nulls, ...row },
    unknown: [],
    noted: [],
  }));
  return { changes, from, loaded, delivered: changes.slice(before.length) };
}

/** The same as what the checker counts, in the simplest words: a list. */
export function rowsAfter(table: Followed, changes: readonly Change[]): Row[] {
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
