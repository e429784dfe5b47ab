import { CopyBuffer } from "../encode/copy-buffer.ts";

/** First size of a buffer; most streams of a many-table sync never need more. */
const FIRST_BYTES = 80 * 1024;
/** A buffer that grew past this for one huge row is not kept. */
const KEPT_BYTES = 16 * 1024 * 1024;
/** As many as one stream needs at a time: three batches of rows for two tables. */
const MOST_BUFFERS = 6;

/**
 * Buffers that were filled before, for whichever stream is next: if each stream kept its own, memory would
 * grow with their number. Those in use are counted, too, so that streams with few rows do not gather
 * large ones.
 */
export class SpareBuffers {
  readonly #spares: CopyBuffer[] = [];
  readonly #inUse = new Set<CopyBuffer>();

  take(): CopyBuffer {
    const spare = this.#spares.pop();
    if (spare === undefined) return new CopyBuffer(FIRST_BYTES);
    this.#inUse.add(spare);
    return spare;
  }

  /** @param buffer nobody else's any more. */
  giveBack(buffer: CopyBuffer): void {
    this.#inUse.delete(buffer);
    if (buffer.bytes.length > KEPT_BYTES) return;
    if (this.#spares.length + this.#inUse.size >= MOST_BUFFERS) return;
    buffer.length = 0;
    this.#spares.push(buffer);
  }
}
