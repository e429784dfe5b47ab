import { runCommandLine } from "./command-line.ts";
import { escapeControls } from "./escape.ts";
import { EXIT } from "./output/exit-status.ts";
import { endureClosedOutput } from "./output/console.ts";

// No process.exit() here: it drops whatever a pipe has not taken yet.
async function main(): Promise<void> {
  endureClosedOutput();
  process.once("uncaughtException", endOfBug);
  // A question that loses its terminal, as by Ctrl-D, leaves nothing to wait for: that is no success.
  const leave = () => void (process.exitCode = EXIT.interrupted);
  process.once("beforeExit", leave);
  process.exitCode = await runCommandLine(process.argv.slice(2));
  process.off("beforeExit", leave);
}

/** Node would print the line it was thrown at, and the program is one line of a megabyte. */
function endOfBug(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const lines = `internal.bug: ${text}`.split("\n");
  process.stderr.write(lines.map((line) => `${escapeControls(line)}\n`).join(""));
  // oxlint-disable-next-line unicorn/no-process-exit -- nothing else can be trusted to end
  process.exit(EXIT.failed);
}

void main();
