import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextAfter, type Trigger } from "../../../orchestrator/serve/schedule.ts";
import {
  NO_HISTORY,
  Timetable,
  type Kept,
  type Outcome,
} from "../../../orchestrator/serve/timetable.ts";
import { expressionOf, MINUTE, slotsBetween, type Pattern } from "./slots.ts";

const HOUR = 60 * MINUTE;
const NAME = "c";

/** Zones and moments a day or two before a change of their clocks in 2026, either way. */
const CHANGES: readonly (readonly [zone: string, start: string])[] = [
  ["Europe/Berlin", "2026-03-28T10:00:00Z"],
  ["Europe/Berlin", "2026-10-24T10:00:00Z"],
  ["America/New_York", "2026-03-07T20:00:00Z"],
  ["America/New_York", "2026-10-31T20:00:00Z"],
  ["Australia/Lord_Howe", "2026-04-04T02:00:00Z"],
  ["Australia/Lord_Howe", "2026-10-03T02:00:00Z"],
  ["Africa/Cairo", "2026-04-23T02:00:00Z"],
  ["Africa/Cairo", "2026-10-29T02:00:00Z"],
  ["Asia/Kolkata", "2026-06-01T00:00:00Z"],
  ["UTC", "2026-12-31T12:00:00Z"],
];
const change = fc.constantFrom(...CHANGES);

