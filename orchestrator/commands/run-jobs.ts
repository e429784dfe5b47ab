import { asFailure, failureText } from "../../protocol/errors.ts";
import type { ConnectionConfig } from "../config/config.ts";
import { sweepPrivateFolders } from "../connector/private-folder.ts";
import type { Invocation } from "../invocation.ts";
import { failureFacts, type Console } from "../output/console.ts";
import { escapeControls } from "../escape.ts";
import { finalStreams, jobSummary } from "../output/job-report.ts";
import { ConnectionProgress } from "../output/live/connection-progress.ts";
import { openView, type View } from "../output/live/view.ts";
import { whatIsLeft } from "../output/what-is-left.ts";
import { asksForSpans } from "../serve/telemetry/otlp-settings.ts";
import type { Tracer } from "../serve/telemetry/tracer.ts";
import type { Home } from "../store/home.ts";
import type { JobReport, JobType } from "../store/jobs.ts";
import { keepProject } from "../store/project.ts";
import { outdatedJobs, removeJob } from "../store/retention.ts";
import { isFollowed, runJob } from "../sync/job.ts";
import { requestFor, type Request } from "../sync/request.ts";
import { Turns } from "../sync/turns.ts";
import type { Turn } from "../sync/work.ts";
import { packageVersion } from "../version.ts";
import { EXIT, statusOfFailure, statusOfJob, statusOfSignal, worstOf } from "./exit-status.ts";
import { onStopSignals, type StopSignals } from "./stop-signals.ts";

/** What jobs are to do. */
export interface Wanted {
  readonly type: JobType;
  /** For a refresh: whether rows that are not read again stay. */
  readonly keepsRows: boolean;
  /** The names of the streams it is about; empty: all. */
  readonly streams: readonly string[];
}

/** A sync of every stream. */
export const SYNC_ALL: Wanted = { type: "sync", keepsRows: true, streams: [] };

/** What the jobs of one run have in common. */
interface Running {
  readonly request: Request;
  readonly home: Home;
  readonly console: Console;
  readonly stop: StopSignals;
  readonly view: View;
  /** Undefined: nobody asked for spans. */
  readonly tracer: Tracer | undefined;
  /** Whether a line has to say which connection it is about. */
  readonly areSeveral: boolean;
}

/**
 * Runs a job on each connection until a signal comes, so many at once, and shows how each goes and how
 * it ended. Returns the exit status that asks for the most attention.
 */
export async function runJobs(
  invocation: Invocation,
  connections: readonly ConnectionConfig[],
  { type, keepsRows, streams }: Wanted,
  atOnce = 1,
): Promise<number> {
  const home = await invocation.home();
  const { console } = invocation;
  keepProject(home.path, home.project, process.env);
  sweepPrivateFolders();
  const view = await openView(console, process.stderr);
  const stop = onStopSignals((text) => view.print(() => console.note(text)));
  const request = requestFor(type, keepsRows, streams);
  const areSeveral = connections.length > 1;
  const tracer = await openTracer((text) => view.print(() => console.note(text)));
  const running = { request, home, console, stop, view, tracer, areSeveral };
  const turns = new Turns(atOnce);
  let statuses: readonly number[];
  try {
    statuses = await Promise.all(
      connections.map(async (connection) => {
        // What never ends would keep the others from their turn.
        const turn = isFollowed(connection, type) ? NO_TURN : turns.turn();
        await turn.take();
        try {
          return stop.received() ? EXIT.done : await runOne(connection, turn, running);
        } finally {
          turn.give();
        }
      }),
    );
  } finally {
    view.close();
    stop.release();
  }
  await tracer?.flush();
  await removeOldJobs(invocation, home);
  const signal = stop.received();
  const follows = connections.some((connection) => isFollowed(connection, type));
  const status = worstOf(statuses);
  // To be stopped is how it ends.
  if (follows && status === EXIT.done) return status;
  return signal ? statusOfSignal(signal) : status;
}

