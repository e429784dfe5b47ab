import { asFailure, failureText } from "../../protocol/errors.ts";
import { escapeControls } from "../escape.ts";
import { jobSummary } from "../output/job-report.ts";
import { startServing, type ServeOptions, type Serving } from "../serve/serve.ts";
import { serveUntil } from "../serve/serve-until.ts";
import type { StopRequest } from "../sync/work.ts";
import { requirePostgres } from "./postgres-binaries.ts";
import { DemoSandbox, type Screen } from "./sandbox.ts";
import {
  CURSOR_TRIGGERS,
  FULL_REFRESH_SOURCE,
  INCREMENTAL_ROWS,
  INCREMENTAL_TABLES,
} from "./tutorials.ts";

/** Where the page is by itself; any port where this one is taken. */
const USUAL_PORT = 8130;

/**
 * Serves the tutorials' connections, with the page, on two PostgreSQL servers that it starts, until `stop`
 * asks for an end. Nothing is left running or on disk then, however it ends. Throws what went wrong, and the
 * reason of `stop.gracefully` where it came before the page was there.
 */
export async function runServeDemo(screen: Screen, stop: StopRequest): Promise<void> {
  requirePostgres();
  screen.write("Starting two PostgreSQL servers …\n");
  const sandbox = await DemoSandbox.open(screen, stop.gracefully, { every: "1h" });
  let serving: Serving | undefined;
  try {
    for (const statement of [
      ...FULL_REFRESH_SOURCE,
      ...INCREMENTAL_TABLES,
      ...CURSOR_TRIGGERS,
      ...INCREMENTAL_ROWS,
    ])
      await sandbox.change(statement);
    serving = await serve(sandbox, screen, stop.gracefully);
    screen.write(textOf(serving.url, sandbox));
    await serveUntil(stop, serving);
  } finally {
    await serving?.stop("gracefully");
    await sandbox.close();
  }
  screen.write("\nBoth servers are stopped, and nothing of this is left on the machine.\n");
}

/** Serves, and says how each job ended. */
async function serve(
  { config, environment }: DemoSandbox,
  screen: Screen,
  signal: AbortSignal,
): Promise<Serving> {
  let serving: Serving | undefined;
  const options: Omit<ServeOptions, "listen"> = {
    config,
    env: { ...process.env, ...environment },
    token: undefined,
    atOnce: 4,
    onNote: (text) => screen.write(`  ${escapeControls(text)}\n`),
    onEvent(event) {
      if (event.event !== "job_ended") return;
      const job = serving?.service.job(event.job);
      for (const line of job ? jobSummary(job) : []) screen.write(`  ${line}\n`);
      for (const failure of event.failures)
        screen.write(`  ${escapeControls(failureText(failure))}\n`);
    },
    signal,
  };
  const at = (port: number) => startServing({ ...options, listen: { host: "127.0.0.1", port } });
  try {
    serving = await at(USUAL_PORT);
  } catch (error) {
    if (!isTaken(error)) throw error;
    serving = await at(0);
  }
  return serving;
}

function isTaken(error: unknown): boolean {
  const { cause, code } = asFailure(error);
  return code === "usage.invalid" && (cause as NodeJS.ErrnoException)?.code === "EADDRINUSE";
}

const textOf = (page: string, { urls: { source, destination } }: DemoSandbox) => `
The tutorials' connections sync now, and every hour. They are on this page:

  ${page}

Change a row at the source:

  psql ${source} -c "update full_refresh_demo set name = 'Mary Z' where id = 1"

Press "Sync now" of full-refresh-overwrite there, and look at what came of it:

  psql ${destination} -c "select id, name from overwrite_full_refresh_demo"

Or make a connection of your own there, from one of these databases to the other.
Ctrl-C ends all of it, and nothing is left on the machine.

`;
