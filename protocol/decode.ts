import { isUtf8 } from "node:buffer";
import { problemText } from "./config/problems.ts";
import { Failure } from "./errors.ts";
import { isObject } from "./json.ts";
import { membersOf, nestingOf, skipSpace, textAt } from "./json-scan.ts";
import { MAX_NESTING } from "./json-text.ts";
import { PAYLOAD_KEYS, type Message } from "./messages.ts";
import { isKnownType, validateMessage } from "./validate.ts";

/** What a line of a connector's stdout turned out to be. */
export type DecodedLine =
  | { readonly kind: "message"; readonly message: Message }
  /** No message: a banner, a warning of some library. To be logged, never forwarded. */
  | { readonly kind: "noise" }
  /** A message of a protocol later than ours. To be counted and passed over. */
  | { readonly kind: "unknown"; readonly type: string };

const OPEN_BRACE = 0x7b;
/** Braces in a line of noise at which a message is looked for; each try may read the whole line. */
const MESSAGE_STARTS_TRIED = 8;
/** Types of TRACE that say nothing of what was moved. */
const MEASURES: ReadonlySet<unknown> = new Set(["ANALYTICS", "ESTIMATE"]);
const TYPE_WORD = /^[A-Z][A-Z0-9_]{0,49}$/;

/**
 * Parses one line, `bytes[start..end)`. For everything that is rare: the numbers of a RECORD would
 * become doubles, so give records to `RecordReader` first and the blob of a STATE to `readStateLine`.
 *
 * A line that does not begin with `{` is noise, and so is a JSON object that is not of the protocol
 * (a structured log line). What begins as a message and is broken is not: it may be the record that
 * would be missing. It throws `protocol.bad_message`, also when noise and a message share a line. A
 * broken LOG is noise, and so is a broken TRACE that only measures (ANALYTICS, ESTIMATE): neither may end
 * a sync.
 *
 * The failure names the field and never quotes the line, which may hold row data.
 */
export function decodeLine(bytes: Buffer, start: number, end: number): DecodedLine {
  const at = skipSpace(bytes, start, end);
  if (bytes[at] !== OPEN_BRACE || at >= end) {
    if (endsWithMessage(bytes, at, end))
      throw broken("text and a message share one line", end - start);
    return { kind: "noise" };
  }
  const text = bytes.subarray(at, end);
  if (!isUtf8(text)) throw broken("it is not UTF-8", end - start);
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(text.toString("utf8")) as Record<string, unknown>;
  } catch {
    // Node's own words quote the line.
    throw broken("it is not JSON, or more than one message", end - start);
  }
  return decodeObject(value, text);
}

function decodeObject(value: Record<string, unknown>, text: Buffer): DecodedLine {
  const lineBytes = text.length;
  const type = value["type"];
  if (typeof type !== "string") {
    if (hasPayload(value)) throw broken("it has no type", lineBytes);
    return { kind: "noise" };
  }
  if (!isKnownType(type)) {
    return TYPE_WORD.test(type) ? { kind: "unknown", type } : { kind: "noise" };
  }
  const [problem] = validateMessage(value);
  const isTooDeep = problem === undefined && nestingOf(text) > MAX_NESTING;
  if (problem === undefined && !isTooDeep)
    return { kind: "message", message: value as unknown as Message };
  if (type === "LOG" || onlyMeasures(value)) return { kind: "noise" };
  const why = problem ? problemText(problem) : `it is nested deeper than ${MAX_NESTING} levels`;
  throw broken(why, lineBytes);
}

function onlyMeasures({ type, trace }: Record<string, unknown>): boolean {
  return type === "TRACE" && isObject(trace) && MEASURES.has(trace["type"]);
}

/** Whether there is a whole message behind something else, as a progress bar leaves it. */
function endsWithMessage(bytes: Buffer, at: number, end: number): boolean {
  let i = at;
  for (let tries = 0; tries < MESSAGE_STARTS_TRIED; tries++) {
    i = bytes.indexOf(OPEN_BRACE, i);
    if (i === -1 || i >= end) return false;
    const object = membersOf(bytes, i, end);
    if (object !== undefined && skipSpace(bytes, object.end, end) === end)
      return isKnownType(textAt(bytes, object.of("type")) ?? "");
    i++;
  }
  return false;
}

function hasPayload(value: Record<string, unknown>): boolean {
  return Object.values(PAYLOAD_KEYS).some((key) => key !== "log" && Object.hasOwn(value, key));
}

function broken(why: string, lineBytes: number): Failure {
  return new Failure("protocol.bad_message", `a line that begins as a message is broken: ${why}`, {
    facts: { line_bytes: lineBytes },
  });
}
