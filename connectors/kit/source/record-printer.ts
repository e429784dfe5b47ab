import type { StreamDescriptor } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import type { WriteContext } from "../contract.ts";
import { RecordBlocks, type RecordEncoder } from "./record-blocks.ts";
import type { StreamOutput } from "./stream-output.ts";

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
  readonly #onTaken = (block: Buffer): void => this.#blocks.giveBack(block);
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
      await this.#output.records(blocks, records, this.#onTaken);
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
