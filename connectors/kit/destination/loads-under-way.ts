import { ofStream } from "../../../protocol/errors.ts";
import type { Lane, LaneLoad, LoadedStream } from "./lane.ts";
import type { Ledger } from "./ledger.ts";

/**
 * The loads that were begun and have not ended. At most two, whoever begins one sees to that: every stream
 * needs three buffers only. What a load brought is entered in the ledger before it counts as ended.
 */
export class LoadsUnderWay<Batch> {
  readonly #streams: readonly LoadedStream<Batch>[];
  readonly #ledger: Ledger<unknown>;
  #all: Promise<void> = Promise.resolve();
  #former: Promise<void> = Promise.resolve();

  constructor(streams: readonly LoadedStream<Batch>[], ledger: Ledger<unknown>) {
    this.#streams = streams;
    this.#ledger = ledger;
  }

  /** Ends when all of them have; rejects with the first failure once nothing is under way. */
  get all(): Promise<void> {
    return this.#all;
  }

  /** The same without the last one. */
  get former(): Promise<void> {
    return this.#former;
  }

  /** Begins to load batches that were taken, behind what is under way; their failures are their streams'. */
  begin(lane: Lane<Batch>, loads: readonly LaneLoad<Batch>[]): void {
    const load = async () => {
      const all = loads.length > 1 ? await lane.loadAll?.(loads) : undefined;
      for (const [at, { stream, batch }] of loads.entries()) {
        try {
          this.#ledger.taken(stream, all?.[at] ?? (await lane.load(stream, batch)));
        } catch (error) {
          throw ofStream(error, this.#streams[stream]!.stream);
        }
        this.#streams[stream]!.batches.release(batch);
      }
    };
    const former = this.#all;
    const last = load();
    const both = async () => {
      await Promise.allSettled([former, last]); // a failure is told when nothing is under way
      await former;
      await last;
    };
    this.#former = former;
    this.#all = both();
    this.#all.catch(() => {}); // thrown to whoever awaits it next
  }
}
