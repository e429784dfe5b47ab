import { streamLabel } from "../../../protocol/catalog.ts";
import { decodeLine } from "../../../protocol/decode.ts";
import type { Failure } from "../../../protocol/errors.ts";
import { readStateLine, type StateLine } from "../../../protocol/state.ts";
import type { WriteContext } from "../contract.ts";
import { RecordIntake } from "./intake.ts";
import { BadLine } from "./message-reader.ts";
import type { LoadedStream, ReceivedState, WriteTarget } from "./lane.ts";
import type { Ledger, StreamNumber } from "./ledger.ts";

/**
 * What the lines of the input say: enters it in the ledger and in the streams' batches, and keeps what is
 * to be done about it until there is time. Synchronous; nothing is sent or committed here.
 */
export class InputMessages {
  readonly #streams: readonly LoadedStream<unknown>[];
  readonly #context: WriteContext;
  readonly #ledger: Ledger<ReceivedState>;
  readonly #intake: RecordIntake;
  readonly #everyStream: readonly StreamNumber[];
  #hasCompleted = false;
  #refusals: Failure[] = [];
  #hasStreamStates: boolean | undefined;
  #sourceError: string | undefined;
  /**
   * Streams that said INCOMPLETE, or were refused, whose rows in a lane are to be taken back; whoever did
   * that clears it.
   */
  readonly givenUp = new Set<StreamNumber>();

  constructor(
    { streams, defaultNamespace = "" }: WriteTarget<unknown>,
    ledger: Ledger<ReceivedState>,
    context: WriteContext,
  ) {
    this.#streams = streams;
    this.#context = context;
    this.#ledger = ledger;
    this.#everyStream = streams.map((_, stream) => stream);
    this.#intake = new RecordIntake(
      streams,
      ledger,
      defaultNamespace,
      () => context.now(),
      (stream, why) => {
        this.givenUp.add(stream);
        this.#refusals.push(why);
      },
    );
  }

  /** Whether each STATE is of one stream; undefined until the first. */
  get hasStreamStates(): boolean | undefined {
    return this.#hasStreamStates;
  }

  /** What the source said went wrong, first of all. */
  get sourceError(): string | undefined {
    return this.#sourceError;
  }

  /** Whether a stream became complete since this was asked before. */
  takeHasCompleted(): boolean {
    const hasCompleted = this.#hasCompleted;
    this.#hasCompleted = false;
    return hasCompleted;
  }

  /** Why streams were refused, since this was asked before. */
  takeRefusals(): readonly Failure[] {
    const refusals = this.#refusals;
    this.#refusals = [];
    return refusals;
  }

  /**
   * Takes one line. Throws `BadLine` for one that is no message, `protocol.unknown_stream`, and what
   * reading a message throws.
   */
  take(bytes: Buffer, start: number, end: number): void {
    if (this.#intake.take(bytes, start, end)) return;
    // A STATE waits for its commit longer than the chunk it came in lives.
    const copy = Buffer.from(bytes.subarray(start, end));
    const state = readStateLine(copy, 0, copy.length);
    if (state !== undefined) return this.#onState(state);
    const decoded = decodeLine(copy, 0, copy.length);
    if (decoded.kind === "noise") throw new BadLine("is not a message of the protocol");
    if (decoded.kind === "unknown") {
      this.#context.log("WARN", `ignoring a message of the unknown type ${decoded.type}`);
      return;
    }
    const { message } = decoded;
    if (message.type !== "TRACE") return;
    const { error } = message.trace;
    if (error !== undefined) this.#sourceError ??= error.message;
    if (message.trace.type !== "STREAM_STATUS") return;
    const status = message.trace.stream_status;
    if (status?.status === "COMPLETE" || status?.status === "INCOMPLETE")
      this.#onStatus(this.#intake.numberOf(status.stream_descriptor), status.status);
  }

  #onState(line: StateLine): void {
    const isOfOne = line.type === "STREAM";
    const streams = isOfOne
      ? line.streams.map((part) => this.#intake.numberOf(part.stream))
      : this.#everyStream;
    this.#hasStreamStates ??= isOfOne;
    const state = { line, streams, records: 0 };
    state.records = this.#ledger.state(state, streams, !isOfOne);
    for (const stream of streams) this.#coverBatch(stream);
    if (line.sourceRecordCount === undefined || line.sourceRecordCount === state.records) return;
    const whose = isOfOne ? streamLabel(this.#streams[streams[0]!]!.stream) : "all streams";
    this.#context.log(
      "WARN",
      `a STATE of ${whose} speaks of ${line.sourceRecordCount} records, ${state.records} arrived`,
    );
  }

  #onStatus(stream: StreamNumber, status: "COMPLETE" | "INCOMPLETE"): void {
    this.#ledger.status(stream, status);
    if (status === "INCOMPLETE") this.givenUp.add(stream);
    // Where one STATE speaks of all streams, the last COMPLETE covers those before it, too.
    for (const one of this.#hasStreamStates === false ? this.#everyStream : [stream])
      this.#coverBatch(one);
    if (this.#ledger.of(stream).status === "complete") this.#hasCompleted = true;
  }

  /** Tells the batch in hand how much of it the ledger calls covered, when that is all of it. */
  #coverBatch(stream: StreamNumber): void {
    const { covered, received } = this.#ledger.of(stream);
    if (covered === received) this.#streams[stream]!.batches.cover();
  }
}
