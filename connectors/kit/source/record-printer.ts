import type { StreamDescriptor } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import { RECORD_TAIL, recordHead } from "../../../protocol/record-line.ts";
import type { WriteContext } from "../contract.ts";
import type { StreamOutput } from "./stream-output.ts";

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

/** Makes the state for a place up to which `records` of the stream were printed. */
export type StateAt = (records: number) => JsonObject;

/**
 * Prints the records of one stream at the pace of whoever reads them, and STATEs on the way:
 *
 *     for await (const chunk of input) {
 *       for (const row of rowsOf(chunk)) printer.record(row);
 *       await printer.chunkDone({ offset });
 *     }
 *
 * Appending a record never waits; `chunkDone` does, and is what bounds memory: beside what is
 * appended between two of its calls, two blocks are held.
 */
export class RecordPrinter {
  readonly #blocks: RecordBlocks;
  readonly #output: StreamOutput;
  readonly #context: WriteContext;
  /** The state of the marked place. */
  #stateAt: StateAt = () => ({});
  /** When the last STATE was printed. */
  #lastState: number;
  /** Records handed to the output, and those that a STATE covers. */
  #printed = 0;
  #covered = 0;
  /** Resolves when everything handed to the output was taken. */
  #settled: Promise<void> = Promise.resolve();

  constructor(stream: StreamDescriptor, output: StreamOutput, context: WriteContext) {
    const now = () => context.now();
    this.#blocks = new RecordBlocks(stream, context.limits.sourceBlockBytes, now);
    this.#output = output;
    this.#context = context;
    this.#lastState = now();
  }

  /** How many records were appended. */
  get records(): number {
    return this.#blocks.records;
  }

  /** Appends a record. For many small ones, `row` is several times faster. */
  record(data: JsonObject): void {
    const json = Buffer.from(JSON.stringify(data));
    this.#blocks.append(JSON_TEXT, json, 0, json.length);
  }

  /** Appends the row `bytes[start..end)`, as `encoder` turns it into JSON. */
  row(encoder: RecordEncoder, bytes: Buffer, start: number, end: number): void {
    this.#blocks.append(encoder, bytes, start, end);
  }

  /**
   * Says, right after a record was appended, that a read can resume before it. `stateAt` makes the
   * state for this place; it is called later, if at all, and before any mark that follows.
   */
  markBeforeLast(stateAt: StateAt): void {
    if (this.#blocks.markBeforeLast()) this.#stateAt = stateAt;
  }

  /** Says that a read can resume after the last record; `stateAt` as in `markBeforeLast`. */
  markAfterLast(stateAt: StateAt): void {
    this.#blocks.markAfterLast();
    this.#stateAt = stateAt;
  }

  /**
   * To be called, and awaited, between the chunks in which rows arrive: resolves when the reader has
   * room for more; undefined when it has. Prints the STATE of the last marked place, and what lies
   * before it, when one is due. Throws `sync.interrupted` when the read is to stop.
   *
   * @param state a read can resume after the last record with this state.
   */
  chunkDone(state?: JsonObject): Promise<void> | undefined {
    if (state !== undefined) this.markAfterLast(() => state);
    if (this.#context.signal.aborted) throw interrupted();
    const { now, limits } = this.#context;
    const isDue =
      this.#blocks.isMarked && now() - this.#lastState >= 1000 * limits.checkpointSeconds;
    return (isDue ? this.#checkpoint() : undefined) ?? this.#full();
  }

  /** Prints everything appended so far. */
  flush(): Promise<void> {
    return this.#print(this.#blocks.takeAll());
  }

  /** Prints what is left, and the state that covers it. For `readStreams`. */
  async end(state: JsonObject): Promise<void> {
    await this.#print(this.#blocks.takeAll(), state);
  }

  /**
   * Ends in the middle: waits for what was handed to the output and, when the read is to stop, prints
   * the STATE of the last marked place. For `readStreams`.
   */
  async stop(): Promise<void> {
    await this.#settled;
    if (this.#context.signal.aborted) await this.#checkpoint();
  }

  #full(): Promise<void> | undefined {
    const full = this.#blocks.takeFull();
    return full === undefined ? undefined : this.#print(full);
  }

  /** Prints up to the marked place, and its STATE; undefined when there is nothing to say. */
  #checkpoint(): Promise<void> | undefined {
    const marked = this.#blocks.takeMarked();
    if (marked === undefined || this.#blocks.taken === this.#covered) return undefined;
    this.#lastState = this.#context.now();
    return this.#print(marked, this.#stateAt(this.#blocks.taken));
  }

  #print(blocks: Buffer[], state?: JsonObject): Promise<void> {
    const records = this.#blocks.taken - this.#printed;
    this.#printed = this.#blocks.taken;
    if (state !== undefined) this.#covered = this.#blocks.taken;
    const before = this.#settled;
    const printed = (async () => {
      await before;
      await this.#output.records(blocks, records);
      if (state !== undefined) await this.#output.state(state);
    })();
    // Who waits for the call hears of a failure.
    this.#settled = printed.catch(() => {});
    return printed;
  }
}

/** What stops a read in its middle; the kit says which signal it was. */
function interrupted(): Failure {
  return new Failure("sync.interrupted", "the read was asked to stop");
}

/** For rows that are JSON objects on one line already. */
const JSON_TEXT: RecordEncoder = {
  room: (_, start, end) => end - start,
  encode: (bytes, start, end, out, at) => at + bytes.copy(out, at, start, end),
};

/**
 * Gathers RECORD lines of one stream in blocks.
 *
 * A block is never written to again after it was handed out. `emitted_at` is looked up once per
 * block.
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
    taken.push(marked.subarray(0, this.#markBytes));
    if (this.#markBytes < marked.length) this.#full.unshift(marked.subarray(this.#markBytes));
    return taken;
  }

  #startBlock(room: number): void {
    if (this.#markAt !== -1) {
      // Not cut here: the writer copies small pieces together, and most marks lead to no STATE.
      this.#markFull = this.#full.length;
      this.#markBytes = this.#markAt - this.#from;
      this.#markAt = -1;
    }
    if (this.#at > this.#from) this.#full.push(this.#block.subarray(this.#from, this.#at));
    this.#block = Buffer.allocUnsafeSlow(Math.max(this.#blockBytes, room));
    this.#at = 0;
    this.#from = 0;
    this.#last = -1;
    this.#before = this.records;
    this.#heads.clear();
    this.#head = recordHead(this.#stream, this.#now());
  }
}