/** What sends spans is loaded where the environment asks for them. */
async function openTracer(note: (line: string) => void): Promise<Tracer | undefined> {
  if (!asksForSpans(process.env)) return undefined;
  const tracing = await import("../serve/telemetry/tracer.ts");
  return tracing.openTracer(process.env, packageVersion(), note);
}

/** For a job that waits for no other. */
const NO_TURN: Turn = { give() {}, take: async () => {} };

/** Most jobs removed after a run: what was kept for long goes bit by bit. */
const MOST_REMOVED = 100;

/** A full or read-only disk costs the order in the folder, not the run. */
async function removeOldJobs(invocation: Invocation, { jobs }: Home): Promise<void> {
  const { keep } = await invocation.config();
  try {
    for (const id of outdatedJobs(jobs, keep, MOST_REMOVED)) removeJob(jobs, id);
  } catch (error) {
    invocation.console.note(`old jobs could not be removed: ${asFailure(error).message}`);
  }
}

async function runOne(
  connection: ConnectionConfig,
  turn: Turn,
  { request, home, console, stop, view, tracer, areSeveral }: Running,
): Promise<number> {
  const { name, retry } = connection;
  const attempts = isFollowed(connection, request.type) ? Infinity : retry.maxAttempts;
  const progress = new ConnectionProgress(name, attempts, performance.now());
  const note = (line: string) => view.print(() => console.note(line));
  view.add(progress);
  try {
    const job = await runJob(connection, request, {
      home,
      stop,
      turn,
      onBegin: (begun) => (progress.job = begun),
      onProgress: (stats) => (progress.stats = stats),
      onLog: ({ level, origin, text }) => {
        const matters = level === "WARN" || level === "FATAL";
        if (console.verbose || (matters && !console.quiet))
          note(`${areSeveral ? `${name}: ` : ""}${level.padEnd(5)} ${origin}: ${text}`);
      },
      onRetry: (failure, seconds) => {
        const why = escapeControls(failureText(failure));
        progress.stats = undefined;
        progress.retryAt = performance.now() + seconds * 1000;
        const when =
          seconds === 0 ? "trying again at once" : `trying again in ${Math.round(seconds)} s`;
        note(`${name}: ${why}; ${when}`);
      },
    });
    tracer?.jobEnded(job);
    view.remove(progress);
    view.print(() => report(job, console, stop.now.aborted));
    return statusOfJob(job);
  } catch (error) {
    view.remove(progress);
    const signal = stop.received();
    if (signal && error === stop.gracefully.reason) return statusOfSignal(signal);
    let status: number = EXIT.failed;
    view.print(() => (status = reportFailure(name, error, console)));
    return status;
  }
}

/** @param isKilled whether nobody waited for what the destination had committed. */
function report(job: JobReport, console: Console, isKilled: boolean): void {
  if (console.json) console.print(JSON.stringify({ ...job, streams: finalStreams(job) }));
  else if (!console.quiet) for (const line of jobSummary(job)) console.print(line);
  if (job.status === "succeeded") return;
  if (job.status === "cancelled" && !console.quiet)
    for (const line of whatIsLeft(job, isKilled)) console.note(`${job.connection}: ${line}`);
  for (const failure of job.attempts.at(-1)?.failures ?? [])
    for (const line of failureText(failure).split("\n"))
      console.note(`${job.connection}: ${escapeControls(line)}`);
  if (job.status === "failed")
    console.note(`${job.connection}: \`syncline logs ${job.id}\` shows what happened`);
}

/** A failure that came before there was a job. */
function reportFailure(connection: string, error: unknown, console: Console): number {
  const failure = asFailure(error);
  if (console.json) {
    const failures = [{ origin: "syncline", ...failureFacts(failure) }];
    console.print(JSON.stringify({ connection, status: "failed", failures }));
  } else console.note(`${connection}: ${failureText(failure)}`);
  return statusOfFailure(failure.code, failure.kind);
}
