import type { Turn } from "../sync/work.ts";

/** A job's turn, for which it need not wait any more once somebody wants it now. */
export interface Place extends Turn {
  /** From now on it is taken at once, even when none is free. */
  hurry(): void;
}

/** So many jobs work at once; the others wait, first come, first served. */
export class Places {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  place(): Place {
    let isTaken = false;
    let isHurried = false;
    let enter: (() => void) | undefined;
    return {
      take: () =>
        new Promise((resolve) => {
          enter = () => {
            enter = undefined;
            isTaken = true;
            this.#free--;
            resolve();
          };
          if (isHurried || this.#free > 0) enter();
          else this.#waiting.push(enter);
        }),
      give: () => {
        if (!isTaken) return;
        isTaken = false;
        this.#free++;
        if (this.#free > 0) this.#waiting.shift()?.();
      },
      hurry: () => {
        isHurried = true;
        const at = enter === undefined ? -1 : this.#waiting.indexOf(enter);
        if (at !== -1) this.#waiting.splice(at, 1)[0]!();
      },
    };
  }
}

/** Of what never ends, which would keep the others from theirs. */
export const OPEN_PLACE: Place = { give() {}, take: async () => {}, hurry() {} };
