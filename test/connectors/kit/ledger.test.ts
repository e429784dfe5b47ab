import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  Ledger,
  type Commit,
  type Delivery,
  type LedgerStream,
} from "../../../connectors/kit/destination/ledger.ts";

/** One row as the oracle follows it: by itself, not as a count. */
interface Row {
  readonly stream: number;
  /** Where its line was among all lines. */
  readonly line: number;
  place: "hand" | "lane" | "durable" | "gone";
}

interface State {
  readonly id: number;
  readonly line: number;
  readonly streams: readonly number[];
  readonly isShared: boolean;
}

interface LaneModel {
  rows: Row[];
  /** How many of `rows` lie before the savepoint; undefined: there is none. */
  savepoint: number | undefined;
}

/** A commit that has begun, as the oracle saw it begin. */
interface Begun {
  readonly commit: Commit<State>;
  readonly lane: number;
  readonly rows: readonly Row[];
  readonly expected: readonly State[];
  readonly replaces: number | undefined;
}

/**
 * The oracle. It keeps every line that arrived and every row by itself, and answers from those what
 * may be committed and printed, where the ledger answers from counts.
 */
class World {
  readonly streams: readonly LedgerStream[];
  readonly rows: Row[] = [];
  readonly states: State[] = [];
  readonly printed = new Set<State>();
  readonly lanes: LaneModel[];
  readonly inPlace = new Set<number>();
  hasShared = false;
  /** The line from which on nothing of a stream counts any more. */
  readonly givenUpAt = new Map<number, number>();
  /** The lines that said COMPLETE, and those that cover a stream's rows. */
  readonly completeAt = new Map<number, number>();
  readonly coveredAt = new Map<number, number>();
  line = 0;

  constructor(streams: readonly LedgerStream[], lanes: number) {
    this.streams = streams;
    this.lanes = Array.from({ length: lanes }, () => ({ rows: [], savepoint: undefined }));
  }

  rowsOf(stream: number, place: Row["place"]): Row[] {
    return this.rows.filter((row) => row.stream === stream && row.place === place);
  }

  isGivenUp(stream: number): boolean {
    return this.givenUpAt.has(stream);
  }

  giveUp(stream: number): void {
    if (!this.isGivenUp(stream)) this.givenUpAt.set(stream, this.line);
    for (const row of this.rowsOf(stream, "hand")) if (!this.mayCommit(row)) row.place = "gone";
  }

  /** Whether a commit may hold the row. */
  mayCommit(row: Row): boolean {
    if (this.streams[row.stream]!.delivery === "aside") return true;
    return row.line < (this.coveredAt.get(row.stream) ?? -1);
  }

  cover(stream: number): void {
    if (!this.isGivenUp(stream)) this.coveredAt.set(stream, this.line);
  }

  /** COMPLETE; streams of which one STATE speaks are covered by it together or not at all. */
  complete(stream: number): void {
    this.completeAt.set(stream, this.line);
    if (this.isGivenUp(stream)) return;
    const isPlain = (one: number) => this.streams[one]!.delivery === "with-states";
    if (!this.hasShared || !isPlain(stream)) return this.cover(stream);
    const plain = [...this.streams.keys()].filter(isPlain);
    if (plain.every((one) => this.isComplete(one))) for (const one of plain) this.cover(one);
  }

  isComplete(stream: number): boolean {
    const last = this.rows.findLast((row) => row.stream === stream)?.line ?? -1;
    return !this.isGivenUp(stream) && (this.completeAt.get(stream) ?? -1) > last;
  }

  /** Whether rows of the stream will never be committed: no STATE behind them is ever true. */
  hasLost(stream: number): boolean {
    return this.rows.some((row) => {
      const isGivenUp = this.isGivenUp(stream) && !this.mayCommit(row);
      return row.stream === stream && (row.place === "gone" || isGivenUp);
    });
  }

  /** Whether a STATE of the stream waits for more than its rows. */
  holdsUp(stream: number, isShared: boolean): boolean {
    const { delivery, replaces } = this.streams[stream]!;
    if (delivery === "aside" || (isShared && replaces)) return !this.inPlace.has(stream);
    return delivery === "at-complete" && !this.isComplete(stream);
  }

  isWhole(stream: number): boolean {
    const rows = this.rows.filter((row) => row.stream === stream);
    return this.isComplete(stream) && rows.every(({ place }) => place === "durable");
  }

  /** The STATEs that are true once `committing` is durable, and were not printed. */
  trueStates(committing: readonly Row[], replaces: number | undefined): State[] {
    const isThere = (row: Row) => row.place === "durable" || committing.includes(row);
    const isTrue = (state: State): boolean =>
      state.streams.every((stream) => {
        const before = this.rows.filter((row) => row.stream === stream && row.line < state.line);
        if (!before.every(isThere)) return false;
        if (replaces === stream) return true;
        return !this.holdsUp(stream, state.isShared);
      });
    const held = new Set<number>();
    return this.states.filter((state) => {
      if (this.printed.has(state)) return false;
      const mayPrint = isTrue(state) && !state.streams.some((stream) => held.has(stream));
      if (!mayPrint) for (const stream of state.streams) held.add(stream);
      return mayPrint;
    });
  }

