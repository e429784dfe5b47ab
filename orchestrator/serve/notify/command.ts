import { execa } from "execa";
import { escapeControls } from "../../escape.ts";
import type { Notification } from "./notification.ts";
import type { Outcome } from "./webhook.ts";

/** How much of a command's output is shown, in characters. */
const OUTPUT_CHARS = 4_000;

/** How long output is waited for behind a command's end: what it started in the background may keep it open. */
const LINGER_MS = 500;

/** What a command need not know: it would let it do anything here. */
const HIDDEN = ["SYNCLINE_SERVE_TOKEN"];

export interface CommandOptions {
  /** Where it runs: the configuration's folder. */
  readonly folder: string;
  readonly commandMs: number;
  /** Ends it early. */
  readonly cut: AbortSignal;
  /** Gets what it prints, line by line. */
  readonly note: (line: string) => void;
}

/**
 * Runs a command with a notification as one line of JSON on its stdin, once. Status 0 is success, and what
 * it started goes on then. When its time is over it ends, and what it started with it.
 */
export async function runCommand(
  [file, ...args]: readonly string[],
  notification: Notification,
  { folder, commandMs, cut, note }: CommandOptions,
): Promise<Outcome> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !HIDDEN.includes(name)),
  );
  const subprocess = execa(file!, args, {
    cwd: folder,
    env,
    extendEnv: false,
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
    buffer: false,
    reject: false,
    detached: true, // a group of its own, which is ended as a whole
  });
  let output = "";
  const take = (text: string) => (output = (output + text).slice(0, OUTPUT_CHARS));
  subprocess.stdout.setEncoding("utf8").on("data", take);
  subprocess.stderr.setEncoding("utf8").on("data", take);
  const leaveOutput = () => [subprocess.stdout, subprocess.stderr].map((one) => one.destroy());
  subprocess.once("exit", () => setTimeout(leaveOutput, LINGER_MS).unref());
  subprocess.stdin.on("error", () => {}); // it need not read it
  subprocess.stdin.end(`${JSON.stringify(notification)}\n`);

  const outcome = await ended(subprocess, AbortSignal.any([AbortSignal.timeout(commandMs), cut]));
  for (const line of output.trimEnd().split("\n")) if (line !== "") note(escapeControls(line));
  return outcome;
}

/** What is asked of a process here. */
interface Started extends PromiseLike<{
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly code?: string | undefined;
}> {
  readonly pid?: number | undefined;
}

async function ended(subprocess: Started, late: AbortSignal): Promise<Outcome> {
  const onLate = () => end(subprocess.pid);
  late.addEventListener("abort", onLate);
  if (late.aborted) onLate();
  const result = await subprocess;
  late.removeEventListener("abort", onLate);
  if (late.aborted) return notDelivered("it did not end in time, and was ended");
  if (result.exitCode === 0) return { isDelivered: true };
  if (result.exitCode !== undefined) return notDelivered(`it ended with ${result.exitCode}`);
  if (result.signal !== undefined) return notDelivered(`it was ended by ${result.signal}`);
  const why = `it could not be started (${result.code ?? "unknown"})`;
  return { isDelivered: false, why, mayPass: false };
}

function end(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // The group is gone already.
  }
}

function notDelivered(why: string): Outcome {
  return { isDelivered: false, why, mayPass: true };
}
