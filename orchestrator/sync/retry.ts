import type { RetryPolicy } from "../config/config.ts";

/** Limits beside the configured one; Airbyte's platform has the same. */
const MAX_FRUITLESS = 10;
const MAX_PARTIAL = 20;

/** What follows comes back soon after its server does. */
const MAX_ENDLESS_SECONDS = 60;

/** Waits differ by up to this share, so that many jobs do not come back at once. */
const JITTER = 0.1;

/** Counts the failed attempts of a job and decides whether and when there is another. */
export class RetryCounter {
  readonly #policy: RetryPolicy;
  #fruitlessInARow = 0;
  #fruitless = 0;
  #partial = 0;

  constructor(policy: RetryPolicy) {
    this.#policy = policy;
  }

  /**
   * Seconds to wait before the next attempt; undefined when there is to be none.
   *
   * @param madeProgress whether the failed attempt left less to do than it had; that starts the
   *   back-off anew.
   * @param isEndless whether there is to be another one in any case: of what follows, where that passes.
   */
  next(madeProgress: boolean, isEndless = false): number | undefined {
    if (isEndless && madeProgress) this.#fruitlessInARow = this.#fruitless = 0;
    else if (isEndless) this.#fruitlessInARow++;
    else if (madeProgress) {
      this.#fruitlessInARow = 0;
      this.#partial++;
    } else {
      this.#fruitlessInARow++;
      this.#fruitless++;
    }
    const { maxAttempts, firstDelaySeconds, maxDelaySeconds } = this.#policy;
    const exhausted =
      maxAttempts === 1 ||
      this.#fruitlessInARow >= maxAttempts ||
      this.#fruitless >= Math.max(MAX_FRUITLESS, maxAttempts) ||
      this.#partial >= MAX_PARTIAL;
    if (exhausted && !isEndless) return undefined;
    const steps = Math.max(0, this.#fruitlessInARow - 1);
    const longest = isEndless ? Math.min(maxDelaySeconds, MAX_ENDLESS_SECONDS) : maxDelaySeconds;
    const seconds = Math.min(firstDelaySeconds * 3 ** steps, longest);
    return seconds * (1 + JITTER * (2 * Math.random() - 1));
  }
}
