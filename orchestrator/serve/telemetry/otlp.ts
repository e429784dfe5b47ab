import { gzipSync } from "node:zlib";
import type { OtlpSettings } from "./otlp-settings.ts";
import type { Span } from "./spans.ts";

const INTERNAL = 1;
const ERROR = 2;

/** A request of OTLP/HTTP in its JSON form: ids in hexadecimal, 64-bit numbers as texts. */
export function traceRequest(spans: readonly Span[], { resource }: OtlpSettings): object {
  return {
    resourceSpans: [
      {
        resource: { attributes: attributes(resource) },
        scopeSpans: [{ scope: { name: "syncline" }, spans: spans.map(spanJson) }],
      },
    ],
  };
}

function spanJson(span: Span): object {
  const { traceId, spanId, parentSpanId, traceState, name, exceptions, error } = span;
  return {
    traceId,
    spanId,
    ...(parentSpanId !== undefined && { parentSpanId }),
    ...(traceState !== undefined && { traceState }),
    name,
    kind: INTERNAL,
    startTimeUnixNano: nanoseconds(span.start),
    endTimeUnixNano: nanoseconds(Math.max(span.start, span.end)),
    attributes: attributes(span.attributes),
    events: exceptions.map(({ at, type, message }) => ({
      name: "exception",
      timeUnixNano: nanoseconds(at),
      attributes: attributes({ "exception.type": type, "exception.message": message }),
    })),
    status: error === undefined ? {} : { code: ERROR, message: error },
  };
}

function nanoseconds(ms: number): string {
  return String(BigInt(Math.round(ms * 1000)) * 1000n);
}

function attributes(values: Span["attributes"]): object[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: valueJson(value) }));
}

function valueJson(value: string | number | boolean): object {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** Sends spans. Throws an Error that says why they did not arrive. */
export async function sendSpans(spans: readonly Span[], settings: OtlpSettings): Promise<void> {
  const { endpoint, headers, timeoutMs, isCompressed } = settings;
  const body = JSON.stringify(traceRequest(spans, settings));
  let status: number;
  try {
    const answer = await fetch(endpoint, {
      method: "POST",
      redirect: "error",
      headers: {
        ...headers,
        "content-type": "application/json",
        "user-agent": "syncline",
        ...(isCompressed && { "content-encoding": "gzip" }),
      },
      body: isCompressed ? gzipSync(body) : body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    await answer.body?.cancel();
    ({ status } = answer);
  } catch (error) {
    if ((error as Error).name === "TimeoutError")
      throw new Error(`it did not answer within ${timeoutMs / 1000} s`, { cause: error });
    const { code } = ((error as Error).cause ?? {}) as { code?: unknown };
    throw new Error(`it cannot be reached${typeof code === "string" ? ` (${code})` : ""}`, {
      cause: error,
    });
  }
  if (status < 200 || status >= 300) throw new Error(`it answered ${status}`);
}
