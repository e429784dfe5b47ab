import { asFailure, failureText } from "../../protocol/errors.ts";
import type { ConnectionConfig } from "../config/config.ts";
import { sweepPrivateFolders } from "../connector/private-folder.ts";
import type { Invocation } from "../invocation.ts";
import { failureFacts, type Console } from "../output/console.ts";
import { escapeControls } from "../escape.ts";
import { finalStreams, jobSummary } from "../output/job-report.ts";
import { startProgress } from "../output/progress.ts";
import type { Home } from "../store/home.ts";
import type { JobReport } from "../store/jobs.ts";
import { keepProject } from "../store/project.ts";
import { outdatedJobs, removeJob } from "../store/retention.ts";
import { runJob } from "../sync/job.ts";
import { requestFor, SYNC, type Request } from "../sync/request.ts";
import { statusOfFailure, statusOfJob, statusOfSignal, worstOf } from "./exit-status.ts";
import { onStopSignals, type StopSignals } from "./stop-signals.ts";

/** What jobs are to do. */
export type Wanted =
  | { readonly type: "sync" }
  | {
      readonly type: "clear" | "refresh" | "normalize";
      /** For a refresh: whether rows that are not read again stay. */
      readonly keepsRows: boolean;
      /** The names of the streams it is about; empty: all. */
      readonly streams: readonly string[];
    };

/**
 * Runs a job on each connection, one after the other, until a signal comes, and shows how each goes
 * and how it ended. Returns the exit status that asks for the most attention.
 */
export async function runJobs(
  invocation: Invocation,
  connections: readonly ConnectionConfig[],
  wanted: Wanted,
): Promise<number> {
  const request =
    wanted.type === "sync" ? SYNC : requestFor(wanted.type, wanted.keepsRows, wanted.streams);
  const home = await invocation.home();
  const { console } = invocation;
  keepProject(home.path, home.project, process.env);
  sweepPrivateFolders();
  const signals = onStopSignals((text) => console.note(text));
  const statuses: number[] = [];
  try {
    for (const connection of connections) {
      if (signals.received()) break;
      statuses.push(await runOne(connection, request, home, console, signals));
    }
  } finally {
    signals.release();
  }
  await removeOldJobs(invocation, home);
  const signal = signals.received();
  return signal ? statusOfSignal(signal) : worstOf(statuses);
}

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
  request: Request,
  home: Home,
  console: Console,
  stop: StopSignals,
): Promise<number> {
  const progress = console.quiet ? undefined : startProgress(connection.name, process.stderr);
  const note = (line: string) => {
    progress?.clear();
    console.note(line);
  };
  try {
    const job = await runJob(connection, request, {
      home,
      stop,
      onProgress: (stats) => progress?.update(stats),
      onLog: ({ level, origin, text }) => {
        const matters = level === "WARN" || level === "FATAL";
        if (console.verbose || (matters && !console.quiet))
          note(`${level.padEnd(5)} ${origin}: ${text}`);
      },
      onRetry: (failure, seconds) => {
        const why = escapeControls(failureText(failure));
        note(`${connection.name}: ${why}; trying again in ${Math.round(seconds)} s`);
      },
    });
    progress?.clear();
    report(job, console);
    return statusOfJob(job);
  } catch (error) {
    progress?.clear();
    const signal = stop.received();
    if (signal && error === stop.gracefully.reason) return statusOfSignal(signal);
    return reportFailure(connection.name, error, console);
  }
}

function report(job: JobReport, console: Console): void {
  if (console.json) console.print(JSON.stringify({ ...job, streams: finalStreams(job) }));
  else if (!console.quiet) for (const line of jobSummary(job)) console.print(line);
  if (job.status === "succeeded") return;
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
