import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { setImmediate as turn, setTimeout as pause } from "node:timers/promises";
import type { WriteContext } from "../../../connectors/kit/contract.ts";
import { DataBatches, type DataBatch } from "../../../connectors/kit/destination/data-batches.ts";
import type { CommitWork, Lane, LoadedStream } from "../../../connectors/kit/destination/lane.ts";
import type { Delivery } from "../../../connectors/kit/destination/ledger.ts";
import { writeStreams } from "../../../connectors/kit/destination/writer.ts";
import { PRODUCTION_LIMITS, TINY_LIMITS, type Limits } from "../../../connectors/kit/limits.ts";

/** What a stream is to the destination. */
interface StreamKind {
  readonly delivery: Delivery;
  readonly replaces: boolean;
}

/** A line of the input; `stream` is a place in the list of streams. */
type Line =
  | { readonly is: "record" | "state" | "complete" | "incomplete"; readonly stream: number }
  | { readonly is: "global" };

/** Rows by their number, which is the number of their line. */
type RowId = number;

/** The lines of a source that says what it does, to the end or not. */
class Input {
  readonly lines: readonly Line[];
  readonly streams: readonly StreamKind[];

  constructor(streams: readonly StreamKind[], lines: readonly Line[]) {
    this.streams = streams;
    this.lines = lines;
  }

  text(): Buffer {
    return Buffer.from(
      this.lines.map((line, n) => `${JSON.stringify(messageOf(line, n))}\n`).join(""),
    );
  }

  rows(stream: number, before = this.lines.length): RowId[] {
    const numbers = [...this.lines.keys()].slice(0, before);
    return numbers.filter((n) => isOf(this.lines[n]!, "record", stream));
  }

  /** The streams that the STATE at a line speaks of. */
  streamsOf(state: number): number[] {
    const line = this.lines[state]!;
    return line.is === "global" ? [...this.streams.keys()] : [line.stream];
  }

  states(): number[] {
    return [...this.lines.keys()].filter((n) => ["state", "global"].includes(this.lines[n]!.is));
  }

  /** The line of the first INCOMPLETE, behind which nothing of the stream counts. */
  givenUpAt(stream: number): number {
    const at = this.lines.findIndex((line) => isOf(line, "incomplete", stream));
    return at === -1 ? this.lines.length : at;
  }

  /** The lines that say COMPLETE of a stream, while it is not given up. */
  ends(stream: number): number[] {
    const before = [...this.lines.keys()].slice(0, this.givenUpAt(stream));
    return before.filter((n) => isOf(this.lines[n]!, "complete", stream));
  }

  isComplete(stream: number): boolean {
    const end = this.ends(stream).at(-1) ?? -1;
    const last = this.rows(stream).at(-1) ?? -1;
    return this.givenUpAt(stream) === this.lines.length && end > last;
  }

  /** The rows that may be committed when all of the input was read. */
  covered(stream: number): RowId[] {
    if (this.streams[stream]!.delivery === "aside") return this.rows(stream);
    const covers = (line: Line) =>
      isOf(line, "complete", stream) ||
      (this.streams[stream]!.delivery === "with-states" &&
        (line.is === "global" || isOf(line, "state", stream)));
    const lines = this.lines.slice(0, this.givenUpAt(stream));
    return this.rows(stream, lines.findLastIndex(covers) + 1);
  }
}

function isOf(line: Line, is: Line["is"], stream: number): boolean {
  return line.is === is && line.is !== "global" && line.stream === stream;
}

const nameOf = (stream: number) => `s${stream}`;

