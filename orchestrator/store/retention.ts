import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { indexJobs } from "./job-index.ts";
import { attemptFolder, readJob } from "./jobs.ts";

/** How many jobs of each connection are kept, and for how long. */
export interface Retention {
  readonly jobs: number;
  readonly days: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The jobs that are kept no longer: of each connection those with so many younger ones, and those that
 * are too old. Never its last one, which is the only one that can be running, and whose number keeps
 * numbers from being given twice.
 *
 * @param most stops looking there.
 */
export function outdatedJobs(folder: string, { jobs, days }: Retention, most = Infinity): number[] {
  const { ids, byConnection, nameless } = indexJobs(folder);
  const oldest = Date.now() - days * DAY_MS;
  const outdated: number[] = [];
  for (const all of byConnection.values()) {
    const candidates = all.slice(0, -1);
    const surplus = Math.max(0, all.length - Math.max(1, jobs));
    outdated.push(...candidates.slice(0, surplus));
    // Numbers rise with time: behind the first young one all are young.
    for (const id of candidates.slice(surplus)) {
      const created = readJob(folder, id)?.created_at;
      if (created !== undefined && Date.parse(created) >= oldest) break;
      outdated.push(id);
      if (outdated.length >= most) break;
    }
  }
  // One without a record may be in the making.
  for (const id of nameless)
    if (id !== ids.at(-1) && madeAt(folder, id) < Date.now() - DAY_MS) outdated.push(id);
  return outdated.sort((a, b) => a - b).slice(0, most);
}

/** Removes a job's record and logs. */
export function removeJob(folder: string, id: number): void {
  rmSync(join(folder, String(id)), { recursive: true, force: true });
}

/** Removes the logs of one attempt. */
export function removeAttempt(folder: string, job: number, attempt: number): void {
  rmSync(attemptFolder(folder, job, attempt), { recursive: true, force: true });
}

function madeAt(folder: string, id: number): number {
  return statSync(join(folder, String(id)), { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
}
