/**
 * Where a byte next occurs, remembered between calls: rows come in the order of their buffer, so
 * each byte of it is searched once and a row without the byte costs a comparison.
 */
export class NextByte {
  readonly #byte: number;
  #source: Buffer | undefined;
  #from = 0;
  #found = 0;

  constructor(byte: number) {
    this.#byte = byte;
  }

  /** The first index at or after `at`, or Infinity. */
  after(source: Buffer, at: number): number {
    if (source === this.#source && at >= this.#from && at <= this.#found) return this.#found;
    const index = source.indexOf(this.#byte, at);
    this.#source = source;
    this.#from = at;
    this.#found = index === -1 ? Infinity : index;
    return this.#found;
  }
}
