import { activityTrace, type StreamWork } from "../../../protocol/activity.ts";
import type { StreamDescriptor } from "../../../protocol/catalog.ts";
import type { StreamNumber } from "../../kit/destination/ledger.ts";
import type { Context, Output } from "../../kit/contract.ts";

/** Work that takes less is not announced: who watches would not see it. */
const ANNOUNCED_AFTER_MS = 1_000;

/** How much of some work is whose: a weight by stream, such as its rows. */
export type Shares = readonly (readonly [StreamNumber, number])[];

/** Where the time of each stream goes, told while it goes and summed up at the end. */
export class StreamClock {
  readonly #streams: readonly StreamDescriptor[];
  readonly #now: () => number;
  readonly #output: Output | undefined;
  readonly #seconds = new Map<StreamNumber, Partial<Record<StreamWork, number>>>();
  /** When the last work of a stream ended. */
  readonly #ended = new Map<StreamNumber, number>();

  /** @param context with an output where somebody is to hear of it. */
  constructor(streams: readonly StreamDescriptor[], context: Context & { output?: Output }) {
    this.#streams = streams;
    this.#now = context.now;
    this.#output = context.output;
  }

  /**
   * Runs work on streams and divides the time it took among them. What goes on while other work of a
   * stream does counts from the end of that: what is sent ahead does not make time longer.
   */
  async measure<T>(work: StreamWork, shares: Shares, run: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    let isAnnounced = false;
    const timer = setTimeout(() => {
      isAnnounced = true;
      for (const [stream] of shares) this.#announce(stream, work);
    }, ANNOUNCED_AFTER_MS);
    try {
      return await run();
    } finally {
      clearTimeout(timer);
      if (isAnnounced) for (const [stream] of shares) this.#announce(stream, undefined);
      const ended = performance.now();
      const from = Math.max(begun, ...shares.map(([stream]) => this.#ended.get(stream) ?? 0));
      for (const [stream] of shares) this.#ended.set(stream, ended);
      this.#add(work, shares, (ended - from) / 1000);
    }
  }

  /** Prints what each stream came to. */
  async report(nulledOf: (stream: StreamNumber) => number): Promise<void> {
    for (const [number, stream] of this.#streams.entries()) {
      const seconds = this.#seconds.get(number) ?? {};
      const nulled = nulledOf(number);
      if (Object.keys(seconds).length === 0 && nulled === 0) continue;
      for (const key of Object.keys(seconds) as StreamWork[])
        seconds[key] = Math.round(seconds[key]! * 1000) / 1000;
      const tally = { kind: "tally", stream: named(stream), seconds, nulled } as const;
      await this.#output?.message(activityTrace(tally, this.#now()));
    }
  }

  #announce(number: StreamNumber, work: StreamWork | undefined): void {
    const stream = named(this.#streams[number]!);
    const sign = activityTrace({ kind: "work", stream, ...(work && { work }) }, this.#now());
    this.#output?.message(sign).catch(() => {}); // who else prints notices that nobody reads
  }

  #add(work: StreamWork, shares: Shares, seconds: number): void {
    const all = shares.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [stream, weight] of shares) {
      const share = all > 0 ? weight / all : 1 / shares.length;
      const of = this.#seconds.get(stream) ?? {};
      this.#seconds.set(stream, { ...of, [work]: (of[work] ?? 0) + seconds * share });
    }
  }
}

function named({ name, namespace }: StreamDescriptor): StreamDescriptor {
  return namespace ? { name, namespace } : { name };
}
