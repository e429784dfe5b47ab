import { describe, expect, it } from "vitest";
import { RetryCounter } from "../../orchestrator/sync/retry.ts";

const POLICY = { maxAttempts: 3, firstDelaySeconds: 10, maxDelaySeconds: 1800 };

/** Pauses without what chance adds to them. */
const about = (seconds: number | undefined) =>
  seconds === undefined ? undefined : [10, 30, 60, 90].find((s) => Math.abs(s - seconds) <= s / 10);

describe("another attempt of what follows", () => {
  it("comes for ever while its server is away, after a minute at most", () => {
    const counter = new RetryCounter(POLICY);
    const waits = Array.from({ length: 100 }, () => about(counter.next(false, true)));
    expect(waits).toEqual([10, 30, ...Array<number>(98).fill(60)]);
  });

  it("comes soon again after progress, from which on all is counted", () => {
    const counter = new RetryCounter(POLICY);
    for (let n = 0; n < 50; n++) counter.next(n % 2 === 0, true);
    expect(about(counter.next(true, true))).toBe(10);
    // Whatever does not pass is counted as ever.
    expect(about(counter.next(false))).toBe(10);
    expect(about(counter.next(false))).toBe(30);
    expect(counter.next(false)).toBeUndefined();
  });
});
