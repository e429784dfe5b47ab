import { asFailure, Failure } from "../../protocol/errors.ts";
import type { Config, ConnectionConfig } from "../config/config.ts";
import { didYouMean } from "../config/nearest.ts";
import { PrivateFolder, sweepPrivateFolders } from "../connector/private-folder.ts";
import type { Console } from "../output/console.ts";
import { finalStreams, jobSummary } from "../output/job-report.ts";
import { startProgress } from "../output/progress.ts";
import type { Home } from "../store/home.ts";
import type { JobReport } from "../store/jobs.ts";
import { failureText, runJob } from "../sync/job.ts";
import { EXIT, statusOfFailure, statusOfJob, worstOf } from "./exit-status.ts";
import { onStopSignals, type StopSignals } from "./stop-signals.ts";

/** Syncs the named connections, or all, one after the other. Returns the exit status. */
export async function syncCommand(
  config: Config,
  home: Home,
  names: readonly string[],
  console: Console,
): Promise<number> {
  const connections = chooseConnections(config, names);
  sweepPrivateFolders();
  const signals = onStopSignals((text) => console.note(text));
  const statuses: number[] = [];
  try {
    for (const connection of connections) {
      if (signals.received()) break;
      statuses.push(await syncOne(connection, home, console, signals));
    }
  } finally {
    signals.release();
  }
  if (signals.received() === "SIGTERM") return EXIT.terminated;
  return signals.received() ? EXIT.interrupted : worstOf(statuses);
}

/** The connections with these names, or all. Throws `usage.invalid`. */
export function chooseConnections(config: Config, names: readonly string[]): ConnectionConfig[] {
  if (names.length === 0) return [...config.connections.values()];
  return [...new Set(names)].map((name) => {
    const found = config.connections.get(name);
    if (found) return found;
    const known = [...config.connections.keys()];
    throw new Failure(
      "usage.invalid",
      `no connection is called ${name}${didYouMean(name, known) || ` (there is ${known.join(", ") || "none"})`}`,
    );
  });
}

async function syncOne(
  connection: ConnectionConfig,
  home: Home,
  console: Console,
  stop: StopSignals,
): Promise<number> {
  const folder = new PrivateFolder();
  const progress = console.quiet ? undefined : startProgress(connection.name, process.stderr);
  const note = (line: string) => {
    progress?.clear();
    console.note(line);
  };
  try {
    const job = await runJob(connection, {
      home,
      folder,
      stop,
      onProgress: (accounts) => progress?.update(accounts),
      onLog: ({ level, origin, text }) => {
        const matters = level === "WARN" || (origin !== "syncline" && level === "ERROR");
        if (console.verbose || (matters && !console.quiet))
          note(`${level.padEnd(5)} ${origin}: ${text}`);
      },
      onRetry: (failure, seconds) =>
        note(`${connection.name}: ${failureText(failure)}; trying again in ${seconds} s`),
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
    console.note(`${job.connection}: ${failureText(failure)}`);
  if (job.status === "failed")
    console.note(`${job.connection}: \`syncline logs ${job.id}\` shows what happened`);
}

/** A failure that came before there was a job. */
export function reportFailure(connection: string, error: unknown, console: Console): number {
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
