import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FailureKind } from "../../protocol/errors.ts";
import { replaceFile } from "./atomic-file.ts";
import { stateUnwritable } from "./unwritable.ts";

export type JobType = "sync" | "clear" | "refresh" | "normalize";
/** `interrupted`: its process ended without a word; see `job-history.ts`. */
export type JobStatus =
  "running" | "incomplete" | "failed" | "succeeded" | "cancelled" | "interrupted";

/** What one stream moved in an attempt. */
export interface StreamReport {
  readonly name: string;
  readonly namespace?: string;
  readonly status: "complete" | "incomplete";
  readonly emitted: number;
  /** Of a normalize: rows of the rebuilt table, if the destination says. */
  readonly committed: number;
  readonly bytes: number;
  /** From its first to its last sign. */
  readonly seconds: number;
  /** Its first sign; absent when there was none. */
  readonly started_at?: string;
  /** Values that do not fit their columns and became NULL, if the destination says. */
  readonly nulled?: number;
  /** Records that a filter dropped. */
  readonly filtered?: number;
  /** How many records the source expected to send. */
  readonly expected?: number;
  readonly times?: StreamTimes;
  /** Of one that is incomplete: whether the next job goes on behind what is committed. */
  readonly next?: "goes_on" | "starts_again";
  /** Of one that is incomplete: what is committed is not in its table yet, which is as before. */
  readonly apart?: true;
  /** How a later attempt of the job began it; absent when from its beginning, as usual. */
  readonly began?: "resumed" | "again" | "delivered";
  /** It began again and replaces what earlier attempts had brought. */
  readonly discards_earlier?: true;
}

/** Where the seconds of a stream went. */
export interface StreamTimes {
  /** Reading it, less what follows. */
  readonly reading: number;
  /** In which the destination took nothing. */
  readonly waiting: number;
  /** The destination's own work, which goes on beside both, if it tells. */
  readonly copy?: number;
  readonly merge?: number;
  readonly swap?: number;
}

/** Where the seconds of an attempt went, one after the other. */
export interface AttemptTimes {
  /** To the source's first word. */
  readonly start: number;
  readonly reading: number;
  /** In which the destination took nothing. */
  readonly waiting: number;
  /** From the source's end on: what the destination still loads, merges and swaps. */
  readonly finishing: number;
}

export interface FailureReport {
  readonly origin: "source" | "destination" | "syncline";
  readonly code: string;
  readonly kind: FailureKind;
  readonly message: string;
  readonly hint?: string;
  readonly stream?: string;
}

export interface AttemptReport {
  readonly attempt: number;
  status: "running" | "failed" | "succeeded" | "cancelled" | "interrupted";
  readonly started_at: string;
  ended_at?: string;
  streams?: readonly StreamReport[];
  times?: AttemptTimes;
  /** What else there is to say about how it went. */
  notes?: readonly string[];
  /** What was warned of, the first ones. */
  warnings?: readonly string[];
  /** The root cause first. */
  failures?: readonly FailureReport[];
}

export interface JobReport {
  readonly id: number;
  readonly type: JobType;
  readonly connection: string;
  /** It went on with what changes: while it read, it also waited for changes. */
  follows?: true;
  status: JobStatus;
  readonly created_at: string;
  ended_at?: string;
  attempts: AttemptReport[];
}

/** Creates the next job: ids count up and are never given twice. Throws `state.unwritable`. */
export function createJob(folder: string, type: JobType, connection: string): JobReport {
  let id = (jobIds(folder).at(-1) ?? 0) + 1;
  for (;;) {
    try {
      mkdirSync(join(folder, String(id)), { mode: 0o700 });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST")
        throw stateUnwritable(`no job can be recorded in ${folder}`, error);
      id++; // another process took it in this instant
    }
  }
  const job: JobReport = {
    id,
    type,
    connection,
    status: "running",
    created_at: new Date().toISOString(),
    attempts: [],
  };
  saveJob(folder, job);
  return job;
}

/** Writes `job.json`. Throws `state.unwritable`. */
export function saveJob(folder: string, job: JobReport): void {
  try {
    replaceFile(join(folder, String(job.id), "job.json"), `${JSON.stringify(job, null, 2)}\n`, {
      durable: false,
    });
  } catch (error) {
    throw stateUnwritable(`job ${job.id} cannot be recorded in ${folder}`, error);
  }
}

export function attemptFolder(folder: string, job: number, attempt: number): string {
  return join(folder, String(job), String(attempt));
}

/** Ids of all jobs, rising; none where somebody removed the folder. */
export function jobIds(folder: string): number[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^[1-9]\d*$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

/** A job's record; undefined when there is none or it was cut short. */
export function readJob(folder: string, id: number): JobReport | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, String(id), "job.json"), "utf8")) as JobReport;
  } catch {
    return undefined;
  }
}
