import { streamLabel, type StreamDescriptor } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import { LineSplitter } from "../../../protocol/framing.ts";
import type {
  JsonObject,
  Message,
  StreamStatus,
  TraceMessage,
} from "../../../protocol/messages.ts";
import { RecordReader } from "../../../protocol/record-line.ts";
import { editState, readStateLine, type StateLine } from "../../../protocol/state.ts";
import { logOf, readOtherLine, reportedFailure } from "../../connector/messages.ts";
import type { AttemptLog } from "../../store/attempt-log.ts";
import type { Accounts, StreamAccount } from "./accounts.ts";
import { ownCopy, type Acknowledgements } from "./acknowledgements.ts";
import { ForwardBuffer } from "./forward-buffer.ts";
import { sameStream } from "../streams/naming.ts";
import { renameHead, renameRecord } from "./record-names.ts";
import { withSourceCount } from "../positions/state-fields.ts";

const NEWLINE = Buffer.from("\n");
const CLOSE_BRACE = 0x7d;

/** What the relay tells the attempt. */
export interface RelayEvents {
  /** A TRACE ERROR. */
  onError(failure: Failure): void;
  onStatus(account: StreamAccount, status: StreamStatus): void;
  /** A CONTROL: the settings the source wants to have from now on. */
  onControl(config: JsonObject): void;
  /** A TRACE ESTIMATE: how many rows a stream may have. */
  onEstimate(stream: StreamDescriptor, rows: number): void;
}

/**
 * Turns what a source prints into what its destination gets, chunk by chunk.
 *
 * RECORD lines are counted and pass as bytes: runs of them under unchanged names as slices of the
 * chunk they came in, else with a new head. STATE lines get a number and the destination's names.
 * Everything else is consumed. Holds one unfinished line and never waits.
 */
export class SourceRelay {
  readonly #accounts: Accounts;
  readonly #states: Acknowledgements;
  readonly #events: RelayEvents;
  readonly #log: AttemptLog;
  readonly #label: string;
  readonly #splitter = new LineSplitter();
  readonly #reader = new RecordReader();

  readonly #out = new ForwardBuffer();

  /** The head last seen, and what follows from it. */
  #stream: StreamDescriptor | undefined;
  #account: StreamAccount | undefined;
  #renamesRecords = false;
  #newHead: Buffer | undefined;

  /** Stream statuses seen, of whatever stream. */
  statuses = 0;
  /** Lines dropped because they were no messages, and messages of unknown types. */
  noise = 0;
  unknownMessages = 0;

  constructor(
    accounts: Accounts,
    states: Acknowledgements,
    events: RelayEvents,
    log: AttemptLog,
    label: string,
  ) {
    this.#accounts = accounts;
    this.#states = states;
    this.#events = events;
    this.#log = log;
    this.#label = label;
  }

  /**
   * Takes a chunk and returns what to forward; the buffers may be views into the chunk. Throws
   * `protocol.bad_message`, `protocol.unknown_stream`, `protocol.line_too_long` and
   * `sync.counts_disagree`; what was returned before stays valid.
   */
  push(chunk: Buffer): Buffer[] {
    this.#splitter.push(chunk, this.#onLine);
    return this.#out.take();
  }

