import { Refusal } from "./refusal.ts";

/** Most questions at once for which connectors are started, whether pages or programs ask. */
export const MOST_ASKED = 4;

/** Room for so many things at once. More are refused, since waiting for room would take it elsewhere. */
export class Room {
  #left: number;

  constructor(most: number) {
    this.#left = most;
  }

  /** Throws a `Refusal` where there is none. */
  async do<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#left === 0)
      throw new Refusal("request.too_many", "too much of this is being done already", {
        headers: { "Retry-After": "5" },
      });
    this.#left--;
    try {
      return await work();
    } finally {
      this.#left++;
    }
  }
}
