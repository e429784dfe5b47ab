import { sameStream, streamLabel, type StreamDescriptor } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import { renameHead, renameRecord, type RecordReader } from "../../../protocol/record-line.ts";
import type { ConnectorName } from "../../connector/launch.ts";
import type { DestinationInput } from "./destination-input.ts";
import type { RelaySetting } from "./relay-setting.ts";
import type { StateRelay } from "./state-relay.ts";
import type { StreamStats, SyncStats } from "./stream-stats.ts";

const NEWLINE = Buffer.from("\n");
const CLOSE_BRACE = 0x7d;

/**
 * The RECORDs on their way from a source to its destination. They are counted and pass as bytes: runs
 * of them under unchanged names as slices of the chunk they came in, else with a new head, or with
 * other data where the stream has mappers. What follows from a head is found once, not once per record.
 */
export class RecordRelay {
  readonly #source: ConnectorName;
  readonly #stats: SyncStats;
  readonly #input: DestinationInput;
  readonly #reader: RecordReader;
  readonly #states: StateRelay;

  /** The head last seen, and what follows from it. */
  #stream: StreamDescriptor | undefined;
  #current: StreamStats | undefined;
  #renamesRecords = false;
  #newHead: Buffer | undefined;

  /** @param reader has read the record that `take` gets. */
  constructor(
    { source, stats, input }: Pick<RelaySetting, "source" | "stats" | "input">,
    reader: RecordReader,
    states: StateRelay,
  ) {
    this.#source = source;
    this.#stats = stats;
    this.#input = input;
    this.#reader = reader;
    this.#states = states;
  }

  /** The stream may be over: the next RECORD's head is looked at again. */
  forgetHead(): void {
    this.#stream = undefined;
  }

  /** Takes the line that the reader has read. Throws `protocol.bad_message`, `protocol.unknown_stream`. */
  take(bytes: Buffer, start: number, end: number): void {
    const reader = this.#reader;
    const isFast = reader.dataEnd === -1;
    if (reader.stream !== this.#stream) this.#learn(bytes, start, isFast);
    const stream = this.#current!;
    // Cheap on the fast path, where nothing after the head was looked at: a cut line ends otherwise.
    if (isFast && (bytes[end - 1] !== CLOSE_BRACE || bytes[end - 2] !== CLOSE_BRACE))
      reader.locateData(bytes, start, end);
    stream.emitted++;
    stream.bytes += end - reader.dataStart - 2;
    if (stream.editor) return this.#edited(stream, bytes, start, end);
    stream.forwarded++;
    if (!this.#renamesRecords) this.#input.line(bytes, start, end);
    else if (isFast) this.#input.underHead(this.#newHead!, bytes, reader.dataStart, end);
    else this.#input.pieces(renameRecord(bytes, start, end, stream.plan.destination));
  }

  /** Passes a record on whose data is changed on the way, unless a filter drops it. */
  #edited(stream: StreamStats, bytes: Buffer, start: number, end: number): void {
    const reader = this.#reader;
    const { dataStart } = reader;
    const edited = stream.editor!.edit(bytes, dataStart, end);
    if (edited === undefined) return;
    stream.forwarded++;
    const { data, dataEnd } = edited;
    if (reader.dataEnd === -1 && !reader.finish(bytes, dataEnd, end))
      reader.locateData(bytes, start, end);
    const { metaStart, metaEnd } = reader;
    const part = (from: number, to: number): Buffer => {
      if (metaStart < from || metaStart >= to) return bytes.subarray(from, to);
      const meta = stream.editor!.editMeta(bytes.subarray(metaStart, metaEnd));
      return Buffer.concat([bytes.subarray(from, metaStart), meta, bytes.subarray(metaEnd, to)]);
    };
    const [head, rest] = [part(start, dataStart), part(dataEnd, end)];
    if (!this.#renamesRecords) return this.#input.pieces(head, data, rest, NEWLINE);
    if (this.#newHead) return this.#input.pieces(this.#newHead, data, rest, NEWLINE);
    const line = Buffer.concat([head, data, rest]);
    this.#input.pieces(renameRecord(line, 0, line.length, stream.plan.destination));
  }

  /** A head not seen before: which stream, and under which name it goes on. */
  #learn(bytes: Buffer, start: number, isFast: boolean): void {
    const stream = this.#reader.stream;
    const stats = this.#stats.find(stream);
    if (stats === undefined || !stats.isAsked)
      throw new Failure(
        "protocol.unknown_stream",
        `${this.#source.label} sent a RECORD of stream ${streamLabel(stream)}, which was not asked for`,
      );
    if (stats.isFinished)
      throw new Failure(
        "protocol.bad_message",
        `${this.#source.label} sent a RECORD of stream ${streamLabel(stream)} after it had said ${stats.status}`,
      );
    this.#states.letGo(stats, false);
    this.#stream = stream;
    this.#current = stats;
    this.#stats.current = stats;
    stats.seen();
    const { destination } = stats.plan;
    this.#renamesRecords = !sameStream(stream, destination);
    this.#newHead =
      this.#renamesRecords && isFast
        ? renameHead(bytes.subarray(start, this.#reader.dataStart), destination)
        : undefined;
  }
}
