import { execa } from "execa";
import { spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { Failure } from "../../protocol/errors.ts";
import { guardGroup } from "./guard.ts";
import type { Launch } from "./launch.ts";
import type { StderrLines } from "./stderr-lines.ts";

/** Once the connector itself has exited, silence on its pipes this long ends the wait for more. */
const DRAIN_SILENCE_MS = 1_000;

/** How a connector ended. */
export type Exit =
  | { readonly kind: "exited"; readonly code: number; readonly weAsked: boolean }
  | { readonly kind: "signaled"; readonly signal: string; readonly weAsked: boolean }
  | { readonly kind: "not-started"; readonly failure: Failure };

/** What to start it with. */
export interface StartOptions {
  readonly launch: Launch;
  /** The command and its flags. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: "pipe" | "ignore";
  /** From our own end, should we be killed, to its SIGTERM. */
  readonly graceSeconds: number;
  /** From SIGTERM to SIGKILL, in milliseconds. */
  readonly stopMs: number;
  /** Ends what the program has running elsewhere, should it be killed: a container. */
  readonly removal?: readonly string[];
  /** Takes stderr, which is always drained. */
  readonly stderr: StderrLines;
}

/** A started connector, in a process group of its own. Attach to `stdout` in the same tick. */
export interface ConnectorProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly pid: number | undefined;
  /** Never rejects. Resolves when the process is gone; output may still be in the pipe. */
  readonly exit: Promise<Exit>;
  /** SIGTERM to the group now, SIGKILL after `stopMs`. Harmless when it is gone. */
  stop(): void;
  /** SIGKILL to the group now. A connector that is not read from any more also needs its stdout
   * destroyed. */
  kill(): void;
}

/** The groups whose pipes are not closed yet, so that an orderly end of ours leaves nobody behind. */
const groups = new Set<number>();
process.once("exit", () => {
  for (const pid of groups) signalGroup(pid, "SIGKILL");
});

/** Starts a connector. A program that cannot be started shows in `exit`, as `connector.not_found`. */
export function startConnector(options: StartOptions): ConnectorProcess {
  const { launch, graceSeconds, removal } = options;
  const child = execa(launch.file, [...launch.args, ...options.args], {
    cwd: options.cwd,
    env: options.env,
    extendEnv: false,
    stdin: options.stdin,
    stdout: "pipe",
    stderr: "pipe",
    buffer: false, // execa would keep the whole sync in memory, and fail at 100 MB
    encoding: "buffer",
    reject: false,
    shell: false,
    detached: true,
  });
  const pid = child.pid;
  if (pid !== undefined) groups.add(pid);
  const stopSeconds = options.stopMs / 1000;
  const guard =
    pid === undefined
      ? undefined
      : guardGroup(pid, { graceSeconds, stopSeconds, ...(removal && { removal }) });
  let weAsked = false;
  let killTimer: NodeJS.Timeout | undefined;

  child.stderr
    ?.on("data", (bytes: Buffer) => options.stderr.push(bytes))
    .on("close", () => options.stderr.end())
    .on("error", ignore);
  child.stdin?.on("error", ignore); // the relay sees broken pipes by its own listener
  child.stdout?.on("error", ignore);
  if (child.stdout && child.stderr) releaseWhenSilent(child, child.stdout, child.stderr);

  const exit = new Promise<Exit>((resolve) => {
    child.once("exit", (code, signal) => {
      if (killTimer) clearTimeout(killTimer);
      if (removal && (signal !== null || weAsked)) remove(removal);
      guard?.release();
      resolve(
        signal === null
          ? { kind: "exited", code: code ?? 1, weAsked }
          : { kind: "signaled", signal, weAsked },
      );
    });
    if (pid === undefined)
      void child.then((result) =>
        resolve({ kind: "not-started", failure: cannotStart(launch, result) }),
      );
  });
  const send = (signal: NodeJS.Signals) => {
    if (pid === undefined || !groups.has(pid)) return;
    // What it left behind in its group, and holds its pipes, is to end as well.
    if (child.exitCode === null && child.signalCode === null) weAsked = true;
    signalGroup(pid, signal);
  };
  return {
    stdin: child.stdin as Writable,
    stdout: child.stdout,
    pid,
    exit,
    stop() {
      send("SIGTERM");
      killTimer ??= setTimeout(() => send("SIGKILL"), options.stopMs);
      killTimer.unref();
    },
    kill: () => send("SIGKILL"),
  };
}

/**
 * A grandchild that inherited a pipe can hold it open for ever. When the connector is gone and its
 * pipes are silent, the rest of its group is killed and the pipes are closed.
 */
function releaseWhenSilent(
  child: { once(event: "exit", listener: () => void): unknown; pid?: number | undefined },
  stdout: Readable,
  stderr: Readable,
): void {
  child.once("exit", () => {
    const { pid } = child;
    const forget = () => {
      if (pid !== undefined) groups.delete(pid);
    };
    let rounds = 0;
    let seen = -1;
    const hasEnded = (pipe: Readable) => pipe.readableEnded || pipe.destroyed;
    /** The usual end: both pipes close with the process, and nobody waits for the clock. */
    const settle = () => {
      if (!hasEnded(stdout) || !hasEnded(stderr)) return;
      forget();
      clearInterval(timer);
    };
    const check = () => {
      if (hasEnded(stdout)) {
        stderr.destroy();
        return settle();
      }
      // A paused or unread pipe is our own reader being slow, not silence.
      const waiting = stdout.readableLength;
      const read = bytesRead(stdout);
      if (waiting > 0 || read !== seen) {
        seen = read;
        rounds = 0;
        return;
      }
      rounds++;
      if (rounds === 1 && pid !== undefined) signalGroup(pid, "SIGKILL");
      if (rounds >= 2) stdout.push(null); // ends whoever reads, without an error
    };
    const timer = setInterval(check, DRAIN_SILENCE_MS);
    stdout.once("close", settle);
    stderr.once("close", settle);
    settle();
  });
}

/** Goes on when we end: then, above all, is nobody left who would. */
function remove([file, ...args]: readonly string[]): void {
  const child = spawn(file!, args, { stdio: "ignore", detached: true });
  child.on("error", ignore);
  child.unref();
}

function bytesRead(stream: Readable): number {
  return (stream as Readable & { bytesRead?: number }).bytesRead ?? 0;
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone already.
  }
}

function cannotStart(
  launch: Launch,
  result: { readonly code?: string | undefined; readonly originalMessage?: string | undefined },
): Failure {
  const nothing = launch.container
    ? "there is no such program on PATH"
    : "its interpreter (the first line, after #!) does not exist";
  const why =
    result.code === "ENOENT" ? nothing : (result.originalMessage ?? "it could not be executed");
  return new Failure(
    "connector.not_found",
    `${launch.label}: ${launch.file} cannot be started: ${why}`,
    { origin: launch.role },
  );
}

function ignore(): void {}
