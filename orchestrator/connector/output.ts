import { DEFAULT_MAX_LINE_BYTES, LineSplitter } from "../../protocol/framing.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { readStateLine, type StateLine } from "../../protocol/state.ts";
import type { AttemptLog } from "../store/attempt-log.ts";
import type { ConnectorName } from "./launch.ts";
import { handOut, isWholeJson, readOtherLine, type MessageEvents } from "./messages.ts";

/** What is wanted of a connector's output. */
export interface OutputEvents extends Omit<MessageEvents, "onControl"> {
  /** A view into the chunk: copy what must outlive the call. */
  onState?(line: StateLine): void;
  /** The type of a message that is none of the protocol we know. */
  onUnknown?(type: string): void;
  /** The settings it wants to have from now on. Nothing more is read until that is done. */
  onControl?(config: JsonObject): Promise<void>;
}

/**
 * Reads what a connector prints, to its end: anything but the records of a source, which pass
 * through `SourceRelay`. A last line that was cut is logged and dropped: whoever looks for what was
 * in it does not find it. Throws `protocol.bad_message`, `protocol.line_too_long` and whatever the
 * events throw.
 */
export async function readOutput(
  stdout: AsyncIterable<Buffer>,
  who: ConnectorName,
  log: AttemptLog,
  events: OutputEvents,
  maxLineBytes: number = DEFAULT_MAX_LINE_BYTES,
): Promise<void> {
  const splitter = new LineSplitter(maxLineBytes);
  const wanted: JsonObject[] = [];
  const onLine = (bytes: Buffer, start: number, end: number) => {
    const state = splitter.lineIsUtf8 ? readStateLine(bytes, start, end) : undefined;
    if (state) return events.onState?.(state);
    const line = readOtherLine(bytes, start, end);
    if (line.kind === "noise") log.connector(who.label, "DEBUG", line.text);
    if (line.kind === "unknown") events.onUnknown?.(line.type);
    if (line.kind === "message")
      handOut(line.message, who, log, { ...events, onControl: (config) => wanted.push(config) });
  };
  const keepWanted = async () => {
    for (const config of wanted.splice(0)) await events.onControl?.(config);
  };
  for await (const chunk of stdout) {
    splitter.push(chunk, onLine);
    await keepWanted();
  }
  splitter.end((bytes, start, end) => {
    if (isWholeJson(bytes, start, end)) onLine(bytes, start, end);
    else log.own("WARN", `${who.label} stopped in the middle of a line`);
  });
  await keepWanted();
}
