import { type ChildProcess, spawn } from "node:child_process";

/**
 * Reads process ids until the other end of its stdin is closed, then stops the last one at once and
 * removes the folder `$1`. The bounds (5 s each) are for a process that nobody reaps, and for an
 * `initdb` that still writes. The word `keep` has it wait until somebody else stops that process.
 */
const SCRIPT = `
  tries="1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25"
  pid=
  keep=
  while read -r line; do
    if [ "$line" = keep ]; then keep=1; break; fi
    pid=$line
  done
  if [ -n "$keep" ]; then
    while kill -0 "$pid" 2>/dev/null; do sleep 1; done
  elif [ -n "$pid" ]; then
    kill -QUIT "$pid" 2>/dev/null
    for _ in $tries; do kill -0 "$pid" 2>/dev/null || break; sleep 0.2; done
  fi
  for _ in $tries; do rm -rf "$1" 2>/dev/null; [ -e "$1" ] || break; sleep 0.2; done
`;

/**
 * Cleans up after a server when this process ends, however it ends: no handler of ours runs on
 * SIGKILL or when memory is out, but the kernel closes our end of the pipe, and the shell waiting
 * at the other end sees it.
 */
export class Watchdog {
  readonly #shell: ChildProcess;

  /** @param folder is removed when this process ends. */
  constructor(folder: string) {
    this.#shell = spawn("/bin/sh", ["-c", SCRIPT, "sh", folder], {
      cwd: "/",
      stdio: ["pipe", "ignore", "ignore"],
      detached: true, // out of reach of the terminal's Ctrl-C
    });
    this.#shell.on("error", () => {}); // no shell: then only `stop` cleans up
    this.#shell.stdin!.on("error", () => {}); // it was killed: the same
    this.#shell.unref();
    (this.#shell.stdin as unknown as { unref(): void }).unref();
  }

  /** Names the process to stop; undefined: none any more. */
  watch(pid: number | undefined): void {
    this.#shell.stdin!.write(`${pid ?? ""}\n`);
  }

  /** From now on the process outlives us; its folder is removed when it has ended. */
  keep(): void {
    this.#shell.stdin!.write("keep\n");
  }

  /** Ends the watch without touching anything. */
  dismiss(): void {
    this.#shell.kill("SIGKILL");
    this.#shell.stdin!.destroy();
  }
}
