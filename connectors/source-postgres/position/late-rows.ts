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
 * the bound is a date. For other values it is the cursor of a read that far back, kept in the state
 * with the time; where no index serves the cursor, all rows are looked at in any case, so there is no
 * bound.
 */
export async function lateBound(
  table: OpenTable,
  cursor: Cursor,
  last: string,
  position: StreamPosition | undefined,
): Promise<JsonObject> {
  if (cursor.isDate) return { late_from: await lowestDate(table, cursor, last) };
  const [row] = await table.ask(hasIndexOn(table.plan.relation.oid, cursor.column.name));
  if (row!["found"] !== "true") return {};
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

/** `now()`, which fills most such columns, is the start of its transaction. */
async function lowestDate(table: OpenTable, cursor: Cursor, last: string): Promise<string> {
  const { column } = cursor;
  const isDay = column.type.name === "date" || column.type.base?.name === "date";
  const value = cursor.literal(last);
  const milliseconds = table.settings.snapshot.lookedAt - lateUntil(table);
  const [row] = await table.ask(
    `select (${value} - interval '${milliseconds} milliseconds')${isDay ? "::date" : ""}::text as lowest,
  (${value} > now() + interval '1 day')::text as is_future`,
  );
  if (row!["is_future"] === "true")
    table.log(
      "WARN",
      `the cursor ${column.name} has values in the future; rows with lower values written later than the late commit window are missed`,
    );
  return row!["lowest"]!;
}
