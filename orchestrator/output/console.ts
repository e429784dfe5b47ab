import type { Failure } from "../../protocol/errors.ts";

/** Where a command's answer and its remarks go. */
export interface Console {
  /** The answer: stdout, one line. */
  print(line: string): void;
  /** Progress, warnings, errors: stderr, one line. */
  note(line: string): void;
  /** Whether the answer is to be JSON. */
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

export interface OutputOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** Has a reader that went away be no error, whoever writes: `syncline --help | head -1`. */
export function endureClosedOutput(): void {
  process.stdout.on("error", ignoreBrokenPipe);
  process.stderr.on("error", ignoreBrokenPipe);
}

/** A console on the process's own streams. */
export function processConsole(options: OutputOptions): Console {
  return {
    print: (line) => void process.stdout.write(`${line}\n`),
    note: (line) => void process.stderr.write(`${line}\n`),
    json: options.json ?? false,
    quiet: options.quiet ?? false,
    verbose: options.verbose ?? false,
  };
}

function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  // A terminal that was closed says EIO.
  if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
}

/** A failure as `--json` prints it. */
export function failureFacts({
  code,
  kind,
  message,
  hint,
}: Pick<Failure, "code" | "kind" | "message" | "hint">): object {
  return { code, kind, message, ...(hint && { hint }) };
}
