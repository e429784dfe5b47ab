import { forEachMember } from "../../../protocol/json-scan.ts";
import { spliced } from "../../../protocol/splice.ts";
import type { StateLine } from "../../../protocol/state.ts";

interface Found {
  readonly start: number;
  readonly end: number;
}

/**
 * `line` (a whole STATE line with its newline) with `state.sourceStats.recordCount` set to `records`:
 * a destination may insist on it, and a filter changes it. Everything else stays byte for byte.
 */
export function withSourceCount(line: Buffer, records: number): Buffer {
  const end = line.length - 1;
  const body = member(line, 0, end, "state");
  if (body === undefined) return line;
  const stats = member(line, body.start, body.end, "sourceStats");
  const count = stats && member(line, stats.start, stats.end, "recordCount");
  const text = String(records);
  if (count) return spliced(line, 0, end, [{ ...count, text }], "\n");
  const whole = `{"recordCount":${text}}`;
  if (stats) return spliced(line, 0, end, [{ ...stats, text: whole }], "\n");
  // The body has an id by now, so it is not empty.
  const at = body.start + 1;
  return spliced(line, 0, end, [{ start: at, end: at, text: `"sourceStats":${whole},` }], "\n");
}

/** `state.destinationStats.rejectedRecordCount`, 0 when it is not said. */
export function rejectedCount({ places: { bytes, body } }: StateLine): number {
  const stats = member(bytes, body.start, body.end, "destinationStats");
  const count = stats && member(bytes, stats.start, stats.end, "rejectedRecordCount");
  const value = count && Number(bytes.toString("latin1", count.start, count.end));
  return value !== undefined && Number.isFinite(value) ? value : 0;
}

/** The value of a member of the object at `start`; the last one of equal keys. */
export function member(bytes: Buffer, start: number, end: number, key: string): Found | undefined {
  let found: Found | undefined;
  forEachMember(bytes, start, end, (keyStart, keyEnd, valueStart, valueEnd) => {
    if (bytes.toString("utf8", keyStart + 1, keyEnd - 1) === key)
      found = { start: valueStart, end: valueEnd };
  });
  return found;
}
