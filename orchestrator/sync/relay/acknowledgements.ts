import { streamKey, streamLabel } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import { readStateLine, type StateLine, type StateType } from "../../../protocol/state.ts";
import type { StreamAccount } from "./accounts.ts";
import { sameJson } from "../../../protocol/json-equal.ts";
import { rejectedCount } from "../positions/state-fields.ts";

/** A STATE that went to the destination and is not back yet. */
export interface SentState {
  readonly id: number;
  /** As the source wrote it, in the source's names, in memory of its own. */
  readonly line: StateLine;
  /** Which STATEs follow each other: one scope per stream, or one for all. */
  readonly scope: string;
  /** Totals of `forwarded` that it vouches for. */
  readonly covers: readonly { readonly account: StreamAccount; readonly forwarded: number }[];
  /** Records since the previous STATE of its scope. */
  readonly records: number;
}

/**
 * Matches what the destination prints back with what it was sent. A STATE is taken as a promise only
 * when it is one of ours, unchanged, and newer than the last one taken for its scope. What is saved
 * afterwards is always our own copy.
 */
export class Acknowledgements {
  readonly #waiting = new Map<number, SentState>();
  readonly #lastId = new Map<string, number>();
  #lastSent = 0;
  readonly #kept: StateType | undefined;
  #type: StateType | undefined;

  /** @param kept the kind of STATE that earlier syncs left. */
  constructor(kept?: StateType) {
    this.#kept = kept;
  }

  /** The kind of STATE in use, as far as it is known. */
  get type(): StateType | undefined {
    return this.#type ?? this.#kept;
  }

  /** Number of STATEs on their way. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** STATEs on their way, oldest first. */
  pending(): SentState[] {
    return [...this.#waiting.values()];
  }

  /**
   * Registers a STATE about to be sent and returns it with its number. Throws `protocol.bad_message`
   * when a source mixes kinds of STATE, `state.invalid` when it has changed to another kind since the
   * last sync: positions of the one cannot be carried over to the other.
   */
  send(line: StateLine, covers: SentState["covers"], records: number): SentState {
    if (this.#type !== undefined && this.#type !== line.type)
      throw new Failure(
        "protocol.bad_message",
        `the source mixes ${this.#type} and ${line.type} states in one sync`,
      );
    this.#type = line.type;
    // A source may grow out of LEGACY; the other two do not go together (protocol reference §5.5).
    if (this.#kept !== undefined && this.#kept !== line.type && this.#kept !== "LEGACY")
      throw new Failure(
        "state.invalid",
        `the source now keeps ${describeKind(line.type)}, the state of the last sync is ${describeKind(this.#kept)}`,
        {
          hint: "it was changed, or is set up in another way: `syncline refresh CONNECTION --remove` reads everything anew, `syncline state clear CONNECTION` only forgets the positions",
        },
      );
    const sent = { id: ++this.#lastSent, line, scope: scopeOf(line), covers, records };
    this.#waiting.set(sent.id, sent);
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
    const before = this.#skipped(sent);
    checkCount(back, sent, before);
    for (const { id } of before) this.#waiting.delete(id);
    this.#waiting.delete(sent.id);
    this.#lastId.set(sent.scope, sent.id);
    for (const { account, forwarded } of [...before, sent].flatMap(({ covers }) => covers))
      account.committed = Math.max(account.committed, forwarded);
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
    // A destination that drops what it does not know: the oldest with the same content.
    return this.pending().find((sent) => sameBlobs(sent.line, back));
  }

  /** STATEs of the same scope that this one stands for, too. */
  #skipped(sent: SentState): SentState[] {
    return this.pending().filter(({ scope, id }) => scope === sent.scope && id < sent.id);
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
 * The same blobs: by their bytes, or, for a destination that spells JSON its own way, by their
 * value. Names are not compared: they differ by the mapping, and the number stands for them.
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

function forStream(line: StateLine): string {
  return line.streams.length === 1 ? ` for stream ${streamLabel(line.streams[0]!.stream)}` : "";
}

/** A copy of a STATE that outlives the chunk it came in. */
export function ownCopy(line: StateLine): StateLine {
  const { bytes, line: at } = line.places;
  const own = Buffer.from(bytes.subarray(at.start, at.end));
  return readStateLine(own, 0, own.length)!;
}
