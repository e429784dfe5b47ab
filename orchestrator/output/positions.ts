import { cursorPosition } from "../sync/positions/cursor-position.ts";
import { age } from "./times.ts";

const LOOKS_LIKE_TIME = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d/;

/**
 * Where a stream stands, for people: `after updated_at = 2026-11-26 22:31:05+00, 12 minutes ago`; the
 * state itself where it tells no cursor.
 */
export function positionText(
  blob: Buffer | undefined,
  cursorField: readonly string[] | undefined,
): string {
  if (blob === undefined) return "at its beginning";
  const position = cursorPosition(blob, cursorField);
  if (position === undefined) return blob.toString("utf8");
  const { field, value } = position;
  const time = LOOKS_LIKE_TIME.test(value) ? timeOf(value) : NaN;
  return `after ${field} = ${value}${Number.isNaN(time) ? "" : `, ${age(time)}`}`;
}

/** Sources print times as PostgreSQL or ISO 8601 does; without a zone they are UTC there. */
function timeOf(text: string): number {
  const hasZone = /(?:Z|[+-]\d\d(?::?\d\d)?)$/.test(text);
  const iso = text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00");
  return Date.parse(hasZone ? iso : `${iso}Z`);
}
