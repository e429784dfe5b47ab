import {
  sameStream,
  streamKey,
  streamLabel,
  type StreamDescriptor,
} from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import { sameJson } from "../../../protocol/json-equal.ts";
import { membersOf, numberAt } from "../../../protocol/json-scan.ts";
import { ownCopy, type StateLine, type StateType } from "../../../protocol/state.ts";
import type { StreamStats } from "./stream-stats.ts";

/** A STATE that went to the destination and is not back yet. */
export interface SentState {
  readonly id: number;
  /** As the source wrote it, in the source's names, in memory of its own. */
  readonly line: StateLine;
  /** Which STATEs follow each other: one scope per stream, or one for all. */
  readonly scope: string;
  /** Totals of `forwarded` that it vouches for. */
  readonly covers: readonly { readonly stream: StreamStats; readonly forwarded: number }[];
  /** Records since the previous STATE of its scope. */
  readonly records: number;
  /** Whether its source said COMPLETE behind it. */
  readonly isLast: boolean;
  /** Whether it was not the source that printed it. */
  readonly isOurs: boolean;
}

/**
 * Matches what the destination prints back with what it was sent. A STATE is taken as a promise only
 * when it is one of ours, unchanged, and newer than the last one taken for its scope. What is saved
 * afterwards is always our own copy.
 */
export class Acknowledgements {
  readonly #waiting = new Map<number, SentState>();
  #lastSent = 0;
  readonly #kept: StateType | undefined;
  readonly #rename: (stream: StreamDescriptor) => StreamDescriptor;
  #type: StateType | undefined;

  /**
   * @param kept the kind of STATE that earlier syncs left.
   * @param rename the destination's name for a stream of the source.
   */
  constructor(
    kept: StateType | undefined,
    rename: (stream: StreamDescriptor) => StreamDescriptor = (stream) => stream,
  ) {
    this.#kept = kept;
    this.#rename = rename;
  }

  /** The kind of STATE in use, as far as it is known. */
  get type(): StateType | undefined {
    return this.#type ?? this.#kept;
  }

