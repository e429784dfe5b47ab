import {
  DataBatches,
  type DataBatch,
} from "../../../../connectors/kit/destination/data-batches.ts";
import type {
  CommitWork,
  Lane,
  LaneLoad,
  LoadedStream,
} from "../../../../connectors/kit/destination/lane.ts";
import type {
  Delivery,
  LedgerStream,
  StreamNumber,
} from "../../../../connectors/kit/destination/ledger.ts";
import { Failure } from "../../../../protocol/errors.ts";

/** A row that was there before the run. */
export const OLD_ROW = -1;

/** The member of a record that cannot be loaded. */
export const REFUSED = "refused";

/** The step of a system that goes wrong: the `nth` of its kind, counted from 1. */
export interface Fault {
  readonly step: "openLane" | "load" | "savepoint" | "rollback" | "commit" | "close" | "discard";
  readonly nth: number;
  /** Whether what was asked for is done all the same: the answer is what is lost. Not for `openLane`. */
  readonly isDone: boolean;
}

/** What is permanent of a stream: ids of rows, in the order they came. */
interface Table {
  visible: number[];
  /** Rows that are to take the place of the visible ones. */
  aside: number[];
}

interface Loaded {
  readonly stream: StreamNumber;
  readonly ids: readonly number[];
}

/** How long each step takes, in turns of the microtask queue, over and over. */
export type Turns = readonly number[];

/** Lets `count` turns of the microtask queue pass. */
export async function passTurns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

/**
 * A system with transactions and savepoints, in memory, as strict as the interface of lanes allows: a
 * step that comes while another is under way, a record gathered while anything but a load is, or a
 * step on a closed lane is an error.
 */
export class MemorySystem {
  readonly tables: readonly Table[];
  readonly streams: readonly MemoryStream[];
  /** Ids of the STATEs kept in the transactions of their rows. */
  readonly kept: number[] = [];
  /** Streams that are there, with rows or without. */
  readonly existing = new Set<StreamNumber>();
  readonly openLanes = new Set<object>();
  discarded: readonly StreamNumber[] | undefined;
  /** What happened how often. */
  readonly counts = { load: 0, savepoint: 0, rollback: 0, commit: 0, lanes: 0 };
  /** Called at each step. */
  onStep: () => void = () => {};
  /** Called before each record that is gathered. */
  onGather: () => void = () => {};
  /** Called when a commit begins, with the streams it calls complete, and when it is permanent. */
  onCommit: (when: "begin" | "done", complete: readonly StreamNumber[]) => void = () => {};
  /** Whether lanes take a batch while the one before is under way. */
  readonly loadsAhead: boolean;
  readonly #turns: Turns;
  readonly #fault: Fault | undefined;
  /** Loads of such lanes that are under way, and the last of them. */
  #loads = 0;
  #lastLoad: Promise<unknown> = Promise.resolve();
  #steps = new Map<Fault["step"], number>();
  #under: Fault["step"] | undefined;

  constructor(streams: readonly LedgerStream[], turns: Turns, loadsAhead: boolean, fault?: Fault) {
    this.loadsAhead = loadsAhead;
    this.tables = streams.map(() => ({ visible: [OLD_ROW], aside: [] }));
    this.streams = streams.map((stream, number) => new MemoryStream(this, stream, number));
    this.#turns = turns;
    this.#fault = fault;
  }

  /** The rows of this run that nobody can take back. */
  durable(stream: StreamNumber): readonly number[] {
    const { visible, aside } = this.tables[stream]!;
    return [...visible, ...aside].filter((id) => id !== OLD_ROW);
  }

  async openLane(): Promise<MemoryLane> {
    return this.step("openLane", () => {
      const lane = new MemoryLane(this);
      this.openLanes.add(lane);
      this.counts.lanes = Math.max(this.counts.lanes, this.openLanes.size);
      return lane;
    });
  }