function messageOf(line: Line, n: number): object {
  if (line.is === "global")
    return {
      type: "STATE",
      state: { type: "GLOBAL", global: { shared_state: { line: n }, stream_states: [] } },
    };
  const descriptor = { name: nameOf(line.stream) };
  if (line.is === "record")
    return { type: "RECORD", record: { stream: descriptor.name, emitted_at: 1, data: { n } } };
  if (line.is === "state")
    return {
      type: "STATE",
      state: {
        type: "STREAM",
        stream: { stream_descriptor: descriptor, stream_state: { line: n } },
      },
    };
  const stream_status = { stream_descriptor: descriptor, status: line.is.toUpperCase() };
  return { type: "TRACE", trace: { type: "STREAM_STATUS", emitted_at: 1, stream_status } };
}

/** When the system that is written to fails: at the n-th load or commit of all; 0: never. */
interface Faults {
  readonly load: number;
  readonly commit: number;
}

/** The system that is written to: what is committed, and what breaks. */
class System {
  /** Committed rows by stream, in their order. */
  readonly durable: RowId[][];
  readonly inPlace = new Set<number>();
  /** STATEs kept with the rows, by their lines. */
  readonly kept: number[] = [];
  readonly printed: number[] = [];
  readonly wrong: string[] = [];
  readonly #input: Input;
  readonly #faults: Faults;
  loads = 0;
  commits = 0;
  lanes = 0;

  constructor(input: Input, faults: Faults) {
    this.#input = input;
    this.#faults = faults;
    this.durable = input.streams.map(() => []);
  }

  load(): void {
    if (++this.loads === this.#faults.load) throw new Error("the system is out of order");
  }

  commit(): void {
    if (++this.commits === this.#faults.commit) throw new Error("the system did not commit");
  }

  /** Takes note of a STATE that is called true. */
  called(states: readonly number[], what: string): void {
    for (const state of states)
      for (const stream of this.#input.streamsOf(state)) {
        const missing = this.#input
          .rows(stream, state)
          .filter((row) => !this.durable[stream]!.includes(row));
        if (missing.length > 0)
          this.wrong.push(`STATE ${state} was ${what} without rows ${missing.join()}`);
        const { delivery } = this.#input.streams[stream]!;
        if (delivery === "aside" && !this.inPlace.has(stream))
          this.wrong.push(`STATE ${state} was ${what} before its rows were in place`);
        if (delivery === "at-complete" && this.#input.ends(stream).length === 0)
          this.wrong.push(`STATE ${state} was ${what} of a stream that was never complete`);
      }
  }

  replace(stream: number): void {
    const isWhole =
      this.#input.isComplete(stream) &&
      String(this.durable[stream]) === String(this.#input.rows(stream));
    if (!isWhole) this.wrong.push(`stream ${stream} was put in place without being whole`);
    if (this.inPlace.has(stream)) this.wrong.push(`stream ${stream} was put in place twice`);
    this.inPlace.add(stream);
  }
}

const stateNumberOf = (text: string): number =>
  Number(/"(?:stream_state|shared_state)":\{"line":(\d+)\}/.exec(text)![1]);

/** A lane of the system; every method takes a few turns of the event loop. */
class MemoryLane implements Lane<DataBatch> {
  readonly #system: System;
  #rows: { stream: number; row: RowId }[] = [];
  #savepoint: number | undefined;
  #isBusy = false;
  #isClosed = false;

  constructor(system: System) {
    this.#system = system;
    system.lanes++;
  }

  load(stream: number, { bytes, rows }: DataBatch): Promise<number> {
    return this.#alone("load", async () => {
      const text = bytes.toString(); // the buffer is used again only once this is done
      await turn();
      this.#system.load();
      const read = text.split("\n").slice(0, -1);
      const numbers = read.map((line) => (JSON.parse(line) as { n: number }).n);
      if (numbers.length !== rows) this.#system.wrong.push("a batch has another number of rows");
      this.#rows.push(...numbers.map((row) => ({ stream, row })));
      return numbers.length;
    });
  }

  savepoint(): Promise<void> {
    return this.#alone("savepoint", async () => {
      await turn();
      this.#savepoint = this.#rows.length;
    });
  }

