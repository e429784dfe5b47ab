/** The seconds that a current rate is of. */
const WINDOW_MS = 5_000;

interface Sample {
  readonly at: number;
  readonly rows: number;
  readonly bytes: number;
}

/** How fast rising counts rise now, not since the start. */
export class Speed {
  #samples: Sample[] = [];

  /** Notes the counts at a moment of the monotonic clock. */
  note(at: number, { rows, bytes }: { readonly rows: number; readonly bytes: number }): void {
    this.#samples.push({ at, rows, bytes });
    // The last one before the window stays: the rate is over all of it.
    while (this.#samples.length > 2 && this.#samples[1]!.at <= at - WINDOW_MS)
      this.#samples.shift();
  }

  /** Per second. */
  get rate(): { readonly rows: number; readonly bytes: number } {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    const seconds = first && last ? (last.at - first.at) / 1000 : 0;
    if (seconds === 0) return { rows: 0, bytes: 0 };
    return {
      rows: (last!.rows - first!.rows) / seconds,
      bytes: (last!.bytes - first!.bytes) / seconds,
    };
  }
}
