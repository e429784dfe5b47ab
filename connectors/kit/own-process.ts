import type { HostProcess } from "./lifecycle.ts";
import { openStdin } from "./stdin.ts";

/** `process`, with an input that is read into the same memory each time, once somebody reads it. */
export function ownProcess(): HostProcess {
  let stdin: HostProcess["stdin"] | undefined;
  return {
    argv: process.argv,
    env: process.env,
    get stdin() {
      return (stdin ??= openStdin());
    },
    stdout: process.stdout,
    stderr: process.stderr,
    get exitCode() {
      return process.exitCode;
    },
    set exitCode(code) {
      process.exitCode = code;
    },
    on: (event, listener) => process.on(event, listener),
    off: (event, listener) => process.off(event, listener),
    // oxlint-disable-next-line unicorn/no-process-exit
    exit: (code) => process.exit(code),
  };
}