  async discard(streams: readonly StreamNumber[]): Promise<void> {
    await this.step("discard", () => {
      if (this.openLanes.size > 0 && this.#fault?.step !== "close")
        throw new Error("discarding while lanes are open");
      if (this.discarded !== undefined) throw new Error("discarding twice");
      this.discarded = streams;
      // What STATEs cover stays for the attempt that goes on with it.
      for (const stream of streams)
        if (this.streams[stream]!.delivery === "aside") this.tables[stream]!.aside = [];
    });
  }

  /** Takes its time for one step, does it, and fails when it is to. */
  async step<T>(step: Fault["step"], work: () => T): Promise<T> {
    const under = this.#under;
    const mayOverlap =
      step === "openLane" || (this.loadsAhead && step === "load" && under === "openLane");
    if (under !== undefined && !mayOverlap) throw new Error(`${step} while ${under} is under way`);
    if (this.#loads > 0 && step !== "openLane" && step !== "load")
      throw new Error(`${step} while a load is under way`);
    const nth = (this.#steps.get(step) ?? 0) + 1;
    this.#steps.set(step, nth);
    if (step in this.counts) this.counts[step as "load"]++;
    const isFaulty = this.#fault?.step === step && this.#fault.nth === nth;
    this.#under ??= step;
    this.onStep();
    try {
      await passTurns(this.#turns[nth % this.#turns.length]!);
      if (isFaulty && (step === "openLane" || !this.#fault.isDone)) throw new InjectedFault(step);
      const result = work();
      await passTurns(this.#turns[(nth + 1) % this.#turns.length]!);
      if (isFaulty) throw new InjectedFault(step);
      return result;
    } finally {
      if (under === undefined) this.#under = undefined;
    }
  }

  /** Does a load behind the one before; not if that fails. */
  behind<T>(load: () => Promise<T>): Promise<T> {
    if (++this.#loads > 2) throw new Error("three loads are under way");
    const done = this.#lastLoad.then(load).finally(() => this.#loads--);
    this.#lastLoad = done;
    return done;
  }

  assertMayGather(): void {
    if (this.#under !== undefined && this.#under !== "load")
      throw new Error(`a line is handed out while ${this.#under} is under way`);
  }
}

export class InjectedFault extends Error {
  constructor(step: string) {
    super(`injected: ${step}`);
  }
}

export class MemoryStream implements LoadedStream<DataBatch> {
  readonly delivery: Delivery;
  readonly replaces: boolean;
  readonly stream: { readonly name: string };
  readonly batches: MemoryBatches;

  constructor(system: MemorySystem, { delivery, replaces }: LedgerStream, number: StreamNumber) {
    this.delivery = delivery;
    this.replaces = replaces;
    this.stream = { name: nameOf(number) };
    this.batches = new MemoryBatches(system);
  }
}

export const nameOf = (stream: StreamNumber) => `s${stream}`;

/** The kit's batches, and a look at whether they are used as the interface says. */
class MemoryBatches extends DataBatches {
  /** All that was ever gathered. */
  readonly gathered = { bytes: 0, rows: 0 };
  readonly #system: MemorySystem;
  #isRefused = false;

  constructor(system: MemorySystem) {
    super();
    this.#system = system;
  }

  override readData(source: Buffer, at: number, end: number): number {
    this.#system.assertMayGather();
    this.#system.onGather();
    const after = super.readData(source, at, end);
    this.#isRefused = source.toString("utf8", at, after).includes(`"${REFUSED}"`);
    return after;
  }

  override endRecord(): void {
    if (this.#isRefused) {
      this.undoRecord();
      throw new Failure("stream.key_invalid", "refused");
    }
    const before = this.bytes;
    super.endRecord();
    this.gathered.bytes += this.bytes - before;
    this.gathered.rows++;
  }

  override cover(): void {
    this.#system.assertMayGather();
    super.cover();
  }
}

/** More replacements need commits of their own. */
const MOST_TOGETHER = 2;

export class MemoryLane implements Lane<DataBatch> {
  readonly #system: MemorySystem;
  #transaction: Loaded[] | undefined;
  #savepoint: number | undefined;

  constructor(system: MemorySystem) {
    this.#system = system;
  }

  get loadsAhead(): boolean {
    return this.#system.loadsAhead;
  }

  load(stream: StreamNumber, batch: DataBatch): Promise<number> {
    const load = () => this.#load(stream, batch);
    return this.loadsAhead ? this.#system.behind(load) : load();
  }

  #load(stream: StreamNumber, batch: DataBatch): Promise<number> {
    return this.#step("load", () => {
      const lines = batch.bytes.toString("utf8").split("\n").slice(0, -1);
      const ids = lines.map((line) => (JSON.parse(line) as { id: number }).id);
      if (ids.length === 0) throw new Error("an empty batch");
      (this.#transaction ??= []).push({ stream, ids });
      return ids.length;
    });
  }

  async loadAll(loads: readonly LaneLoad<DataBatch>[]): Promise<number[]> {
    const counts: number[] = [];
    for (const { stream, batch } of loads) counts.push(await this.load(stream, batch));
    return counts;
  }

  savepoint(): Promise<void> {
    return this.#step("savepoint", () => {
      if (this.#transaction === undefined) throw new Error("a savepoint without a transaction");
      this.#savepoint = this.#transaction.length;
    });
  }

  rollback(to: "savepoint" | "begin"): Promise<void> {
    return this.#step("rollback", () => {
      const isWhole = to === "begin" || this.#savepoint === undefined;
      if (isWhole) this.#transaction = this.#savepoint = undefined;
      else this.#transaction!.splice(this.#savepoint!);
    });
  }

  commit(work: CommitWork): Promise<void> {
    return this.#commit(work, work.replaces === undefined ? [] : [work.replaces]);
  }

  async commitTogether(work: CommitWork, replaces: readonly StreamNumber[]): Promise<boolean> {
    if (this.#transaction !== undefined) throw new Error("rows beside replacements");
    if (replaces.length > MOST_TOGETHER) return false;
    await this.#commit(work, replaces);
    return true;
  }

  async #commit(
    { states, complete }: CommitWork,
    replaces: readonly StreamNumber[],
  ): Promise<void> {
    this.#system.onCommit("begin", complete);
    await this.#step("commit", () => {
      const { tables, streams, kept, existing } = this.#system;
      for (const { stream, ids } of this.#transaction ?? [])
        tables[stream]![streams[stream]!.replaces ? "aside" : "visible"].push(...ids);
      for (const { line } of states) kept.push(line.id!);
      for (const stream of replaces) {
        const table = tables[stream]!;
        [table.visible, table.aside] = [table.aside, []];
      }
      this.#transaction = this.#savepoint = undefined;
      for (const stream of complete) existing.add(stream);
      this.#system.onCommit("done", complete);
    });
  }

  close(): Promise<void> {
    return this.#step("close", () => {
      this.#transaction = this.#savepoint = undefined;
      this.#system.openLanes.delete(this);
    });
  }

  #step<T>(step: Fault["step"], work: () => T): Promise<T> {
    if (!this.#system.openLanes.has(this)) throw new Error(`${step} on a closed lane`);
    return this.#system.step(step, work);
  }
}
