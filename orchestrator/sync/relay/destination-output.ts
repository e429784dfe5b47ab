import type { Failure } from "../../../protocol/errors.ts";
import { LineSplitter } from "../../../protocol/framing.ts";
import type { JsonObject, TraceStreamStatus } from "../../../protocol/messages.ts";
import { readStateLine, type StateLine } from "../../../protocol/state.ts";
import { logOf, readOtherLine, reportedFailure } from "../../connector/messages.ts";
import type { AttemptLog } from "../../store/attempt-log.ts";

export interface DestinationEvents {
  /** Views into the chunk: copy what must outlive the call. */
  onState(line: StateLine): void;
  onError(failure: Failure): void;
  /** A CONTROL: the settings it wants to have from now on. */
  onControl?(config: JsonObject): Promise<void>;
  /** In the destination's names. */
  onStatus?(status: TraceStreamStatus): void;
}

/**
 * Reads what a destination prints to its end. A torn last line is dropped: losing an acknowledgement
 * only repeats work. Throws `protocol.bad_message` and whatever `onState` throws.
 */
export async function readDestination(
  stdout: AsyncIterable<Buffer>,
  label: string,
  events: DestinationEvents,
  log: AttemptLog,
): Promise<void> {
  const splitter = new LineSplitter();
  const controls: JsonObject[] = [];
  const onLine = (bytes: Buffer, start: number, end: number) => {
    const state = splitter.lineIsUtf8 ? readStateLine(bytes, start, end) : undefined;
    if (state) return events.onState(state);
    const line = readOtherLine(bytes, start, end);
    if (line.kind === "noise") log.connector(label, "DEBUG", line.text);
    if (line.kind !== "message") return;
    const { message } = line;
    if (message.type === "LOG") {
      const { level, text } = logOf(message);
      log.connector(label, level, text);
    } else if (message.type === "TRACE" && message.trace.error)
      events.onError(reportedFailure(message.trace.error, label));
    else if (message.type === "CONTROL" && message.control.connectorConfig)
      controls.push(message.control.connectorConfig.config);
    else if (message.type === "TRACE" && message.trace.stream_status)
      events.onStatus?.(message.trace.stream_status);
  };
  for await (const chunk of stdout) {
    splitter.push(chunk, onLine);
    // One after the other: the last one counts.
    for (const config of controls.splice(0)) await events.onControl?.(config);
  }
}