  /**
   * The end of the source's output. A last line without newline is taken when it is whole; a torn
   * one throws `protocol.torn_line`.
   */
  end(): Buffer[] {
    this.#splitter.end((bytes, start, end) => {
      if (isJson(bytes, start, end)) return this.#onLine(bytes, start, end);
      if (bytes[start] !== 0x7b) return this.#other(bytes, start, end);
      throw new Failure("protocol.torn_line", `${this.#label} stopped in the middle of a line`);
    });
    return this.#out.take();
  }

  /**
   * What tells the destination that a stream is whole: a STATE of its own for a full refresh that had
   * none, so that its records are acknowledged too, and the COMPLETE that allows it to swap.
   */
  finish(account: StreamAccount): Buffer[] {
    const { source, destination, configured } = account.plan;
    const hasOwnState = this.#states.type === undefined || this.#states.type === "STREAM";
    if (account.states === 0 && configured.sync_mode === "full_refresh" && hasOwnState) {
      const stream = { stream_descriptor: source, stream_state: {} };
      const line = Buffer.from(
        JSON.stringify({ type: "STATE", state: { type: "STREAM", stream } }),
      );
      this.#state(readStateLine(line, 0, line.length)!);
    }
    const status = { stream_descriptor: destination, status: "COMPLETE" };
    const trace = { type: "STREAM_STATUS", emitted_at: Date.now(), stream_status: status };
    this.#out.pieces(Buffer.from(`${JSON.stringify({ type: "TRACE", trace })}\n`));
    return this.#out.take();
  }

  readonly #onLine = (bytes: Buffer, start: number, end: number): void => {
    if (!this.#reader.read(bytes, start, end)) return this.#other(bytes, start, end);
    if (!this.#splitter.lineIsUtf8)
      throw new Failure(
        "protocol.bad_message",
        `${this.#label} sent a RECORD that is not UTF-8, of stream ${streamLabel(this.#reader.stream)}`,
      );
    this.#record(bytes, start, end);
  };

  #record(bytes: Buffer, start: number, end: number): void {
    const reader = this.#reader;
    const isFast = reader.dataEnd === -1;
    if (reader.stream !== this.#stream) this.#learn(bytes, start, isFast);
    const account = this.#account!;
    // Cheap on the fast path, where nothing after the head was looked at: a cut line ends otherwise.
    if (isFast && (bytes[end - 1] !== CLOSE_BRACE || bytes[end - 2] !== CLOSE_BRACE))
      reader.locateData(bytes, start, end);
    account.emitted++;
    account.bytes += end - reader.dataStart - 2;
    if (account.editor) return this.#edited(account, bytes, start, end);
    account.forwarded++;
    if (!this.#renamesRecords) this.#out.line(bytes, start, end);
    else if (isFast) this.#out.underHead(this.#newHead!, bytes, reader.dataStart, end);
    else this.#out.pieces(renameRecord(bytes, start, end, account.plan.destination));
  }

  /** Forwards a record whose data is changed on the way, unless a filter drops it. */
  #edited(account: StreamAccount, bytes: Buffer, start: number, end: number): void {
    const { dataStart } = this.#reader;
    const edited = account.editor!.edit(bytes, dataStart, end);
    if (edited === undefined) return;
    account.forwarded++;
    const rest = bytes.subarray(edited.dataEnd, end);
    if (!this.#renamesRecords)
      return this.#out.pieces(bytes.subarray(start, dataStart), edited.data, rest, NEWLINE);
    if (this.#newHead) return this.#out.pieces(this.#newHead, edited.data, rest, NEWLINE);
    const line = Buffer.concat([bytes.subarray(start, dataStart), edited.data, rest]);
    this.#out.pieces(renameRecord(line, 0, line.length, account.plan.destination));
  }

  /** A head not seen before: which stream, and under which name it goes on. */
  #learn(bytes: Buffer, start: number, isFast: boolean): void {
    const stream = this.#reader.stream;
    const account = this.#accounts.find(stream);
    if (account === undefined)
      throw new Failure(
        "protocol.unknown_stream",
        `${this.#label} sent a RECORD of stream ${streamLabel(stream)}, which was not asked for`,
      );
    if (account.isFinished)
      throw new Failure(
        "protocol.bad_message",
        `${this.#label} sent a RECORD of stream ${streamLabel(stream)} after it had said ${account.status}`,
      );
    this.#stream = stream;
    this.#account = account;
    account.seen();
    const { destination } = account.plan;
    this.#renamesRecords = !sameStream(stream, destination);
    this.#newHead =
      this.#renamesRecords && isFast
        ? renameHead(bytes.subarray(start, this.#reader.dataStart), destination)
        : undefined;
  }

  #other(bytes: Buffer, start: number, end: number): void {
    const state = this.#splitter.lineIsUtf8 ? readStateLine(bytes, start, end) : undefined;
    if (state) return this.#state(state);
    const line = readOtherLine(bytes, start, end);
    if (line.kind === "message") this.#message(line.message);
    else if (line.kind === "unknown") this.#ignored(line.type);
    else if (line.kind === "noise") {
      this.noise++;
      this.#log.connector(this.#label, "DEBUG", line.text);
    }
  }

  #ignored(type: string): void {
    this.unknownMessages++;
    this.#log.own("WARN", `${this.#label} sent a ${type} message, which is ignored`);
  }

  #state(line: StateLine): void {
    this.#stream = undefined; // the stream may be over: look again at the next RECORD
    const accounts = this.#accountsOf(line);
    const emitted = accounts.reduce((sum, a) => sum + a.emitted - a.emittedAtState, 0);
    if (line.sourceRecordCount !== undefined && line.sourceRecordCount !== emitted)
      throw new Failure(
        "sync.counts_disagree",
        `${this.#label} says it sent ${line.sourceRecordCount} records before a STATE${ofStream(line)}, ${emitted} arrived`,
        { facts: { said: line.sourceRecordCount, arrived: emitted } },
      );
    const records = accounts.reduce((sum, a) => sum + a.forwarded - a.forwardedAtState, 0);
    const covers = accounts.map((account) => ({ account, forwarded: account.forwarded }));
    for (const account of accounts) {
      account.emittedAtState = account.emitted;
      account.forwardedAtState = account.forwarded;
      account.states++;
      account.seen();
    }
    const sent = this.#states.send(ownCopy(line), covers, records);
    if (line.type === "STREAM") accounts[0]!.lastBlob = sent.line.streams[0]!.blob;
    const mapped = editState(sent.line, {
      id: sent.id,
      rename: (stream) => this.#accounts.find(stream)?.plan.destination ?? stream,
    });
    this.#out.pieces(
      line.sourceRecordCount === records ? mapped : withSourceCount(mapped, records),
    );
  }

  #accountsOf(line: StateLine): StreamAccount[] {
    if (line.type !== "STREAM") return [...this.#accounts.all];
    const { stream } = line.streams[0]!;
    const account = this.#accounts.find(stream);
    if (account) return [account];
    throw new Failure(
      "protocol.unknown_stream",
      `${this.#label} sent a STATE of stream ${streamLabel(stream)}, which was not asked for`,
    );
  }

  #message(message: Message): void {
    if (message.type === "LOG") {
      const { level, text } = logOf(message);
      this.#log.connector(this.#label, level, text);
    } else if (message.type === "TRACE") this.#trace(message.trace);
    else if (message.type === "CONTROL") {
      const wanted = message.control.connectorConfig;
      if (wanted) this.#events.onControl(wanted.config);
    } else this.#ignored(message.type);
  }

  #trace({ type, error, estimate, stream_status: said }: TraceMessage["trace"]): void {
    if (type === "ERROR" && error) this.#events.onError(reportedFailure(error, this.#label));
    else if (type === "ESTIMATE" && estimate?.row_estimate !== undefined)
      this.#events.onEstimate(estimate, estimate.row_estimate);
    else if (type === "STREAM_STATUS" && said) {
      this.statuses++;
      const { stream_descriptor: stream, status } = said;
      const account = this.#accounts.find(stream);
      // A status about a stream nobody asked for promises nothing; INCOMPLETE stays.
      if (account === undefined || account.status === "INCOMPLETE") return;
      if (account.status === "COMPLETE" && status !== "INCOMPLETE") return;
      account.status = status;
      account.seen();
      this.#stream = undefined;
      this.#events.onStatus(account, status);
    }
  }
}

function isJson(bytes: Buffer, start: number, end: number): boolean {
  try {
    JSON.parse(bytes.toString("utf8", start, end));
    return true;
  } catch {
    return false;
  }
}

function ofStream(line: StateLine): string {
  return line.type === "STREAM" ? ` of stream ${streamLabel(line.streams[0]!.stream)}` : "";
}
