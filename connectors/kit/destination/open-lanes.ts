import { asFailure } from "../../../protocol/errors.ts";
import type { WriteContext } from "../contract.ts";
import type { Lane, WriteTarget } from "./lane.ts";
import type { Ledger, StreamNumber } from "./ledger.ts";

/** A lane, and what tells when it is due. */
export interface OpenLane<Batch> {
  readonly lane: Lane<Batch>;
  bytesSinceCommit: number;
  /** By `performance.now`. */
  lastCommitAt: number;
}

/**
 * Where rows go: those that no STATE covers yet wait in their batch. When the batch is full they are
 * sent all the same, behind a savepoint, and their lane cannot commit until a STATE covers them; when
 * none comes, they are rolled back. So that this never takes another stream's rows back, such a lane
 * commits what it holds of others first, and others load through another lane meanwhile.
 *
 * Two cases remain in which streams share what can be rolled back; the ledger then gives the others
 * up as incomplete, and loses nothing. Where STATEs are kept with the rows, streams whose STATEs are
 * one (GLOBAL, LEGACY), or may be as long as no STATE was seen, must be committed together, and so
 * share the first lane. And when all lanes that the limits allow are taken, streams share the first.
 */
export class OpenLanes<Batch> {
  readonly #target: WriteTarget<Batch>;
  readonly #ledger: Ledger<unknown>;
  readonly #messages: { readonly hasStreamStates: boolean | undefined };
  readonly #context: WriteContext;
  readonly #all: OpenLane<Batch>[] = [];
  #most: number;

  constructor(
    target: WriteTarget<Batch>,
    ledger: Ledger<unknown>,
    messages: { readonly hasStreamStates: boolean | undefined },
    context: WriteContext,
  ) {
    this.#target = target;
    this.#ledger = ledger;
    this.#messages = messages;
    this.#context = context;
    this.#most = context.limits.lanes;
  }

  /** Those that were opened, in that order. */
  get all(): readonly OpenLane<Batch>[] {
    return this.#all;
  }

  /** The one that is open from the start on. */
  get first(): OpenLane<Batch> {
    return this.#all[0]!;
  }

  /** Opens one more. */
  async open(): Promise<OpenLane<Batch>> {
    const lane = await this.#target.openLane();
    const open = { lane, bytesSinceCommit: 0, lastCommitAt: performance.now() };
    this.#all.push(open);
    return open;
  }

  /**
   * The lane a stream's next batch goes to: where the open transaction has rows of it; else one that
   * has no rows to roll back for another's sake.
   */
  async laneFor(stream: StreamNumber): Promise<OpenLane<Batch>> {
    const current = this.#ledger.laneOf(stream);
    if (current !== undefined) return this.#all.find(({ lane }) => lane === current)!;
    const { first } = this;
    if (this.scopeOf(stream) === "shared") return first;
    const free = this.#all.find(({ lane }) => this.isClean(lane));
    if (free !== undefined) return free;
    if (this.#all.length >= this.#most) return first;
    try {
      return await this.open();
    } catch (error) {
      // One more session is a convenience; a server that has none left is no reason to stop.
      this.#most = this.#all.length;
      this.#context.log(
        "WARN",
        `no further session to load through: ${asFailure(error).message}; streams whose records alternate share one, and if one of them fails, others may have to be sent again`,
      );
      return first;
    }
  }

  /** What has to be rolled back together. */
  scopeOf(stream: StreamNumber): StreamNumber | "shared" {
    if (this.#target.keepsStates !== true || this.#messages.hasStreamStates === true) return stream;
    return this.#target.streams[stream]!.delivery === "aside" ? stream : "shared";
  }

  /** Whether a lane holds only rows that may be committed. */
  isClean(lane: Lane<Batch>): boolean {
    return this.#ledger.uncoveredIn(lane).length === 0;
  }
}
