import { sameStream, streamKey, streamLabel } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import {
  editState,
  ownCopy,
  readStateLine,
  type StateLine,
  type StreamStatePart,
} from "../../../protocol/state.ts";
import type { ConnectorName } from "../../connector/launch.ts";
import type { AttemptLog } from "../../store/attempt-log.ts";
import type { Acknowledgements, SentState } from "./acknowledgements.ts";
import type { DestinationInput } from "./destination-input.ts";
import type { GivenUp } from "./given-up.ts";
import type { RelaySetting } from "./relay-setting.ts";
import type { StreamStats, SyncStats } from "./stream-stats.ts";

/**
 * The STATEs on their way from a source to its destination: each gets a number and the destination's
 * names, and is entered among those that wait for their acknowledgement.
 *
 * A STATE of a full refresh waits for what follows. With a RECORD, RUNNING or INCOMPLETE it is a place
 * to go on from; with COMPLETE it is the end, from where a source would begin again; with nothing it
 * is dropped, because nobody can tell.
 */
export class StateRelay {
  readonly #source: ConnectorName;
  readonly #stats: SyncStats;
  readonly #states: Acknowledgements;
  readonly #input: DestinationInput;
  readonly #log: AttemptLog;
  readonly #onUnasked: (part: StreamStatePart) => void;
  readonly #givenUp: GivenUp;

  /** STATEs of full refreshes that wait for what follows them. */
  readonly #held = new Map<StreamStats, StateLine>();
  /** Streams nobody asked for, of which that was said. */
  readonly #warnedOf = new Set<string>();
  /** Whether the destination was told that a stream is whole. */
  #hasFinished = false;

  constructor(
    {
      source,
      stats,
      states,
      input,
      log,
      events,
    }: Pick<RelaySetting, "source" | "stats" | "states" | "input" | "log" | "events">,
    givenUp: GivenUp,
  ) {
    this.#source = source;
    this.#stats = stats;
    this.#states = states;
    this.#input = input;
    this.#log = log;
    this.#onUnasked = (part) => events.onUnaskedState(part);
    this.#givenUp = givenUp;
  }

  /**
   * Takes a STATE of the source, a view into the chunk it came in. Throws `protocol.bad_message`,
   * `protocol.unknown_stream`, `state.invalid` and `sync.counts_disagree`.
   */
  take(said: StateLine): void {
    const line = this.#underFullName(said);
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
    if (this.#givenUp.isOf(line, streams)) return;
    for (const stream of streams) {
      stream.emittedAtState = stream.emitted;
      stream.states++;
      stream.seen();
    }
    const [first] = streams;
    if (line.type !== "STREAM" || !first!.isFullRefresh)
      return this.#send(line, streams, { isLast: false, isOurs: false });
    this.letGo(first!, false);
    this.#held.set(first!, ownCopy(line));
    if (first!.status === "COMPLETE") this.letGo(first!, true);
  }

  /** Passes the STATE on that waits for what follows it; `isLast` when that is COMPLETE. */
  letGo(stream: StreamStats, isLast: boolean): void {
    const line = this.#held.get(stream);
    if (line === undefined) return;
    this.#held.delete(stream);
    // An erasing one leaves no trace of what was read whole.
    const isErasing = isLast && stream.isAdded && line.streams[0]!.blob === undefined;
    if (isErasing) stream.lastBlob = undefined;
    const state = isErasing ? ownState(stream) : line;
    this.#send(state, [stream], { isLast, isOurs: isErasing });
  }

  /**
   * A stream is whole: passes its last STATE on, the one that waits, or one of our own for a full
   * refresh that had none, or added rows behind its last, so that these are acknowledged too. No STATE
   * of the source may come any more.
   */
  finish(stream: StreamStats): void {
    this.#hasFinished = true;
    this.letGo(stream, true);
    const mayHaveState = this.#states.type === undefined || this.#states.type === "STREAM";
    const lacksState = stream.states === 0 || (stream.isAdded && stream.hasUncovered);
    if (stream.isAsked && stream.isFullRefresh && mayHaveState && lacksState)
      this.#send(ownState(stream), [stream], { isLast: true, isOurs: true });
  }

  #send(
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
    this.#onUnasked(part!);
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
