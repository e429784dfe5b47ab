/** Replaces `bytes[start..end)` with `text`; `start === end` inserts. */
export interface Splice {
  readonly start: number;
  readonly end: number;
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
