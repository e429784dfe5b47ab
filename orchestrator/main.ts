import { runCommandLine } from "./command-line.ts";
import { EXIT } from "./output/exit-status.ts";
import { endureClosedOutput } from "./output/console.ts";

// Never process.exit(): it drops whatever a pipe has not taken yet.
async function main(): Promise<void> {
  endureClosedOutput();
  // A question that loses its terminal, as by Ctrl-D, leaves nothing to wait for: that is no success.
  const leave = () => void (process.exitCode = EXIT.interrupted);
  process.once("beforeExit", leave);
  process.exitCode = await runCommandLine(process.argv.slice(2));
  process.off("beforeExit", leave);
}

void main();
