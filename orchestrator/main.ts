import { runCommandLine } from "./command-line.ts";

// Never process.exit(): it drops whatever a pipe has not taken yet.
async function main(): Promise<void> {
  process.exitCode = await runCommandLine(process.argv.slice(2));
}

void main();
