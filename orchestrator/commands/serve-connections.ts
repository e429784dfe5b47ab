import { existsSync } from "node:fs";
import { asFailure, Failure, failureText } from "../../protocol/errors.ts";
import { escapeControls } from "../escape.ts";
import type { Invocation } from "../invocation.ts";
import type { Console } from "../output/console.ts";
import { EXIT, statusOfSignal } from "../output/exit-status.ts";
import { committedRows, jobSummary } from "../output/job-report.ts";
import { grouped } from "../output/table.ts";
import { listenAddress } from "../serve/http/listen-address.ts";
import { givenToken } from "../serve/http/token.ts";
import { startServing } from "../serve/serve.ts";
import { serveUntil } from "../serve/serve-until.ts";
import type { Service, ServiceEvent } from "../serve/service.ts";
import { onStopSignals } from "./stop-signals.ts";

export interface ServeCommandOptions {
  readonly listen: string;
  readonly tokenFile?: string;
  readonly atOnce: string;
}

/** Serves until a signal comes, or another process takes the home over. Returns the exit status. */
export async function serveConnections(
  invocation: Invocation,
  options: ServeCommandOptions,
): Promise<number> {
  const { console } = invocation;
  const atOnce = Number(options.atOnce);
  if (!Number.isInteger(atOnce) || atOnce < 1)
    throw new Failure("usage.invalid", "--at-once wants a whole number above 0");
  const listen = listenAddress(options.listen);
  const token = givenToken(options.tokenFile, process.env);
  const stop = onStopSignals((text) => console.note(text));
  let service: Service | undefined;
  try {
    const serving = await startServing({
      ...invocation.projectOptions,
      listen,
      token,
      atOnce,
      onNote: (text) => console.note(text.split("\n").map(escapeControls).join("\n")),
      onEvent: (event) => tell(event, service, console),
      signal: stop.gracefully,
    });
    service = serving.service;
    announce(serving.url, token !== undefined, invocation);
    await serveUntil(stop, serving);
    if (serving.lost.aborted) throw asFailure(serving.lost.reason);
    return stop.now.aborted ? statusOfSignal(stop.received()!) : EXIT.done;
  } catch (error) {
    if (!stop.gracefully.aborted || error !== stop.gracefully.reason) throw error;
    return EXIT.done; // while it waited to begin
  } finally {
    stop.release();
  }
}

function announce(url: string, needsToken: boolean, { console, configPath }: Invocation): void {
  if (console.json) printEvent({ event: "listening", url, needs_token: needsToken }, console);
  else {
    console.print(
      `serving ${configPath} at ${url}${needsToken ? ", where the token is asked for" : ""}`,
    );
    if (!existsSync(configPath))
      console.note(`there is no ${configPath} yet: the first connection that is created makes it`);
  }
}

/** Says what happens: to programs all but how far jobs are, to people how each ended. */
function tell(event: ServiceEvent, service: Service | undefined, console: Console): void {
  if (event.event === "progress") return;
  if (console.json) printEvent(event, console);
  else if (event.event === "configuration") tellConfiguration(event.problem, console);
  else if (event.event === "job_started" && !console.quiet)
    console.print(`${event.connection}: job ${event.job} started`);
  else if (event.event === "job_ended") {
    const job = service?.job(event.job);
    if (job && !console.quiet)
      console.print(`${jobSummary(job)[0]}, ${grouped(committedRows(job))} rows committed`);
    if (event.status === "succeeded") return;
    for (const failure of event.failures)
      console.note(`${event.connection}: ${escapeControls(failureText(failure))}`);
  }
}

function tellConfiguration(problem: string | null, console: Console): void {
  if (problem === null) {
    if (!console.quiet) console.print("the configuration was read again");
  } else
    console.note(
      `the configuration has changed and cannot be used, so the one before counts: ${problem}`,
    );
}

function printEvent(event: object, console: Console): void {
  console.print(JSON.stringify({ at: new Date().toISOString(), ...event }));
}
