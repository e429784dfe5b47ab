import { asFailure } from "../../protocol/errors.ts";
import type { ConnectionConfig } from "../config/config.ts";
import type { JobReport } from "../store/jobs.ts";
import type { StopRequest } from "../sync/work.ts";
import type { JobEvent } from "./events.ts";
import { refuseUnknownStreams } from "./known-streams.ts";
import { progressFacts } from "./progress.ts";
import { Project, type ProjectOptions } from "./project.ts";
import { beforeRuns, NO_TURN, progressOf, removeOldJobs, runWanted, type Wanted } from "./run.ts";

/** What a job is run with. */
export interface RunOptions extends ProjectOptions {
  /** The streams it is about, by name or `namespace.name`; default: all. */
  readonly streams?: readonly string[];
  /** Stops it as Ctrl-C does: what was read is committed, and the next run goes on behind it. */
  readonly signal?: AbortSignal;
  /** Stops it at once. */
  readonly signalNow?: AbortSignal;
  /** Gets what happens, in order. What it throws is the process's to handle, and stops nothing. */
  readonly onEvent?: (event: JobEvent) => void;
}

/** How often progress is told. */
const PROGRESS_MS = 1_000;

/**
 * Runs one job on the connection of a project. Prints nothing, handles no signal and never ends the process.
 *
 * @param prepared makes of the connection what is run.
 */
export async function runOnProject(
  name: string,
  { type, keepsRows }: Pick<Wanted, "type" | "keepsRows">,
  options: RunOptions,
  prepared: (connection: ConnectionConfig) => ConnectionConfig = (connection) => connection,
): Promise<JobReport> {
  const { streams = [], onEvent = () => {} } = options;
  const stop = stopOf(options);
  stop.gracefully.throwIfAborted();
  const project = new Project(options);
  const { keep } = await project.config();
  const [given] = await project.connections([name]);
  const connection = prepared(given!);
  const home = await project.home();
  await refuseUnknownStreams({ home, signal: stop.gracefully }, connection, streams);
  beforeRuns(home);
  const wanted: Wanted = { type, keepsRows, streams };
  const progress = progressOf(connection, wanted);
  const tell = (event: JobEvent) => {
    try {
      onEvent(event);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };
  const timer = setInterval(() => {
    const facts = progressFacts(progress, performance.now());
    if (facts) tell({ event: "progress", connection: name, progress: facts });
  }, PROGRESS_MS);
  try {
    return await runWanted(connection, wanted, {
      home,
      stop,
      turn: NO_TURN,
      progress,
      onEvent: tell,
    });
  } finally {
    clearInterval(timer);
    try {
      removeOldJobs(home, keep);
    } catch (error) {
      const text = `old jobs could not be removed: ${asFailure(error).message}`;
      tell({ event: "log", connection: name, level: "WARN", origin: "syncline", text });
    }
  }
}

function stopOf({ signal, signalNow }: RunOptions): StopRequest {
  const never = new AbortController().signal;
  const now = signalNow ?? never;
  return { gracefully: AbortSignal.any([signal ?? never, now]), now };
}
