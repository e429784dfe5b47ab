import { list } from "../checker.ts";
import { type Change, keyOf } from "./oracle.ts";
import type { Arrived, Version } from "./records.ts";
import { type Followed, TYPES } from "./tables.ts";
import type { Row } from "./test-decoding.ts";

/** What became of one table's changes. */
export interface Account {
  readonly findings: readonly string[];
  /** Rows of the first load. */
  readonly loaded: readonly Arrived[];
  /** Position of the first load: no record of the table has a lower one. */
  readonly from: bigint;
  /** Whether a change came out of the log. */
  readonly isDelivered: (change: Change) => boolean;
  /** Columns whose values it said to be newer than the change. */
  readonly notedOf: (change: Change) => readonly string[];
}

/**
 * Accounts for every record of a table that arrived: it is a row of the first load, or one change of the
 * log; and for every transaction: up to one, none of their changes came, and the first load has what they
 * left; from the next one on all came, each once. After an interrupted first load rows may be missing that
 * a later change brings.
 */
export function account(
  table: Followed,
  changes: readonly Change[],
  arrived: readonly Arrived[],
  { from, wasInterrupted }: { readonly from: bigint; readonly wasInterrupted: boolean },
): Account {
  const commits = new Set(changes.map(({ committedAt }) => committedAt));
  const isLoaded = ({ updatedAt, deletedAt }: Arrived) =>
    !commits.has(updatedAt) && deletedAt === null;
  const loaded = arrived.filter(isLoaded);
  const findings: string[] = [];
  const waiting = new Map<string, Change[]>();
  const told = changes.filter(({ isUntold }) => isUntold !== true);
  for (const change of told) {
    const sign = signOf(table, change.kind, max(change.lsn, from), change.committedAt, change.row);
    waiting.set(sign, [...(waiting.get(sign) ?? []), change]);
  }
  const delivered = new Map<Change, Arrived>();
  const inventions: string[] = [];
  const wrong: string[] = [];
  for (const one of arrived) {
    if (isLoaded(one)) continue;
    const sign = signOf(table, kindOf(one), one.lsn, one.updatedAt, one.row);
    const change = waiting.get(sign)?.shift();
    if (change === undefined) inventions.push(sign);
    else {
      delivered.set(change, one);
      wrong.push(...differing(one, change).map((column) => `${column} of ${sign}`));
    }
  }
  findings.push(
    ...list(`${table.name} has records that nothing in the log calls for`, inventions),
    ...list(`${table.name} has other values than the log`, wrong),
    ...list(
      `${table.name} has first rows of another position than ${from}`,
      loaded.filter(({ lsn }) => lsn !== from).map(({ lsn }) => String(lsn)),
    ),
  );
  const halves = transactionsOf(told).filter((all) => {
    const some = all.filter((change) => delivered.has(change)).length;
    return some > 0 && some < all.length;
  });
  findings.push(
    ...list(
      `${table.name} has only some changes of transactions`,
      halves.map((all) =>
        all
          .filter((one) => !delivered.has(one))
          .map(shown)
          .join(" & "),
      ),
    ),
  );
  const isDelivered = (change: Change) => delivered.has(change);
  findings.push(...firstLoad(table, changes, loaded, isDelivered, wasInterrupted));
  const notedOf = (change: Change) => delivered.get(change)?.noted ?? [];
  return { findings, loaded, from, isDelivered, notedOf };
}

/** That the first load is what the transactions left that did not come out of the log. */
function firstLoad(
  table: Followed,
  changes: readonly Change[],
  loaded: readonly Arrived[],
  isDelivered: (change: Change) => boolean,
  wasInterrupted: boolean,
): string[] {
  const before = changes.filter((change) => !isDelivered(change));
  const there = stateAfter(table, before);
  const extra: string[] = [];
  for (const { row } of loaded) {
    const text = canonical(row);
    const count = there.get(text) ?? 0;
    if (count <= 0) extra.push(text.slice(0, 60));
    else there.set(text, count - 1);
  }
  const changedLater = new Set(changes.filter(isDelivered).map(({ key }) => key));
  const isTruncated = changes.some((one) => one.kind === "truncate" && isDelivered(one));
  const missing = [...there].filter(([text, count]) => {
    const key = keyOf(table, Object.fromEntries(JSON.parse(text) as [string, string][]));
    const mayCome =
      wasInterrupted && (isTruncated || changedLater.has(key) || table.key.length === 0);
    return count !== 0 && !mayCome;
  });
  const first = changes.find(isDelivered);
  const late = before.filter(({ transaction }) => first && transaction > first.transaction);
  return [
    ...list(`${table.name} began with rows that were not there`, extra),
    ...list(
      `${table.name} lacks rows, or changes before they were lost`,
      missing.map(([text]) => text.slice(0, 60)),
    ),
    ...list(`${table.name} lacks changes behind others that came`, late.map(shown)),
  ];
}

/** One row per key, each as it was left: what a deduplicated table is made of, and its history. */
interface Interval {
  readonly key: string;
  readonly whole: Row;
  readonly start: bigint;
  readonly end: bigint | null;
  /** Columns whose values nobody knows for sure. */
  readonly doubtful: readonly string[];
}

