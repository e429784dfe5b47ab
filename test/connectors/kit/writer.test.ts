import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Output, WriteContext } from "../../../connectors/kit/contract.ts";
import type { DataBatch } from "../../../connectors/kit/destination/data-batches.ts";
import type { WriteTarget } from "../../../connectors/kit/destination/lane.ts";
import { writeStreams } from "../../../connectors/kit/destination/writer.ts";
import { Failure } from "../../../protocol/errors.ts";
import { Expected, type Claim } from "./writer/expected.ts";
import { InjectedFault, MemorySystem, nameOf, OLD_ROW, passTurns } from "./writer/memory-system.ts";
import {
  anyScenario,
  KINDS,
  linesOf,
  NO_LIMITS,
  type Line,
  type Scenario,
} from "./writer/scenario.ts";

/** What happened in all runs: a model that never gets anywhere would agree with anything. */
const seen = { printed: 0, replaced: 0, savepoints: 0, rollbacks: 0, duringCommit: 0, lanes: 0 };

/**
 * One run of a writer over a system in memory. It checks at every commit and every printed STATE that
 * nothing is there that must not be, and at the end that all is that must.
 */
class Run {
  readonly system: MemorySystem;
  readonly printed: number[] = [];
  /** Codes of the errors it reported while it went on. */
  readonly reported: string[] = [];
  failure: Error | undefined;
  readonly #scenario: Scenario;
  readonly #lines: readonly Line[];
  /** What the whole input says, and what was there of it when the last commit began. */
  readonly #whole: Expected;
  #known: Expected;
  readonly #stop = new AbortController();
  #yielded = 0;
  #handedOut = 0;
  /** What was gathered, by stream, when the last chunk began. */
  readonly #gathered: { bytes: number; rows: number }[];
  #steps = 0;
  #isCommitting = false;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#lines = linesOf(scenario);
    this.#whole = new Expected(scenario, this.#lines);
    this.#known = new Expected(scenario, []);
    const { streams, turns, loadsAhead = false, fault } = scenario;
    this.system = new MemorySystem(streams, turns, loadsAhead, fault);
    this.#gathered = scenario.streams.map(() => ({ bytes: 0, rows: 0 }));
    this.system.onStep = () => this.#onStep();
    this.system.onGather = () => this.#onGather();
    this.system.onCommit = (when, complete) => {
      this.#isCommitting = when === "begin";
      if (when === "done") return this.#checkTables();
      this.#known = this.#received();
      for (const stream of complete)
        expect(this.#known.streams[stream]!.completed.length).toBeGreaterThan(0);
    };
  }

