import * as fc from "fast-check";
import type { LedgerStream, StreamNumber } from "../../../../connectors/kit/destination/ledger.ts";
import { PRODUCTION_LIMITS, type Limits } from "../../../../connectors/kit/limits.ts";
import { nameOf, REFUSED, type Fault, type Turns } from "./memory-system.ts";

export type Word = "record" | "refused" | "state" | "complete" | "incomplete" | "log";

/** A line of an input. */
export interface Line {
  readonly what: Word;
  readonly stream: StreamNumber;
  /** Its place in the input, and the id of its row or STATE. */
  readonly id: number;
  readonly text: string;
  /** The byte behind it. */
  readonly end: number;
}

export interface Chunk {
  readonly bytes: number;
  /** Milliseconds of silence before it, and how many turns it takes then to come. */
  readonly silence: number;
  readonly turns: number;
}

/** One run of a writer: what comes in, when, under which limits, and what goes wrong. */
export interface Scenario {
  readonly streams: readonly LedgerStream[];
  readonly keepsStates: boolean;
  /** Whether lanes take a batch while the one before is under way. */
  readonly loadsAhead?: boolean;
  readonly stateType: "STREAM" | "GLOBAL" | "LEGACY";
  readonly words: readonly { readonly what: Word; readonly stream: number }[];
  /** Whether the last line ends in a newline. */
  readonly isTerminated: boolean;
  /** The line that is no message. */
  readonly noiseAt: number | undefined;
  /** How the input is cut, over and over. */
  readonly chunks: readonly Chunk[];
  readonly limits: Limits;
  readonly turns: Turns;
  readonly fault: Fault | undefined;
  /** The printed STATE at which the reader of the output has gone. */
  readonly readerGoneAt: number | undefined;
  /** When a signal comes: before a chunk, or within a step of the system. */
  readonly abortAt: { readonly chunk: number } | { readonly step: number } | undefined;
}

export const KINDS = {
  withStates: { delivery: "with-states", replaces: false },
  /** A replacement that a later run may go on with. */
  resumed: { delivery: "with-states", replaces: true },
  atComplete: { delivery: "at-complete", replaces: false },
  aside: { delivery: "aside", replaces: true },
} as const satisfies Record<string, LedgerStream>;

/** Nothing is due before the end. */
export const NO_LIMITS: Limits = {
  ...PRODUCTION_LIMITS,
  batchBytes: Infinity,
  batchRows: Infinity,
  allBatchesBytes: Infinity,
  commitBytes: Infinity,
  commitMs: Infinity,
  lanes: 3,
};

const seldom = <T>(one: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: one });

const word: fc.Arbitrary<Word> = fc.oneof(
  { weight: 24, arbitrary: fc.constant("record") },
  { weight: 8, arbitrary: fc.constant("state") },
  { weight: 2, arbitrary: fc.constant("complete") },
  { weight: 1, arbitrary: fc.constant("incomplete") },
  { weight: 1, arbitrary: fc.constant("refused") },
  { weight: 1, arbitrary: fc.constant("log") },
);

const stream = fc.nat(2);

/** Anything a source may say, most often with COMPLETE of some streams at the end. */
const words = fc
  .tuple(
    // Where STATEs are kept, their type is not known before the first: it often is the first line.
    fc.subarray([{ what: "state" as const, stream: 0 }]),
    fc.array(fc.record({ what: word, stream }), { minLength: 1, maxLength: 50, size: "max" }),
    fc.subarray([0, 1, 2]),
  )
  .map(([first, middle, completing]) => [
    ...first,
    ...middle,
    ...completing.map((one) => ({ what: "complete" as const, stream: one })),
  ]);

