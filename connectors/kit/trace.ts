import type { StreamDescriptor } from "../../protocol/catalog.ts";
import type { Failure } from "../../protocol/errors.ts";
import type {
  LogLevel,
  LogMessage,
  StreamStatus,
  TraceEstimate,
  TraceMessage,
} from "../../protocol/messages.ts";

/** Longest text of a LOG or a TRACE, in characters; the rest is cut, so that a bug cannot flood. */
const MAX_TEXT_CHARS = 50_000;

/** @param now milliseconds since the Unix epoch; the same for all builders here. */
export function streamStatus(
  stream: StreamDescriptor,
  status: StreamStatus,
  now: number,
): TraceMessage {
  return {
    type: "TRACE",
    trace: {
      type: "STREAM_STATUS",
      emitted_at: now,
      stream_status: { stream_descriptor: descriptorOf(stream), status },
    },
  };
}

/** How much a stream or a sync is going to send; a later estimate replaces the earlier one. */
export function estimate(of: TraceEstimate, now: number): TraceMessage {
  return { type: "TRACE", trace: { type: "ESTIMATE", emitted_at: now, estimate: of } };
}

/**
 * The TRACE that reports a failure. `message` is for people, `internal_message` for programs: the
 * code, then the facts as JSON (`postgres.auth_failed {"sqlstate":"28P01"}`). Only a bug carries a
 * stack: everybody else's texts may come from a server and hold what nobody should print.
 */
export function errorTrace(failure: Failure, now: number): TraceMessage {
  return {
    type: "TRACE",
    trace: {
      type: "ERROR",
      emitted_at: now,
      error: {
        message: cut(sentenceOf(failure)),
        internal_message: cut(`${failure.code}${factsOf(failure)}`),
        failure_type: failure.kind,
        ...(failure.code === "internal.bug" ? { stack_trace: cut(stackOf(failure)) } : {}),
        ...(failure.stream ? { stream_descriptor: descriptorOf(failure.stream) } : {}),
      },
    },
  };
}

export function logMessage(level: LogLevel, message: string): LogMessage {
  return { type: "LOG", log: { level, message: cut(message) } };
}

/** What went wrong and what to do about it, in one line. */
export function sentenceOf(failure: Failure): string {
  return failure.hint === undefined ? failure.message : `${failure.message} (${failure.hint})`;
}

const descriptorOf = ({
  name,
  namespace,
}: {
  name: string;
  namespace?: string | null | undefined;
}) => (namespace ? { name, namespace } : { name });

const factsOf = ({ facts }: Failure) =>
  Object.keys(facts).length === 0 ? "" : ` ${JSON.stringify(facts)}`;

const stackOf = (failure: Failure): string => {
  const { cause } = failure;
  return (cause instanceof Error ? cause.stack : undefined) ?? failure.stack ?? failure.message;
};

const cut = (text: string) =>
  text.length <= MAX_TEXT_CHARS ? text : `${text.slice(0, MAX_TEXT_CHARS)}… (cut)`;
