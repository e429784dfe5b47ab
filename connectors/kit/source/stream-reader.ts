import type { JsonObject } from "../../../protocol/json.ts";
import type { RecordPrinter } from "./record-printer.ts";
import type { StreamEstimate } from "./stream-output.ts";

/**
 * One configured stream of a source: the part that knows the system. `readStreams` does the rest.
 */
export interface StreamReader {
  /**
   * What there is from the beginning, told to users before the first record of a stream that has no
   * position; absent when nothing is known.
   */
  readonly estimate?: StreamEstimate | undefined;
  /**
   * Prints the records that `position` says are still to come, and resolves with the state that says
   * they were printed; the kit prints it after the last record. The next read is given that state, or
   * an earlier one that the printer was given on the way, and must miss nothing. Rejecting makes this
   * stream INCOMPLETE, with the failure as its reason, and leaves the others alone.
   *
   * @param position the last state of this stream, as the bytes of its JSON; undefined to start.
   */
  read(position: Buffer | undefined, printer: RecordPrinter): Promise<JsonObject>;
  /**
   * Called after `read` failed and before the next stream is read, to take back whatever would be in
   * its way. Rejects when nothing more can be read: that failure then ends the whole read.
   */
  recover?(): Promise<void>;
}
