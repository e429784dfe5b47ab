import { Failure } from "../../protocol/errors.ts";
import { LineSplitter } from "../../protocol/framing.ts";
import type { JsonObject, Message } from "../../protocol/messages.ts";
import type { AttemptLog } from "../store/attempt-log.ts";
import { logOf, readOtherLine, reportedFailure } from "./messages.ts";
import type { ConnectorProcess, Exit } from "./process.ts";

/** Longest answer of a one-answer command, in bytes: 5,000 tables of 1,600 columns fit. */
const MAX_ANSWER_BYTES = 512 * 1024 * 1024;

export interface ListenOptions {
  /** How messages call the connector. */
  readonly label: string;
  /** What it was started to do, such as `discover`. */
  readonly command: string;
  /** To its first output. */
  readonly startSeconds: number;
  readonly log: AttemptLog;
  /** Stops it. */
  readonly signal: AbortSignal;
  /** Gets each message but LOG, TRACE and CONTROL; the line is a view, for this call only. */
  readonly onMessage: (message: Message, line: Buffer) => void;
}

/** How a command ended. */
export interface Heard {
  readonly exit: Exit;
  /** Its first TRACE ERROR. */
  readonly reported: Failure | undefined;
  /** The settings it wants to have from now on: those of its last CONTROL. */
  readonly wantedConfig: JsonObject | undefined;
}

/**
 * Listens to a command that answers, to its end. Throws `connector.silent` for one that said nothing
 * in its time and was killed, `protocol.bad_message`, and the reason of `signal`.
 */
export async function listenTo(child: ConnectorProcess, options: ListenOptions): Promise<Heard> {
  const { label, command, startSeconds, log, signal, onMessage } = options;
  let reported: Failure | undefined;
  let wantedConfig: JsonObject | undefined;
  let isSilent = false;
  const timer = setTimeout(() => {
    isSilent = true;
    child.kill();
  }, startSeconds * 1000);
  const interrupt = () => child.stop();
  signal.addEventListener("abort", interrupt);
  const splitter = new LineSplitter(MAX_ANSWER_BYTES);
  const onLine = (bytes: Buffer, start: number, end: number) => {
    const line = readOtherLine(bytes, start, end);
    if (line.kind === "noise") log.connector(label, "DEBUG", line.text);
    if (line.kind !== "message") return;
    const { message } = line;
    if (message.type === "LOG") {
      const { level, text } = logOf(message);
      log.connector(label, level, text);
    } else if (message.type === "TRACE") {
      if (message.trace.error) reported ??= reportedFailure(message.trace.error, label);
    } else if (message.type === "CONTROL")
      wantedConfig = message.control.connectorConfig?.config ?? wantedConfig;
    else onMessage(message, bytes.subarray(start, end));
  };
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      clearTimeout(timer);
      splitter.push(chunk, onLine);
    }
    splitter.end(onLine);
  } catch (error) {
    child.kill();
    throw error instanceof Failure ? inCommand(error, label, command) : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", interrupt);
  }
  const exit = await child.exit;
  signal.throwIfAborted();
  if (isSilent)
    throw new Failure(
      "connector.silent",
      `${label} said nothing for ${startSeconds} s after \`${command}\` was started`,
      { hint: "limits.start_seconds in the connection allows it more" },
    );
  return { exit, reported, wantedConfig };
}

function inCommand(failure: Failure, label: string, command: string): Failure {
  return new Failure(
    failure.code,
    `${label}, in its answer to \`${command}\`: ${failure.message}`,
    { cause: failure },
  );
}