const pattern: fc.Arbitrary<Pattern> = fc.oneof(
  fc.record({
    kind: fc.constant("daily" as const),
    minute: fc.constantFrom(0, 15, 30, 59),
    hours: fc.uniqueArray(fc.constantFrom(0, 1, 2, 3, 14, 23), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant("hourly" as const), minute: fc.constantFrom(0, 30, 45) }),
  fc.record({ kind: fc.constant("minutes" as const), step: fc.constantFrom(1, 5, 15, 30) }),
);

describe("a cron expression", () => {
  it("comes at the times that looking at every minute finds, over changes of the clock", () => {
    fc.assert(
      fc.property(change, pattern, fc.nat(36 * 60 * 60), ([zone, start], wanted, seconds) => {
        const schedule = { cron: expressionOf(wanted), timeZone: zone };
        const from = Date.parse(start) + seconds * 1000;
        const [expected] = slotsBetween(wanted, zone, from, from + 26 * HOUR);
        expect(nextAfter(schedule, from)).toBe(expected);
      }),
      { numRuns: 600 },
    );
  });
});

interface World {
  now: number;
  timetable: Timetable;
  /** What a run that is under way began. */
  running: boolean;
}

/** What an oracle remembers: in terms of every slot that has come, not of the last start. */
class Oracle {
  pattern: Pattern | { readonly everySeconds: number };
  zone: string;
  /** A slot has come that nothing has run for. */
  isOwed: boolean;
  lastStart: number | undefined;
  isPaused = false;
  isInterrupted = false;
  failures = 0;
  lastEnd: number | undefined;
  owedBefore = false;
  startBefore: number | undefined;

  constructor(given: Oracle["pattern"], zone: string) {
    this.pattern = given;
    this.zone = zone;
    this.isOwed = "everySeconds" in given;
  }

  passes(from: number, to: number): void {
    if (this.isPaused || "everySeconds" in this.pattern) return;
    if (slotsBetween(this.pattern, this.zone, from, to).length > 0) this.isOwed = true;
  }

  isDue(now: number): boolean {
    if (this.isPaused) return false;
    const every = "everySeconds" in this.pattern ? this.pattern.everySeconds * 1000 : undefined;
    const isWanted =
      this.isInterrupted ||
      (every === undefined
        ? this.isOwed
        : this.lastStart === undefined || this.lastStart + every <= now);
    const waits = [0, 5, 10, 20, 40, 80, 160, 300];
    const wait = waits[Math.min(this.failures, waits.length - 1)]! * 1000;
    return isWanted && (this.failures === 0 || now >= this.lastEnd! + wait);
  }
}

type Step =
  | { readonly do: "wait"; readonly seconds: number }
  | { readonly do: "start" | "start by hand" | "pause" | "resume" | "crash" }
  | { readonly do: "end"; readonly outcome: Outcome }
  | { readonly do: "reschedule"; readonly pattern: Oracle["pattern"] };

const anyTrigger = fc.oneof(
  pattern,
  fc.record({ everySeconds: fc.constantFrom(1, 90, 600, 3600, 86_400) }),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      seconds: fc.oneof(fc.nat(100), fc.nat(4000), fc.nat(50_000)),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("start" as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("end" as const),
      outcome: fc.constantFrom<Outcome>("succeeded", "failed", "cancelled", "refused"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom(
        "start by hand" as const,
        "pause" as const,
        "resume" as const,
        "crash" as const,
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("reschedule" as const), pattern: anyTrigger }),
  },
);

function triggerOf(given: Oracle["pattern"], zone: string): Trigger {
  return "everySeconds" in given ? given : { cron: expressionOf(given), timeZone: zone };
}

const SYNC = { type: "sync", streams: [] } as const;

function take(one: Step, world: World, oracle: Oracle): void {
  const { timetable } = world;
  const begin = () => {
    timetable.started(NAME, world.now, SYNC);
    oracle.startBefore = oracle.lastStart;
    oracle.owedBefore = oracle.isOwed;
    oracle.isOwed = false;
    oracle.isInterrupted = false;
    oracle.lastStart = world.now;
    world.running = true;
  };
  switch (one.do) {
    case "wait":
      oracle.passes(world.now, world.now + one.seconds * 1000);
      world.now += one.seconds * 1000;
      break;
    case "start":
      if (timetable.due(world.now).length > 0) begin();
      break;
    case "start by hand":
      if (!world.running) begin();
      break;
    case "end":
      if (!world.running) break;
      world.running = false;
      timetable.ended(NAME, world.now, one.outcome);
      oracle.lastEnd = world.now;
      if (one.outcome === "refused") {
        oracle.isOwed ||= oracle.owedBefore;
        oracle.lastStart = oracle.startBefore;
      }
      if (one.outcome === "succeeded") oracle.failures = 0;
      else if (one.outcome !== "cancelled") oracle.failures++;
      break;
    case "pause":
      timetable.pause(NAME);
      // What is owed already is made up for neither: it was put off on purpose.
      oracle.isPaused = true;
      break;
    case "resume":
      timetable.resume(NAME, world.now);
      if (oracle.isPaused) {
        oracle.isPaused = false;
        oracle.isOwed = false;
        oracle.owedBefore = false;
        oracle.failures = 0;
      }
      break;
    case "reschedule": {
      const trigger = triggerOf(one.pattern, oracle.zone);
      const isOther =
        JSON.stringify(trigger) !== JSON.stringify(triggerOf(oracle.pattern, oracle.zone));
      timetable.set(NAME, trigger, world.now);
      oracle.pattern = one.pattern;
      if (isOther) oracle.isOwed = oracle.owedBefore = false;
      break;
    }
    case "crash": {
      // What is kept passes through a file, and history knows what jobs there were.
      const kept = JSON.parse(JSON.stringify(timetable.kept())) as Record<string, Kept>;
      const { lastStart, lastEnd, failures } = oracle;
      world.timetable = new Timetable();
      world.timetable.set(
        NAME,
        triggerOf(oracle.pattern, oracle.zone),
        world.now,
        { lastStart, lastEnd, failures },
        kept[NAME],
      );
      oracle.isInterrupted ||= world.running;
      world.running = false;
      break;
    }
  }
}

describe("the timetable", () => {
  it("starts what an oracle that sees every minute owes, and nothing else, whatever happens", () => {
    fc.assert(
      fc.property(
        change,
        anyTrigger,
        fc.array(step, { maxLength: 40 }),
        ([zone, start], given, steps) => {
          const oracle = new Oracle(given, zone);
          const world: World = {
            now: Date.parse(start),
            timetable: new Timetable(),
            running: false,
          };
          world.timetable.set(NAME, triggerOf(given, zone), world.now, NO_HISTORY);
          for (const one of steps) {
            take(one, world, oracle);
            const due = world.timetable.due(world.now).length > 0;
            expect(due).toBe(!world.running && oracle.isDue(world.now));
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  /** Runs every trigger for a day and a half of real time on a clock that jumps; gives the real times of the starts. */
  function startsOn(
    trigger: Trigger,
    jumps: readonly { at: number; by: number }[],
  ): { real: number; shown: number }[] {
    const timetable = new Timetable();
    const start = Date.parse("2026-06-01T00:00:00Z");
    timetable.set(NAME, trigger, start, { lastStart: start, lastEnd: start, failures: 0 });
    const starts: { real: number; shown: number }[] = [];
    // Looked at when it says so, when the clock jumps, and each half hour.
    for (let real = 0, next = 0; real < 36 * HOUR; real = next) {
      const offset = jumps.filter(({ at }) => at <= real).reduce((sum, { by }) => sum + by, 0);
      const shown = start + real + offset;
      if (timetable.due(shown).length > 0) {
        starts.push({ real, shown });
        timetable.started(NAME, shown, SYNC);
        timetable.ended(NAME, shown, "succeeded");
      }
      const wait = timetable.nextRun(NAME, shown)! - shown;
      const later = jumps.map(({ at }) => at).filter((at) => at > real);
      next = Math.min(real + Math.max(wait, 1), real + HOUR / 2, ...later);
    }
    return starts;
  }

  const jump = fc.record({
    at: fc.integer({ min: 0, max: 24 * 60 }).map((minutes) => minutes * MINUTE),
    by: fc
      .constantFrom(1, -1)
      .chain((sign) =>
        fc
          .constantFrom(MINUTE / 2, 10 * MINUTE, HOUR, 2 * HOUR, 5 * HOUR, 400 * 24 * HOUR)
          .map((by) => sign * by),
      ),
  });
  const evenly = fc.constantFrom<readonly [Trigger, number]>(
    [{ cron: "*/5 * * * *", timeZone: "UTC" }, 5 * MINUTE],
    [{ cron: "0 * * * *", timeZone: "UTC" }, HOUR],
    [{ everySeconds: 600 }, 10 * MINUTE],
    [{ everySeconds: 3600 }, HOUR],
  );

  it("runs on however the clock jumps, and no time twice where it only jumps ahead", () => {
    fc.assert(
      fc.property(evenly, fc.array(jump, { maxLength: 3 }), ([trigger, interval], jumps) => {
        const starts = startsOn(trigger, jumps);
        const ends = [...starts.map(({ real }) => real), 36 * HOUR];
        const waits = ends.map((at, n) => at - (n === 0 ? 0 : ends[n - 1]!));
        // Set back by less than is noticed, a clock has the same minutes pass again.
        const most = interval * (1 + 1.5 * jumps.length);
        expect(Math.max(...waits)).toBeLessThanOrEqual(most);
        const shown = starts.map(({ shown: at }) => Math.floor(at / interval));
        if (jumps.every(({ by }) => by > 0)) expect(new Set(shown).size).toBe(shown.length);
      }),
      { numRuns: 60 },
    );
  });

  it("runs no night's job twice where the clock is set back over it by some hours, and none less by days", () => {
    const nightly = { cron: "30 2 * * *", timeZone: "UTC" };
    const atThree = [{ at: 3 * HOUR, by: -HOUR }];
    expect(startsOn(nightly, atThree).map(({ real }) => real / HOUR)).toEqual([2.5, 27.5]);
    // The clock was a year ahead: what it said then keeps nothing from running.
    const yearAhead = [
      { at: 0, by: 365 * 24 * HOUR },
      { at: 3 * HOUR, by: -365 * 24 * HOUR },
    ];
    expect(startsOn(nightly, yearAhead).map(({ real }) => real / HOUR)).toContain(26.5);
  });

  it("begins again what follows, sooner the first time than after many failures", () => {
    const timetable = new Timetable();
    timetable.set(NAME, { follow: true }, 0);
    const waits: number[] = [];
    let now = 1000;
    for (let run = 0; run < 9; run++) {
      expect(timetable.due(now)).toEqual([NAME]);
      timetable.started(NAME, now, SYNC);
      timetable.ended(NAME, now, "failed");
      const next = timetable.nextRun(NAME, now)!;
      waits.push((next - now) / 1000);
      expect(timetable.due(next - 1)).toEqual([]);
      now = next;
    }
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300]);
  });

  it("starts what has waited longest first", () => {
    const timetable = new Timetable();
    const at = Date.parse("2026-06-01T00:00:00Z");
    const hourly = (minute: number) => ({ cron: `${minute} * * * *`, timeZone: "UTC" });
    timetable.set("late", hourly(20), at);
    timetable.set("early", hourly(10), at);
    timetable.set("by hand", null, at);
    expect(timetable.due(at + 30 * MINUTE)).toEqual(["early", "late"]);
    expect(timetable.nextRun("by hand", at + HOUR)).toBeUndefined();
  });

  it("clears again what was being cleared when it was interrupted, and syncs whatever else was", () => {
    const clear = { type: "clear", streams: ["public.a"] } as const;
    const before = new Timetable();
    before.set("a", null, 1000);
    before.set("b", null, 1000);
    before.started("a", 2000, clear);
    before.started("b", 2000, SYNC);
    before.ended("b", 3000, "cancelled", true);
    const kept = before.kept();
    const after = new Timetable();
    for (const name of ["a", "b"]) after.set(name, null, 9000, NO_HISTORY, kept[name]);
    expect(after.due(9000)).toEqual(["a", "b"]);
    expect(after.dutyOf("a")).toEqual(clear);
    after.started("a", 9000, clear);
    after.ended("a", 9500, "succeeded");
    expect(after.due(10_000)).toEqual(["b"]);
    expect(after.dutyOf("a")).toEqual(SYNC);
  });
});
