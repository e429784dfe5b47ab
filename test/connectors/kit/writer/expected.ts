import type { LedgerStream, StreamNumber } from "../../../../connectors/kit/destination/ledger.ts";
import type { Line, Scenario } from "./scenario.ts";

/** What the lines of an input say of one stream. */
export interface StreamLines {
  /** Ids of all its rows, and of those that its source has not given up. */
  readonly sent: number[];
  readonly rows: number[];
  /** How many rows may be committed. */
  covered: number;
  /** How many rows each COMPLETE covers. */
  readonly completed: number[];
  isComplete: boolean;
  isGivenUp: boolean;
  /** Whether there are rows that nothing will ever cover. */
  hasLost: boolean;
}

/** A STATE, and the rows that must be there before it is printed: those before it, by stream. */
export interface Claim {
  readonly id: number;
  readonly needs: ReadonlyMap<StreamNumber, readonly number[]>;
  /** Rows of its streams since the STATE before it. */
  readonly records: number;
}

/** What some lines of an input allow a destination, and what they oblige it to: the oracle. */
export class Expected {
  readonly streams: readonly StreamLines[];
  readonly claims: Claim[] = [];
  /** Whether each STATE speaks of all streams. */
  readonly #isShared: boolean;
  #hasState = false;

  constructor({ streams: kinds, stateType }: Scenario, lines: readonly Line[]) {
    this.streams = kinds.map(() => ({
      sent: [],
      rows: [],
      covered: 0,
      completed: [],
      isComplete: false,
      isGivenUp: false,
      hasLost: false,
    }));
    this.#isShared = stateType !== "STREAM";
    const all = kinds.map((_, stream) => stream);
    for (const { what, stream, id } of lines) {
      if (what === "state") this.#state(id, stateType === "STREAM" ? [stream] : all, kinds);
      else this.#line(what, stream, id, kinds);
    }
    // A COMPLETE that covers nothing is none.
    for (const one of this.streams) if (one.covered < one.rows.length) one.isComplete = false;
  }

  #state(id: number, of: readonly StreamNumber[], kinds: readonly LedgerStream[]): void {
    const needs = new Map(of.map((stream) => [stream, [...this.streams[stream]!.sent]]));
    const before = this.claims.findLast((claim) => of.every((stream) => claim.needs.has(stream)));
    const records = sizeOf(needs) - (before === undefined ? 0 : sizeOf(before.needs));
    this.claims.push({ id, needs, records });
    this.#hasState = true;
    // Rows committed for a STATE that may never be true would come again.
    if (of.some((stream) => this.#holdsUp(stream, kinds[stream]!))) return;
    for (const stream of of) this.streams[stream]!.covered = this.streams[stream]!.rows.length;
  }

  /** Whether a STATE of the stream cannot be true yet, or never. */
  #holdsUp(stream: StreamNumber, { delivery, replaces }: LedgerStream): boolean {
    const { hasLost, isComplete } = this.streams[stream]!;
    // Nobody can go on with a part of a replacement from a STATE that speaks of all streams.
    if (this.#isShared && replaces) return true;
    return hasLost || delivery === "aside" || (delivery === "at-complete" && !isComplete);
  }

  #line(
    what: Line["what"],
    number: StreamNumber,
    id: number,
    kinds: readonly LedgerStream[],
  ): void {
    const stream = this.streams[number]!;
    const { delivery } = kinds[number]!;
    if (what === "record" || what === "refused") {
      stream.sent.push(id);
      if (stream.isGivenUp) stream.hasLost = true;
    }
    if (stream.isGivenUp || what === "log") return;
    stream.isComplete = what === "complete";
    if (what === "record") stream.rows.push(id);
    if (what === "refused") {
      stream.isGivenUp = stream.hasLost = true;
      return;
    }
    if (what === "incomplete") {
      stream.isGivenUp = true;
      stream.hasLost = stream.covered < stream.rows.length;
    }
    if (delivery === "aside") stream.covered = stream.rows.length;
    if (what !== "complete") return;
    stream.completed.push(stream.rows.length);
    for (const one of this.#completeTogether(number, kinds)) one.covered = one.rows.length;
  }

  /** Where one STATE speaks of all streams, rows behind it are covered by COMPLETE of all, or not. */
  #completeTogether(number: StreamNumber, kinds: readonly LedgerStream[]): StreamLines[] {
    const isAlone = !this.#isShared || !this.#hasState || kinds[number]!.delivery !== "with-states";
    if (isAlone) return [this.streams[number]!];
    const all = this.streams.filter((_, one) => kinds[one]!.delivery === "with-states");
    return all.every(({ isComplete }) => isComplete) ? all : [];
  }
}

function sizeOf(needs: Claim["needs"]): number {
  return [...needs.values()].reduce((sum, rows) => sum + rows.length, 0);
}
