import {
  sameStream,
  streamKey,
  streamLabel,
  type StreamDescriptor,
} from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import { LineSplitter } from "../../../protocol/framing.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import type {
  Message,
  StreamStatus,
  TraceMessage,
  TraceStreamStatus,
} from "../../../protocol/messages.ts";
import { RecordReader, renameHead, renameRecord } from "../../../protocol/record-line.ts";
import {
  editState,
  ownCopy,
  readStateLine,
  type StateLine,
  type StateType,
  type StreamStatePart,
} from "../../../protocol/state.ts";
import type { ConnectorName } from "../../connector/launch.ts";
import { handOut, isWholeJson, readOtherLine } from "../../connector/messages.ts";
import type { AttemptLog } from "../../store/attempt-log.ts";
import type { Acknowledgements, SentState } from "./acknowledgements.ts";
import type { DestinationInput } from "./destination-input.ts";
import type { StreamStats, SyncStats } from "./stream-stats.ts";

const NEWLINE = Buffer.from("\n");
const CLOSE_BRACE = 0x7d;

/** What the relay tells the attempt. */
export interface RelayEvents {
  /** A TRACE ERROR. */
  onError(error: Failure): void;
  /** A LOG of level ERROR or FATAL. */
  onErrorLog(text: string): void;
  onStatus(stream: StreamStats, status: StreamStatus): void;
  /** A STATE of a stream that is not of this sync, in memory of its own. */
  onUnaskedState(part: StreamStatePart): void;
  /** A CONTROL: the settings the source wants to have from now on. */
  onControl(config: JsonObject): void;
}

/** What the relay works on. */
export interface RelaySetting {
  readonly source: ConnectorName;
  readonly stats: SyncStats;
  readonly states: Acknowledgements;
  /** The kind of STATE the source had in an earlier attempt of the job, if there was one. */
  readonly expected: StateType | undefined;
  readonly input: DestinationInput;
  readonly log: AttemptLog;
  readonly events: RelayEvents;
}

/**
 * Turns what a source prints into what its destination gets, chunk by chunk.
 *
 * RECORD lines are counted and pass as bytes: runs of them under unchanged names as slices of the
 * chunk they came in, else with a new head. STATE lines get a number and the destination's names.
 * A STATE of a full refresh waits for what follows. With a RECORD, RUNNING or INCOMPLETE it is a place
 * to go on from; with COMPLETE it is the end, from where a source would begin again; with nothing it
 * is dropped, because nobody can tell.
 * INCOMPLETE of a stream passes in its place, so that the destination can take back what no STATE
 * covers before rows of other streams follow. Everything else is consumed: COMPLETE above all, which
 * is worth something only when the source has ended well. Holds one unfinished line and never waits.
 */
export class SourceRelay {
  readonly #source: ConnectorName;
  readonly #stats: SyncStats;
  readonly #states: Acknowledgements;
  readonly #expected: StateType | undefined;
  readonly #input: DestinationInput;
  readonly #log: AttemptLog;
  readonly #events: RelayEvents;
  readonly #splitter = new LineSplitter();
  readonly #reader = new RecordReader();

  /** The head last seen, and what follows from it. */
  #stream: StreamDescriptor | undefined;
  #current: StreamStats | undefined;
  #renamesRecords = false;
  #newHead: Buffer | undefined;

  /** STATEs of full refreshes that wait for what follows them. */
  readonly #held = new Map<StreamStats, StateLine>();
  /** Streams nobody asked for, of which that was said. */
  readonly #warnedOf = new Set<string>();
  /** Streams whose INCOMPLETE was passed on. */
  readonly #givenUp = new Set<StreamStats>();
  /** INCOMPLETEs that wait for the end of the output. */
  readonly #heldBack: [StreamStats, Buffer][] = [];

  /** Whether the source said something of a stream, of whatever stream. */
  sendsStatuses = false;
  /** Whether the destination was told that a stream is whole. */
  #hasFinished = false;

