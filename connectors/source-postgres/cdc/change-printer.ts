import type { StreamDescriptor } from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import { RECORD_TAIL, recordHead } from "../../../protocol/record-line.ts";
import type { ReadContext } from "../../kit/contract.ts";
import { RecordBlocks, type RecordEncoder } from "../../kit/source/record-blocks.ts";
import type { StreamOutput } from "../../kit/source/stream-output.ts";
import type { Lsn } from "../../postgres/replication/lsn.ts";
import type { GlobalState } from "./global-state.ts";

/** Where the log was read up to: the end of a transaction, or a place between two. */
export interface Place {
  readonly lsn: Lsn;
  /** When the transaction was committed, as ISO 8601; undefined for a place between two. */
  readonly committedAt?: string | undefined;
  /** Streams that stand elsewhere than before, beside the log. */
  readonly reshaped?: readonly PlacedStream[];
}

/** A stream that says where it stands. */
export interface PlacedStream {
  readonly descriptor: StreamDescriptor;
  readonly blob: JsonObject;
}

/** A stream as its changes are printed. */
export interface PrintedStream {
  readonly descriptor: StreamDescriptor;
  readonly output: StreamOutput;
}

/** A record that something is asked for before it can be printed. */
export interface LateRecord {
  readonly stream: PrintedStream;
  /** Resolves with its `data` and what follows that: `{…}` or `{…},"meta":{…}`. */
  readonly json: () => Promise<Buffer>;
}

/**
 * Prints the records of all streams in the order of the log, and a STATE between two transactions when
 * one is due. Appending never waits; `chunkDone` does.
 */
export class ChangePrinter {
  readonly #blocks: RecordBlocks;
  readonly #global: GlobalState;
  readonly #context: ReadContext;
  /** Seconds between two STATEs, and between two that cover no record. */
  readonly #seconds: number;
  readonly #quietSeconds: number;
  /** What comes before the records in the blocks: a late record, and what was gathered before it. */
  #waiting: (Buffer | LateRecord)[] = [];
  /** How many records were handed to the output. */
  #printed = 0;
  /** Streams whose first record was appended and whose RUNNING was not said. */
  #begun: PrintedStream[] = [];
  readonly #running = new Set<PrintedStream>();
  /** Where the marked place lies in the log. */
  #marked: Place;
  /** Where streams stand at the marked place, as far as no STATE said so. */
  readonly #reshaped = new Map<StreamDescriptor, JsonObject>();
  /** The last place that a STATE said, and records appended when it was printed. */
  #said: Lsn;
  #covered = 0;
  #late = 0;
  #lastState: number;
  #timer: NodeJS.Timeout | undefined;
  /** When the timer is due. */
  #wakesAt = Infinity;
  #settled: Promise<void> = Promise.resolve();
  #failure: unknown;

  /** @param lsn where the log is read from. */
  constructor(global: GlobalState, lsn: Lsn, context: ReadContext) {
    const { limits, follow } = context;
    const nobody = { name: "" };
    this.#blocks = new RecordBlocks(nobody, limits.sourceBlockBytes, () => context.now());
    this.#global = global;
    this.#context = context;
    this.#seconds = follow ? limits.followSeconds : limits.checkpointSeconds;
    this.#quietSeconds = follow ? limits.quietSeconds : limits.checkpointSeconds;
    this.#marked = { lsn };
    this.#blocks.markAfterLast();
    this.#said = lsn;
    this.#lastState = context.now();
  }

  /** Records appended so far. */
  get records(): number {
    return this.#blocks.records + this.#late;
  }

  /** Appends a record that `encoder` prints, which knows the row. */
  record(stream: PrintedStream, encoder: RecordEncoder): void {
    this.#begin(stream);
    this.#blocks.switchTo(stream.descriptor);
    this.#blocks.append(encoder, NO_BYTES, 0, 0);
  }

  /** Appends a record whose values are not all there yet. */
  lateRecord(record: LateRecord): void {
    this.#begin(record.stream);
    this.#waitFor(record);
    this.#late++;
  }

