import { spawn, type ChildProcess } from "node:child_process";
import type { Writable } from "node:stream";

/**
 * Waits for the end of its input, which is our end: whatever kills us closes the pipe. Then it gives
 * the group $1 a time of $2 seconds to end by itself, asks it to, and after $3 seconds more kills it. The
 * words behind are a command that ends what the group had running elsewhere.
 */
const SCRIPT = `read -r _
sleep "$2"
kill -s TERM -- "-$1" && sleep "$3" && kill -s KILL -- "-$1"
shift 3
[ $# -eq 0 ] || "$@"`;

export interface GuardOptions {
  /** From our end to SIGTERM: a destination that sees the end of its input ends by itself. */
  readonly graceSeconds: number;
  /** From SIGTERM to SIGKILL. */
  readonly stopSeconds: number;
  /** Ends what the group has running elsewhere: a container. */
  readonly removal?: readonly string[];
}

/** Without those that have a container to end, which goes on when its client was killed. */
const guards = new Set<ChildProcess>();
process.once("exit", () => {
  for (const guard of guards) guard.kill("SIGKILL");
});

/**
 * Sees to it that a process group does not outlive us, not even when we are killed: a source that
 * waits for its database would not notice. Costs one small shell. `release` it when the group is gone.
 */
export function guardGroup(
  pid: number,
  { graceSeconds, stopSeconds, removal }: GuardOptions,
): { release(): void } {
  // Not every `sleep` knows fractions.
  const words = [pid, graceSeconds, stopSeconds].map((number) => String(Math.ceil(number)));
  const guard: ChildProcess = spawn(
    "/bin/sh",
    ["-c", SCRIPT, "syncline-guard", ...words, ...(removal ?? [])],
    {
      stdio: ["pipe", "ignore", "ignore"],
      env: removal ? process.env : { PATH: "/usr/bin:/bin" },
      cwd: "/",
      detached: true, // a signal for our terminal's group is not for it
    },
  );
  if (removal === undefined) guards.add(guard);
  guard.on("error", () => {}); // no shell, no guard: everything else works
  // There is none where no more files can be opened.
  const stdin: (Writable & { unref?(): void }) | null = guard.stdin;
  stdin?.on("error", () => {});
  guard.unref();
  stdin?.unref?.();
  return {
    release() {
      guards.delete(guard);
      guard.kill("SIGKILL");
    },
  };
}
