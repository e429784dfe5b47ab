/** Wrong tokens that are taken for mistyped ones. */
const FREE = 3;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;

/** Most addresses that are remembered; of more, the oldest is forgotten. */
const MOST_ADDRESSES = 10_000;

/**
 * How long whoever gave a wrong token has to wait, by address: a second after the fourth, twice as long
 * after each further one, up to a minute.
 */
export class LoginAttempts {
  readonly #now: () => number;
  readonly #failed = new Map<string, { readonly count: number; readonly until: number }>();

  /** @param now milliseconds of a clock that never goes back. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Milliseconds until a token of this address is looked at again; 0: at once. */
  wait(address: string): number {
    return Math.max(0, (this.#failed.get(address)?.until ?? 0) - this.#now());
  }

  failed(address: string): void {
    const count = (this.#failed.get(address)?.count ?? 0) + 1;
    const wait =
      count <= FREE ? 0 : Math.min(FIRST_WAIT_MS * 2 ** (count - FREE - 1), LONGEST_WAIT_MS);
    this.#failed.delete(address);
    const oldest = this.#failed.keys().next();
    if (this.#failed.size >= MOST_ADDRESSES && !oldest.done) this.#failed.delete(oldest.value);
    this.#failed.set(address, { count, until: this.#now() + wait });
  }

  succeeded(address: string): void {
    this.#failed.delete(address);
  }
}
