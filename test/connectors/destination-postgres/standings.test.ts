import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  Standings,
  type Standing,
} from "../../../connectors/destination-postgres/lane/standings.ts";

const STREAMS = [0, 1, 2];
const LANES = [0, 1];

const NEW: Standing = {
  isCreated: false,
  hasStage: false,
  isLocked: false,
  rowsToMerge: 0,
  wide: new Set(),
  hasIndexes: false,
};

/** What a transaction did to a stream. */
interface Deed {
  readonly stream: number;
  readonly learned: Partial<Standing>;
}

/**
 * The oracle of one lane. It keeps what each of its transactions did, one deed after the other, as a
 * server's log would, and answers from those by doing them again.
 */
class Log {
  /** Of transactions that were committed, in order. */
  readonly committed: Deed[][] = [];
  open: Deed[] = [];
  /** How many of the open deeds were done before the savepoint. */
  savepoint: number | undefined;

  standing(stream: number, others: readonly Log[]): Standing {
    const done = (log: Log) => log.committed.flat().filter((deed) => deed.stream === stream);
    const everywhere = others.flatMap(done);
    const own = done(this);
    const now = this.open.filter((deed) => deed.stream === stream);
    const latest = (deeds: readonly Deed[]): Partial<Standing> =>
      Object.assign({}, ...deeds.map(({ learned }) => learned)) as Partial<Standing>;
    const ever = (name: "isCreated" | "hasIndexes") =>
      [...everywhere, ...own, ...now].some(({ learned }) => learned[name] === true);
    const { hasStage = false } = latest([...own, ...now]);
    const { isLocked = false, rowsToMerge = 0, wide = NEW.wide } = latest(now);
    return {
      isCreated: ever("isCreated"),
      hasIndexes: ever("hasIndexes"),
      hasStage,
      isLocked,
      rowsToMerge,
      wide,
    };
  }
}

const learned: fc.Arbitrary<Partial<Standing>> = fc.oneof(
  fc.constant({ isCreated: true, hasStage: true }),
  fc.constant({ isLocked: true }),
  fc.constant({ hasIndexes: true }),
  fc.nat(9).map((rowsToMerge) => ({ rowsToMerge })),
  fc.nat(9).map((column) => ({ wide: new Set([column]) })),
);

const lane = fc.constantFrom(...LANES);
const operation = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant("learn" as const),
      lane,
      stream: fc.constantFrom(...STREAMS),
      learned,
    }),
  },
  fc.record({
    does: fc.constantFrom(
      "savepoint",
      "commit",
      "rollback to the savepoint",
      "rollback",
      "remember",
      "go back",
    ),
    lane,
  }),
);

describe("what a lane believes of its streams", () => {
  it("is what its transaction did and others have committed, whatever was taken back", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const committed = STREAMS.map(() => ({ isCreated: false, hasIndexes: false }));
        const lanes = LANES.map(() => ({
          standings: new Standings(committed),
          log: new Log(),
          remembered: undefined as { back: () => void; deeds: number } | undefined,
        }));
        for (const one of operations) {
          const at = lanes[one.lane]!;
          const { standings, log } = at;
          if (one.does === "learn" && "learned" in one) {
            standings.learn(one.stream, one.learned);
            log.open.push({ stream: one.stream, learned: one.learned });
          } else if (one.does === "savepoint") {
            standings.savepoint();
            log.savepoint = log.open.length;
          } else if (one.does === "rollback to the savepoint") {
            if (log.savepoint === undefined) continue;
            standings.rollback("savepoint");
            log.open.length = log.savepoint;
          } else if (one.does === "rollback") {
            standings.rollback("begin");
            log.open = [];
            log.savepoint = undefined;
          } else if (one.does === "commit") {
            standings.commit();
            log.committed.push(log.open);
            log.open = [];
            log.savepoint = undefined;
          } else if (one.does === "remember") {
            at.remembered = { back: standings.remember(), deeds: log.open.length };
            continue;
          } else if (at.remembered !== undefined) {
            at.remembered.back();
            log.open.length = at.remembered.deeds;
          }
          // A moment is gone back to within the work that it was remembered for.
          if (one.does !== "learn") at.remembered = undefined;

          for (const { standings: those, log: its } of lanes) {
            const others = lanes.map(({ log: other }) => other).filter((other) => other !== its);
            expect(those.hasSavepoint).toBe(its.savepoint !== undefined);
            for (const stream of STREAMS)
              expect(those.of(stream)).toEqual(its.standing(stream, others));
            expect(new Set(those.toMerge)).toEqual(
              new Set(STREAMS.filter((stream) => its.standing(stream, others).rowsToMerge > 0)),
            );
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
