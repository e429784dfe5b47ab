import {
  type ConfiguredCatalog,
  type ConfiguredStream,
  type StreamDescriptor,
  streamLabel,
} from "../../../protocol/catalog.ts";
import { asFailure, Failure } from "../../../protocol/errors.ts";
import type { SavedState } from "../../../protocol/state-file.ts";
import type { WriteContext } from "../contract.ts";
import { descriptorOf } from "./configured-stream.ts";
import { RecordPrinter } from "./record-printer.ts";
import { savedBlob } from "./saved-blob.ts";
import { type StateScope, StreamOutput } from "./stream-output.ts";
import type { StreamReader } from "./stream-reader.ts";

/**
 * The `read` of a source, of which only `open` is left to write: reads the configured streams one
 * after the other, each from its own state, and prints their statuses, records and states.
 *
 * All streams are opened before the first is read, so that what cannot be read is said at once. A
 * stream that cannot be opened, or fails on the way, is reported INCOMPLETE with its reason, and the
 * others go on; the read as a whole then fails at the end with `stream.incomplete`. When
 * `context.signal` aborts, the stream at hand stops at the next chunk with a last STATE, and no other
 * is begun.
 *
 * @param scope what makes the STATEs, for a source whose streams share one.
 */
export async function readStreams(
  catalog: ConfiguredCatalog,
  state: SavedState,
  context: WriteContext,
  open: (configured: ConfiguredStream) => StreamReader | Promise<StreamReader>,
  scope?: StateScope,
): Promise<void> {
  const streams: OpenStream[] = [];
  const failed: FailedStream[] = [];
  for (const configured of catalog.streams) {
    const stream = descriptorOf(configured);
    const output = new StreamOutput(stream, context, scope);
    try {
      streams.push({ stream, output, reader: await open(configured) });
    } catch (error) {
      const failure = asFailure(error);
      await output.incomplete(failure);
      failed.push({ stream, failure });
    }
  }
  for (const { stream, output, reader } of streams) {
    if (context.signal.aborted) break;
    const printer = new RecordPrinter(stream, output, context);
    try {
      const position = savedBlob(state, stream);
      // How much there is behind a position nobody knows.
      await output.started(position === undefined ? reader.estimate : undefined);
      await printer.end(await reader.read(position, printer));
      await output.complete();
    } catch (error) {
      const failure = asFailure(error);
      if (failure.code === "output.closed") throw failure;
      failed.push({ stream, failure });
      await printer.stop();
      await output.incomplete(failure);
      await reader.recover?.();
    }
  }
  if (failed.length > 0) throw incomplete(failed, catalog.streams.length);
}

interface OpenStream {
  readonly stream: StreamDescriptor;
  readonly output: StreamOutput;
  readonly reader: StreamReader;
}

/** A stream that could not be read, and why. */
export interface FailedStream {
  readonly stream: StreamDescriptor;
  readonly failure: Failure;
}

/** Sums up, since each stream's own failure has been printed. Retried when a retry may help one. */
export function incomplete(failed: readonly FailedStream[], total: number): Failure {
  const kinds = failed.map(({ failure }) => failure.kind);
  const kind = (["transient_error", "system_error"] as const).find((one) => kinds.includes(one));
  return new Failure(
    "stream.incomplete",
    `${failed.length} of ${total} ${total === 1 ? "stream" : "streams"} could not be read: ${failed.map(({ stream }) => streamLabel(stream)).join(", ")}`,
    { kind: kind ?? "config_error" },
  );
}
