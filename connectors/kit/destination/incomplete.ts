import { streamLabel, type StreamDescriptor } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";

/** Most stream names in one message. */
const SHOWN_STREAMS = 10;

/**
 * The `stream.incomplete` of an input that ended before `streams`, at least one, were COMPLETE. It is of
 * the stream when there is only one.
 *
 * @param sourceError what the source said went wrong, if it said anything.
 */
export function incompleteFailure(
  streams: readonly StreamDescriptor[],
  sourceError: string | undefined,
): Failure {
  const names = streams.map(streamLabel);
  const shown = names.slice(0, SHOWN_STREAMS).join(", ");
  const more = names.length > SHOWN_STREAMS ? ", …" : "";
  return new Failure(
    "stream.incomplete",
    `the input ended before ${names.length === 1 ? "the stream was" : "these streams were"} complete: ${shown}${more}`,
    {
      hint: `${sourceError === undefined ? "look at the source for the cause" : `the source said: ${sourceError}`}; what its last states cover is committed, tables to be overwritten are as they were`,
      ...(streams.length === 1 ? { stream: named(streams[0]!) } : {}),
    },
  );
}

function named({ name, namespace }: StreamDescriptor): NonNullable<Failure["stream"]> {
  return namespace ? { name, namespace } : { name };
}
