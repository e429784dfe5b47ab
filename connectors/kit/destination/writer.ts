import { streamLabel } from "../../../protocol/catalog.ts";
import { asFailure, Failure } from "../../../protocol/errors.ts";
import type { WriteContext } from "../contract.ts";
import { errorTrace } from "../trace.ts";
import { Commits } from "./commits.ts";
import { incompleteFailure } from "./incomplete.ts";
import { InputMessages } from "./input-messages.ts";
import { BadLine, lineFailure, MessageReader } from "./message-reader.ts";
import type { Lane, LaneLoad, ReceivedState, RecordBatches, WriteTarget } from "./lane.ts";
import { Ledger, type StreamNumber } from "./ledger.ts";
import { LoadsUnderWay } from "./loads-under-way.ts";
import { OpenLanes, type OpenLane } from "./open-lanes.ts";

/**
 * Reads the input to its end and loads it through lanes, in one transaction after the other. What is
 * true and what may be committed, the ledger knows; this decides when to send and when to commit.
 *
 * Throws `stream.incomplete` when the input ended before every stream was COMPLETE, after committing
 * what STATEs cover. Whatever else it throws, nothing is left uncommitted. An abort of
 * `context.signal` ends the input, and then an incomplete stream is no failure of its own.
 */
export async function writeStreams<Batch>(
  input: AsyncIterable<Buffer>,
  target: WriteTarget<Batch>,
  context: WriteContext,
): Promise<void> {
  await new Writer(target, context).run(input);
}

class Writer<Batch> {
  readonly #target: WriteTarget<Batch>;
  readonly #context: WriteContext;
  readonly #ledger: Ledger<ReceivedState>;
  readonly #loads: LoadsUnderWay<Batch>;
  readonly #commits: Commits<Batch>;
  readonly #messages: InputMessages;
  readonly #everyStream: readonly StreamNumber[];
  readonly #lanes: OpenLanes<Batch>;

  constructor(target: WriteTarget<Batch>, context: WriteContext) {
    this.#target = target;
    this.#context = context;
    this.#ledger = new Ledger(target.streams);
    this.#messages = new InputMessages(target, this.#ledger, context);
    this.#lanes = new OpenLanes(target, this.#ledger, this.#messages, context);
    this.#loads = new LoadsUnderWay(target.streams, this.#ledger);
    this.#commits = new Commits(target.streams, this.#ledger, this.#loads, context);
    this.#everyStream = target.streams.map((_, stream) => stream);
  }

