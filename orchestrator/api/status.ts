import type { LogPosition } from "../output/log-position.ts";
import { logPosition } from "../output/log-position.ts";
import { readGlobal } from "../store/global-state.ts";
import type { Home } from "../store/home.ts";
import type { JobHistory, KnownJob } from "../store/job-history.ts";
import { toAcknowledge } from "../store/known-catalog.ts";
import { readState, statePath } from "../store/state-file.ts";

/** How a connection stands, as its job history and state tell. */
export interface StatusFacts {
  readonly connection: string;
  readonly last_job: KnownJob | null;
  /** What `sync --accept-changes` takes note of, in words. */
  readonly to_acknowledge: readonly string[];
  /** How far it has come in its source's log; absent or null where it follows none. */
  readonly log_position?: LogPosition | undefined;
}

/** How a connection stands. */
export function statusFacts(home: Home, history: JobHistory, connection: string): StatusFacts {
  const [last_job] = history.page({ connection, limit: 1 });
  return {
    connection,
    last_job: last_job ?? null,
    to_acknowledge: toAcknowledge(home.path, connection),
    log_position: logPositionOf(home, connection),
  };
}

/** How far a connection has come in its source's log, if it follows one and its file can be read. */
export function logPositionOf(home: Home, name: string): LogPosition | undefined {
  try {
    const { global } = readState(statePath(home, name), name);
    return global && logPosition(readGlobal(global).shared);
  } catch {
    return undefined;
  }
}
