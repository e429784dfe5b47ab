import pLimit from "p-limit";
import type { Turn } from "./work.ts";

/** So many jobs work at once; the others wait, first come, first served. */
export class Turns {
  readonly #limit;

  constructor(atOnce: number) {
    this.#limit = pLimit(atOnce);
  }

  /** A job's own; it waits until it is taken. */
  turn(): Turn {
    let give = () => {};
    return {
      give: () => give(),
      // What runs within the limit is a promise that `give` resolves.
      take: () =>
        new Promise<void>((taken) => {
          void this.#limit(
            () =>
              new Promise<void>((given) => {
                give = given;
                taken();
              }),
          );
        }),
    };
  }
}
