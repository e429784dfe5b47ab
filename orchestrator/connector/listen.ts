import { Failure, firstOf } from "../../protocol/errors.ts";
import type { AttemptLog } from "../store/attempt-log.ts";
import type { ConnectorName } from "./launch.ts";
import { readOutput, type OutputEvents } from "./output.ts";
import type { ConnectorProcess, Exit } from "./process.ts";

/** Longest answer of a one-answer command, in bytes: 5,000 tables of 1,600 columns fit. */
const MAX_ANSWER_BYTES = 512 * 1024 * 1024;

export interface ListenOptions extends Omit<OutputEvents, "onError"> {
  readonly who: ConnectorName;
  /** What it was started to do, such as `discover`. */
  readonly command: string;
  /** Whether its process may go on to another command, which it tells. */
  readonly inSession: boolean;
  /** To its first output. */
  readonly startSeconds: number;
  readonly log: AttemptLog;
  /** Stops it. */
  readonly signal: AbortSignal;
}

/** Errors kept of one answer; the log has all. */
const MAX_ERRORS = 10_000;

/** How a command ended. */
export interface Heard {
  readonly exit: Exit;
  /** Its first TRACE ERROR, with those of other streams as `firstOf` brings them. */
  readonly reported: Failure | undefined;
  /** Whether its process waits for another command. */
  readonly goesOn: boolean;
}

/** What a connector in a session prints when a command has ended well. */
const DONE = "COMMAND_DONE";

/**
 * Listens to a command that answers, to its end: when this returns or throws, its process is gone, unless
 * it is in a session and all went well.
 * Throws `connector.silent` for one that said nothing in its time and was killed,
 * `protocol.bad_message`, and the reason of `signal`.
 */
export async function listenTo(child: ConnectorProcess, options: ListenOptions): Promise<Heard> {
  const { who, command, inSession, startSeconds, log, signal } = options;
  const errors: Failure[] = [];
  let isSilent = false;
  let isDone = false;
  const timer = setTimeout(() => {
    isSilent = true;
    child.kill();
  }, startSeconds * 1000);
  const interrupt = () => child.stop();
  signal.addEventListener("abort", interrupt);
  let exit: Exit = { kind: "exited", code: 0, weAsked: false };
  const hasSpoken = async function* () {
    const chunks = child.stdout.iterator({ destroyOnReturn: !inSession });
    for await (const chunk of chunks as AsyncIterable<Buffer>) {
      clearTimeout(timer);
      yield chunk;
      if (isDone) return;
    }
  };
  try {
    const events = {
      ...options,
      onError: (error: Failure) => void (errors.length < MAX_ERRORS && errors.push(error)),
      onUnknown: (type: string) => (isDone ||= inSession && type === DONE),
    };
    await readOutput(hasSpoken(), who, log, events, MAX_ANSWER_BYTES);
    if (!isDone) exit = await child.exit; // it may have closed its output, and go on
  } catch (error) {
    child.kill();
    child.stdout.destroy();
    await child.exit;
    signal.throwIfAborted(); // what it said while it was being stopped follows from that
    throw error instanceof Failure ? inCommand(error, who, command) : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", interrupt);
  }
  signal.throwIfAborted();
  if (isSilent)
    throw new Failure(
      "connector.silent",
      `${who.label} said nothing for ${startSeconds} s after \`${command}\` was started`,
      {
        hint: "limits.start_seconds in the connection allows it more",
        origin: who.role,
      },
    );
  return { exit, reported: firstOf(errors) as Failure | undefined, goesOn: isDone };
}

function inCommand(failure: Failure, { label, role }: ConnectorName, command: string): Failure {
  return new Failure(
    failure.code,
    `${label}, in its answer to \`${command}\`: ${failure.message}`,
    { cause: failure, origin: role },
  );
}