  takeBack(lane: LaneModel, from: number): void {
    const gone = lane.rows.splice(from);
    for (const row of gone) {
      row.place = "gone";
      if (!this.isGivenUp(row.stream)) this.givenUpAt.set(row.stream, this.line);
    }
    // Nothing behind a lost row can be committed: a reader would miss the lost one.
    for (const { stream } of gone)
      for (const row of this.rowsOf(stream, "hand")) row.place = "gone";
  }
}

const DELIVERIES: readonly Delivery[] = ["with-states", "at-complete", "aside"];

const stream = fc.record({
  delivery: fc.constantFrom(...DELIVERIES),
  replaces: fc.boolean(),
});

const operation = fc.record({
  what: fc.constantFrom(
    "record",
    "record",
    "record",
    "state",
    "stateOfAll",
    "complete",
    "incomplete",
    "refused",
    "send",
    "send",
    "savepoint",
    "rollBack",
    "beginCommit",
    "beginCommit",
    "endCommit",
    "endCommit",
    "loseCommit",
    "replace",
  ),
  stream: fc.nat(2),
  lane: fc.nat(1),
  rows: fc.integer({ min: 1, max: 3 }),
  to: fc.constantFrom<"savepoint" | "begin">("savepoint", "begin"),
});

type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** Drives ledger and oracle through the same history and compares them after every step. */
function drive(streams: readonly LedgerStream[], operations: readonly Operation[]): World {
  const world = new World(streams, 2);
  const ledger = new Ledger<State>(streams);
  const keys = world.lanes.map(() => ({}));
  const begun = new Map<number, Begun>();

  const mayGo = (n: number, row: Row) =>
    row.place === "hand" && (!world.isGivenUp(n) || world.mayCommit(row));

  const begin = (lane: number, replaces?: number) => {
    if (begun.has(lane)) return;
    const rows = [...world.lanes[lane]!.rows];
    const isAllowed = rows.every((row) => world.mayCommit(row));
    const mayReplace = replaces === undefined || world.isWhole(replaces);
    if (!isAllowed || !mayReplace) {
      expect(() => ledger.beginCommit(keys[lane]!, replaces)).toThrow(/the ledger refuses/);
      return;
    }
    const commit = ledger.beginCommit(keys[lane]!, replaces);
    const expected = world.trueStates(rows, replaces);
    expect(commit.states).toEqual(expected);
    begun.set(lane, { commit, lane, rows, expected, replaces });
  };

  const end = (lane: number, isCommitted: boolean) => {
    const one = begun.get(lane);
    if (one === undefined) return;
    begun.delete(lane);
    const model = world.lanes[lane]!;
    model.savepoint = undefined;
    if (!isCommitted) {
      ledger.rolledBack(keys[lane]!, "begin");
      world.takeBack(model, 0);
      return;
    }
    const printed = ledger.committed(one.commit);
    expect(printed).toEqual(one.expected);
    for (const row of one.rows) {
      expect(world.mayCommit(row)).toBe(true);
      row.place = "durable";
    }
    model.rows = model.rows.filter((row) => !one.rows.includes(row));
    if (one.replaces !== undefined) world.inPlace.add(one.replaces);
    for (const state of printed) world.printed.add(state);
  };

  for (const { what, stream: number, lane, rows, to } of operations) {
    const n = number % streams.length;
    const model = world.lanes[lane]!;
    world.line++;
    if (what === "record") {
      const isWanted = ledger.record(n);
      expect(isWanted).toBe(!world.isGivenUp(n));
      world.rows.push({ stream: n, line: world.line, place: isWanted ? "hand" : "gone" });
    } else if (what === "refused") {
      const isWanted = ledger.record(n);
      expect(isWanted).toBe(!world.isGivenUp(n));
      world.rows.push({ stream: n, line: world.line, place: "gone" });
      if (!isWanted) continue;
      world.giveUp(n);
      ledger.refused(n);
    } else if (what === "state" || what === "stateOfAll") {
      const of = what === "state" ? [n] : streams.map((_, index) => index);
      const isShared = what === "stateOfAll";
      world.hasShared ||= isShared;
      const state = { id: world.line, line: world.line, streams: of, isShared };
      const isVoid = of.some((one) => world.hasLost(one));
      if (!isVoid) world.states.push(state);
      // Rows committed for a STATE that may never be true would come again.
      if (!isVoid && !of.some((one) => world.holdsUp(one, isShared)))
        for (const one of of) if (streams[one]!.delivery === "with-states") world.cover(one);
      ledger.state(state, of, isShared);
    } else if (what === "complete") {
      world.complete(n);
      ledger.status(n, "COMPLETE");
    } else if (what === "incomplete") {
      world.giveUp(n);
      ledger.status(n, "INCOMPLETE");
    } else if (what === "send") {
      const elsewhere = world.lanes.findIndex((other) => other.rows.some((r) => r.stream === n));
      const target = elsewhere === -1 ? lane : elsewhere;
      if (begun.has(target)) continue; // a lane takes nothing while it commits
      const batch = world.rows.filter((row) => row.stream === n && mayGo(n, row)).slice(0, rows);
      if (batch.length === 0) continue;
      ledger.sent(keys[target]!, n, batch.length);
      ledger.taken(n, batch.length);
      for (const row of batch) row.place = "lane";
      world.lanes[target]!.rows.push(...batch);
    } else if (what === "savepoint") {
      if (begun.has(lane) || model.rows.length === 0) continue;
      ledger.savepoint(keys[lane]!);
      model.savepoint = model.rows.length;
    } else if (what === "rollBack") {
      if (begun.has(lane)) continue;
      const isToSavepoint = to === "savepoint" && model.savepoint !== undefined;
      ledger.rolledBack(keys[lane]!, isToSavepoint ? "savepoint" : "begin");
      world.takeBack(model, isToSavepoint ? model.savepoint! : 0);
      if (!isToSavepoint) model.savepoint = undefined;
    } else if (what === "beginCommit") begin(lane);
    else if (what === "endCommit") end(lane, true);
    else if (what === "loseCommit") end(lane, false);
    else if (streams[n]!.replaces && !world.inPlace.has(n)) begin(lane, n);
    check(world, ledger);
  }
  return world;
}

