import { Failure } from "../../protocol/errors.ts";
import type { Invocation } from "../invocation.ts";
import type { Command } from "./command.ts";
import { EXIT, statusOfSignal } from "../output/exit-status.ts";
import { onStopSignals } from "./stop-signals.ts";

interface Options {
  readonly keep?: boolean;
  readonly serve?: boolean;
}

export const demo: Command<Options> = {
  name: "demo",
  description: "run the tutorials' syncs on two throw-away PostgreSQL servers",
  options: [
    { flags: "--keep", description: "leave the two servers running, and say where" },
    {
      flags: "--serve",
      description: "show the tutorials' connections on the page of `syncline serve`, until Ctrl-C",
    },
  ],
  examples: ["syncline demo", "syncline demo --serve", "syncline demo --keep"],
  run: showDemo,
};

/** Runs the demo until it is done, a signal comes, or nobody reads it any more. */
async function showDemo(
  _invocation: Invocation,
  _args: readonly string[],
  { keep = false, serve = false }: Options,
): Promise<number> {
  if (keep && serve)
    throw new Failure(
      "usage.invalid",
      "--keep and --serve exclude each other: what is served ends",
    );
  const signals = onStopSignals(() => {});
  const closed = new AbortController();
  const onClosed = () => closed.abort();
  process.stdout.on("error", onClosed);
  try {
    const screen = {
      write: (text: string) => void process.stdout.write(text),
      hasColor: process.stdout.isTTY && !process.env["NO_COLOR"],
    };
    const gracefully = AbortSignal.any([signals.gracefully, closed.signal]);
    if (serve) {
      const { runServeDemo } = await import("../demo/serve-demo.ts");
      await runServeDemo(screen, { gracefully, now: signals.now });
    } else await (await import("../demo/demo.ts")).runDemo(screen, gracefully, { keep });
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
