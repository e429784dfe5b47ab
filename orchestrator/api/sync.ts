import type { JobReport } from "../store/jobs.ts";
import { accepting } from "./accepting.ts";
import { runOnProject, type RunOptions } from "./run-options.ts";

export interface SyncOptions extends RunOptions {
  /** Takes over schema changes that paused the connection, and takes note of streams that are gone. */
  readonly acceptChanges?: boolean;
  /** Goes on with what changes until it is stopped; default: as the connection has it. */
  readonly follow?: boolean;
}

/**
 * Runs a connection as `syncline sync` does. Resolves with the job however it ended: see its `status`.
 * Throws a `Failure` where there is no job: `config.invalid`, `config.unreadable`, `usage.invalid`,
 * `sync.locked`, `state.invalid`, `state.unwritable`; and the reason of a signal that came first.
 */
export function sync(connection: string, options: SyncOptions = {}): Promise<JobReport> {
  const { acceptChanges = false, follow } = options;
  return runOnProject(connection, { type: "sync", keepsRows: true }, options, (given) => {
    const accepted = acceptChanges ? accepting(given) : given;
    return follow === undefined ? accepted : { ...accepted, follow };
  });
}
