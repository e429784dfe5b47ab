import { asFailure, failureText } from "../../protocol/errors.ts";
import type { JobEvent } from "../api/events.ts";
import {
  beforeRuns,
  NO_TURN,
  progressOf,
  removeOldJobs,
  runWanted,
  type Wanted,
} from "../api/run.ts";
import type { ConnectionConfig } from "../config/config.ts";
import type { Invocation } from "../invocation.ts";
import { failureFacts, type Console } from "../output/console.ts";
import { escapeControls } from "../escape.ts";
import { finalStreams, jobSummary } from "../output/job-report.ts";
import { openView, type View } from "../output/live/view.ts";
import { whatIsLeft } from "../output/what-is-left.ts";
import { asksForSpans } from "../serve/telemetry/otlp-settings.ts";
import type { Tracer } from "../serve/telemetry/tracer.ts";
import type { Home } from "../store/home.ts";
import type { JobReport } from "../store/jobs.ts";
import { isFollowed } from "../sync/job.ts";
import { Turns } from "../sync/turns.ts";
import type { Turn } from "../sync/work.ts";
import {
  EXIT,
  statusOfFailure,
  statusOfJob,
  statusOfSignal,
  worstOf,
} from "../output/exit-status.ts";
import { packageVersion } from "../version.ts";
import { onStopSignals, type StopSignals } from "./stop-signals.ts";

/** What the jobs of one run have in common. */
interface Running {
  readonly wanted: Wanted;
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
  wanted: Wanted,
  atOnce = 1,
): Promise<number> {
  const home = await invocation.home();
  const { console } = invocation;
  const { type } = wanted;
  beforeRuns(home);
  const view = await openView(console, process.stderr);
  const stop = onStopSignals((text) => view.print(() => console.note(text)));
  const areSeveral = connections.length > 1;
  const tracer = await openTracer((text) => view.print(() => console.note(text)));
  const running = { wanted, home, console, stop, view, tracer, areSeveral };
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
  await forgetOldJobs(invocation, home);
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

/** A full or read-only disk costs the order in the folder, not the run. */
async function forgetOldJobs(invocation: Invocation, home: Home): Promise<void> {
  const { keep } = await invocation.config();
  try {
    removeOldJobs(home, keep);
  } catch (error) {
    invocation.console.note(`old jobs could not be removed: ${asFailure(error).message}`);
  }
}

async function runOne(
  connection: ConnectionConfig,
  turn: Turn,
  { wanted, home, console, stop, view, tracer, areSeveral }: Running,
): Promise<number> {
  const { name } = connection;
  const progress = progressOf(connection, wanted);
  const note = (line: string) => view.print(() => console.note(line));
  view.add(progress);
  const onEvent = (event: JobEvent) => {
    if (event.event === "log") {
      const { level, origin, text } = event;
      const matters = level === "WARN" || level === "FATAL";
      if (console.verbose || (matters && !console.quiet))
        note(`${areSeveral ? `${name}: ` : ""}${level.padEnd(5)} ${origin}: ${text}`);
    } else if (event.event === "retry") {
      const seconds = Math.round(event.wait_seconds);
      const when =
        event.wait_seconds === 0 ? "trying again at once" : `trying again in ${seconds} s`;
      note(`${name}: ${escapeControls(failureText(event.failure))}; ${when}`);
    }
  };
  try {
    const job = await runWanted(connection, wanted, { home, stop, turn, progress, onEvent });
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
