import type { Failure } from "../../protocol/errors.ts";
import { reasonOf } from "../store/unwritable.ts";
import { EXIT } from "./exit-status.ts";

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

/**
 * Has a reader that went away be no error, whoever writes: `syncline --help | head -1`. An output that
 * cannot be written, as on a full disk, ends nothing that is under way; it is said once, and the exit
 * status is not 0.
 */
export function endureClosedOutput(): void {
  let isTold = false;
  const onError = (error: NodeJS.ErrnoException) => {
    // A terminal that was closed says EIO.
    if (isTold || error.code === "EPIPE" || error.code === "EIO") return;
    isTold = true;
    process.once("exit", () => void (process.exitCode ||= EXIT.failed));
    process.stderr.write(`the output cannot be written: ${reasonOf(error)}\n`);
  };
  process.stdout.on("error", onError);
  process.stderr.on("error", onError);
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

/** A failure as `--json` prints it. */
export function failureFacts({
  code,
  kind,
  message,
  hint,
}: Pick<Failure, "code" | "kind" | "message" | "hint">): object {
  return { code, kind, message, ...(hint && { hint }) };
}
