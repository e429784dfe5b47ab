import { decodeLine } from "../../protocol/decode.ts";
import { Failure, type FailureCode, type FailureKind } from "../../protocol/errors.ts";
import { skipSpace } from "../../protocol/json-scan.ts";
import type { LogLevel, LogMessage, Message, TraceError } from "../../protocol/messages.ts";

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

const LEVELS: ReadonlySet<string> = new Set(["FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE"]);

/** Level and text of a LOG message; a level of somebody's own is INFO. */
export function logOf({ log }: LogMessage): { level: LogLevel; text: string } {
  return { level: LEVELS.has(log.level) ? log.level : "INFO", text: log.message };
}

const KINDS: ReadonlySet<string> = new Set(["config_error", "transient_error", "system_error"]);

/** Codes that a runner acts on: they keep their name when a connector reports them. */
const UNDERSTOOD: readonly FailureCode[] = ["state.superseded"];

/** What a connector's TRACE ERROR says, as a failure of ours. */
export function reportedFailure(error: TraceError, label: string): Failure {
  const kind = KINDS.has(String(error.failure_type)) ? error.failure_type! : "system_error";
  const { internal_message: internal, stream_descriptor: stream } = error;
  const code = UNDERSTOOD.find((word) => internal?.split(" ", 1)[0] === word);
  return new Failure(code ?? "connector.reported", `${label}: ${error.message || "no message"}`, {
    kind: kind satisfies FailureKind,
    ...(stream && {
      stream: { name: stream.name, namespace: stream.namespace ?? undefined },
    }),
    ...(internal && { facts: { internal } }),
  });
}
