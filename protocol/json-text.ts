import { isUtf8 } from "node:buffer";
import { Failure, type FailureCode } from "./errors.ts";
import { MALFORMED, nestingOf, skipColon, skipSpace, skipString, skipValue } from "./json-scan.ts";

const BYTE_ORDER_MARK = "\ufeff";
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const COMMA = 0x2c;

/**
 * Most levels of objects and arrays in each other. What walks a document does so by recursion, and
 * looks for a mistake once more on each level.
 */
export const MAX_NESTING = 200;

/**
 * Parses a JSON document that a person may have written. Not for row data: numbers become doubles.
 *
 * Throws `Failure(code)` naming `what` with line and column. Never quotes the text, as Node's own
 * words do: a config holds secrets.
 */
export function parseJson(text: string | Uint8Array, code: FailureCode, what: string): unknown {
  if (typeof text !== "string" && !isUtf8(text))
    throw new Failure(code, `${what} is not UTF-8 text`);
  const withMark = typeof text === "string" ? text : Buffer.from(text).toString("utf8");
  const json = withMark.startsWith(BYTE_ORDER_MARK) ? withMark.slice(1) : withMark;
  if (json.trim() === "") throw new Failure(code, `${what} is empty`);
  if (nestingOf(Buffer.from(json)) > MAX_NESTING)
    throw new Failure(code, `${what} is nested deeper than ${MAX_NESTING} levels`);
  try {
    return JSON.parse(json) as unknown;
  } catch {
    throw new Failure(code, `${what} is not JSON: ${placeOfMistake(Buffer.from(json))}`);
  }
}

function placeOfMistake(json: Buffer): string {
  const at = mistakeAt(json);
  if (at >= json.length) return "it ends too early";
  const before = json.toString("utf8", 0, at).split("\n");
  return `line ${before.length}, column ${before.at(-1)!.length + 1}`;
}

/** Where the JSON stops making sense: goes into whatever value is broken until it is a small one. */
function mistakeAt(json: Buffer): number {
  const end = json.length;
  let at = skipSpace(json, 0, end);
  for (;;) {
    const after = skipValue(json, at, end);
    if (after !== MALFORMED) return skipSpace(json, after, end); // something follows the value
    const inObject = json[at] === OPEN_BRACE;
    if (!inObject && json[at] !== OPEN_BRACKET) return at;
    const { value, mistake } = brokenItem(json, at, inObject);
    if (value === undefined) return mistake;
    at = value;
  }
}

/** The first broken value in the container at `at`, or the place of a mistake between its values. */
function brokenItem(
  json: Buffer,
  at: number,
  inObject: boolean,
): { value?: number; mistake: number } {
  const end = json.length;
  let i = at;
  do {
    i = skipSpace(json, i + 1, end);
    if (inObject) {
      const keyEnd = skipString(json, i, end);
      if (keyEnd === MALFORMED) return { mistake: i };
      const value = skipColon(json, keyEnd, end);
      if (value === MALFORMED) return { mistake: skipSpace(json, keyEnd, end) };
      i = value;
    }
    const after = skipValue(json, i, end);
    if (after === MALFORMED) return { value: i, mistake: i };
    i = skipSpace(json, after, end);
  } while (json[i] === COMMA);
  return { mistake: i };
}