  async run(input: AsyncIterable<Buffer>): Promise<void> {
    try {
      await this.#lanes.open();
      await this.#readAll(input);
      await this.#finish();
    } catch (error) {
      await this.#end("failed").catch((other: unknown) => {
        // The failure that led here is the one to report; leftovers are removed by the next run.
        this.#context.log("DEBUG", `could not clean up: ${asFailure(other).message}`);
      });
      throw error;
    }
    await this.#end("finished");
    this.#throwIfIncomplete();
  }

  async #readAll(input: AsyncIterable<Buffer>): Promise<void> {
    const reader = new MessageReader(input);
    const onLine = (bytes: Buffer, start: number, end: number) => {
      try {
        if (!reader.lineIsUtf8) throw new BadLine("is not UTF-8");
        this.#messages.take(bytes, start, end);
      } catch (error) {
        throw lineFailure(reader, end - start, error);
      }
    };
    // The lines of a chunk are handed out only when no commit is under way: what it makes true was
    // all received before it began.
    while (await this.#commitWhileIdle(reader.fetch())) {
      // An abort cuts the input anywhere: half a line then is not a broken one.
      if (this.#context.signal.aborted || !reader.handOut(onLine)) return;
      await this.#afterChunk();
    }
  }

  /** Waits for `next`; when that takes long, commits what is ready meanwhile. */
  async #commitWhileIdle(next: Promise<boolean>): Promise<boolean> {
    if (!this.#ledger.hasPending) return next;
    let timer: NodeJS.Timeout | undefined;
    const idle = new Promise<"idle">((resolve) => {
      timer = setTimeout(() => resolve("idle"), this.#context.limits.idleMs);
    });
    const first = await Promise.race([next, idle]).finally(() => clearTimeout(timer));
    if (first !== "idle") return first;
    next.catch(() => {}); // looked at below, after the commit
    await this.#commitWhere(() => true);
    return next;
  }

  async #afterChunk(): Promise<void> {
    const { limits } = this.#context;
    if (this.#messages.givenUp.size > 0) await this.#takeBackGivenUp();
    await this.#reportRefusals();
    const held = (stream: StreamNumber) => {
      const { bytes, heldBytes = bytes } = this.#batches(stream);
      return heldBytes;
    };
    let all = 0;
    for (const stream of this.#everyStream) all += held(stream);
    // Where one has to make room for others, the largest does: few rows cost as many turns.
    const inOrder =
      all < limits.allBatchesBytes
        ? this.#everyStream
        : this.#everyStream.toSorted((one, other) => held(other) - held(one));
    for (const stream of inOrder) {
      const batches = this.#batches(stream);
      const { bytes, rows } = batches;
      if (rows === 0) continue;
      const isFull = bytes >= limits.batchBytes || rows >= limits.batchRows;
      if (!isFull && all < limits.allBatchesBytes) continue;
      const before = held(stream);
      // Rows that nothing covers go with the next chunk: behind them, the covered ones would have to
      // wait for a STATE, where a silence may let them be committed now.
      await this.#send(stream, batches.coveredRows > 0 ? "covered" : "all");
      all -= before - held(stream);
    }
    const isAllDue = this.#messages.takeHasCompleted();
    if (!isAllDue && !this.#ledger.hasPending) return;
    const due = this.#lanes.all.filter((lane) => this.#isDue(lane));
    if (isAllDue) await this.#commitWhere(() => true);
    else if (due.length > 0) await this.#commitWhere((lane) => due.includes(lane));
  }

  /** Begins to load a batch; resolves when the one before it was taken, or is the only one under way. */
  async #send(stream: StreamNumber, what: "covered" | "all"): Promise<void> {
    const batches = this.#batches(stream);
    const open = await this.#lanes.laneFor(stream);
    const { lane } = open;
    await (lane.loadsAhead === true ? this.#loads.former : this.#loads.all);
    const rows = what === "all" ? batches.rows : batches.coveredRows;
    const isUncovered = rows > this.#ledger.coveredInHand(stream);
    if (isUncovered && this.#lanes.isClean(lane)) await this.#prepareForUncovered(open, stream);
    this.#loads.begin(lane, [this.#take(open, stream, what)]);
  }

  /** Hands out a batch whose load begins next. */
  #take(open: OpenLane<Batch>, stream: StreamNumber, what: "covered" | "all"): LaneLoad<Batch> {
    const batches = this.#batches(stream);
    const rows = what === "all" ? batches.rows : batches.coveredRows;
    open.bytesSinceCommit += batches.bytes;
    const batch = batches.take(what);
    this.#ledger.sent(open.lane, stream, rows);
    return { stream, batch };
  }

  /** Makes sure that a rollback of the rows to come takes no other stream's back, and no part of a STATE's. */
  async #prepareForUncovered(open: OpenLane<Batch>, stream: StreamNumber): Promise<void> {
    const { lane } = open;
    const isOfOthers = (other: StreamNumber) =>
      this.#lanes.scopeOf(other) !== this.#lanes.scopeOf(stream);
    await this.#sendCovered(
      (other) => this.#ledger.laneOf(other) === lane || !isOfOthers(other),
      (one) => one === open,
    );
    if (this.#ledger.streamsIn(lane).some(isOfOthers)) await this.#commits.commit(open);
    if (this.#ledger.streamsIn(lane).length === 0) return; // then the whole transaction goes
    await this.#loads.all;
    await lane.savepoint();
    this.#ledger.savepoint(lane);
  }

  /** Takes back what streams that said INCOMPLETE have in a lane beyond their last STATE. */
  async #takeBackGivenUp(): Promise<void> {
    await this.#loads.all;
    for (const { lane } of this.#lanes.all) {
      const uncovered = this.#ledger.uncoveredIn(lane);
      // Others' rows in the same lane are not given up before their own end.
      const isTheirs = uncovered.every((stream) => this.#messages.givenUp.has(stream));
      if (uncovered.length > 0 && isTheirs) await this.#rollBack(lane);
    }
    this.#dropLost();
    this.#messages.givenUp.clear();
  }

  /** Takes a lane back to its last covered row. */
  async #rollBack(lane: Lane<Batch>): Promise<void> {
    await lane.rollback("savepoint");
    this.#ledger.rolledBack(lane, "savepoint");
    this.#dropLost();
  }

  /** Forgets the rows in hand that can never be committed, because rows before them are gone. */
  #dropLost(): void {
    for (const stream of this.#everyStream)
      if (this.#ledger.of(stream).hasLost)
        this.#batches(stream).drop(this.#ledger.coveredInHand(stream) > 0 ? "uncovered" : "all");
  }

  #isDue({ bytesSinceCommit, lastCommitAt }: OpenLane<Batch>): boolean {
    const { commitBytes, commitMs } = this.#context.limits;
    return bytesSinceCommit >= commitBytes || performance.now() - lastCommitAt >= commitMs;
  }

  /** Commits the wanted lanes that hold only covered rows, with the covered rows still in hand. */
  async #commitWhere(isWanted: (lane: OpenLane<Batch>) => boolean): Promise<void> {
    await this.#sendCovered(() => true, isWanted);
    for (const open of this.#lanes.all)
      if (isWanted(open) && this.#lanes.isClean(open.lane)) await this.#commits.commit(open);
  }

  /**
   * Sends covered rows in hand where their lane may be committed. Before any commit: a part of a STATE's
   * rows would be permanent without it, and come again after a kill.
   */
  async #sendCovered(
    isWantedStream: (stream: StreamNumber) => boolean,
    isWantedLane: (lane: OpenLane<Batch>) => boolean,
  ): Promise<void> {
    const loads = new Map<OpenLane<Batch>, LaneLoad<Batch>[]>();
    const loadAll = async (open: OpenLane<Batch>) => {
      await this.#loads.all;
      this.#loads.begin(open.lane, loads.get(open)!);
      loads.delete(open);
    };
    const isNew = (stream: StreamNumber) => this.#ledger.laneOf(stream) === undefined;
    // A lane is not committed for having many streams before it has all rows in hand of those it holds.
    const held = this.#everyStream.filter((stream) => !isNew(stream));
    for (const stream of [...held, ...this.#everyStream.filter(isNew)]) {
      if (this.#batches(stream).coveredRows === 0 || !isWantedStream(stream)) continue;
      const isHeld = !isNew(stream);
      const open = await this.#lanes.laneFor(stream);
      if (!isWantedLane(open) || !this.#lanes.isClean(open.lane)) continue;
      await this.#loads.all;
      loads.set(open, [...(loads.get(open) ?? []), this.#take(open, stream, "covered")]);
      if (isHeld || !this.#hasManyStreams(open)) continue;
      await loadAll(open);
      await this.#commits.commit(open);
    }
    for (const open of loads.keys()) await loadAll(open);
  }

  /** Whether a lane holds as many streams as it may, all of which can be committed one by one. */
  #hasManyStreams({ lane }: OpenLane<Batch>): boolean {
    if (this.#messages.hasStreamStates === false) return false;
    return this.#ledger.streamsIn(lane).length >= this.#context.limits.commitStreams;
  }

  /** Says of each stream that is given up why, as soon as it is: the others go on for as long as they take. */
  async #reportRefusals(): Promise<void> {
    for (const why of this.#messages.takeRefusals())
      await this.#context.output.message(errorTrace(why, this.#context.now()));
  }

  async #finish(): Promise<void> {
    await this.#loads.all;
    await this.#reportRefusals();
    for (const { lane } of this.#lanes.all)
      if (!this.#lanes.isClean(lane)) await this.#rollBack(lane);
    for (const stream of this.#everyStream) {
      const { covered, received } = this.#ledger.of(stream);
      if (covered < received) this.#ledger.status(stream, "INCOMPLETE");
    }
    this.#dropLost();
    await this.#commitWhere(() => true);
    const whole: StreamNumber[] = [];
    for (const stream of this.#everyStream) {
      const { status, received, durable } = this.#ledger.of(stream);
      if (status !== "complete") continue;
      if (received !== durable)
        throw new Failure(
          "internal.bug",
          `${this.#label(stream)} is complete with ${durable} of ${received} rows`,
        );
      if (this.#target.streams[stream]!.replaces) whole.push(stream);
    }
    await this.#commits.replace(this.#lanes.first, whole);
  }

  /**
   * Ends every lane, and removes what was loaded aside for nothing. What fails there keeps nothing else
   * from being ended; the first such failure is thrown.
   */
  async #end(run: "finished" | "failed"): Promise<void> {
    await this.#loads.all.catch(() => {});
    const unplaced = this.#everyStream.filter(
      (stream) => this.#target.streams[stream]!.replaces && !this.#ledger.of(stream).isInPlace,
    );
    const steps = this.#lanes.all.flatMap(({ lane }) => [
      async () => run === "failed" && lane.rollback("begin"),
      async () => lane.close?.(),
    ]);
    const failures: unknown[] = [];
    for (const step of [...steps, async () => this.#target.discard?.(unplaced)])
      await step().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  #batches(stream: StreamNumber): RecordBatches<Batch> {
    return this.#target.streams[stream]!.batches;
  }

  #label(stream: StreamNumber): string {
    return streamLabel(this.#target.streams[stream]!.stream);
  }

  #throwIfIncomplete(): void {
    if (this.#context.signal.aborted) return;
    const incomplete = this.#everyStream.filter(
      (stream) => this.#ledger.of(stream).status !== "complete",
    );
    if (incomplete.length === 0) return;
    throw incompleteFailure(
      incomplete.map((stream) => this.#target.streams[stream]!.stream),
      this.#messages.sourceError,
    );
  }
}
