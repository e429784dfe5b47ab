import { setMaxListeners } from "node:events";
import type { Readable, Writable } from "node:stream";
import { redactStrings, type Redact } from "../../protocol/config/secrets.ts";
import { asFailure, Failure } from "../../protocol/errors.ts";
import type { LogLevel, Message } from "../../protocol/messages.ts";
import { isReaderGone } from "./closed-output.ts";
import type { WriteContext } from "./contract.ts";
import { limitsOf } from "./limits.ts";
import { MessageWriter } from "./message-writer.ts";
import type { Shelf } from "./shelf.ts";
import { errorTrace, logMessage } from "./trace.ts";

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
  /** Shared by commands that run one after the other; `process` has none. */
  readonly shelf?: Shelf;
}

/** Exit statuses of a connector; part of its interface. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** The reader of stdout went away: what a shell shows for SIGPIPE. */
  readerGone: 141,
} as const;

/** Signals that ask a connector to stop → the status it then exits with, as shells count. */
const STOP_SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
type StopSignal = keyof typeof STOP_SIGNALS;

/** Time to reach a safe point after the first signal; Airbyte's platform grants the same. */
const GRACE_MS = 60_000;

/** Time for the reader to take the last lines, before the process ends without it. */
const LAST_FLUSH_MS = 4_000;

/** Time for sockets and timers somebody forgot, before the process ends under them. */
const LINGER_MS = 500;

/** What a command of a connector gets. */
export interface CommandContext extends WriteContext {
  /** Masks secrets in everything printed from now on but RECORD, STATE, CATALOG and SPEC. */
  readonly redactWith: (redact: Redact) => void;
}

/**
 * Runs one command of a connector from start to exit status, which it returns and sets on `host`.
 * Never rejects, and never ends without these:
 *
 * - stdout holds whole lines only, and all of them, if anybody reads it;
 * - a failure is one TRACE ERROR, and one for each of its `also`, secrets masked, and a status other than 0; that goes for a thrown
 *   error, for one thrown where nobody catches, and for a signal;
 * - every TRACE ERROR is a line of stderr, too, where stdout goes to a program that is no runner;
 * - a signal aborts `context.signal`; a second one, or a minute, ends the command where it is;
 * - a reader that went away ends it quietly, with status 141; an output that cannot be written, as on a
 *   full disk, with a line of stderr and status 1.
 */
export async function runCommand(
  name: string,
  host: HostProcess,
  command: (context: CommandContext) => Promise<number | void>,
): Promise<number> {
  let redact: Redact = (text) => text;
  const tellPerson = personAt(name, host);
  const output = new MessageWriter(host.stdout, (message) => {
    const shown = PRINTED_AS_IS.has(message.type) ? message : redactStrings(message, redact);
    tellPerson(shown);
    return JSON.stringify(shown);
  });
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // every wait of a connector listens to it
  const { end, ended } = endOf(host, stop, output);
  const context = (): CommandContext => ({
    output,
    signal: stop.signal,
    now: Date.now,
    env: host.env,
    limits: limitsOf(host.env),
    ...(host.shelf && { shelf: host.shelf }),
    log: (level: LogLevel, message: string) => output.append(logMessage(level, message)),
    redactWith: (given) => {
      redact = given;
    },
  });

  const run = async () => command(context());
  const finished = run().then(
    (status) => status ?? EXIT.done,
    (error: unknown) => asFailure(error),
  );
  const { status, report } = outcomeOf(await Promise.race([finished, ended]), stop.signal);
  for (const failure of report ? [report, ...report.also] : [])
    output.append(errorTrace(failure, Date.now()));
  const isFlushed = await within(LAST_FLUSH_MS, output.end());
  end();
  host.exitCode = isFlushed === "failed" && status === EXIT.done ? EXIT.readerGone : status;
  const unwritten = output.failure;
  if (unwritten !== undefined && !isReaderGone(unwritten.cause)) {
    host.stderr.write(`${name}: ${unwritten.message}\n`);
    host.exitCode = EXIT.failed;
  }
  if (host.exit !== undefined) {
    const code = host.exitCode;
    setTimeout(() => host.exit?.(code), isFlushed === "done" ? LINGER_MS : 0).unref();
  }
  return host.exitCode;
}

/** Messages that are data: a mask in one would change what it says. */
const PRINTED_AS_IS: ReadonlySet<string> = new Set([
  "RECORD",
  "STATE",
  "SPEC",
  "CATALOG",
  "CONTROL",
  "DESTINATION_CATALOG",
]);

function outcomeOf(
  end: number | Failure,
  signal: AbortSignal,
): { status: number; report?: Failure } {
  const failure = end instanceof Failure ? end : undefined;
  if (failure?.code === "output.closed") return { status: EXIT.readerGone };
  if (signal.aborted) {
    // Whatever else failed did so because of the signal, unless it is a defect.
    const report = failure?.code === "internal.bug" ? failure : (signal.reason as Failure);
    return { status: STOP_SIGNALS[report.facts["signal"] as StopSignal] ?? EXIT.failed, report };
  }
  return end instanceof Failure ? { status: EXIT.failed, report: end } : { status: end };
}

/**
 * Whoever started a pipe in a shell sees none of the messages in it: errors are told to them on
 * stderr. Not on a terminal, which shows the message, and not to a runner, which reads them.
 */
function personAt(name: string, { env, stdout, stderr }: HostProcess): (message: Message) => void {
  const isShown = (stdout as { isTTY?: boolean }).isTTY === true;
  if (isShown || env[RUNNER_VARIABLE]) return () => {};
  return (message) => {
    const error = message.type === "TRACE" ? message.trace.error : undefined;
    if (error !== undefined) stderr.write(`${name}: ${error.message.replaceAll(CONTROLS, " ")}\n`);
  };
}

/** What moves a terminal's cursor, or turns text around. */
const CONTROLS = /[\p{Cc}\p{Cf}\u2028\u2029]+/gu;

/** Set by runners that read the messages on stdout and show errors themselves. */
const RUNNER_VARIABLE = "SYNCLINE_RUNNER";

/** Watches for what ends a command from outside. `ended` resolves with the reason to give up. */
function endOf(
  host: HostProcess,
  stop: AbortController,
  output: MessageWriter,
): { end: () => void; ended: Promise<Failure> } {
  const listeners: [event: string, listener: (argument: unknown) => void][] = [];
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<Failure>((resolve) => {
    for (const name of Object.keys(STOP_SIGNALS) as StopSignal[])
      listeners.push([
        name,
        () => {
          if (stop.signal.aborted) return resolve(interrupted(name));
          stop.abort(interrupted(name));
          output.append(logMessage("INFO", `received ${name}: stopping at the next safe point`));
          timer = setTimeout(() => resolve(interrupted(name)), GRACE_MS);
          timer.unref();
        },
      ]);
    const giveUp = (error: unknown) => resolve(asFailure(error));
    listeners.push(["uncaughtException", giveUp], ["unhandledRejection", giveUp]);
  });
  for (const [event, listener] of listeners) host.on(event, listener);
  const end = () => {
    clearTimeout(timer);
    for (const [event, listener] of listeners) host.off(event, listener);
  };
  return { end, ended };
}

const interrupted = (signal: StopSignal) =>
  new Failure("sync.interrupted", `stopped by ${signal} before it was done`, { facts: { signal } });

async function within(ms: number, work: Promise<void>): Promise<"done" | "failed" | "late"> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), ms);
  });
  const result = await Promise.race([
    work.then(
      () => "done" as const,
      () => "failed" as const,
    ),
    late,
  ]);
  clearTimeout(timer);
  return result;
}
