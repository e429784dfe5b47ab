import { complement, type IdRange, rangesOf } from "../position/id-ranges.ts";

/**
 * The snapshot that comes with a new slot, in 64-bit ids. Unlike one that a session takes itself, it lists
 * savepoints, too, among what had not been committed, so that it tells of every row whether it saw it.
 */
export interface ImportedSnapshot {
  readonly xmin: bigint;
  readonly xmax: bigint;
  /** Between the two, what had not been committed. */
  readonly running: readonly bigint[];
}

/** Reads a `pg_snapshot`: `10:20:10,14,15`. Undefined for anything else. */
export function readSnapshotText(text: string): ImportedSnapshot | undefined {
  const [, xmin, xmax, running] = /^(\d+):(\d+):((?:\d+(?:,\d+)*)?)$/.exec(text) ?? [];
  if (xmin === undefined || xmax === undefined || running === undefined) return undefined;
  return {
    xmin: BigInt(xmin),
    xmax: BigInt(xmax),
    running: running === "" ? [] : running.split(",").map(BigInt),
  };
}

/** As PostgreSQL prints it. */
export function printSnapshot({ xmin, xmax, running }: ImportedSnapshot): string {
  return `${xmin}:${xmax}:${running.join(",")}`;
}

/** The ids from `xmin` on whose rows it saw. */
export function seenFromXmin({ xmin, xmax, running }: ImportedSnapshot): IdRange[] {
  return complement(rangesOf(running, [], xmin), [xmin, xmax - 1n]);
}
