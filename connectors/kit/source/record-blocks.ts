import type { StreamDescriptor } from "../../../protocol/catalog.ts";
import { RECORD_TAIL, recordHead } from "../../../protocol/record-line.ts";

/** Turns rows, in the form in which a system sends them, into JSON objects: bytes to bytes. */
export interface RecordEncoder {
  /** Bytes that `encode` may need for the row `bytes[start..end)`. */
  room(bytes: Buffer, start: number, end: number): number;
  /**
   * Writes the row `bytes[start..end)` as a JSON object without line breaks into `out` at `at`, which
   * has `room`, and returns the index after it.
   */
  encode(bytes: Buffer, start: number, end: number, out: Buffer, at: number): number;
}

/** Blocks that are kept to be used again: one is filled, and two are on their way. */
const MOST_SPARES = 3;

/**
 * Gathers RECORD lines of one stream in blocks.
 *
 * A block is not written to again after it was handed out, unless it is given back. `emitted_at` is looked
 * up once per block.
 */
export class RecordBlocks {
  /** RECORD lines gathered since the start. */
  records = 0;
  /** How many of them were handed out. */
  taken = 0;

  readonly #blockBytes: number;
  readonly #now: () => number;
  #stream: StreamDescriptor;
  #head: Buffer;
  /** Of the streams whose records are in the block. */
  readonly #heads = new Map<StreamDescriptor, Buffer>();
  #block: Buffer;
  /** What lies before it in the block was handed out. */
  #from = 0;
  /** Where the last record starts; -1 when there is none in the block. */
  #last = -1;
  #at = 0;
  /** What lies before the block and was not handed out. */
  #full: Buffer[] = [];
  /** Those that were handed out whole, or will be. Held weakly: who takes them need not give them back. */
  readonly #whole = new WeakSet<Buffer>();
  /** Memory of blocks that were given back. */
  readonly #spares: ArrayBuffer[] = [];
  /** Records in all blocks before this one. */
  #before = 0;
  /** How many records lie before the marked place; -1 when none is marked. */
  #markRecords = -1;
  /** The marked place in the block; -1 when it lies before the block. */
  #markAt = -1;
  /** Where it lies then: in which of `#full`, and after how many of its bytes. */
  #markFull = 0;
  #markBytes = 0;

  /**
   * @param stream whose records come first.
   * @param blockBytes after how many bytes a block is handed out.
   */
  constructor(stream: StreamDescriptor, blockBytes: number, now: () => number) {
    this.#stream = stream;
    this.#blockBytes = blockBytes;
    this.#now = now;
    this.#head = recordHead(stream, now());
    this.#block = Buffer.allocUnsafeSlow(blockBytes);
  }

  /** Says that the records that follow are of this stream, given as the same object every time. */
  switchTo(stream: StreamDescriptor): void {
    if (stream === this.#stream) return;
    this.#heads.set(this.#stream, this.#head);
    this.#stream = stream;
    this.#head = this.#heads.get(stream) ?? recordHead(stream, this.#now());
  }

  /** Appends the row `bytes[start..end)` as a RECORD line. */
  append(encoder: RecordEncoder, bytes: Buffer, start: number, end: number): void {
    const head = this.#head;
    const room = head.length + encoder.room(bytes, start, end) + RECORD_TAIL.length;
    if (this.#at + room > this.#block.length) this.#startBlock(room);
    const out = this.#block;
    let at = this.#at;
    this.#last = at;
    for (let i = 0; i < head.length; i++) out[at++] = head[i]!;
    at = encoder.encode(bytes, start, end, out, at);
    for (let i = 0; i < RECORD_TAIL.length; i++) out[at++] = RECORD_TAIL[i]!;
    this.#at = at;
    this.records++;
  }

  /** What is full; undefined when nothing is, which is most of the time. Passes a mark in it. */
  takeFull(): Buffer[] | undefined {
    if (this.#full.length === 0) return undefined;
    if (this.#markAt === -1) this.#markRecords = -1;
    this.taken = this.#before;
    return this.#full.splice(0);
  }

  /**
   * Marks the place before the last record, to take everything up to it. False when the record was
   * taken already.
   */
  markBeforeLast(): boolean {
    if (this.#last < this.#from) return false;
    this.#markAt = this.#last;
    this.#markRecords = this.records - 1;
    return true;
  }

  /** Marks the place after the last record. */
  markAfterLast(): void {
    this.#markAt = this.#at;
    this.#markRecords = this.records;
  }

  /** Says that no place is marked. */
  unmark(): void {
    this.#markRecords = -1;
    this.#markAt = -1;
  }

  /** Whether a place is marked, and nothing behind it was taken. */
  get isMarked(): boolean {
    return this.#markRecords !== -1;
  }

  /** Everything not taken yet that lies before the mark; undefined when none is set. */
  takeMarked(): Buffer[] | undefined {
    if (!this.isMarked) return undefined;
    const taken =
      this.#markAt === -1 ? this.#takeFullUpToMark() : [...this.#full.splice(0), ...this.#cut()];
    this.taken = this.#markRecords;
    this.#markRecords = -1;
    this.#markAt = -1;
    return taken;
  }

  /** Everything gathered and not taken yet. */
  takeAll(): Buffer[] {
    this.#startBlock(0);
    return this.takeFull() ?? [];
  }

  /**
   * Takes the memory of what was handed out back, to be used again. Of a block that was handed out in parts
   * it takes none.
   */
  giveBack(block: Buffer): void {
    const { buffer } = block;
    if (!this.#whole.delete(block) || buffer.byteLength !== this.#blockBytes) return;
    if (this.#spares.length < MOST_SPARES) this.#spares.push(buffer as ArrayBuffer);
  }

  /** What lies before the mark in the block. */
  #cut(): Buffer[] {
    const from = this.#from;
    this.#from = this.#markAt;
    return this.#markAt > from ? [this.#block.subarray(from, this.#markAt)] : [];
  }

  /** What lies before the mark where that is in `#full`; the rest of that block stays. */
  #takeFullUpToMark(): Buffer[] {
    const taken = this.#full.splice(0, this.#markFull);
    if (this.#markBytes === 0) return taken;
    const marked = this.#full.shift()!;
    this.#whole.delete(marked);
    taken.push(marked.subarray(0, this.#markBytes));
    if (this.#markBytes < marked.length) this.#full.unshift(marked.subarray(this.#markBytes));
    return taken;
  }

  #newBlock(room: number): Buffer {
    const spare = room <= this.#blockBytes ? this.#spares.pop() : undefined;
    if (spare !== undefined) return Buffer.from(spare);
    return Buffer.allocUnsafeSlow(Math.max(this.#blockBytes, room));
  }

  #startBlock(room: number): void {
    if (this.#markAt !== -1) {
      // Not cut here: the writer copies small pieces together, and most marks lead to no STATE.
      this.#markFull = this.#full.length;
      this.#markBytes = this.#markAt - this.#from;
      this.#markAt = -1;
    }
    if (this.#at > this.#from) {
      const full = this.#block.subarray(this.#from, this.#at);
      if (this.#from === 0) this.#whole.add(full);
      this.#full.push(full);
    }
    this.#block = this.#newBlock(room);
    this.#at = 0;
    this.#from = 0;
    this.#last = -1;
    this.#before = this.records;
    this.#heads.clear();
    this.#head = recordHead(this.#stream, this.#now());
  }
}
