import { forEachMember, MALFORMED } from "./json-scan.ts";

/** A place in some bytes: `[start, end)`. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** Where the values of one object are, by key. Of two equal keys the last counts, as in `JSON.parse`. */
export interface Members {
  of(key: string): Place | undefined;
  readonly isEmpty: boolean;
  /** Index after the closing brace. */
  readonly end: number;
}

/** Finds the members of the object at `at`; undefined when there is no well-formed object. */
export function membersOf(bytes: Buffer, at: number, limit: number): Members | undefined {
  const places = new Map<string, Place>();
  const end = forEachMember(bytes, at, limit, (keyStart, keyEnd, start, valueEnd) => {
    const key = JSON.parse(bytes.toString("utf8", keyStart, keyEnd)) as string;
    places.set(key, { start, end: valueEnd });
  });
  if (end === MALFORMED) return undefined;
  return { of: (key) => places.get(key), isEmpty: places.size === 0, end };
}

/** The string at `place`; undefined when nothing or something else is there. */
export function textAt(bytes: Buffer, place: Place | undefined): string | undefined {
  if (place === undefined || bytes[place.start] !== 0x22) return undefined;
  return JSON.parse(bytes.toString("utf8", place.start, place.end)) as string;
}

/** The number at `place` as a double; undefined when nothing or something else is there. */
export function numberAt(bytes: Buffer, place: Place | undefined): number | undefined {
  if (place === undefined) return undefined;
  const value = Number(bytes.toString("latin1", place.start, place.end));
  return Number.isFinite(value) ? value : undefined;
}

/** Whether the value at `place` of well-formed JSON is `null`. */
export function isNullAt(bytes: Buffer, place: Place): boolean {
  return bytes[place.start] === 0x6e; // no other value begins with an n
}

/** Puts `text` in the place of what is there; an empty place inserts. */
export interface Splice extends Place {
  readonly text: string;
}

/**
 * A copy of `bytes[start..end)` with `splices` applied and `tail` appended; every other byte is as
 * it was. The splices must not overlap; those at one place keep their order.
 */
export function spliced(
  bytes: Buffer,
  start: number,
  end: number,
  splices: readonly Splice[],
  tail: string,
): Buffer {
  const parts: Buffer[] = [];
  let at = start;
  for (const splice of [...splices].sort((a, b) => a.start - b.start)) {
    parts.push(bytes.subarray(at, splice.start), Buffer.from(splice.text));
    at = splice.end;
  }
  parts.push(bytes.subarray(at, end), Buffer.from(tail));
  return Buffer.concat(parts);
}