const limits: fc.Arbitrary<Limits> = fc.record({
  ...NO_LIMITS,
  chunkBytes: fc.constant(NO_LIMITS.chunkBytes),
  sourceBlockBytes: fc.constant(NO_LIMITS.sourceBlockBytes),
  answerSeconds: fc.constant(NO_LIMITS.answerSeconds),
  checkpointSeconds: fc.constant(NO_LIMITS.checkpointSeconds),
  followSeconds: fc.constant(NO_LIMITS.checkpointSeconds),
  quietSeconds: fc.constant(NO_LIMITS.checkpointSeconds),
  acknowledgedSeconds: fc.constant(NO_LIMITS.checkpointSeconds),
  blockBytes: fc.constant(NO_LIMITS.blockBytes),
  batchBytes: fc.constantFrom(1, 25, 70, Infinity),
  batchRows: fc.constantFrom(1, 2, 4, Infinity),
  allBatchesBytes: fc.constantFrom(1, 50, 120, Infinity),
  commitStreams: fc.constantFrom(1, 2, 3, Infinity, Infinity, Infinity),
  commitBytes: fc.constantFrom(1, 40, 200, Infinity, Infinity),
  commitMs: fc.constantFrom(0, 4, 30, Infinity, Infinity),
  idleMs: fc.constantFrom(0, 3),
  lanes: fc.integer({ min: 1, max: 3 }),
  lookUpRows: fc.constant(NO_LIMITS.lookUpRows),
});

const fault: fc.Arbitrary<Fault> = fc.record({
  step: fc.constantFrom(
    ...(["openLane", "load", "savepoint", "rollback", "commit", "close", "discard"] as const),
  ),
  nth: fc.integer({ min: 1, max: 4 }),
  isDone: fc.boolean(),
});

export const anyScenario: fc.Arbitrary<Scenario> = fc
  .record({
    streams: fc.array(fc.constantFrom<LedgerStream>(...Object.values(KINDS)), {
      minLength: 1,
      maxLength: 3,
    }),
    keepsStates: fc.boolean(),
    loadsAhead: fc.boolean(),
    stateType: fc.constantFrom("STREAM", "STREAM", "GLOBAL", "LEGACY"),
    words,
    isTerminated: fc.boolean(),
    noiseAt: seldom(fc.nat(40)),
    chunks: fc.array(
      fc.record({
        bytes: fc.constantFrom(40, 100, 250, 600, 2_000),
        silence: fc.constantFrom(0, 0, 0, 1, 5, 20),
        turns: fc.nat(15),
      }),
      { minLength: 1, maxLength: 8 },
    ),
    limits,
    turns: fc.array(fc.nat(20), { minLength: 1, maxLength: 5 }),
    fault: seldom(fault),
    readerGoneAt: seldom(fc.integer({ min: 1, max: 4 })),
    abortAt: seldom(
      fc.oneof(
        fc.record({ chunk: fc.nat(12) }),
        fc.record({ step: fc.integer({ min: 1, max: 20 }) }),
      ),
    ),
  })
  .map((any): Scenario => {
    if (!any.keepsStates) return any;
    // Where STATEs are kept, a run can always be gone on from: nothing has to wait for COMPLETE.
    const streams = any.streams.map((one) => (one === KINDS.atComplete ? KINDS.withStates : one));
    return { ...any, streams };
  });

export function linesOf({ words: all, streams, ...scenario }: Scenario): Line[] {
  let end = 0;
  return all.map(({ what, stream: number }, id) => {
    const one = number % streams.length;
    const isLast = id === all.length - 1;
    const message = JSON.stringify(messageOf(what, one, id, scenario.stateType));
    const text = `${id === scenario.noiseAt ? "noise" : message}${isLast && !scenario.isTerminated ? "" : "\n"}`;
    end += text.length;
    return { what, stream: one, id, text, end };
  });
}

function messageOf(what: Word, one: number, id: number, type: Scenario["stateType"]): object {
  const name = nameOf(one);
  const part = { stream_descriptor: { name }, stream_state: { id } };
  if (what === "log") return { type: "LOG", log: { level: "INFO", message: "-" } };
  if (what === "record" || what === "refused")
    return {
      type: "RECORD",
      record: { stream: name, emitted_at: 1, data: what === "record" ? { id } : { [REFUSED]: id } },
    };
  if (what === "state") {
    if (type === "STREAM") return { type: "STATE", state: { type, id, stream: part } };
    if (type === "LEGACY") return { type: "STATE", state: { id, data: { id } } };
    return { type: "STATE", state: { type, id, global: { stream_states: [part] } } };
  }
  const stream_status = {
    stream_descriptor: { name },
    status: what === "complete" ? "COMPLETE" : "INCOMPLETE",
  };
  return { type: "TRACE", trace: { type: "STREAM_STATUS", emitted_at: 1, stream_status } };
}
