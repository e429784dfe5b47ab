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
  Source,
  StateInput,
  WriteContext,
} from "./contract.ts";
export { runSource } from "./source-main.ts";
export { runDestination } from "./destination-main.ts";
export type { HostProcess } from "./lifecycle.ts";
export { MessageReader, type MessageReaderOptions } from "./destination/message-reader.ts";
export { MessageWriter } from "./message-writer.ts";
export { errorTrace, estimate, logMessage, streamStatus } from "./trace.ts";