  constructor({ source, stats, states, expected, input, log, events }: RelaySetting) {
    this.#source = source;
    this.#stats = stats;
    this.#states = states;
    this.#expected = expected;
    this.#input = input;
    this.#log = log;
    this.#events = events;
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
    for (const [stream, line] of this.#heldBack) this.#giveUp(stream, line);
  }

  /**
   * Adds what tells the destination that a stream is whole: the STATE that is the last of it now, one
   * of our own for a full refresh that had none, or added rows behind its last, so that these are
   * acknowledged too, and the COMPLETE that allows it to swap.
   */
  finish(stream: StreamStats): void {
    this.#hasFinished = true;
    this.#letGo(stream, true);
    const mayHaveState = this.#states.type === undefined || this.#states.type === "STREAM";
    const lacksState = stream.states === 0 || (stream.isAdded && stream.hasUncovered);
    if (stream.isAsked && stream.isFullRefresh && mayHaveState && lacksState)
      this.#sendState(ownState(stream), [stream], { isLast: true, isOurs: true });
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
    this.#record(bytes, start, end);
  };

  #record(bytes: Buffer, start: number, end: number): void {
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
    this.#letGo(stats, false);
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

  #other(bytes: Buffer, start: number, end: number): void {
    const state = this.#splitter.lineIsUtf8 ? readStateLine(bytes, start, end) : undefined;
    if (state) return this.#state(this.#underFullName(state));
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

  #state(line: StateLine): void {
    this.#stream = undefined; // the stream may be over: look again at the next RECORD
    if (this.#hasFinished)
      throw new Failure(
        "protocol.bad_message",
        `${this.#source.label} sent a STATE after it had said COMPLETE of every stream`,
      );
    if (line.type === "STREAM" && this.#stats.find(line.streams[0]!.stream) === undefined)
      return this.#unasked(line);
    const streams = this.#streamsOf(line);
    const emitted = streams.reduce((sum, one) => sum + one.emitted - one.emittedAtState, 0);
    if (line.sourceRecordCount !== undefined && line.sourceRecordCount !== emitted)
      throw new Failure(
        "sync.counts_disagree",
        `${this.#source.label} says it sent ${line.sourceRecordCount} records before a STATE${ofStream(line)}, ${emitted} arrived`,
        { facts: { said: line.sourceRecordCount, arrived: emitted } },
      );
    this.#states.noteKind(line);
    if (this.#isOfGivenUp(line, streams)) return;
    for (const stream of streams) {
      stream.emittedAtState = stream.emitted;
      stream.states++;
      stream.seen();
    }
    const [first] = streams;
    if (line.type !== "STREAM" || !first!.isFullRefresh)
      return this.#sendState(line, streams, { isLast: false, isOurs: false });
    this.#letGo(first!, false);
    this.#held.set(first!, ownCopy(line));
    if (first!.status === "COMPLETE") this.#letGo(first!, true);
  }

  /** Passes the STATE on that waits for what follows it. */
  #letGo(stream: StreamStats, isLast: boolean): void {
    const line = this.#held.get(stream);
    if (line === undefined) return;
    this.#held.delete(stream);
    // An erasing one leaves no trace of what was read whole.
    const isErasing = isLast && stream.isAdded && line.streams[0]!.blob === undefined;
    if (isErasing) stream.lastBlob = undefined;
    const state = isErasing ? ownState(stream) : line;
    this.#sendState(state, [stream], { isLast, isOurs: isErasing });
  }

  #sendState(
    line: StateLine,
    streams: readonly StreamStats[],
    { isLast, isOurs }: Pick<SentState, "isLast" | "isOurs">,
  ): void {
    const records = streams.reduce((sum, one) => sum + one.forwarded - one.forwardedAtState, 0);
    const covers = streams.map((stream) => ({ stream, forwarded: stream.forwarded }));
    const sent = this.#states.send(line, { covers, records, isLast, isOurs });
    for (const stream of streams) stream.forwardedAtState = stream.forwarded;
    if (line.type === "STREAM") streams[0]!.lastBlob = sent.line.streams[0]!.blob;
    this.#input.pieces(
      editState(sent.line, {
        id: sent.id,
        ...(line.type === "STREAM" && streams[0]!.isAdded && { isLast }),
        rename: (stream) => this.#stats.find(stream)?.plan.destination ?? stream,
        // A destination may insist on it, and a filter changes it.
        ...(line.sourceRecordCount !== records && { sourceRecordCount: records }),
      }),
    );
  }

