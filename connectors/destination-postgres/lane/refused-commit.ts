import { asFailure, Failure } from "../../../protocol/errors.ts";
import { refusedStream } from "../../postgres/refused-stream.ts";
import { tablesOf } from "../schema/layout.ts";
import type { StreamTables } from "./stream-tables.ts";

/**
 * What was thrown by a commit, which is where constraints and triggers fail that are deferred. It is that of
 * the stream whose table the server names, or of the only one that was written; else, as of a trigger's
 * function, it names all of these.
 */
export function refusedCommit(
  thrown: unknown,
  streams: readonly StreamTables[],
  written: readonly StreamTables[],
): unknown {
  const { schema, table } = asFailure(thrown).facts;
  const named = streams.find(({ plan }) =>
    tablesOf(plan).some((one) => one.table.schema === schema && one.table.name === table),
  );
  const [first, ...others] = named ? [named] : written;
  if (first === undefined) return thrown;
  const refused = refusedStream(thrown, first.stream);
  if (others.length === 0 || refused === thrown || !(refused instanceof Failure)) return refused;
  const { code, message, kind, hint, facts, cause } = refused;
  const labels = written.map(({ plan }) => plan.label).join(", ");
  return new Failure(code, `${message}; the transaction wrote ${labels}`, {
    kind,
    hint,
    facts,
    cause,
  });
}