  /** STATEs on their way, oldest first. */
  pending(): SentState[] {
    return [...this.#waiting.values()];
  }

  /**
   * Notes the kind of a STATE that the source printed. Throws `protocol.bad_message` when a source
   * mixes kinds, `state.invalid` when it has changed to another kind since the last sync: positions
   * of the one cannot be carried over to the other.
   */
  noteKind({ type }: StateLine): void {
    if (this.#type !== undefined && this.#type !== type)
      throw new Failure(
        "protocol.bad_message",
        `the source mixes ${this.#type} and ${type} states in one sync`,
      );
    this.#type = type;
    // A source may grow out of LEGACY; the other two do not go together.
    if (this.#kept !== undefined && this.#kept !== type && this.#kept !== "LEGACY")
      throw new Failure(
        "state.invalid",
        `the source now keeps ${describeKind(type)}, the state of the last sync is ${describeKind(this.#kept)}`,
        {
          hint: "it was changed, or is set up in another way: `syncline refresh CONNECTION --remove` reads everything anew, `syncline state clear CONNECTION` only forgets the positions",
        },
      );
  }

  /** Registers a STATE about to be sent and returns it with its number. */
  send(
    line: StateLine,
    about: Pick<SentState, "covers" | "records" | "isLast" | "isOurs">,
  ): SentState {
    const id = ++this.#lastSent;
    const sent = { ...about, id, line: ownCopy(line), scope: scopeOf(line) };
    this.#waiting.set(id, sent);
    return sent;
  }

  /**
   * Takes a STATE from the destination. Returns the STATE of ours that it acknowledges, or undefined
   * for one that is older than the last. Throws `protocol.bad_message` when it was never sent or came
   * back changed, `sync.counts_disagree` when it vouches for another number of records.
   */
  take(back: StateLine): SentState | undefined {
    const sent = this.#match(back);
    if (sent === "old") return undefined;
    if (sent === undefined)
      throw new Failure(
        "protocol.bad_message",
        `the destination printed a STATE it was never sent${forStream(back)}`,
      );
    if (!sameBlobs(sent.line, back))
      throw new Failure(
        "protocol.bad_message",
        `the destination changed the content of a STATE${forStream(back)}`,
        { facts: { id: sent.id } },
      );
    if (!this.#sameStreams(sent.line, back))
      throw new Failure(
        "protocol.bad_message",
        `the destination gave a STATE of stream ${streamsOf(sent.line)} back as one of ${streamsOf(back)}`,
        { facts: { id: sent.id } },
      );
    const before = this.#skipped(sent);
    checkCount(back, sent, before);
    for (const { id } of before) this.#waiting.delete(id);
    this.#waiting.delete(sent.id);
    const now = performance.now();
    for (const { stream, forwarded } of [...before, sent].flatMap(({ covers }) => covers)) {
      stream.committed = Math.max(stream.committed, forwarded);
      stream.committedAt = now;
    }
    return sent;
  }

  #match(back: StateLine): SentState | "old" | undefined {
    if (back.id !== undefined) {
      const sent = this.#waiting.get(back.id);
      if (sent) return sent;
      return Number.isInteger(back.id) && back.id >= 1 && back.id <= this.#lastSent
        ? "old"
        : undefined;
    }
    // A destination that drops what it does not know: the oldest of its streams with that content.
    return this.pending().find(
      ({ line }) => sameBlobs(line, back) && this.#sameStreams(line, back),
    );
  }

  /** STATEs of the same scope that this one stands for, too. */
  #skipped(sent: SentState): SentState[] {
    return this.pending().filter(({ scope, id }) => scope === sent.scope && id < sent.id);
  }

  /** Where we say no namespace, a destination may fill in its default schema. */
  #sameStreams(sent: StateLine, back: StateLine): boolean {
    return sent.streams.every(({ stream }, index) => {
      const ours = this.#rename(stream);
      const theirs = back.streams[index]!.stream;
      return ours.namespace ? sameStream(ours, theirs) : ours.name === theirs.name;
    });
  }
}

function describeKind(type: StateType): string {
  if (type === "STREAM") return "a state per stream (STREAM)";
  return `one state for all streams (${type})`;
}

function scopeOf(line: StateLine): string {
  return line.type === "STREAM" ? streamKey(line.streams[0]!.stream) : line.type;
}

/**
 * The same blobs: by their bytes, or, for a destination that spells JSON its own way, by their value.
 */
function sameBlobs(sent: StateLine, back: StateLine): boolean {
  return (
    sent.type === back.type &&
    same(sent.shared, back.shared) &&
    same(sent.data, back.data) &&
    sent.streams.length === back.streams.length &&
    sent.streams.every((part, index) => same(part.blob, back.streams[index]!.blob))
  );
}

function same(a: Buffer | undefined, b: Buffer | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.equals(b) || sameJson(a, b);
}

function checkCount(back: StateLine, sent: SentState, before: readonly SentState[]): void {
  const said = back.destinationRecordCount;
  if (said === undefined) return;
  const withSkipped = before.reduce((sum, { records }) => sum + records, sent.records);
  const accepted = said + rejectedCount(back);
  if (accepted === sent.records || accepted === withSkipped) return;
  throw new Failure(
    "sync.counts_disagree",
    `the destination committed ${said} records where ${sent.records} were sent${forStream(sent.line)}`,
    { facts: { sent: sent.records, committed: said } },
  );
}

/** `state.destinationStats.rejectedRecordCount`, 0 when it is not said. */
function rejectedCount({ places: { bytes, destinationStats: at } }: StateLine): number {
  const stats = at && membersOf(bytes, at.start, at.end);
  return numberAt(bytes, stats?.of("rejectedRecordCount")) ?? 0;
}

function forStream(line: StateLine): string {
  return line.streams.length === 1 ? ` for stream ${streamsOf(line)}` : "";
}

function streamsOf(line: StateLine): string {
  return line.streams.map(({ stream }) => streamLabel(stream)).join(", ");
}
