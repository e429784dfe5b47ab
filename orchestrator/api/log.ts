import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import type { Home } from "../store/home.ts";
import type { KnownJob } from "../store/job-history.ts";
import { attemptFolder } from "../store/jobs.ts";

/** The log for people, or the events as NDJSON. */
export type LogKind = "logs" | "events";

const FILES: Readonly<Record<LogKind, string>> = { logs: "logs.log", events: "events.ndjson" };

/** Most of a log that is read at once. */
const PIECE_BYTES = 256 * 1024;

export interface LogPiece {
  readonly text: string;
  /** Where the next piece starts. */
  readonly next: number;
  /** Whether more may come: the attempt has not ended. */
  readonly is_open: boolean;
}

/**
 * Of the log of a job's attempt what follows byte `from`: whole lines, at most 256 KiB. A last line
 * without its end comes when nothing more can. Undefined: the job has no such attempt.
 */
export function logPiece(
  { jobs }: Home,
  { id, attempts, run_by }: KnownJob,
  attempt: number,
  kind: LogKind,
  from: number,
): LogPiece | undefined {
  const one = attempts.find((other) => other.attempt === attempt);
  if (one === undefined) return undefined;
  const is_open = run_by !== undefined && one.status === "running";
  const bytes = readFrom(join(attemptFolder(jobs, id, attempt), FILES[kind]), from);
  const end = is_open || bytes.length === PIECE_BYTES ? endOfLines(bytes) : bytes.length;
  return { text: bytes.toString("utf8", 0, end), next: from + end, is_open };
}

/** All of it from the beginning, piece by piece. */
export function* logPieces(
  home: Home,
  job: KnownJob,
  attempt: number,
  kind: LogKind,
): Generator<string> {
  for (let from = 0; ;) {
    const piece = logPiece(home, job, attempt, kind, from);
    if (piece === undefined || piece.text === "") return;
    yield piece.text;
    from = piece.next;
  }
}

/** Where the last whole line ends; of a line that fills all of it, where its last whole character does. */
function endOfLines(bytes: Buffer): number {
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end > 0 || bytes.length < PIECE_BYTES) return end;
  let at = bytes.length;
  while (at > 0 && (bytes[at - 1]! & 0b1100_0000) === 0b1000_0000) at--;
  return at - 1;
}

function readFrom(path: string, from: number): Buffer {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return Buffer.alloc(0); // nothing was written
  }
  try {
    const bytes = Buffer.alloc(PIECE_BYTES);
    return bytes.subarray(0, readSync(file, bytes, 0, PIECE_BYTES, from));
  } finally {
    closeSync(file);
  }
}
