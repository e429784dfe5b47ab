import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Home } from "./home.ts";
import { indexJobs, type JobIndex } from "./job-index.ts";
import { attemptFolder, readJob, saveJob, type JobReport } from "./jobs.ts";
import { seenHolders, type LockSighting } from "./lock.ts";

/** A job as it stands now. */
export interface KnownJob extends JobReport {
  /** Of one that runs: where, and when it last gave a sign of life if it cannot be seen from here. */
  readonly run_by?: {
    readonly pid: number;
    readonly host: string;
    readonly last_sign_at?: string;
  };
}

/** Which jobs of a history are wanted. */
export interface Page {
  readonly connection?: string | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
}

/**
 * The jobs there were. Their records say what their processes wrote last; here they are compared with
 * the locks, so that a job whose process was killed does not run for ever.
 */
export class JobHistory {
  readonly #home: Home;
  #index: JobIndex | undefined;

  constructor(home: Home) {
    this.#home = home;
  }

  /** The names of all connections that a job was made for. */
  get connections(): string[] {
    return [...this.#jobs.byConnection.keys()];
  }

  /** Latest first: those of the connections with these names, or all. */
  *latest(connections: readonly string[] = []): Generator<KnownJob> {
    const { ids, byConnection } = this.#jobs;
    const chosen =
      connections.length === 0
        ? ids
        : [...new Set(connections)]
            .flatMap((name) => byConnection.get(name) ?? [])
            .sort((a, b) => a - b);
    for (const id of chosen.toReversed()) {
      const job = this.job(id);
      if (job) yield job;
    }
  }

  /**
   * A page of the history, latest first: jobs before the one with the number `before`, of one connection or
   * all. Opens no more of them than it gives.
   */
  page({ connection, before, limit }: Page): KnownJob[] {
    const { ids, byConnection } = this.#jobs;
    const all = connection === undefined ? ids : (byConnection.get(connection) ?? []);
    const found: KnownJob[] = [];
    for (let at = all.length - 1; at >= 0 && found.length < limit; at--) {
      const job = all[at]! < (before ?? Infinity) ? this.job(all[at]!) : undefined;
      if (job) found.push(job);
    }
    return found;
  }

  /** A job by its number. */
  job(id: number): KnownJob | undefined {
    const job = readJob(this.#home.jobs, id);
    if (job === undefined || !isOpen(job)) return job;
    const runner = this.#runnerOf(job);
    if (runner) return { ...job, run_by: runner };
    // It may have ended between the two looks: the record is written before the lock is given back.
    const again = readJob(this.#home.jobs, id);
    return again && isOpen(again) ? closeInterrupted(this.#home, again) : again;
  }

  #runnerOf({ connection, id, created_at }: JobReport): KnownJob["run_by"] {
    // A lock is taken before its job is made: a younger one is another's, and so is that of a younger job.
    const holder = seenHolders(this.#home.locks, connection).find(
      ({ since }) => since <= created_at,
    );
    // One that is not in the index is younger than that.
    const isLast = (this.#jobs.byConnection.get(connection)?.at(-1) ?? id) <= id;
    return holder && isLast ? runner(holder) : undefined;
  }

  get #jobs(): JobIndex {
    return (this.#index ??= indexJobs(this.#home.jobs));
  }
}

/**
 * Records of a connection's jobs that run according to their records, that their processes are gone.
 * Only for whoever holds its lock.
 */
export function closeInterruptedJobs(home: Home, connection: string): void {
  const last = indexJobs(home.jobs).byConnection.get(connection)?.at(-1);
  const job = last === undefined ? undefined : readJob(home.jobs, last);
  if (job && isOpen(job)) closeInterrupted(home, job);
}

/** Whether a job has not ended, as its record says: `incomplete` is one between two attempts. */
export function isOpen({ status }: Pick<JobReport, "status">): boolean {
  return status === "running" || status === "incomplete";
}

function runner({ pid, host, isInSight, lastSign }: LockSighting): KnownJob["run_by"] {
  return { pid, host, ...(!isInSight && { last_sign_at: new Date(lastSign).toISOString() }) };
}

/** Records what is known of a job whose process is gone. */
function closeInterrupted(home: Home, job: JobReport): JobReport {
  const lastSign = lastSignOf(home, job);
  const attempts = job.attempts.map((attempt) =>
    attempt.status === "running"
      ? {
          ...attempt,
          status: "interrupted" as const,
          ended_at: lastSign,
          failures: [
            {
              origin: "syncline" as const,
              code: "sync.interrupted",
              kind: "transient_error" as const,
              message: "its process ended without a word: it was killed, or its machine stopped",
              hint: "what was committed stays, and the next run goes on from there",
            },
          ],
        }
      : attempt,
  );
  const closed: JobReport = { ...job, status: "interrupted", ended_at: lastSign, attempts };
  try {
    saveJob(home.jobs, closed);
  } catch {
    // Found out again by whoever looks next.
  }
  return closed;
}

/** When a job last wrote anything. */
function lastSignOf({ jobs }: Home, { id, attempts }: JobReport): string {
  const folders = [
    join(jobs, String(id)),
    ...attempts.map((one) => attemptFolder(jobs, id, one.attempt)),
  ];
  const times = folders.flatMap((folder) => {
    try {
      return readdirSync(folder).map((name) => statSync(join(folder, name)).mtimeMs);
    } catch {
      return [];
    }
  });
  return new Date(Math.max(0, ...times)).toISOString();
}
