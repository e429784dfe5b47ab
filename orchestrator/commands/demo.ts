import type { Invocation } from "../invocation.ts";
import type { Command } from "./command.ts";
import { EXIT, statusOfSignal } from "../output/exit-status.ts";
import { onStopSignals } from "./stop-signals.ts";

interface Options {
  readonly keep?: boolean;
}

export const demo: Command<Options> = {
  name: "demo",
  description: "run the tutorials' syncs on two throw-away PostgreSQL servers",
  options: [{ flags: "--keep", description: "leave the two servers running, and say where" }],
  examples: ["syncline demo", "syncline demo --keep"],
  run: showDemo,
};

/** Runs the demo until it is done, a signal comes, or nobody reads it any more. */
async function showDemo(
  _invocation: Invocation,
  _args: readonly string[],
  options: Options,
): Promise<number> {
  const { runDemo } = await import("../demo/demo.ts");
  const signals = onStopSignals(() => {});
  const closed = new AbortController();
  const onClosed = () => closed.abort();
  process.stdout.on("error", onClosed);
  try {
    const screen = {
      write: (text: string) => void process.stdout.write(text),
      hasColor: process.stdout.isTTY && !process.env["NO_COLOR"],
    };
    await runDemo(screen, AbortSignal.any([signals.gracefully, closed.signal]), options);
    return EXIT.done;
  } catch (error) {
    const signal = signals.received();
    if (signal !== undefined) return statusOfSignal(signal);
    if (!closed.signal.aborted)
      process.stderr.write(`the demo failed: ${(error as Error).message}\n`);
    return EXIT.failed;
  } finally {
    process.stdout.off("error", onClosed);
    signals.release();
  }
}
