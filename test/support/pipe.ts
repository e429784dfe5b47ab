import { commandOf, type Finished, runExecutable, type RunOptions } from "./run.ts";

/**
 * Runs commands as a shell pipe under `set -o pipefail`, as the README shows it. Each command is an
 * executable's name and its arguments.
 */
export async function runPipe(
  commands: readonly (readonly [executable: string, ...args: string[]])[],
  options: RunOptions = {},
): Promise<Finished> {
  const pipe = commands
    .map(([executable, ...args]) => [...commandOf(executable), ...args].map(shellWord).join(" "))
    .join(" | ");
  return runExecutable("bash", ["--norc", "-c", `set -o pipefail; ${pipe}`], options);
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
