import { type Lsn, parseLsn } from "./lsn.ts";

/** A timeline of a server's past: what its standbys and restored backups went on from. */
export interface PastTimeline {
  readonly timeline: string;
  /** Where the next one began; what this one had behind it is not the server's. */
  readonly end: Lsn;
}

/** Reads a file of the server's that says how its timeline came about: a line for each one before. */
export function readHistory(content: string): PastTimeline[] {
  return content.split("\n").flatMap((line) => {
    const [, timeline, end] = /^\s*(\d+)\s+([0-9A-F]+\/[0-9A-F]+)/i.exec(line) ?? [];
    return timeline === undefined || end === undefined ? [] : [{ timeline, end: parseLsn(end) }];
  });
}
