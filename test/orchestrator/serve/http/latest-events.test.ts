import fc from "fast-check";
import { expect, it } from "vitest";
import { LatestEvents } from "../../../../orchestrator/serve/http/latest-events.ts";
import type { ServiceEvent } from "../../../../orchestrator/serve/service.ts";
import { progress } from "./written-service.ts";

const name = fc.constantFrom("a", "b", "c");
let jobs = 0;
const event: fc.Arbitrary<ServiceEvent> = fc.oneof(
  name.map((connection) => ({ event: "connection" as const, connection })),
  fc.tuple(name, fc.nat()).map(([connection, seconds]) => ({
    event: "progress" as const,
    progress: { ...progress(connection, 1), seconds },
  })),
  name.map((connection) => ({ event: "job_started" as const, connection, job: ++jobs })),
  fc.string().map((problem) => ({ event: "configuration" as const, problem })),
);

/** What an event is about: of each there is one state, which the last event tells. */
const about = (one: ServiceEvent) =>
  one.event === "progress"
    ? `progress ${one.progress.connection}`
    : JSON.stringify([one.event, one.event === "configuration" ? "" : one.connection]);

it("has every state's last event, every job or that some are missed, and never more than it may keep", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          { arbitrary: event, weight: 30 },
          { arbitrary: fc.constant("take" as const), weight: 1 },
        ),
        {
          maxLength: 900,
          size: "max",
        },
      ),
      (steps) => {
        const latest = new LatestEvents();
        const put: ServiceEvent[] = [];
        const taken: (ServiceEvent | { event: "missed" })[] = [];
        const drain = () => {
          let count = 0;
          for (let one = latest.take(); one; one = latest.take()) {
            taken.push(one);
            count++;
          }
          return count;
        };
        for (const step of steps)
          if (step === "take") {
            const one = latest.take();
            if (one) taken.push(one);
          } else {
            latest.put(step);
            put.push(step);
          }

        // Two states of three connections, the configuration, the jobs, and the word that some are missed.
        expect(drain()).toBeLessThanOrEqual(3 * 2 + 1 + 200 + 1);
        const lastOf = (all: readonly (ServiceEvent | { event: "missed" })[]) =>
          new Map(
            all.flatMap((one) =>
              one.event === "missed" || one.event === "job_started" ? [] : [[about(one), one]],
            ),
          );
        expect(lastOf(taken)).toEqual(lastOf(put));
        const begun = put.filter((one) => one.event === "job_started");
        const told = taken.filter((one) => one.event === "job_started");
        if (taken.every((one) => one.event !== "missed")) expect(told).toEqual(begun);
        else expect(begun).toEqual(expect.arrayContaining(told));
      },
    ),
    // A smaller one takes minutes to find, and says no more.
    { numRuns: 200, endOnFailure: true },
  );
});

it("says once that some jobs are missed", () => {
  const latest = new LatestEvents();
  for (let id = 1; id <= 450; id++) latest.put({ event: "job_started", connection: "a", job: id });
  const all = [];
  for (let one = latest.take(); one; one = latest.take()) all.push(one);

  expect(all.filter((one) => one.event === "missed")).toHaveLength(1);
  expect(all.at(-1)).toEqual({ event: "job_started", connection: "a", job: 450 });
});
