import { statSync } from "node:fs";
import type { Home } from "../store/home.ts";
import { JobHistory } from "../store/job-history.ts";

/** Changes that come closer together may leave one mark. */
const SETTLED_MS = 1_000;

/** How long what was found may count while that is not certain. */
const FRESH_MS = 200;

/** The job history, whose folder is looked through again when jobs have come or gone. */
export class WatchedHistory {
  readonly #home: Home;
  #known:
    | {
        readonly stamp: bigint;
        readonly isSettled: boolean;
        readonly at: number;
        readonly jobs: JobHistory;
      }
    | undefined;

  constructor(home: Home) {
    this.#home = home;
  }

  get current(): JobHistory {
    // Somebody may have removed the folder: then there are no jobs, and a run says that it has no place.
    const stat = statSync(this.#home.jobs, { bigint: true, throwIfNoEntry: false });
    const { mtimeNs: stamp, mtimeMs } = stat ?? { mtimeNs: 0n, mtimeMs: 0n };
    const now = performance.now();
    const known = this.#known;
    if (known?.stamp === stamp && (known.isSettled || now - known.at < FRESH_MS)) return known.jobs;
    const isSettled = Date.now() - Number(mtimeMs) > SETTLED_MS;
    const jobs = new JobHistory(this.#home);
    this.#known = { stamp, isSettled, at: now, jobs };
    return jobs;
  }
}
