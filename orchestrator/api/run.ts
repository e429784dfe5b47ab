import type { ConnectionConfig } from "../config/config.ts";
import { sweepPrivateFolders } from "../connector/private-folder.ts";
import { ConnectionProgress } from "../output/live/connection-progress.ts";
import type { Home } from "../store/home.ts";
import type { JobReport, JobType } from "../store/jobs.ts";
import { keepProject } from "../store/project.ts";
import { outdatedJobs, removeJob, type Retention } from "../store/retention.ts";
import { isFollowed, runJob } from "../sync/job.ts";
import { requestFor } from "../sync/request.ts";
import type { StopRequest, Turn } from "../sync/work.ts";
import type { JobEvent } from "./events.ts";

/** What a job is to do. */
export interface Wanted {
  readonly type: JobType;
  /** For a refresh: whether rows that are not read again stay. */
  readonly keepsRows: boolean;
  /** The names of the streams it is about; empty: all. */
  readonly streams: readonly string[];
}

/** A sync of every stream. */
export const SYNC_ALL: Wanted = { type: "sync", keepsRows: true, streams: [] };

/** What a job runs with. */
export interface RunContext {
  readonly home: Home;
  readonly stop: StopRequest;
  readonly turn: Turn;
  /** Kept current while it runs. */
  readonly progress: ConnectionProgress;
  /** Gets everything but `progress`. */
  readonly onEvent: (event: JobEvent) => void;
}

/** For a job that waits for no other. */
export const NO_TURN: Turn = { give() {}, take: async () => {} };

/** Once before the jobs of a process: what destinations are to know, and what crashes left behind. */
export function beforeRuns({ path, project }: Home): void {
  keepProject(path, project, process.env);
  sweepPrivateFolders();
}

/** Where what is known of a run is kept while it runs. */
export function progressOf(connection: ConnectionConfig, { type }: Wanted): ConnectionProgress {
  const { name, retry } = connection;
  const attempts = isFollowed(connection, type) ? Infinity : retry.maxAttempts;
  return new ConnectionProgress(name, attempts, performance.now());
}

/** Runs one job on a connection. Throws as `runJob` does. */
export async function runWanted(
  connection: ConnectionConfig,
  { type, keepsRows, streams }: Wanted,
  { home, stop, turn, progress, onEvent }: RunContext,
): Promise<JobReport> {
  const { name } = connection;
  const report = await runJob(connection, requestFor(type, keepsRows, streams), {
    home,
    stop,
    turn,
    onBegin(job) {
      progress.job = job;
      onEvent({ event: "job_started", connection: name, job: job.id, type });
    },
    onProgress: (stats) => (progress.stats = stats),
    onLog: (line) => onEvent({ event: "log", connection: name, ...line }),
    onRetry(failure, seconds) {
      progress.stats = undefined;
      progress.retryAt = performance.now() + seconds * 1000;
      const job = progress.job!.id;
      onEvent({ event: "retry", connection: name, job, failure, wait_seconds: seconds });
    },
  });
  onEvent({ event: "job_ended", connection: name, report });
  return report;
}

/** Most jobs removed after a run: what was kept for long goes bit by bit. */
const MOST_REMOVED = 100;

/** Removes jobs that are kept no longer. Throws what the file system throws. */
export function removeOldJobs({ jobs }: Home, keep: Retention): void {
  for (const id of outdatedJobs(jobs, keep, MOST_REMOVED)) removeJob(jobs, id);
}
