import type { StreamDescriptor } from "../../../protocol/catalog.ts";
import { RECORD_TAIL, recordHead } from "../../../protocol/record-line.ts";
import type { RowEncoder } from "./encode-row.ts";

/**
 * Bytes per block handed to the output: large enough that a write per block costs nothing, and a
 * little more than the 256 KiB from which on the writer passes a block on without copying it.
 */
const BLOCK_BYTES = 272 * 1024;

/**
 * Gathers RECORD lines of one stream in blocks.
 *
 * A block is never written to again after `takeFull` or `takeAll` handed it out. `emitted_at` is
 * looked up once per block.
 */
export class RecordBlocks {
  /** RECORD lines gathered since the start. */
  records = 0;
  /** How many of them were handed out. */
  taken = 0;

  readonly #stream: StreamDescriptor;
  readonly #encoder: RowEncoder;
  readonly #now: () => number;
  #head: Buffer;
  #block: Buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  /** What lies before it in the block was handed out. */
  #from = 0;
  /** Where the last record starts. */
  #last = 0;
  #at = 0;
  #full: Buffer[] = [];
  /** Records in all blocks before this one. */
  #before = 0;
  #mark: { readonly at: number; readonly records: number } | undefined;

  constructor(stream: StreamDescriptor, encoder: RowEncoder, now: () => number) {
    this.#stream = stream;
    this.#encoder = encoder;
    this.#now = now;
    this.#head = recordHead(stream, now());
  }

  /** Appends the row `bytes[start..end)` (COPY text, newline included) as a RECORD line. */
  append(bytes: Buffer, start: number, end: number): void {
    const head = this.#head;
    const room = head.length + this.#encoder.room(bytes, start, end) + RECORD_TAIL.length;
    if (this.#at + room > this.#block.length) this.#startBlock(room);
    const out = this.#block;
    let at = this.#at;
    this.#last = at;
    for (let i = 0; i < head.length; i++) out[at++] = head[i]!;
    at = this.#encoder.encode(bytes, start, end, out, at);
    for (let i = 0; i < RECORD_TAIL.length; i++) out[at++] = RECORD_TAIL[i]!;
    this.#at = at;
    this.records++;
  }

  /** The blocks that are full; undefined when there is none, which is most of the time. */
  takeFull(): Buffer[] | undefined {
    if (this.#full.length === 0) return undefined;
    const full = this.#full;
    this.#full = [];
    this.taken = this.#before;
    return full;
  }

  /** Marks the place before the last record, to take everything up to it. */
  markBeforeLast(): void {
    this.#mark = { at: this.#last, records: this.records - 1 };
  }

  /** Marks the place after the last record. */
  markAfterLast(): void {
    this.#mark = { at: this.#at, records: this.records };
  }

  /** Everything not taken yet that lies before the mark; undefined when it was passed or not set. */
  takeMarked(): Buffer[] | undefined {
    const mark = this.#mark;
    if (mark === undefined) return undefined;
    const taken = this.#full;
    this.#full = [];
    if (mark.at > this.#from) taken.push(this.#block.subarray(this.#from, mark.at));
    this.#from = mark.at;
    this.#mark = undefined;
    this.taken = mark.records;
    return taken;
  }

  /** Everything gathered and not taken yet. */
  takeAll(): Buffer[] {
    this.#startBlock(0);
    this.taken = this.records;
    return this.takeFull() ?? [];
  }

  #startBlock(room: number): void {
    if (this.#at > this.#from) this.#full.push(this.#block.subarray(this.#from, this.#at));
    this.#block = Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, room));
    this.#at = 0;
    this.#from = 0;
    this.#before = this.records;
    this.#mark = undefined;
    this.#head = recordHead(this.#stream, this.#now());
  }
}
