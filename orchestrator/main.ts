import { runCommandLine } from "./command-line.ts";
import { endureClosedOutput } from "./output/console.ts";

// Never process.exit(): it drops whatever a pipe has not taken yet.
async function main(): Promise<void> {
  endureClosedOutput();
  process.exitCode = await runCommandLine(process.argv.slice(2));
}

void main();
