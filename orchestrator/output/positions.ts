import { membersOf, textAt } from "../../protocol/json-scan.ts";
import { cursorPosition } from "../sync/positions/cursor-position.ts";
import { age } from "./times.ts";

const LOOKS_LIKE_TIME = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d/;

/**
 * Where a stream stands, for people: `after updated_at = 2026-11-26 22:31:05+00, 12 minutes ago`, `read
 * whole` after a full refresh, and in the middle of one; the state itself where it tells nothing of it.
 */
export function positionText(
  blob: Buffer | undefined,
  cursorField: readonly string[] | undefined,
): string {
  if (blob === undefined) return "at its beginning";
  const position = cursorPosition(blob, cursorField);
  if (position === undefined) return withoutCursor(blob);
  const { field, value } = position;
  const time = LOOKS_LIKE_TIME.test(value) ? timeOf(value) : NaN;
  return `after ${field} = ${value}${Number.isNaN(time) ? "" : `, ${age(time)}`}`;
}

/** What our own source's states without a cursor tell. */
function withoutCursor(blob: Buffer): string {
  const members = membersOf(blob, 0, blob.length);
  if (members?.isEmpty) return "at its beginning";
  const [type, finished] = ["state_type", "is_finished"].map((key) => members?.of(key));
  const isFinished = finished && blob.toString("utf8", finished.start, finished.end) === "true";
  switch (type && textAt(blob, type)) {
    case "full_refresh":
      return isFinished ? "read whole" : "in the middle of reading it whole";
    case "ctid":
      return "in the middle of reading it whole";
    case "cdc":
      return members?.of("ctid")
        ? "in the middle of its first load"
        : `follows the log from ${textAt(blob, members?.of("lsn")) ?? "its beginning"}`;
    case "xmin":
      return "after all that its last sync saw";
    default:
      return blob.toString("utf8");
  }
}

/** Sources print times as PostgreSQL or ISO 8601 does; without a zone they are UTC there. */
function timeOf(text: string): number {
  const hasZone = /(?:Z|[+-]\d\d(?::?\d\d)?)$/.test(text);
  const iso = text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00");
  return Date.parse(hasZone ? iso : `${iso}Z`);
}
