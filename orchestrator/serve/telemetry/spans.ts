import { randomBytes } from "node:crypto";
import { streamLabel } from "../../../protocol/catalog.ts";
import { failureText } from "../../../protocol/errors.ts";
import { committedRows } from "../../output/job-report.ts";
import type { AttemptReport, FailureReport, JobReport, StreamReport } from "../../store/jobs.ts";

/** What took a while. Times are milliseconds since 1970. */
export interface Span {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** Why it failed; undefined: it did not. */
  readonly error?: string;
  readonly exceptions: readonly {
    readonly at: number;
    readonly type: string;
    readonly message: string;
  }[];
}

/** The span that a job is a part of. */
export interface Parent {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState?: string;
}

/**
 * The parent that the environment names by W3C's `traceparent`, as whoever starts us sets it. Null: it is
 * not recorded, and then its parts are not either. Undefined: there is none.
 */
export function parentOf(
  env: Readonly<Record<string, string | undefined>>,
): Parent | null | undefined {
  const [, version, traceId, spanId, flags] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/.exec(
      env["TRACEPARENT"]?.trim() ?? "",
    ) ?? [];
  if (version === undefined || version === "ff" || /^0+$/.test(traceId!) || /^0+$/.test(spanId!))
    return undefined;
  if ((Number.parseInt(flags!, 16) & 1) === 0) return null;
  const traceState = env["TRACESTATE"]?.trim();
  return { traceId: traceId!, spanId: spanId!, ...(traceState && { traceState }) };
}

/** A job that is over as spans: one for it, for each of its attempts, and for each stream of these. */
export function spansOf(job: JobReport, parent: Parent | undefined): Span[] {
  const traceId = parent?.traceId ?? id(16);
  const traceState = parent?.traceState;
  const part = (
    parentSpanId: string | undefined,
    rest: Pick<Span, "name" | "start" | "end" | "attributes"> & Partial<Span>,
  ): Span => ({
    traceId,
    spanId: id(8),
    ...(parentSpanId !== undefined && { parentSpanId }),
    ...(traceState !== undefined && { traceState }),
    exceptions: [],
    ...rest,
  });
  const end = Date.parse(job.ended_at ?? job.attempts.at(-1)?.ended_at ?? job.created_at);
  const whole = part(parent?.spanId, {
    name: `${job.type} ${job.connection}`,
    start: Date.parse(job.created_at),
    end,
    attributes: {
      "syncline.connection": job.connection,
      "syncline.job.id": job.id,
      "syncline.job.type": job.type,
      "syncline.job.status": job.status,
      "syncline.job.attempts": job.attempts.length,
      "syncline.rows.committed": committedRows(job),
    },
    ...(job.status === "failed" && errorOf(job.attempts.at(-1)?.failures, end)),
  });
  const parts = job.attempts.flatMap((attempt) => {
    const tried = part(whole.spanId, attemptPart(attempt, end));
    const streams = (attempt.streams ?? []).map((stream) =>
      part(tried.spanId, streamPart(stream, tried, attempt.failures)),
    );
    return [tried, ...streams];
  });
  return [whole, ...parts];
}

type Part = Pick<Span, "name" | "start" | "end" | "attributes"> & Partial<Span>;

function attemptPart(attempt: AttemptReport, jobEnd: number): Part {
  const { times, status, failures } = attempt;
  const end = attempt.ended_at === undefined ? jobEnd : Date.parse(attempt.ended_at);
  return {
    name: `attempt ${attempt.attempt}`,
    start: Date.parse(attempt.started_at),
    end,
    attributes: {
      "syncline.attempt": attempt.attempt,
      "syncline.attempt.status": status,
      ...(times && {
        "syncline.seconds.start": times.start,
        "syncline.seconds.reading": times.reading,
        "syncline.seconds.waiting": times.waiting,
        "syncline.seconds.finishing": times.finishing,
      }),
    },
    ...(status === "failed" && errorOf(failures, end)),
  };
}

/** A stream that never began has no time of its own: it is shown at the end of its attempt. */
function streamPart(
  stream: StreamReport,
  attempt: Pick<Span, "start" | "end">,
  failures: readonly FailureReport[] = [],
): Part {
  const label = streamLabel(stream);
  const start = stream.started_at === undefined ? attempt.end : Date.parse(stream.started_at);
  const end = start + stream.seconds * 1000;
  const { times } = stream;
  return {
    name: `stream ${label}`,
    start,
    end,
    attributes: {
      "syncline.stream": label,
      "syncline.stream.status": stream.status,
      "syncline.rows.emitted": stream.emitted,
      "syncline.rows.committed": stream.committed,
      "syncline.bytes": stream.bytes,
      ...(stream.nulled !== undefined && { "syncline.values.nulled": stream.nulled }),
      ...(times && {
        "syncline.seconds.reading": times.reading,
        "syncline.seconds.waiting": times.waiting,
      }),
      ...(times?.copy !== undefined && { "syncline.seconds.copy": times.copy }),
      ...(times?.merge !== undefined && { "syncline.seconds.merge": times.merge }),
      ...(times?.swap !== undefined && { "syncline.seconds.swap": times.swap }),
    },
    ...errorOf(
      failures.filter((failure) => failure.stream === label),
      end,
    ),
  };
}

function errorOf(failures: readonly FailureReport[] = [], at: number): Partial<Span> {
  const [root] = failures;
  if (root === undefined) return {};
  return {
    error: failureText(root),
    exceptions: failures.map(({ code, message }) => ({ at, type: code, message })),
  };
}

function id(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}
