import type { Command } from "./command.ts";
import { EXIT, statusOfSignal } from "./exit-status.ts";
import { onStopSignals } from "./stop-signals.ts";

export const demo: Command = {
  name: "demo",
  description: "run the tutorials' syncs on two throw-away PostgreSQL servers",
  examples: ["syncline demo"],
  run: showDemo,
};

/** Runs the demo until it is done, a signal comes, or nobody reads it any more. */
async function showDemo(): Promise<number> {
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
    await runDemo(screen, AbortSignal.any([signals.gracefully, closed.signal]));
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
