import { streamLabel } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import { LineSplitter } from "../../../protocol/framing.ts";
import type { Message, TraceMessage, TraceStreamStatus } from "../../../protocol/messages.ts";
import { RecordReader } from "../../../protocol/record-line.ts";
import { readStateLine } from "../../../protocol/state.ts";
import type { ConnectorName } from "../../connector/launch.ts";
import { handOut, isWholeJson, readOtherLine } from "../../connector/messages.ts";
import type { AttemptLog } from "../../store/attempt-log.ts";
import type { DestinationInput } from "./destination-input.ts";
import { GivenUp } from "./given-up.ts";
import { RecordRelay } from "./record-relay.ts";
import type { RelayEvents, RelaySetting } from "./relay-setting.ts";
import { StateRelay } from "./state-relay.ts";
import type { StreamStats, SyncStats } from "./stream-stats.ts";

/**
 * Turns what a source prints into what its destination gets, chunk by chunk: cuts lines, and gives each
 * to whom it concerns. RECORD, STATE and INCOMPLETE pass on, in the order they came. Everything else
 * is consumed: COMPLETE above all, which is worth something only when the source has ended well. Holds
 * one unfinished line and never waits.
 */
export class SourceRelay {
  readonly #source: ConnectorName;
  readonly #stats: SyncStats;
  readonly #input: DestinationInput;
  readonly #log: AttemptLog;
  readonly #events: RelayEvents;
  readonly #splitter = new LineSplitter();
  readonly #reader = new RecordReader();
  readonly #givenUp: GivenUp;
  readonly #states: StateRelay;
  readonly #records: RecordRelay;

  /** Whether the source said something of a stream, of whatever stream. */
  sendsStatuses = false;

  constructor(setting: RelaySetting) {
    this.#source = setting.source;
    this.#stats = setting.stats;
    this.#input = setting.input;
    this.#log = setting.log;
    this.#events = setting.events;
    this.#givenUp = new GivenUp(setting);
    this.#states = new StateRelay(setting, this.#givenUp);
    this.#records = new RecordRelay(setting, this.#reader, this.#states);
  }

  /**
   * Takes a chunk and adds to the input what passes on. Throws `protocol.bad_message`,
   * `protocol.unknown_stream`, `protocol.line_too_long`, `state.invalid` and `sync.counts_disagree`;
   * what the lines before were turned into stays valid.
   */
  push(chunk: Buffer): void {
    this.#splitter.push(chunk, this.#onLine);
  }

  /**
   * The end of the source's output. A last line without newline is taken when it is whole; a torn
   * one throws `protocol.torn_line`.
   */
  end(): void {
    this.#splitter.end((bytes, start, end) => {
      if (isWholeJson(bytes, start, end)) return this.#onLine(bytes, start, end);
      if (bytes[start] !== 0x7b) return this.#other(bytes, start, end);
      throw new Failure(
        "protocol.torn_line",
        `${this.#source.label} stopped in the middle of a line`,
      );
    });
    this.#givenUp.end();
  }

  /**
   * Adds what tells the destination that a stream is whole: its last STATE, and the COMPLETE that
   * allows it to swap.
   */
  finish(stream: StreamStats): void {
    this.#states.finish(stream);
    const status = { stream_descriptor: stream.plan.destination, status: "COMPLETE" };
    const trace = { type: "STREAM_STATUS", emitted_at: Date.now(), stream_status: status };
    this.#input.pieces(Buffer.from(`${JSON.stringify({ type: "TRACE", trace })}\n`));
  }

  readonly #onLine = (bytes: Buffer, start: number, end: number): void => {
    if (!this.#reader.read(bytes, start, end)) return this.#other(bytes, start, end);
    if (!this.#splitter.lineIsUtf8)
      throw new Failure(
        "protocol.bad_message",
        `${this.#source.label} sent a RECORD that is not UTF-8, of stream ${streamLabel(this.#reader.stream)}`,
      );
    this.#records.take(bytes, start, end);
  };

  #other(bytes: Buffer, start: number, end: number): void {
    const state = this.#splitter.lineIsUtf8 ? readStateLine(bytes, start, end) : undefined;
    if (state) {
      this.#records.forgetHead();
      return this.#states.take(state);
    }
    const line = readOtherLine(bytes, start, end);
    if (line.kind === "message")
      handOut(line.message, this.#source, this.#log, {
        onError: (error) => this.#events.onError(error),
        onErrorLog: (text) => this.#events.onErrorLog(text),
        onControl: (config) => this.#events.onControl(config),
        onStatus: (status, message) => this.#status(status, message),
        onEstimate: ({ type, row_estimate: rows, ...stream }) => {
          const stats = type === "STREAM" ? this.#stats.find(stream) : undefined;
          if (stats && rows !== undefined && rows > 0) stats.expected = rows;
        },
        onActivity: (activity) => this.#stats.onSourceActivity(activity),
        onOther: ({ type }) => this.#ignored(type),
      });
    else if (line.kind === "unknown") this.#ignored(line.type);
    else if (line.kind === "noise") this.#log.connector(this.#source.label, "DEBUG", line.text);
  }

  #ignored(type: Message["type"] | (string & {})): void {
    this.#log.own("WARN", `${this.#source.label} sent a ${type} message, which is ignored`);
  }

  #status(said: TraceStreamStatus, message: TraceMessage): void {
    this.sendsStatuses = true;
    const { stream_descriptor: descriptor, status } = said;
    const stream = this.#stats.find(descriptor);
    // A status about a stream nobody asked for promises nothing; INCOMPLETE stays.
    if (stream === undefined || !stream.isAsked || stream.status === "INCOMPLETE") return;
    if (stream.status === "COMPLETE" && status !== "INCOMPLETE") return;
    stream.status = status;
    stream.seen();
    this.#records.forgetHead();
    if (status !== "STARTED") this.#states.letGo(stream, status === "COMPLETE");
    this.#events.onStatus(stream, status);
    if (status === "INCOMPLETE") this.#givenUp.take(stream, said, message);
  }
}