  async toItsEnd(): Promise<void> {
    const { keepsStates, limits } = this.#scenario;
    const target: WriteTarget<DataBatch> = {
      streams: this.system.streams,
      defaultNamespace: "",
      keepsStates,
      openLane: () => this.system.openLane(),
      discard: (unplaced) => this.system.discard(unplaced),
    };
    const context: WriteContext = {
      output: this.#output(),
      log: () => {},
      signal: this.#stop.signal,
      now: () => 0,
      env: {},
      limits,
    };
    await writeStreams(this.#input(), target, context).catch((error: Error) => {
      this.failure = error;
    });
    this.#checkFailure();
    this.#checkTables();
    this.#checkLeftovers();
    const isStopped = this.#stop.signal.aborted && "step" in this.#scenario.abortAt!;
    if (!isStopped && (this.failure === undefined || this.#hasCode("stream.incomplete")))
      this.#checkEverythingIsThere();
  }

  /** The stream's replacement is what readers see. */
  isInPlace(stream: number): boolean {
    return this.system.tables[stream]!.visible[0] !== OLD_ROW;
  }

  /** The rows of this run that are permanent. */
  durable(stream: number): readonly number[] {
    return this.system.durable(stream);
  }

  /** What was there to be read so far. */
  #received(): Expected {
    const { noiseAt } = this.#scenario;
    const lines = this.#lines.filter(({ end }) => end <= this.#yielded);
    return new Expected(this.#scenario, lines.slice(0, noiseAt));
  }

  async *#input(): AsyncGenerator<Buffer> {
    const { chunks, abortAt } = this.#scenario;
    const bytes = Buffer.from(this.#lines.map(({ text }) => text).join(""));
    for (let number = 0; this.#yielded < bytes.length; number++) {
      const chunk = chunks[number % chunks.length]!;
      if (chunk.silence > 0) {
        await passTurns(3); // until the writer waits
        vi.advanceTimersByTime(chunk.silence);
      }
      await passTurns(chunk.turns);
      if (abortAt !== undefined && "chunk" in abortAt && number === abortAt.chunk)
        this.#stop.abort();
      if (this.#stop.signal.aborted) return;
      const from = this.#yielded;
      this.#yielded = Math.min(from + chunk.bytes, bytes.length);
      if (this.#isCommitting) seen.duringCommit++;
      yield Buffer.from(bytes.subarray(from, this.#yielded));
    }
  }

  #output(): Output {
    return {
      lines: async (bytes) => {
        const { state } = JSON.parse(bytes.toString()) as {
          state: { id: number; destinationStats: { recordCount: number } };
        };
        if (this.printed.length + 1 === this.#scenario.readerGoneAt)
          throw new Failure("output.closed", "injected");
        this.#checkPrinted(state.id, state.destinationStats.recordCount);
        this.printed.push(state.id);
      },
      message: async (message) => {
        if (message.type === "TRACE") this.reported.push(message.trace.error!.internal_message!);
      },
      flush: async () => {},
    };
  }

  #onStep(): void {
    const { limits, abortAt } = this.#scenario;
    if (limits.commitMs < Infinity) vi.advanceTimersByTime(1);
    this.#steps++;
    if (abortAt !== undefined && "step" in abortAt && abortAt.step === this.#steps)
      this.#stop.abort();
  }

  /** With the first record of a chunk: no more is in hand than the limits and the chunk before. */
  #onGather(): void {
    if (this.#handedOut === this.#yielded) return;
    this.#handedOut = this.#yielded;
    const { batchBytes, batchRows, allBatchesBytes } = this.#scenario.limits;
    let all = 0;
    for (const [stream, { batches }] of this.system.streams.entries()) {
      const { bytes, rows } = this.#gathered[stream]!;
      this.#gathered[stream] = { ...batches.gathered };
      const before = batches.bytes - (batches.gathered.bytes - bytes);
      all += before;
      expect(before).toBeLessThan(batchBytes);
      expect(batches.rows - (batches.gathered.rows - rows)).toBeLessThan(batchRows);
    }
    expect(all).toBeLessThan(allBatchesBytes);
  }

  /** Nothing is permanent that must not be, whatever happens next. */
  #checkTables(): void {
    const { streams, keepsStates } = this.#scenario;
    const kept = this.#known.claims.filter(({ id }) => this.system.kept.includes(id));
    for (const [stream, { delivery, replaces }] of streams.entries()) {
      const { visible, aside } = this.system.tables[stream]!;
      const { rows, covered, completed, isComplete } = this.#known.streams[stream]!;
      const durable = this.durable(stream);
      // Each row once, in order, none left out; and no more of them than may be.
      expect(durable).toEqual(rows.slice(0, durable.length));
      expect(durable.length).toBeLessThanOrEqual(covered);
      if (delivery === "at-complete") expect([0, ...completed]).toContain(durable.length);
      // Readers see the old rows, or all of the new ones, or both where rows are added.
      // A signal may leave the last chunk unread, with rows behind a COMPLETE.
      const isWhole = this.#stop.signal.aborted
        ? completed.includes(visible.length)
        : isComplete && visible.length === rows.length;
      if (this.isInPlace(stream)) expect([aside, isWhole && replaces]).toEqual([[], true]);
      else expect(visible).toEqual([OLD_ROW, ...(replaces ? [] : durable)]);
      // Killed now, the source would go on from the last STATE kept: no row may be there behind it.
      if (!keepsStates || delivery !== "with-states" || completed.includes(durable.length))
        continue;
      const last = kept.findLast(({ needs }) => needs.has(stream));
      expect(durable.length).toBe(last?.needs.get(stream)!.length ?? 0);
    }
  }

  #checkPrinted(id: number, records: number): void {
    const { streams, keepsStates, stateType } = this.#scenario;
    const claim = this.#whole.claims.find((one) => one.id === id)!;
    for (const [stream, rows] of claim.needs) {
      expect(this.durable(stream).slice(0, rows.length)).toEqual(rows);
      const { delivery, replaces } = streams[stream]!;
      const isWaitedFor = delivery === "aside" || (replaces && stateType !== "STREAM");
      if (isWaitedFor) expect(this.isInPlace(stream)).toBe(true);
    }
    expect(records).toBe(claim.records);
    if (keepsStates) expect(this.system.kept).toContain(id);
    const isOfSame = ({ needs }: Claim) => [...needs.keys()].some((one) => claim.needs.has(one));
    const others = this.#whole.claims.filter((one) => this.printed.includes(one.id));
    expect(others.filter(isOfSame).every((one) => one.id < id)).toBe(true);
  }

  #checkFailure(): void {
    const { failure } = this;
    const isExpected =
      failure === undefined ||
      failure instanceof InjectedFault ||
      this.#hasCode("stream.incomplete") ||
      this.#hasCode("output.closed") ||
      (this.#scenario.noiseAt !== undefined && /^line \d+ of the input/.test(failure.message));
    if (!isExpected) throw failure;
  }

  #hasCode(code: string): boolean {
    return this.failure instanceof Failure && this.failure.code === code;
  }

  /** Whatever happened: no lane is left open, and nothing that was loaded aside for nothing. */
  #checkLeftovers(): void {
    const { streams, fault } = this.#scenario;
    expect(this.system.openLanes.size).toBeLessThanOrEqual(fault?.step === "close" ? 1 : 0);
    if (fault?.step === "discard") return;
    const unplaced = [...streams.keys()].filter(
      (stream) => streams[stream]!.replaces && !this.isInPlace(stream),
    );
    // Who never hears of a commit cannot know what it put in place.
    if (fault?.step === "commit")
      expect(this.system.discarded).toEqual(expect.arrayContaining(unplaced));
    else expect(this.system.discarded).toEqual(unplaced);
  }

  /** The input was read to its end: everything that may be committed is, and every true STATE printed. */
  #checkEverythingIsThere(): void {
    const { streams, limits, keepsStates, stateType, words, fault } = this.#scenario;
    const read = this.#received();
    const isIsolated =
      limits.lanes >= streams.length &&
      fault?.step !== "openLane" &&
      (!keepsStates || (stateType === "STREAM" && words[0]!.what === "state"));
    const isAllCovered = read.streams.every(({ covered, rows }) => covered === rows.length);
    const incomplete: number[] = [];
    for (const [stream, { delivery, replaces }] of streams.entries()) {
      const { covered, isComplete } = read.streams[stream]!;
      const isWhole = isComplete && this.durable(stream).length === covered;
      if (!isWhole) incomplete.push(stream);
      if (isWhole) expect(this.system.existing).toContain(stream);
      if (replaces) expect(this.isInPlace(stream)).toBe(isWhole);
      if (!isIsolated && !isAllCovered) continue;
      // A stream that fails costs the others nothing.
      expect(isWhole).toBe(isComplete);
      if (delivery !== "aside") expect(this.durable(stream).length).toBe(covered);
    }
    if (!this.#stop.signal.aborted)
      expect(this.failure?.message.match(/\bs\d\b/g) ?? []).toEqual(incomplete.map(nameOf));
    for (const { id, needs } of read.claims) {
      const isTrue = [...needs].every(
        ([stream, rows]) =>
          this.durable(stream).length >= rows.length &&
          (!incomplete.includes(stream) ||
            (streams[stream]!.delivery === "with-states" &&
              !(streams[stream]!.replaces && stateType !== "STREAM"))),
      );
      if (isTrue) expect(this.printed).toContain(id);
    }
  }
}

async function run(scenario: Scenario): Promise<Run> {
  const one = new Run(scenario);
  await one.toItsEnd();
  return one;
}

/** A run without haste or faults. */
const CALM: Scenario = {
  streams: [KINDS.withStates, KINDS.withStates],
  keepsStates: false,
  stateType: "STREAM",
  words: [],
  isTerminated: true,
  noiseAt: undefined,
  chunks: [],
  limits: NO_LIMITS,
  turns: [1],
  fault: undefined,
  readerGoneAt: undefined,
  abortAt: undefined,
};

/** The lines `record 0 · state 0 · complete 1`, a list for each chunk, written under other than calm conditions. */
function write(chunks: readonly string[], conditions: Partial<Scenario>): Promise<Run> {
  const words = chunks.map((text) =>
    text.split(" · ").map((line) => {
      const [what, stream] = line.split(" ");
      return { what: what as Line["what"], stream: Number(stream) };
    }),
  );
  const scenario = { ...CALM, ...conditions, words: words.flat() };
  const ends = linesOf(scenario).map(({ end }) => end);
  let [lines, from] = [0, 0];
  const cuts = words.map(({ length }) => {
    const bytes = ends[(lines += length) - 1]! - from;
    from += bytes;
    return { bytes, silence: 0, turns: 0 };
  });
  return run({ ...scenario, chunks: conditions.chunks ?? cuts });
}

/** @guarantee state-behind-rows */
/** @guarantee streams-fail-alone */
describe("the writer of a destination", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("commits and prints what its input makes true, and nothing else, whatever happens", async () => {
    await fc.assert(
      fc.asyncProperty(anyScenario, async (scenario) => {
        const one = await run(scenario);
        const { counts } = one.system;
        seen.printed += one.printed.length;
        seen.replaced += scenario.streams.filter((_, stream) => one.isInPlace(stream)).length;
        seen.savepoints += counts.savepoint;
        seen.rollbacks += counts.rollback;
        seen.lanes = Math.max(seen.lanes, counts.lanes);
      }),
      { numRuns: Number(process.env["SYNCLINE_MODEL_RUNS"] ?? 1_000) },
    );
    expect(seen.printed).toBeGreaterThan(1_000);
    expect(seen.replaced).toBeGreaterThan(100);
    expect(seen.savepoints).toBeGreaterThan(20);
    expect(seen.rollbacks).toBeGreaterThan(100);
    expect(seen.duringCommit).toBeGreaterThan(100);
    expect(seen.lanes).toBe(3);
  });

  // Each of these was found by the model.

  it("commits what is covered when a signal cuts the input in the middle of a line", async () => {
    const one = await write(["record 0 · state 0 · record 0"], {
      chunks: [{ bytes: 200, silence: 0, turns: 0 }],
      abortAt: { chunk: 1 },
    });

    expect(one.failure).toBeUndefined();
    expect([one.durable(0), one.printed]).toEqual([[0], [1]]);
  });

  it("ends every lane, and what was loaded aside, when one lane cannot be rolled back", async () => {
    const one = await write(["record 0 · record 1 · record 2", "log 0"], {
      streams: [KINDS.withStates, KINDS.withStates, KINDS.aside],
      limits: { ...NO_LIMITS, batchRows: 1 },
      noiseAt: 3,
      fault: { step: "rollback", nth: 1, isDone: false },
    });

    expect(one.failure?.message).toContain("line 4");
    expect(one.system.counts.lanes).toBe(3);
    expect(one.system.openLanes.size).toBe(0);
    expect(one.system.discarded).toEqual([2]);
  });

  it("commits all rows of a STATE at once, also when another stream needs their lane", async () => {
    const one = await write(
      ["state 0 · record 0 · record 0", "record 0 · state 0 · record 1 · record 1"],
      { keepsStates: true, limits: { ...NO_LIMITS, batchRows: 2, lanes: 1 } },
    );

    expect([one.durable(0), one.printed]).toEqual([
      [1, 2, 3],
      [0, 4],
    ]);
  });

  it("commits a stream that counts only as a whole in one piece, also when another one needs its lane", async () => {
    const one = await write(
      ["record 1 · record 1", "record 1 · complete 1 · record 0 · record 0", "state 0"],
      {
        streams: [KINDS.withStates, KINDS.atComplete],
        limits: { ...NO_LIMITS, batchRows: 2, lanes: 1 },
        fault: { step: "commit", nth: 2, isDone: false },
      },
    );

    expect([one.durable(0), one.durable(1)]).toEqual([[], [0, 1, 2]]);
  });

  it("commits nothing for a STATE of all streams that can never be true", async () => {
    const one = await write(["record 0 · incomplete 0 · record 1 · state 0"], {
      stateType: "GLOBAL",
      keepsStates: true,
    });

    expect([one.durable(1), one.printed]).toEqual([[], []]);
  });

  it("commits nothing for a STATE of all streams before those loaded aside are in place", async () => {
    const lines = "record 0 · record 1 · state 0";
    const conditions: Partial<Scenario> = {
      streams: [KINDS.withStates, KINDS.aside],
      stateType: "GLOBAL",
      keepsStates: true,
      limits: { ...NO_LIMITS, commitMs: 0 },
    };

    const failed = await write([lines, "complete 0 · incomplete 1"], conditions);
    const done = await write([lines, "complete 0 · complete 1"], conditions);

    expect(failed.printed).toEqual([]);
    expect([done.durable(0), done.isInPlace(1), done.printed]).toEqual([[0], true, [2]]);
  });

  it("goes on through the lanes it has when it is given no further one", async () => {
    const one = await write(
      ["record 0 · record 1", "state 0 · state 1 · complete 0 · complete 1"],
      {
        limits: { ...NO_LIMITS, batchRows: 1 },
        fault: { step: "openLane", nth: 2, isDone: false },
      },
    );

    expect(one.failure).toBeUndefined();
    expect(one.printed).toEqual([2, 3]);
  });

  it("shares what can be rolled back with no other stream", async () => {
    const one = await write(
      ["record 0 · state 0", "record 1", "record 0", "state 0 · complete 0 · incomplete 1"],
      { limits: { ...NO_LIMITS, batchRows: 1 } },
    );

    expect([one.durable(0), one.printed]).toEqual([
      [0, 3],
      [1, 4],
    ]);
  });

  it("gives a stream up over a record that cannot be loaded, says why, and goes on", async () => {
    const one = await write(
      [
        "record 0 · state 0 · record 0",
        "refused 0 · state 0 · record 0",
        "record 1 · state 0 · state 1 · complete 0 · complete 1",
      ],
      { streams: [KINDS.withStates, KINDS.withStates] },
    );

    expect([one.durable(0), one.durable(1), one.printed]).toEqual([[0], [6], [1, 8]]);
    expect(one.reported).toEqual(["stream.key_invalid"]);
    expect(one.failure?.message).toMatch(/^the input ended before the stream was complete: s0$/);
  });

  it("replaces nothing by rows of which one could not be loaded", async () => {
    const one = await write(["record 0 · refused 0", "state 0 · complete 0"], {
      streams: [KINDS.aside],
    });

    expect([one.isInPlace(0), one.printed]).toEqual([false, []]);
  });

  it("takes the rows of a stream that failed out of a lane that others need", async () => {
    const one = await write(
      ["record 0 · record 0", "incomplete 0 · record 1 · record 1", "state 1 · complete 1"],
      { limits: { ...NO_LIMITS, batchRows: 2, lanes: 1 } },
    );

    expect([one.durable(1), one.printed]).toEqual([[3, 4], [5]]);
  });
});
