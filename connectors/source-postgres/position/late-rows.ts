import type { JsonObject } from "../../../protocol/json.ts";
import type { Cursor } from "./cursor.ts";
import { hasIndexOn } from "./queries.ts";
import type { FormerCursor, StreamPosition } from "./stream-position.ts";
import type { OpenTable } from "./open-table.ts";

/** Most former cursors a state keeps. */
const MAX_FORMER_CURSORS = 32;
/** Former cursors are kept this many times per late commit window. */
const PER_WINDOW = 24;
/**
 * A transaction may begin a moment before it shows among the open ones, and an application may take
 * a value a moment before its transaction begins.
 */
const MARGIN_MS = 60_000;

/**
 * The part of a state that says how far below the cursor `last` the next read has to look for rows
 * of transactions that are still open, or whose cursor values were taken long before they are
 * committed: `late_from` is the lowest value such a row can have, absent where that is not known.
 *
 * The guarantee: nothing is lost as long as values grow with time, and no row is committed later than
 * `late_commit_window` after it got its value, or than the transaction lasts that wrote it. For dates
 * the bound is a date, which values in the future do not raise. For other values it is the cursor of
 * a read that far back, kept in the state with the time; where no index serves the cursor, all rows
 * are looked at in any case, so there is no bound.
 */
export async function lateBound(
  table: OpenTable,
  cursor: Cursor,
  last: string,
  position: StreamPosition | undefined,
): Promise<JsonObject> {
  if (cursor.clock !== undefined)
    return { late_from: await lowestDate(table, cursor, cursor.clock, last) };
  const row = await table.askRow(hasIndexOn(table.plan.relation.oid, cursor.column.name));
  if (row["found"] !== "true") return {};
  const until = lateUntil(table);
  const history = historyOf(table, position?.formerCursors ?? [], last, until);
  const bound = history[0];
  return {
    ...(bound !== undefined && bound.reachedAt <= until ? { late_from: bound.cursor } : {}),
    former_cursors: history.map(({ cursor: value, reachedAt }) => ({
      cursor: value,
      reached_at: new Date(reachedAt).toISOString(),
    })),
  };
}

/** The time since which every row that is still to be committed has got its value. */
function lateUntil({ settings }: OpenTable): number {
  const { lookedAt, openSince } = settings.snapshot;
  return Math.min(lookedAt - settings.lateCommitSeconds * 1000, openSince - MARGIN_MS);
}

/** In order of time: the newest cursor that is old enough to be a bound, and some later ones. */
function historyOf(
  { settings }: OpenTable,
  former: readonly FormerCursor[],
  last: string,
  until: number,
): readonly FormerCursor[] {
  const spacing = (settings.lateCommitSeconds * 1000) / PER_WINDOW;
  const newest = former.at(-1);
  const now = settings.snapshot.takenBy;
  const isDue =
    newest === undefined || (newest.cursor !== last && now - newest.reachedAt >= spacing);
  const all = isDue ? [...former, { cursor: last, reachedAt: now }] : former;
  const bound = all.findLastIndex(({ reachedAt }) => reachedAt <= until);
  const needed = all.slice(Math.max(bound, 0));
  // Leaving some out makes a later bound lower than it need be, and never wrong.
  return needed.length <= MAX_FORMER_CURSORS
    ? needed
    : needed.filter((_, index) => index % 2 === 0);
}

/**
 * Counted from the cursor, or from now where a row is dated in the future: what is written next is
 * dated by the clock. (`now()`, which fills most such columns, is the start of its transaction.)
 */
async function lowestDate(
  table: OpenTable,
  cursor: Cursor,
  clock: string,
  last: string,
): Promise<string> {
  const milliseconds = table.settings.snapshot.lookedAt - lateUntil(table);
  const row = await table.askRow(
    `select ${earlier(`least(${cursor.literal(last)}, ${clock})`, cursor, milliseconds)}::text as lowest`,
  );
  return row["lowest"]!;
}

/**
 * SQL for the lowest cursor value of rows to look at, where the state says one. Below that of the
 * state where the clock was set back since, or another server took over whose clock is behind.
 */
export function lateFrom(
  { settings }: OpenTable,
  cursor: Cursor,
  { lateFrom: saved }: StreamPosition,
): string | undefined {
  if (saved === undefined || cursor.clock === undefined) return saved && cursor.literal(saved);
  const window = earlier(cursor.clock, cursor, settings.lateCommitSeconds * 1000);
  return `least(${cursor.literal(saved)}, ${window})`;
}

/**
 * Says so where nothing is known of when rows were written, so that only those beyond the cursor are
 * found, and the cursor stands in the future.
 */
export async function warnIfAhead(table: OpenTable, cursor: Cursor, value: string): Promise<void> {
  if (cursor.clock === undefined) return;
  const row = await table.askRow(
    `select floor(extract(epoch from ${cursor.literal(value)}::timestamptz - now()) * 1000)::text as ahead`,
  );
  const ahead = Number(row["ahead"]);
  if (ahead > MARGIN_MS)
    table.log(
      "WARN",
      `the cursor stands at a value of ${cursor.column.name} that is ${Math.round(ahead / 60_000)} minutes ahead of the server's clock (UTC): rows with lower values are not found until then`,
    );
}

/** An interval makes a timestamp of a date. */
function earlier(value: string, { type }: Cursor, milliseconds: number): string {
  return `(${value} - interval '${milliseconds} milliseconds')::${type}`;
}