function check(world: World, ledger: Ledger<State>): void {
  for (const [n] of world.streams.entries()) {
    const account = ledger.of(n);
    const received = world.rows.filter((row) => row.stream === n);
    expect(account.received).toBe(received.length);
    expect(account.durable).toBe(world.rowsOf(n, "durable").length);
    expect(account.status === "complete").toBe(world.isComplete(n));
    expect(ledger.mayReplace(n)).toBe(
      world.streams[n]!.replaces && world.isWhole(n) && !world.inPlace.has(n),
    );
    // What was taken back is never taken for complete.
    if (received.some((row) => row.place === "gone")) expect(account.hasLost).toBe(true);
  }
}

/** @guarantee state-behind-rows */
/** @guarantee replaced-whole */
describe("the ledger of a destination", () => {
  it("agrees with an oracle that follows every row, whatever happens in whatever order", () => {
    let printed = 0;
    let replaced = 0;
    fc.assert(
      fc.property(
        fc.array(stream, { minLength: 1, maxLength: 3 }),
        fc.array(operation, { minLength: 20, maxLength: 120, size: "max" }),
        (streams, operations) => {
          const world = drive(
            streams.map((one) => ({
              ...one,
              replaces:
                one.delivery === "aside" || (one.replaces && one.delivery === "with-states"),
            })),
            operations,
          );
          printed += world.printed.size;
          replaced += world.inPlace.size;
        },
      ),
      { numRuns: Number(process.env["SYNCLINE_MODEL_RUNS"] ?? 800) },
    );
    // A model that never gets to a commit would agree with anything.
    expect(printed).toBeGreaterThan(50);
    expect(replaced).toBeGreaterThan(5);
  });

  it("prints nothing for what arrived after the commit began", () => {
    const ledger = new Ledger<string>([{ delivery: "with-states", replaces: false }]);
    const lane = {};
    ledger.record(0);
    ledger.state("first", [0], false);
    ledger.sent(lane, 0, 1);
    ledger.taken(0, 1);

    const commit = ledger.beginCommit(lane);
    ledger.record(0);
    ledger.state("second", [0], false);

    expect(ledger.committed(commit)).toEqual(["first"]);
    expect(ledger.hasPending).toBe(true);
  });

  it("takes a stream whose rows were taken back for incomplete, whatever its source said", () => {
    const both: LedgerStream[] = [
      { delivery: "with-states", replaces: false },
      { delivery: "aside", replaces: true },
    ];
    const ledger = new Ledger<string>(both);
    const lane = {};
    ledger.record(0);
    ledger.record(1);
    ledger.status(1, "COMPLETE");
    for (const stream of [0, 1]) {
      ledger.sent(lane, stream, 1);
      ledger.taken(stream, 1);
    }

    ledger.rolledBack(lane, "savepoint");

    expect(ledger.of(1)).toMatchObject({ status: "incomplete", hasLost: true, durable: 0 });
    expect(ledger.mayReplace(1)).toBe(false);
    expect(() => ledger.beginCommit(lane, 1)).toThrow(/not whole/);
  });

  it("refuses to commit rows that the system has not taken", () => {
    const ledger = new Ledger<string>([{ delivery: "aside", replaces: true }]);
    const lane = {};
    ledger.record(0);
    ledger.sent(lane, 0, 1);

    expect(() => ledger.beginCommit(lane)).toThrow(/1 rows were sent and 0 taken/);
  });
});
