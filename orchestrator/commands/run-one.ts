import { asFailure } from "../../protocol/errors.ts";
import type { ConnectionConfig } from "../config/config.ts";
import { PrivateFolder } from "../connector/private-folder.ts";
import type { Console } from "../output/console.ts";
import { escapeControls } from "../output/escape.ts";
import { finalStreams, jobSummary } from "../output/job-report.ts";
import { startProgress } from "../output/progress.ts";
import type { Home } from "../store/home.ts";
import type { JobReport } from "../store/jobs.ts";
import { failureText, runJob } from "../sync/job.ts";
import type { Request } from "../sync/request.ts";
import { statusOfFailure, statusOfJob } from "./exit-status.ts";
import type { StopSignals } from "./stop-signals.ts";

export interface RunSetting {
  readonly home: Home;
  readonly console: Console;
  readonly stop: StopSignals;
}

/** Runs one job, shows how it goes and how it ended. Returns its exit status. */
export async function runOne(
  connection: ConnectionConfig,
  request: Request,
  { home, console, stop }: RunSetting,
): Promise<number> {
  const folder = new PrivateFolder();
  const progress = console.quiet ? undefined : startProgress(connection.name, process.stderr);
  const note = (line: string) => {
    progress?.clear();
    console.note(line);
  };
  try {
    const job = await runJob(connection, request, {
      home,
      folder,
      stop,
      onProgress: (accounts) => progress?.update(accounts),
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
    return reportFailure(connection.name, error, console);
  } finally {
    folder.remove();
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
  const { code, kind, message, hint } = asFailure(error);
  if (console.json) {
    const failure = {
      origin: "syncline",
      code,
      kind,
      message,
      ...(hint !== undefined && { hint }),
    };
    console.print(JSON.stringify({ connection, status: "failed", failures: [failure] }));
  }
  console.note(`${connection}: ${code}: ${message}${hint ? ` (${hint})` : ""}`);
  return statusOfFailure(code, kind);
}
