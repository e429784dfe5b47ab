import type { StreamDescriptor } from "../../protocol/catalog.ts";
import { Failure, ofStream } from "../../protocol/errors.ts";
import { sqlStateOf } from "./errors.ts";

/**
 * SQLSTATEs of what the server says each time it is asked: of values, constraints, names, limits, what
 * is not supported, and what a user's function raises.
 */
const ANSWERED_ALIKE = /^(?:0A|2[1237B]|3[89]|4[24]|54|55000|P0)/;

/**
 * What was thrown while a statement ran for one stream, as that stream's failure where another attempt
 * would meet it again: the others can be synced without it. Lost connections, conflicts, missing
 * resources and what the server calls its own fault stay what they are, of the whole run.
 */
export function refusedStream(thrown: unknown, stream: StreamDescriptor): unknown {
  if (!(thrown instanceof Failure) || thrown.kind !== "system_error" || thrown.stream)
    return ofStream(thrown, stream);
  if (!ANSWERED_ALIKE.test(sqlStateOf(thrown.cause) ?? "")) return thrown;
  const { code, message, hint, facts, cause } = thrown;
  return ofStream(new Failure(code, message, { kind: "config_error", hint, facts, cause }), stream);
}

/** Does `work` for one stream, with failures as `refusedStream` names them. */
export async function forStream<T>(stream: StreamDescriptor, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw refusedStream(error, stream);
  }
}
