import type { ConnectionConfig } from "../config/config.ts";
import type { Surroundings } from "../connector/connector.ts";
import type { Home } from "../store/home.ts";
import { readKnownCatalog } from "../store/known-catalog.ts";
import {
  readState,
  statePath,
  type ConnectionState,
  type StreamEntry,
} from "../store/state-file.ts";
import { decideAttempt, refuseToSplit, without } from "./attempt-plan.ts";
import { lookAhead, type Outlook } from "./outlook.ts";
import { JobProgress } from "./positions/job-progress.ts";
import { StateKeeper } from "./positions/state-keeper.ts";
import { makeReady, type Ready } from "./ready.ts";
import { SYNC } from "./request.ts";
import { changeText } from "./streams/schema-changes.ts";
import type { LeftOut } from "./streams/left-out.ts";
import type { PlannedStream } from "./streams/select-streams.ts";

/** What a sync of a connection would do now. */
export interface Preview {
  readonly ready: Ready;
  /** What is different at the source since the last sync, in words. */
  readonly changes: readonly string[];
  readonly streams: readonly PlannedStream[];
  readonly leftOut: readonly LeftOut[];
  readonly state: ConnectionState;
  /** What the connectors say would come of it. */
  readonly outlook: Outlook;
  /** What is to be known of the whole sync. */
  readonly notes: readonly string[];
  /** What was kept of streams before anything was decided, by `streamKey` of the source's names. */
  readonly before: ReadonlyMap<string, StreamEntry>;
}

/**
 * Decides what the next sync would do, and writes nothing. Throws what `decideAttempt` throws, and what
 * the connectors say that would keep all streams from being synced.
 */
export async function previewSync(
  connection: ConnectionConfig,
  home: Home,
  around: Surroundings,
): Promise<Preview> {
  const { name } = connection;
  const path = statePath(home, name);
  const keeper = new StateKeeper(path, name, readState(path, name), () => {});
  const before = new Map([...keeper.state.streams].map(([key, entry]) => [key, { ...entry }]));
  const run = { project: home.project, connection: name, job: 0, attempt: 0 };
  const ready = await makeReady(
    connection,
    { ...around, limits: connection.limits, run },
    readKnownCatalog(home.path, name),
  );
  const { streams, leftOut } = await decideAttempt(ready, {
    connection,
    request: SYNC,
    keeper,
    progress: new JobProgress(),
    job: 0,
    home: home.path,
    log: around.log,
  });
  const outlook = await lookAhead(ready, streams);
  refuseToSplit(keeper.state, outlook.refused);
  return {
    ready,
    changes: ready.changes.map(changeText),
    streams: without(outlook.refused, streams),
    leftOut: [...leftOut, ...outlook.refused],
    state: keeper.state,
    outlook,
    notes: [...ready.remarks, ...outlook.notes],
    before,
  };
}
