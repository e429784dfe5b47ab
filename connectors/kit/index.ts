/**
 * `syncline/connector-kit`: everything a connector in TypeScript needs besides its data. Describe
 * the connector in a `ConnectorDefinition`, implement `Source` or `Destination`, and hand both to
 * `runSource` or `runDestination`; the kit owns the command line, the files it names, stdin, stdout,
 * signals, secrets and the exit status. `syncline/protocol` has the messages and their reading.
 */
export type {
  CheckResult,
  ConnectorDefinition,
  Context,
  Destination,
  Output,
  Plan,
  ReadContext,
  Source,
  WriteContext,
} from "./contract.ts";
export { runSource } from "./source-main.ts";
export { readStreams } from "./source/read-streams.ts";
export type { StreamReader } from "./source/stream-reader.ts";
export type { StreamEstimate } from "./source/stream-output.ts";
export type { RecordEncoder } from "./source/record-blocks.ts";
export type { RecordPrinter, StateAt } from "./source/record-printer.ts";
export { findStream, selectFields } from "./source/configured-stream.ts";
export { printCursorState, readCursorState, type CursorState } from "./source/cursor-state.ts";
export { runDestination } from "./destination-main.ts";
export type { HostProcess } from "./lifecycle.ts";
export { writeStreams } from "./destination/writer.ts";
export { DataBatches, type DataBatch } from "./destination/data-batches.ts";
export {
  beginningOf,
  deliver,
  deliveryOf,
  planGeneration,
  type Beginning,
  type GenerationPlan,
  type RememberedGeneration,
} from "./destination/generations.ts";
export type {
  CommitWork,
  Lane,
  LoadedStream,
  ReceivedState,
  RecordBatches,
  RecordTimes,
  WriteTarget,
} from "./destination/lane.ts";
export type { Delivery, LedgerStream, StreamNumber } from "./destination/ledger.ts";
export type { Limits } from "./limits.ts";
export { MessageReader, type MessageReaderOptions } from "./destination/message-reader.ts";
export { MessageWriter } from "./message-writer.ts";
export { errorTrace, estimate, logMessage, streamStatus } from "./trace.ts";