  /** Says that a transaction has ended here, or that none is under way. */
  between(place: Place): void {
    // Before it sends anything, the server speaks of where it begins to look.
    if (place.lsn < this.#marked.lsn) return;
    for (const { descriptor, blob } of place.reshaped ?? []) this.#reshaped.set(descriptor, blob);
    this.#marked = { committedAt: this.#marked.committedAt, ...place };
    this.#blocks.markAfterLast();
  }

  /** Resolves when there is room for more; undefined when there is. Throws what an earlier print met. */
  chunkDone(): Promise<void> | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#isDue()) return this.#checkpoint();
    if (this.#waiting.length > 0) return this.#print(this.#takeWaiting());
    const full = this.#blocks.takeFull();
    if (full !== undefined) return this.#print(this.#takeWaiting(full));
    this.#wakeLater();
    return undefined;
  }

  /**
   * Prints what was appended up to the last place between two transactions, and the STATE of that; nothing
   * where what comes behind it was printed already. Waits for what is under way.
   */
  async end(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#settled;
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#blocks.isMarked) await this.#checkpoint();
  }

  #begin(stream: PrintedStream): void {
    if (this.#running.has(stream)) return;
    this.#running.add(stream);
    this.#begun.push(stream);
  }

  #waitFor(record: LateRecord): void {
    this.#waiting.push(...this.#blocks.takeAll(), record);
    this.#blocks.unmark();
  }

  #isDue(): boolean {
    if (!this.#blocks.isMarked || this.#marked.lsn === this.#said) return false;
    return this.#context.now() - this.#lastState >= 1000 * this.#dueSeconds;
  }

  get #dueSeconds(): number {
    return this.records > this.#covered ? this.#seconds : this.#quietSeconds;
  }

  /** Prints the STATE that will be due when nothing more comes. */
  #wakeLater(): void {
    const isWanted =
      this.#context.follow && this.#blocks.isMarked && this.#marked.lsn !== this.#said;
    const at = this.#lastState + 1000 * this.#dueSeconds;
    if (!isWanted || at >= this.#wakesAt) return;
    clearTimeout(this.#timer);
    this.#wakesAt = at;
    const wake = () => {
      this.#wakesAt = Infinity;
      if (this.#isDue())
        this.#checkpoint().catch(() => {}); // the next call throws it
      else this.#wakeLater();
    };
    this.#timer = setTimeout(wake, Math.max(at - this.#context.now(), 0));
  }

  #checkpoint(): Promise<void> {
    const marked = this.#blocks.takeMarked() ?? [];
    this.#lastState = this.#context.now();
    this.#said = this.#marked.lsn;
    this.#covered = this.#blocks.taken + this.#late;
    const reshaped = [...this.#reshaped].map(([descriptor, blob]) => ({ descriptor, blob }));
    this.#reshaped.clear();
    return this.#print(this.#takeWaiting(marked), { ...this.#marked, reshaped });
  }

  #takeWaiting(behind: readonly Buffer[] = []): Pieces {
    const records = this.#blocks.taken - this.#printed;
    this.#printed = this.#blocks.taken;
    const late = this.#waiting.filter((piece) => !Buffer.isBuffer(piece)).length;
    const pieces = [...this.#waiting, ...behind];
    this.#waiting = [];
    return { pieces, records: records + late, begun: this.#begun.splice(0) };
  }

  #print({ pieces, records, begun }: Pieces, place?: Place): Promise<void> {
    const before = this.#settled;
    const printed = (async () => {
      await before;
      const { output } = this.#context;
      for (const stream of begun) await stream.output.running();
      for (const piece of pieces)
        if (Buffer.isBuffer(piece)) await output.lines(piece, () => this.#blocks.giveBack(piece));
        else await output.lines(await this.#lineOf(piece));
      this.#global.count(records);
      if (place !== undefined) await this.#state(place);
    })();
    this.#settled = printed.catch((error: unknown) => {
      this.#failure ??= error;
    });
    return printed;
  }

  async #lineOf({ stream, json }: LateRecord): Promise<Buffer> {
    const head = recordHead(stream.descriptor, this.#context.now());
    return Buffer.concat([head, await json(), RECORD_TAIL]);
  }

  async #state({ lsn, committedAt, reshaped = [] }: Place): Promise<void> {
    for (const { descriptor, blob } of reshaped) this.#global.set(descriptor, blob);
    const { position } = this.#global;
    if (position === undefined) throw new Failure("internal.bug", "a log is read from no position");
    this.#global.position = { ...position, lsn };
    if (committedAt !== undefined) this.#global.committedAt = committedAt;
    await this.#context.output.message(this.#global.state());
  }
}

interface Pieces {
  readonly pieces: readonly (Buffer | LateRecord)[];
  readonly records: number;
  readonly begun: readonly PrintedStream[];
}

const NO_BYTES = Buffer.alloc(0);
