import { isUtf8 } from "node:buffer";
import { Failure, type FailureCode } from "./errors.ts";

/**
 * Parses a JSON document that a person may have written. Not for row data: numbers become doubles.
 *
 * Throws `Failure(code)` naming `what` and, where the engine tells it, line and column. Never quotes
 * the text: a config holds secrets.
 */
export function parseJson(text: string | Uint8Array, code: FailureCode, what: string): unknown {
  if (typeof text !== "string" && !isUtf8(text))
    throw new Failure(code, `${what} is not UTF-8 text`);
  const json = (typeof text === "string" ? text : Buffer.from(text).toString("utf8")).replace(
    /^\ufeff/,
    "",
  );
  if (json.trim() === "") throw new Failure(code, `${what} is empty`);
  try {
    return JSON.parse(json) as unknown;
  } catch (error) {
    // The error itself is not passed on as the cause: it quotes the text.
    throw new Failure(code, `${what} is not JSON${placeOf(error, json)}`);
  }
}

function placeOf(error: unknown, json: string): string {
  const message = error instanceof Error ? error.message : "";
  const position = /position (\d+)/.exec(message)?.[1];
  if (position === undefined) return message.includes("end of JSON") ? ": it ends too early" : "";
  const before = json.slice(0, Number(position)).split("\n");
  return `: line ${before.length}, column ${before.at(-1)!.length + 1}`;
}