  rollback(to: "savepoint" | "begin"): Promise<void> {
    return this.#alone("rollback", async () => {
      await turn();
      if (to === "begin") this.#savepoint = undefined;
      this.#rows.length = this.#savepoint ?? 0;
    });
  }

  commit({ states, replaces }: CommitWork): Promise<void> {
    return this.#alone("commit", async () => {
      for (let n = 0; n < 3; n++) await turn();
      await pause(1); // long enough for more input to come
      this.#system.commit();
      for (const { stream, row } of this.#rows) this.#system.durable[stream]!.push(row);
      this.#rows = [];
      this.#savepoint = undefined;
      if (replaces !== undefined) this.#system.replace(replaces);
      const numbers = states.map(({ line }) => stateNumberOf(line.places.bytes.toString()));
      this.#system.called(numbers, "kept");
      this.#system.kept.push(...numbers);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  async #alone<T>(what: string, work: () => Promise<T>): Promise<T> {
    if (this.#isBusy) this.#system.wrong.push(`${what} was called while the lane was busy`);
    if (this.#isClosed) this.#system.wrong.push(`${what} was called of a closed lane`);
    this.#isBusy = true;
    try {
      return await work();
    } finally {
      this.#isBusy = false;
    }
  }
}

interface Run {
  readonly input: Input;
  readonly limits: Limits;
  readonly faults: Faults;
  readonly keepsStates: boolean;
  /** Where the input is cut, and where nothing comes for a while. */
  readonly cuts: readonly number[];
  readonly pauses: readonly number[];
}

/** Writes the input; returns the system and what the writer threw. */
async function write(run: Run): Promise<{ system: System; failure: Error | undefined }> {
  const { input, limits, keepsStates } = run;
  const system = new System(input, run.faults);
  const streams = input.streams.map((kind, stream): LoadedStream<DataBatch> => ({
    ...kind,
    stream: { name: nameOf(stream) },
    batches: new DataBatches(),
  }));
  const context: WriteContext = {
    limits,
    output: {
      message: async () => {},
      lines: async (bytes) => {
        const state = stateNumberOf(bytes.toString());
        system.called([state], "printed");
        system.printed.push(state);
      },
      flush: async () => {},
    },
    log: () => {},
    signal: new AbortController().signal,
    now: Date.now,
    env: {},
  };
  const openLane = async () => new MemoryLane(system);
  const target = { streams, defaultNamespace: "public", keepsStates, openLane };
  const failure = await writeStreams(chunks(run), target, context).then(
    () => undefined,
    (error: Error) => error,
  );
  return { system, failure };
}

async function* chunks({ input, cuts, pauses }: Run): AsyncGenerator<Buffer> {
  const bytes = input.text();
  const places = [...new Set([...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort(
    (a, b) => a - b,
  );
  let from = 0;
  for (const [index, to] of places.entries()) {
    if (pauses.includes(index)) await pause(2);
    else await turn();
    yield bytes.subarray(from, to);
    from = to;
  }
}

const KIND: fc.Arbitrary<StreamKind> = fc.constantFrom(
  { delivery: "with-states", replaces: false },
  { delivery: "with-states", replaces: true },
  { delivery: "at-complete", replaces: false },
  { delivery: "aside", replaces: true },
);

/** Two streams at the least: what they do to each other is the point. */
const KINDS = fc.array(KIND, { minLength: 2, maxLength: 3 });

const LIMITS: fc.Arbitrary<Limits> = fc.record({
  batchRows: fc.integer({ min: 1, max: 6 }),
  batchBytes: fc.constantFrom(20, 200, 10_000),
  allBatchesBytes: fc.constantFrom(60, 400, 10_000),
  commitBytes: fc.constantFrom(1, 100, 10_000),
  commitMs: fc.constantFrom(0.001, 3, 10_000),
  idleMs: fc.constantFrom(1, 10_000),
  lanes: fc.integer({ min: 1, max: 3 }),
  chunkBytes: fc.constant(TINY_LIMITS.chunkBytes),
  sourceBlockBytes: fc.constant(TINY_LIMITS.sourceBlockBytes),
  checkpointSeconds: fc.constant(TINY_LIMITS.checkpointSeconds),
});

const PLACES = fc.array(fc.nat(), { maxLength: 12, size: "max" });
const PAUSES = fc.array(fc.nat(12), { maxLength: 3, size: "max" });

/** Lines with STATEs of each stream, or of all at once. */
function linesOf(streams: number, isGlobal: boolean, mayFail: boolean): fc.Arbitrary<Line[]> {
  const stream = fc.nat(streams - 1);
  const state = isGlobal
    ? fc.constant<Line>({ is: "global" })
    : fc.record({ is: fc.constant("state" as const), stream });
  const line = fc.oneof(
    { weight: 8, arbitrary: fc.record({ is: fc.constant("record" as const), stream }) },
    { weight: 3, arbitrary: state },
    ...(mayFail
      ? [
          {
            weight: 1,
            arbitrary: fc.record({
              is: fc.constantFrom("complete" as const, "incomplete" as const),
              stream,
            }),
          },
        ]
      : []),
  );
  return fc.array<Line>(line, { minLength: 4, maxLength: 60, size: "max" });
}

/** The same of a source that says no more of a stream once it called it COMPLETE. */
function ended(lines: readonly Line[]): Line[] {
  return lines.filter((line, n) => {
    if (line.is === "global") return true;
    return !lines.slice(0, n).some((before) => isOf(before, "complete", line.stream));
  });
}

/** A run of a source that fails wherever it likes, into a system that does. */
const ANY_RUN: fc.Arbitrary<Run> = fc.tuple(KINDS, fc.boolean()).chain(([kinds, isGlobal]) =>
  fc.record({
    input: linesOf(kinds.length, isGlobal, true).map((lines) => new Input(kinds, ended(lines))),
    limits: LIMITS,
    faults: fc.record({
      load: fc.constantFrom(0, 0, 1, 2, 5),
      commit: fc.constantFrom(0, 0, 1, 2, 3),
    }),
    keepsStates: fc.boolean(),
    cuts: PLACES,
    pauses: PAUSES,
  }),
);

/** A run in which nothing goes wrong. */
const GOOD_RUN: fc.Arbitrary<Run> = fc.tuple(KINDS, fc.boolean()).chain(([kinds, isGlobal]) =>
  fc.record({
    input: linesOf(kinds.length, isGlobal, false).map((lines) => {
      const ends = kinds.map((_, stream): Line => ({ is: "complete", stream }));
      return new Input(kinds, [...lines, ...ends]);
    }),
    limits: LIMITS,
    faults: fc.constant({ load: 0, commit: 0 }),
    keepsStates: fc.boolean(),
    cuts: PLACES,
    pauses: PAUSES,
  }),
);

/** A run with a lane for each stream, whose source leaves some streams unfinished. */
const FAILING_STREAMS: fc.Arbitrary<Run> = KINDS.chain((kinds) =>
  fc.record({
    input: linesOf(kinds.length, false, true).map((lines) => new Input(kinds, ended(lines))),
    limits: LIMITS.map((limits) => ({ ...limits, lanes: kinds.length + 1 })),
    faults: fc.constant({ load: 0, commit: 0 }),
    // With it, nobody knows before the first STATE whether streams may be committed apart.
    keepsStates: fc.constant(false),
    cuts: PLACES,
    pauses: PAUSES,
  }),
);

const RUNS = { numRuns: Number(process.env["SYNCLINE_MODEL_RUNS"] ?? 250) };

describe("the writer of a destination", () => {
  it("commits prefixes that are covered, and calls nothing true that is not, whatever fails", async () => {
    let printed = 0;
    await fc.assert(
      fc.asyncProperty(ANY_RUN, async (run) => {
        const { system } = await write(run);

        expect(system.wrong).toEqual([]);
        for (const [stream, rows] of system.durable.entries()) {
          expect(rows).toEqual(run.input.rows(stream).slice(0, rows.length));
          expect(rows.length).toBeLessThanOrEqual(run.input.covered(stream).length);
          if (run.input.streams[stream]!.delivery === "at-complete") {
            const ends = run.input.ends(stream).map((end) => run.input.rows(stream, end).length);
            expect([0, ...ends]).toContain(rows.length);
          }
        }
        for (const stream of run.input.streams.keys()) {
          const own = system.printed.filter((state) => run.input.streamsOf(state).includes(stream));
          expect(own).toEqual([...new Set(own)].sort((a, b) => a - b));
        }
        if (run.keepsStates)
          expect(system.kept.slice(0, system.printed.length)).toEqual(system.printed);
        printed += system.printed.length;
      }),
      RUNS,
    );
    expect(printed).toBeGreaterThan(RUNS.numRuns / 10);
  }, 120_000);

  it("commits nothing of a stream that counts only as a whole when another one hurries it", async () => {
    const [row, other]: Line[] = [
      { is: "record", stream: 1 },
      { is: "record", stream: 0 },
    ];
    const first = [row!, row!, row!, row!];
    const rest = [row!, { is: "complete", stream: 1 } as const, other!, other!, other!, other!];
    const kinds: StreamKind[] = [
      { delivery: "with-states", replaces: false },
      { delivery: "at-complete", replaces: false },
    ];
    const { system } = await write({
      input: new Input(kinds, [...first, ...rest]),
      limits: { ...PRODUCTION_LIMITS, batchRows: first.length, lanes: 1 },
      faults: { load: 0, commit: 2 },
      keepsStates: false,
      cuts: [new Input(kinds, first).text().length],
      pauses: [],
    });

    expect(system.durable[1]).toEqual([0, 1, 2, 3, 4]);
    expect(system.durable[0]).toEqual([]);
  });

  it("commits every row and prints every STATE of a source that finishes", async () => {
    await fc.assert(
      fc.asyncProperty(GOOD_RUN, async (run) => {
        const { system, failure } = await write(run);

        expect(failure).toBeUndefined();
        expect(system.wrong).toEqual([]);
        for (const [stream, { replaces }] of run.input.streams.entries()) {
          expect(system.durable[stream]).toEqual(run.input.rows(stream));
          expect(system.inPlace.has(stream)).toBe(replaces);
        }
        expect([...system.printed].sort((a, b) => a - b)).toEqual(run.input.states());
      }),
      RUNS,
    );
  }, 120_000);

  it("lets a stream that fails cost the others nothing", async () => {
    await fc.assert(
      fc.asyncProperty(FAILING_STREAMS, async (run) => {
        const { input } = run;
        const { system, failure } = await write(run);

        const streams = [...input.streams.keys()];
        const isWhole = streams.every((stream) => input.isComplete(stream));
        expect((failure as { code?: string } | undefined)?.code).toBe(
          isWhole ? undefined : "stream.incomplete",
        );
        expect(system.wrong).toEqual([]);
        for (const stream of streams) {
          const { delivery, replaces } = input.streams[stream]!;
          const isComplete = input.isComplete(stream);
          if (delivery !== "aside") expect(system.durable[stream]).toEqual(input.covered(stream));
          expect(system.inPlace.has(stream)).toBe(replaces && isComplete);
          const isTrue = (state: number) =>
            delivery === "with-states"
              ? input.rows(stream, state).length <= input.covered(stream).length
              : isComplete;
          expect(system.printed.filter((state) => input.streamsOf(state)[0] === stream)).toEqual(
            input.states().filter((state) => input.streamsOf(state)[0] === stream && isTrue(state)),
          );
        }
      }),
      RUNS,
    );
  }, 120_000);
});
