import type { ReadContext } from "../../kit/contract.ts";
import type { Lsn } from "../../postgres/replication/lsn.ts";
import { readLogPosition } from "./cdc-state.ts";

const NO_NAMES = { slot: "", publication: "" };

/** Hears which states the destination has committed, and has the slot moved by nothing else. */
export class Acknowledgements {
  #lsn: Lsn = -1n;
  #wake: () => void = () => {};
  readonly #isHeard: boolean;

  /** @param confirm is told how far the destination has everything. */
  constructor({ acknowledged }: Pick<ReadContext, "acknowledged">, confirm: (lsn: Lsn) => void) {
    this.#isHeard = acknowledged !== undefined;
    if (acknowledged !== undefined) void this.#listen(acknowledged, confirm);
  }

  /** Resolves when everything up to `lsn` is committed, or nobody said so in that time. */
  async upTo(lsn: Lsn, seconds: number): Promise<void> {
    const until = performance.now() + seconds * 1000;
    while (this.#isHeard && this.#lsn < lsn) {
      const left = until - performance.now();
      if (left <= 0) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async #listen(
    acknowledged: NonNullable<ReadContext["acknowledged"]>,
    confirm: (lsn: Lsn) => void,
  ): Promise<void> {
    try {
      for await (const { shared } of acknowledged) {
        const position = readLogPosition(shared, NO_NAMES);
        if (position === undefined || position.lsn <= this.#lsn) continue;
        this.#lsn = position.lsn;
        confirm(position.lsn);
        this.#wake();
      }
    } catch {
      // What cannot be read acknowledges nothing.
    }
    this.#lsn = 2n ** 64n; // nobody is going to say more
    this.#wake();
  }
}
