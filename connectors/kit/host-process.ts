import type { Readable, Writable } from "node:stream";

/** What the kit uses of `process`; `process` itself is one. Tests and embedders pass their own. */
export interface HostProcess {
  /** As `process.argv`: the first two entries are the runtime and the script. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  exitCode?: number | string | null | undefined;
  on(event: string, listener: (argument: unknown) => void): unknown;
  off(event: string, listener: (argument: unknown) => void): unknown;
  /**
   * Ends the process at once. Called only after the output was handed over or given up, when
   * something still keeps the process alive; leave it out to let the caller decide.
   */
  exit?(code: number): void;
}
