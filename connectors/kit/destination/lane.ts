import type { StreamDescriptor } from "../../../protocol/catalog.ts";
import type { RecordMeta } from "../../../protocol/messages.ts";
import type { StateLine } from "../../../protocol/state.ts";
import type { LedgerStream, StreamNumber } from "./ledger.ts";

/** What every record of one line shares with its neighbours, for the columns that tell of it. */
export interface RecordTimes {
  /** The record's `emitted_at`, as ISO text in UTC. */
  readonly emittedAt: string;
  /** When its chunk of input was read, as ISO text in UTC. */
  readonly normalizedAt: string;
}

/**
 * Gathers the records of one stream into batches, in whatever form the system takes them. Called for
 * every record, so its methods are synchronous and take bytes, not objects.
 *
 * At most two batches are being loaded while the next one is gathered.
 */
export interface RecordBatches<Batch> {
  /** Bytes gathered and not taken yet. */
  readonly bytes: number;
  /** Bytes of memory that these take, where that is more. */
  readonly heldBytes?: number;
  /** Records gathered and not taken yet. */
  readonly rows: number;
  /** How many of them came before the last `cover`. */
  readonly coveredRows: number;
  /**
   * Begins a record with its `data`, the JSON object at `source[at..end)`. Returns the index behind
   * the object, or `MALFORMED` when it is not JSON; then nothing was gathered.
   */
  readData(source: Buffer, at: number, end: number): number;
  /** Takes back the record that `readData` began. */
  undoRecord(): void;
  /**
   * Completes the record that `readData` began; `meta` is what its source says of it. Throws a
   * `Failure` for a record that cannot be loaded, not even in part: nothing was gathered then, and its
   * stream is given up while the others go on.
   */
  endRecord(source: Buffer, times: RecordTimes, meta: RecordMeta): void;
  /** A STATE, or COMPLETE, covers every record gathered so far. */
  cover(): void;
  /** Hands out a batch: what is covered, or everything. The rest stays. */
  take(what: "covered" | "all"): Batch;
  /** Forgets records gathered and not taken: those behind the last `cover`, or all. */
  drop(what: "uncovered" | "all"): void;
  /** A batch that `take` handed out is loaded: its memory may be used again. */
  release(batch: Batch): void;
}

/** One stream of a `write`. */
export interface LoadedStream<Batch> extends LedgerStream {
  readonly stream: StreamDescriptor;
  readonly batches: RecordBatches<Batch>;
}

/** A STATE on its way to a commit. */
export interface ReceivedState {
  /** The line as it came, with bytes of its own. */
  readonly line: StateLine;
  /** The streams it speaks of: all of them for GLOBAL and LEGACY. */
  readonly streams: readonly StreamNumber[];
  /** Records of these streams since the STATE before it. */
  readonly records: number;
}

/** A batch, and the stream it is of. */
export interface LaneLoad<Batch> {
  readonly stream: StreamNumber;
  readonly batch: Batch;
}

/** What a commit of a lane makes true, besides the rows it was sent. */
export interface CommitWork {
  /** STATEs to keep in the same transaction, where the system can; in order. */
  readonly states: readonly ReceivedState[];
  /** Streams whose source said COMPLETE: they exist at the destination from now on, even without a row. */
  readonly complete: readonly StreamNumber[];
  /**
   * Those of them whose last rows no STATE covers, only COMPLETE: whoever goes on from the last STATE
   * kept brings these rows again.
   */
  readonly uncovered: readonly StreamNumber[];
  /** The stream whose replacement takes its place with this commit. */
  readonly replaces: StreamNumber | undefined;
}

/**
 * One transaction after the other, and the streams that load through it. The kit calls one method at
 * a time, except that records are gathered while a batch loads, and what `loadsAhead` says. A method that
 * rejects ends the run: the kit then rolls back and closes.
 */
export interface Lane<Batch> {
  /**
   * Whether a batch may be given to `load` while the one before is still under way, so that a system far
   * away always has rows to take. They end in their order then, and one that fails fails the other.
   * Default: false.
   */
  readonly loadsAhead?: boolean;
  /**
   * Loads a batch of a stream into the open transaction, and begins one when there is none.
   *
   * @returns the number of rows that the system says it has taken.
   */
  load(stream: StreamNumber, batch: Batch): Promise<number>;
  /**
   * The same for batches of several streams, where a system far away takes all at once sooner than one
   * after the other. Default: `load`, one after the other.
   */
  loadAll?(loads: readonly LaneLoad<Batch>[]): Promise<number[]>;
  /** Marks the place in the open transaction to which `rollback` goes, in place of an earlier mark. */
  savepoint(): Promise<void>;
  /** Takes back what was loaded since the savepoint, or the whole transaction when none was set. */
  rollback(to: "savepoint" | "begin"): Promise<void>;
  /**
   * Makes everything loaded permanent, and `work` with it; all or nothing. When the answer to a commit
   * is lost, finds out what became of it before it resolves or rejects.
   */
  commit(work: CommitWork): Promise<void>;
  /**
   * The same for a lane that holds nothing, with several replacements, where a system far away puts all
   * in place sooner than one after the other. False, and nothing done, where one of them needs a commit
   * of its own. Default: one after the other.
   */
  commitTogether?(work: CommitWork, replaces: readonly StreamNumber[]): Promise<boolean>;
  /** Ends the lane; whatever is not committed is gone. Left out where there is nothing to end. */
  close?(): Promise<void>;
}

/** What a destination gives the kit to write with. */
export interface WriteTarget<Batch> {
  /** Every stream of the catalog, in its order. */
  readonly streams: readonly LoadedStream<Batch>[];
  /** What a missing namespace stands for. Default: nothing. */
  readonly defaultNamespace?: string;
  /**
   * Whether lanes keep STATEs in the transaction of their rows. Then all rows that one STATE speaks of
   * must be committed by one lane. Default: false.
   */
  readonly keepsStates?: boolean;
  /** Opens a lane. Called once at the start, and again when streams would be in each other's way. */
  openLane(): Promise<Lane<Batch>>;
  /**
   * Removes what was loaded aside for `streams`, whose replacements did not take their place. Called
   * once, at the end, after a failure too; every lane is closed by then.
   */
  discard?(streams: readonly StreamNumber[]): Promise<void>;
}
