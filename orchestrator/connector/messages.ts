import { readActivity, type Activity } from "../../protocol/activity.ts";
import { decodeLine } from "../../protocol/decode.ts";
import { skipSpace } from "../../protocol/json-scan.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type {
  LogLevel,
  LogMessage,
  Message,
  TraceError,
  TraceEstimate,
  TraceMessage,
  TraceStreamStatus,
} from "../../protocol/messages.ts";
import type { AttemptLog } from "../store/attempt-log.ts";
import type { Failure } from "../../protocol/errors.ts";
import { reportedError } from "./failures.ts";
import type { ConnectorName } from "./launch.ts";

/** What a line that is neither RECORD nor STATE turned out to be. */
export type OtherLine =
  | { readonly kind: "message"; readonly message: Message }
  /** Not a message: a banner, a stray print, a library's own JSON log. */
  | { readonly kind: "noise"; readonly text: string }
  /** A message of a protocol later than ours. */
  | { readonly kind: "unknown"; readonly type: string }
  | { readonly kind: "blank" };

/** Noise shown of one line, in characters. */
const NOISE_CHARS = 2_000;

/**
 * Reads a line that is not a RECORD and not a STATE. Throws `protocol.bad_message` for what was meant
 * as a message and is broken, also when it shares its line with other text: it may be the record that
 * would be missing. The line stays out of the failure: it may hold row values.
 */
export function readOtherLine(bytes: Buffer, start: number, end: number): OtherLine {
  if (skipSpace(bytes, start, end) >= end) return { kind: "blank" };
  const line = decodeLine(bytes, start, end);
  if (line.kind !== "noise") return line;
  // Text for people: what is not UTF-8 in it shows as U+FFFD.
  const text = bytes.toString("utf8", start, Math.min(end, start + NOISE_CHARS));
  return { kind: "noise", text: text.trimEnd() };
}

/** Whether a last line without newline is all there. */
export function isWholeJson(bytes: Buffer, start: number, end: number): boolean {
  try {
    JSON.parse(bytes.toString("utf8", start, end));
    return true;
  } catch {
    return false;
  }
}

/** Who wants to know what of a connector's messages. What nobody asks for is passed over. */
export interface MessageEvents {
  /** A TRACE ERROR; it is in the log already. */
  onError(error: Failure): void;
  /** The type of the message it was asked for; undefined: none. */
  readonly answer?: Message["type"] | undefined;
  /** A LOG of level ERROR or FATAL; it is in the log already. */
  onErrorLog?(text: string): void;
  /** A CONTROL: the settings the connector wants to have from now on. */
  onControl?(config: JsonObject): void;
  /** What our own connectors tell of their work. */
  onActivity?(activity: Activity): void;
  /** A STREAM_STATUS, in the connector's names, and the message it came in. */
  onStatus?(status: TraceStreamStatus, message: TraceMessage): void;
  /** How much a stream holds, as far as the connector can tell. */
  onEstimate?(estimate: TraceEstimate): void;
  /** Any message but LOG, TRACE and CONTROL. */
  onOther?(message: Message): void;
}

/**
 * Hands a message to whom it concerns. A LOG and a TRACE ERROR go to the log; an error is handed on
 * without the secrets that the log hides, wherever it is shown then. A CONNECTION_STATUS that
 * says FAILED is an error wherever nobody asked for it.
 */
export function handOut(
  message: Message,
  who: ConnectorName,
  log: AttemptLog,
  events: MessageEvents,
): void {
  if (message.type === "LOG") {
    const level = levelOf(message);
    log.connector(who.label, level, message.log.message);
    if (level === "ERROR" || level === "FATAL") events.onErrorLog?.(message.log.message);
  } else if (message.type === "TRACE") {
    const { error, stream_status: status, estimate, analytics } = message.trace;
    if (error) report(error, who, log, events);
    else if (status) events.onStatus?.(status, message);
    else if (estimate) events.onEstimate?.(estimate);
    const activity = analytics && readActivity(analytics);
    if (activity) events.onActivity?.(activity);
  } else if (message.type === "CONTROL") {
    const wanted = message.control.connectorConfig;
    if (wanted) events.onControl?.(wanted.config);
  } else if (message.type === "CONNECTION_STATUS" && events.answer !== message.type) {
    const { status, message: text = "it says that its connection FAILED" } =
      message.connectionStatus;
    if (status === "FAILED") report({ message: text }, who, log, events);
  } else events.onOther?.(message);
}

function report(
  error: TraceError,
  who: ConnectorName,
  log: AttemptLog,
  events: MessageEvents,
): void {
  const message = log.redacted(error.message || "no message");
  log.connector(who.label, "ERROR", message);
  events.onError(reportedError({ ...error, message }, who));
}

const LEVELS: ReadonlySet<string> = new Set(["FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE"]);

/** A level of somebody's own is INFO. */
function levelOf({ log }: LogMessage): LogLevel {
  return LEVELS.has(log.level) ? log.level : "INFO";
}