/** The versions that a table had, from its first load on. */
export function intervals(
  table: Followed,
  changes: readonly Change[],
  { loaded, from, isDelivered, notedOf }: Omit<Account, "findings">,
): Interval[] {
  const loadedVersions = new Set(loaded.map(({ row }) => `${keyOf(table, row)} ${row["version"]}`));
  const open = new Map<string, Omit<Interval, "key" | "end"> & { isReal: boolean }>();
  const found: Interval[] = [];
  const close = (key: string, end: bigint | null) => {
    const one = open.get(key);
    open.delete(key);
    if (one?.isReal) found.push({ ...one, key, end });
  };
  for (const change of changes) {
    const lsn = max(change.lsn, from);
    const isIn = isDelivered(change);
    if (change.kind === "truncate") for (const key of open.keys()) close(key, lsn);
    else if (change.kind === "delete") close(change.key, lsn);
    else {
      const former = open.get(change.key)?.doubtful ?? [];
      const doubtful = [
        ...notedOf(change),
        ...change.unchanged.filter((column) => former.includes(column)),
      ];
      // What came before the first load was never there.
      if (isIn) close(change.key, lsn);
      const isLoaded = loadedVersions.has(`${change.key} ${change.whole["version"]}`);
      open.set(change.key, {
        whole: change.whole,
        start: isIn ? lsn : from,
        isReal: isIn || isLoaded,
        doubtful,
      });
    }
  }
  for (const key of open.keys()) close(key, null);
  return found;
}

/** Compares a history with the versions that there were. */
export function compareHistory(
  table: Followed,
  expected: readonly Interval[],
  found: readonly Version[],
): string[] {
  const shape = (key: string, row: Row, start: bigint, end: bigint | null, isActive: boolean) =>
    `${key.replaceAll("\n", "/")} version ${row["version"]} from ${start} to ${end ?? "now"}${isActive ? ", active" : ""}`;
  const wanted = tally(
    expected.map(({ key, whole, start, end }) => shape(key, whole, start, end, end === null)),
  );
  const there = tally(
    found.map((one) => shape(keyOf(table, one.row), one.row, one.start, one.end, one.isActive)),
  );
  const known = new Map(expected.map((one) => [`${one.key} ${one.whole["version"]}`, one]));
  const wrong = found.flatMap(({ row }) => {
    const one = known.get(`${keyOf(table, row)} ${row["version"]}`);
    const columns = Object.keys(TYPES).filter(
      (column) =>
        one && (one.whole[column] ?? null) !== row[column] && !one.doubtful.includes(column),
    );
    return columns.map((column) => `${column} of version ${row["version"]}`);
  });
  return [
    ...list(`the history of ${table.name} lacks`, minus(wanted, there)),
    ...list(`the history of ${table.name} has too much`, minus(there, wanted)),
    ...list(`the history of ${table.name} has other values`, wrong),
  ];
}

/** Compares a deduplicated table with the source's; deleted rows that were kept are not looked at. */
export function compareRows(
  table: Followed,
  current: readonly Row[],
  found: readonly Arrived[],
): string[] {
  const wanted = tally(current.map(canonical));
  const there = tally(
    found.filter(({ deletedAt }) => deletedAt === null).map(({ row }) => canonical(row)),
  );
  const brief = (texts: string[]) =>
    texts.map((text) => text.replace(/"body","\w*"/, '"body"').slice(0, 120));
  return [
    ...list(`${table.name} lacks`, brief(minus(wanted, there))),
    ...list(`${table.name} has too much`, brief(minus(there, wanted))),
  ];
}

/** How many rows of each text changes leave, from an empty table on. */
function stateAfter(table: Followed, changes: readonly Change[]): Map<string, number> {
  const rows = new Map<string, number>();
  const add = (text: string, by: number) => rows.set(text, (rows.get(text) ?? 0) + by);
  const keyed = new Map<string, string>();
  for (const { kind, key, whole, row, before } of changes) {
    if (kind === "truncate") {
      rows.clear();
      keyed.clear();
    } else if (table.key.length > 0) {
      if (kind === "delete") keyed.delete(key);
      else keyed.set(key, canonical(whole));
    } else {
      const old = kind === "delete" ? row : before;
      if (old) add(canonical(old), -1);
      if (kind === "put") add(canonical(whole), 1);
    }
  }
  return table.key.length > 0 ? tally([...keyed.values()]) : rows;
}

function differing({ row, unknown, noted }: Arrived, change: Change): string[] {
  return Object.keys(TYPES).filter((column) => {
    if (noted.includes(column)) return !change.unchanged.includes(column);
    if (change.unchanged.includes(column)) return row[column] !== null || !unknown.includes(column);
    return row[column] !== (change.row[column] ?? null);
  });
}

function kindOf({ deletedAt, row }: Arrived): Change["kind"] {
  if (deletedAt === null) return "put";
  return Object.values(row).every((value) => value === null) ? "truncate" : "delete";
}

function signOf(
  table: Followed,
  kind: Change["kind"],
  lsn: bigint,
  time: string,
  row: Row,
): string {
  const version = row["version"] == null ? "" : ` version ${row["version"]}`;
  const key = kind === "truncate" ? "" : ` ${keyOf(table, row).replaceAll("\n", "/")}`;
  return `${kind}${key}${version} at ${lsn} of ${time}`;
}

function transactionsOf(changes: readonly Change[]): Change[][] {
  const all = new Map<number, Change[]>();
  for (const change of changes) {
    const those = all.get(change.transaction) ?? [];
    all.set(change.transaction, those);
    those.push(change);
  }
  return [...all.values()];
}

/** A row as a text, the same for the same values; the log leaves NULLs out of old rows. */
function canonical(row: Row): string {
  return JSON.stringify(
    Object.entries(row)
      .filter(([, value]) => value !== null)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function tally(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

const minus = (from: ReadonlyMap<string, number>, what: ReadonlyMap<string, number>) =>
  [...from].filter(([text, count]) => count > (what.get(text) ?? 0)).map(([text]) => text);

const max = (a: bigint, b: bigint) => (a > b ? a : b);
const shown = ({ kind, key, whole, lsn }: Change) =>
  `${kind} ${key.replaceAll("\n", "/")} version ${whole["version"]} at ${lsn}`;