  /** Some sources keep a state under the name of a stream that there is not: it is theirs to keep. */
  #unasked(line: StateLine): void {
    const [part] = ownCopy(line).streams;
    const key = streamKey(part!.stream);
    if (!this.#warnedOf.has(key))
      this.#log.own(
        "WARN",
        `${this.#source.label} sent a STATE of stream ${streamLabel(part!.stream)}, which was not asked for; it is kept for the source, and not passed on`,
      );
    this.#warnedOf.add(key);
    this.#events.onUnaskedState(part!);
  }

  /** A STATE that leaves a namespace out, with it: what is kept goes by the stream's whole name. */
  #underFullName(line: StateLine): StateLine {
    const [part] = line.type === "STREAM" ? line.streams : [];
    const source = part && this.#stats.find(part.stream)?.plan.source;
    if (source === undefined || sameStream(source, part!.stream)) return line;
    const bytes = editState(line, { rename: () => source });
    return readStateLine(bytes, 0, bytes.length - 1)!; // without the newline
  }

  #streamsOf(line: StateLine): StreamStats[] {
    if (line.type !== "STREAM") return this.#stats.streams.filter(({ isAsked }) => isAsked);
    const { stream } = line.streams[0]!;
    const stats = this.#stats.find(stream);
    // The one that `finish` makes for a stream is asked for, too.
    if (stats?.isAsked) return [stats];
    throw new Failure(
      "protocol.unknown_stream",
      `${this.#source.label} sent a STATE of stream ${streamLabel(stream)}, which was not asked for`,
    );
  }

  /**
   * Whether a STATE covers rows that the destination was told to take back: acknowledged, it would
   * lose them.
   */
  #isOfGivenUp(line: StateLine, streams: readonly StreamStats[]): boolean {
    const given = streams.filter((stream) => this.#givenUp.has(stream));
    if (line.type === "STREAM" && given.length > 0) {
      this.#log.own(
        "WARN",
        `${this.#source.label} sent a STATE${ofStream(line)} after it had said INCOMPLETE; it is not passed on`,
      );
      return true;
    }
    const lost = given.filter((stream) => stream.hasUncovered);
    if (lost.length === 0) return false;
    throw new Failure(
      "protocol.bad_message",
      `${this.#source.label} sent a STATE of all streams after it had said INCOMPLETE of ${lost.map(({ plan }) => streamLabel(plan.source)).join(", ")}, whose last records no STATE had covered`,
    );
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
    this.#stream = undefined;
    if (status !== "STARTED") this.#letGo(stream, status === "COMPLETE");
    this.#events.onStatus(stream, status);
    if (status === "INCOMPLETE") this.#passOn(stream, said, message);
  }

  /** INCOMPLETE, unless a STATE of all streams is going to cover what the stream has sent. */
  #passOn(stream: StreamStats, said: TraceStreamStatus, { trace }: TraceMessage): void {
    const status = { ...said, stream_descriptor: stream.plan.destination };
    const line = Buffer.from(
      `${JSON.stringify({ type: "TRACE", trace: { ...trace, stream_status: status } })}\n`,
    );
    const type = this.#states.type ?? this.#expected;
    if (type === undefined || type === "STREAM") this.#giveUp(stream, line);
    else this.#heldBack.push([stream, line]);
  }

  #giveUp(stream: StreamStats, line: Buffer): void {
    this.#givenUp.add(stream);
    this.#input.pieces(line);
  }
}

/** A STATE of ours: the content of the stream's last one, or none. */
function ownState({ plan, lastBlob }: StreamStats): StateLine {
  const line = Buffer.concat([
    Buffer.from(
      `{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":${JSON.stringify(plan.source)},"stream_state":`,
    ),
    lastBlob ?? Buffer.from("{}"),
    Buffer.from("}}}"),
  ]);
  return readStateLine(line, 0, line.length)!;
}

function ofStream(line: StateLine): string {
  return line.type === "STREAM" ? ` of stream ${streamLabel(line.streams[0]!.stream)}` : "";
}
