import { createHash, randomBytes } from "node:crypto";

/** How long a session lasts. */
export const SESSION_MS = 12 * 60 * 60 * 1000;

/** Most sessions at once; the oldest ends for a new one. */
const MOST_SESSIONS = 1000;

/**
 * Who logged in, by what their cookies hold: 256 random bits. Kept in memory alone, as hashes, so that
 * they end with the process, and neither a copy of it nor the time of a look-up gives one away.
 */
export class Sessions {
  readonly #now: () => number;
  /** When each ends, in the order they began. */
  readonly #ends = new Map<string, number>();

  /** @param now milliseconds of a clock that never goes back. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Begins a session. Returns what its cookie holds. */
  begin(): string {
    const oldest = this.#ends.keys().next();
    if (this.#ends.size >= MOST_SESSIONS && !oldest.done) this.#ends.delete(oldest.value);
    const id = randomBytes(32).toString("base64url");
    this.#ends.set(keyOf(id), this.#now() + SESSION_MS);
    return id;
  }

  isOpen(id: string): boolean {
    const end = this.#ends.get(keyOf(id));
    if (end === undefined) return false;
    if (end > this.#now()) return true;
    this.#ends.delete(keyOf(id));
    return false;
  }

  end(id: string): void {
    this.#ends.delete(keyOf(id));
  }
}

function keyOf(id: string): string {
  return createHash("sha256").update(id).digest("base64");
}
