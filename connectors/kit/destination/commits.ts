import { editState } from "../../../protocol/state.ts";
import type { WriteContext } from "../contract.ts";
import type { CommitWork, Lane, LoadedStream, ReceivedState } from "./lane.ts";
import type { Commit, Ledger, StreamNumber } from "./ledger.ts";
import type { LoadsUnderWay } from "./loads-under-way.ts";
import type { OpenLane } from "./open-lanes.ts";

/**
 * Commits lanes: waits for what is under way, has the ledger fix what becomes true, and prints the STATEs
 * that did once the lane says that it is committed. Whoever calls it has seen to it that the lane holds
 * only covered rows.
 */
export class Commits<Batch> {
  readonly #everyStream: readonly StreamNumber[];
  readonly #ledger: Ledger<ReceivedState>;
  readonly #loads: LoadsUnderWay<Batch>;
  readonly #context: WriteContext;

  constructor(
    streams: readonly LoadedStream<Batch>[],
    ledger: Ledger<ReceivedState>,
    loads: LoadsUnderWay<Batch>,
    context: WriteContext,
  ) {
    this.#everyStream = streams.map((_, stream) => stream);
    this.#ledger = ledger;
    this.#loads = loads;
    this.#context = context;
  }

  /** @param replaces the stream whose replacement it puts in place. */
  async commit(open: OpenLane<Batch>, replaces?: StreamNumber): Promise<void> {
    const { lane } = open;
    await this.#loads.all;
    const commit = this.#ledger.beginCommit(lane, replaces);
    await lane.commit({ ...this.#workOf(lane, commit), replaces });
    await this.#onCommitted(open, commit);
  }

  /** Puts whole replacements in place, as many at once as streams may be in one commit. */
  async replace(open: OpenLane<Batch>, streams: readonly StreamNumber[]): Promise<void> {
    const { commitStreams } = this.#context.limits;
    for (let at = 0; at < streams.length; at += commitStreams) {
      const group = streams.slice(at, at + commitStreams);
      if (group.length > 1 && (await this.#commitTogether(open, group))) continue;
      for (const stream of group) await this.commit(open, stream);
    }
  }

  async #commitTogether(
    open: OpenLane<Batch>,
    replaces: readonly StreamNumber[],
  ): Promise<boolean> {
    const { lane } = open;
    await this.#loads.all;
    const commit = this.#ledger.beginCommit(lane, replaces);
    const isDone = await lane.commitTogether?.(this.#workOf(lane, commit), replaces);
    if (isDone === true) await this.#onCommitted(open, commit);
    return isDone === true;
  }

  /** What a commit is to make true besides the rows; not which replacement it puts in place. */
  #workOf(lane: Lane<Batch>, { states }: Commit<ReceivedState>): CommitWork {
    const complete = this.#everyStream.filter((stream) => {
      const other = this.#ledger.laneOf(stream);
      const isElsewhere = other !== undefined && other !== lane;
      return this.#ledger.of(stream).status === "complete" && !isElsewhere;
    });
    const uncovered = complete.filter((stream) => this.#ledger.of(stream).sinceState > 0);
    return { states, complete, uncovered, replaces: undefined };
  }

  async #onCommitted(open: OpenLane<Batch>, commit: Commit<ReceivedState>): Promise<void> {
    const states = this.#ledger.committed(commit);
    open.bytesSinceCommit = 0;
    open.lastCommitAt = performance.now();
    for (const { line, records } of states)
      await this.#context.output.lines(
        editState(line, { destinationStats: { recordCount: records } }),
      );
  }
}
