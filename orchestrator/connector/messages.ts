import type { LogLevel, TraceMessage } from "../../protocol/messages.ts";
import { Failure, type FailureKind } from "../../protocol/errors.ts";

/** A protocol message read loosely: other people's connectors leave out and add fields. */
export type LooseMessage = Record<string, unknown> & { readonly type: string };

/** What a line that is neither RECORD nor STATE turned out to be. */
export type OtherLine =
  | { readonly kind: "message"; readonly message: LooseMessage }
  /** Not a message: a banner, a stray print, a library's own JSON log. */
  | { readonly kind: "noise"; readonly text: string }
  | { readonly kind: "blank" };

/** Noise shown of one line, in characters. */
const NOISE_CHARS = 2_000;

/**
 * Reads a line that is not a RECORD. Whatever does not begin with `{` is noise; what does and is not
 * JSON was meant as a message, so it throws `protocol.bad_message`. Its text stays out of the
 * message: it may hold row values.
 */
export function readOtherLine(bytes: Buffer, start: number, end: number): OtherLine {
  let at = start;
  while (at < end && isBlank(bytes[at])) at++;
  if (at === end) return { kind: "blank" };
  const noise = () => ({
    kind: "noise" as const,
    text: bytes.toString("utf8", start, Math.min(end, start + NOISE_CHARS)),
  });
  if (bytes[at] !== 0x7b) return noise();
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8", at, end));
  } catch (error) {
    throw new Failure(
      "protocol.bad_message",
      `a line of ${end - start} bytes begins like a message and is not valid JSON`,
      { cause: error },
    );
  }
  const message = value as Record<string, unknown>;
  return typeof message["type"] === "string"
    ? { kind: "message", message: message as LooseMessage }
    : noise();
}

/** Level and text of a LOG message, whatever is missing in it. */
export function logOf(message: LooseMessage): { level: LogLevel; text: string } {
  const log = (message["log"] ?? {}) as { level?: LogLevel; message?: unknown };
  return { level: log.level ?? "INFO", text: textOf(log.message) };
}

/** The body of a TRACE; undefined when it is none. */
export function traceOf(message: LooseMessage): TraceMessage["trace"] | undefined {
  const trace = message["trace"];
  return trace !== null && typeof trace === "object" ? (trace as TraceMessage["trace"]) : undefined;
}

const KINDS: ReadonlySet<string> = new Set(["config_error", "transient_error", "system_error"]);

/** What a connector's TRACE ERROR says, as a failure of ours. */
export function reportedFailure(trace: TraceMessage["trace"], label: string): Failure {
  const error = trace.error;
  const kind = KINDS.has(String(error?.failure_type)) ? error!.failure_type! : "system_error";
  const stream = error?.stream_descriptor;
  return new Failure("connector.reported", `${label}: ${textOf(error?.message) || "no message"}`, {
    kind: kind satisfies FailureKind,
    ...(typeof stream?.name === "string" && {
      stream: { name: stream.name, namespace: stream.namespace ?? undefined },
    }),
    ...(error?.internal_message && { facts: { internal: textOf(error.internal_message) } }),
  });
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}
