import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newsOf, type Trouble } from "../../../../orchestrator/serve/notify/news.ts";
import type { AttemptReport, JobReport, JobType } from "../../../../orchestrator/store/jobs.ts";

/** A job in the words of a story. */
interface Story {
  readonly type: JobType;
  readonly end: "succeeded" | "failed" | "cancelled" | "interrupted";
  /** What is wrong in its last attempt. */
  readonly causes: readonly (readonly [code: string, stream?: string])[];
}

const failure = ([code, stream]: Story["causes"][number]) => ({
  origin: "source" as const,
  code,
  kind: "transient_error" as const,
  message: `${Math.random()} rows`,
  ...(stream !== undefined && { stream }),
});

function jobOf({ type, end, causes }: Story, id: number): JobReport {
  const attempt: AttemptReport = {
    attempt: 0,
    status: end === "succeeded" ? "succeeded" : "failed",
    started_at: `2026-01-01T00:00:${id}Z`,
    ...(end !== "succeeded" && causes.length > 0 && { failures: causes.map(failure) }),
  };
  const created_at = `2026-01-01T00:00:${id}Z`;
  return { id, type, connection: "c", status: end, created_at, attempts: [attempt] };
}

const stories = fc.array(
  fc.record({
    type: fc.constantFrom("sync", "sync", "sync", "refresh", "clear", "normalize"),
    end: fc.constantFrom("succeeded", "failed", "failed", "cancelled", "interrupted"),
    causes: fc.array(
      fc.tuple(fc.constantFrom("x.down", "x.refused"), fc.constantFrom(undefined, "a", "b")),
      { maxLength: 3 },
    ),
  }) as fc.Arbitrary<Story>,
  { maxLength: 30 },
);

/** What is to be told after each job, said without a memory: by a look at all jobs before. */
function oracle(jobs: readonly Story[], at: number): "failure" | "recovery" | null {
  const counts = ({ type, end }: Story) =>
    (type === "sync" && (end === "succeeded" || end === "failed")) ||
    (type === "refresh" && end === "failed");
  const job = jobs[at]!;
  if (!counts(job)) return null;
  const before = jobs.slice(0, at).filter(counts);
  const lastGood = before.findLastIndex(({ end }) => end === "succeeded");
  const since = before.slice(lastGood + 1);
  if (job.end === "succeeded") return since.length > 0 ? "recovery" : null;
  const key = (causes: Story["causes"]) => (causes.length === 0 ? ["?"] : causes.map(String));
  const known = new Set(since.flatMap(({ causes }) => key(causes)));
  return key(job.causes).some((cause) => !known.has(cause)) ? "failure" : null;
}

describe("news of a connection", () => {
  it("are each cause once until a sync succeeds, and then that it did", () => {
    fc.assert(
      fc.property(stories, (jobs) => {
        let trouble: Trouble | undefined;
        const told = jobs.map((story, at) => {
          const news = newsOf(trouble, jobOf(story, at + 1));
          trouble = news.trouble;
          return news.event;
        });
        expect(told).toEqual(jobs.map((_, at) => oracle(jobs, at)));
      }),
      { numRuns: 2000 },
    );
  });

  it("name the first job that failed, however many causes came after it", () => {
    const first = newsOf(undefined, jobOf({ type: "sync", end: "failed", causes: [["a"]] }, 3));
    const next = newsOf(first.trouble, jobOf({ type: "sync", end: "failed", causes: [["b"]] }, 4));

    expect(next).toMatchObject({ event: "failure", trouble: { since_job: 3 } });
    expect(next.trouble?.since).toBe("2026-01-01T00:00:3Z");
  });

  it("know a job that failed in part, by the streams that did", () => {
    const job = (streams: readonly string[]) =>
      jobOf({ type: "sync", end: "failed", causes: streams.map((s) => ["x.down", s]) }, 1);
    const { trouble } = newsOf(undefined, job(["a"]));

    expect(newsOf(trouble, job(["a"])).event).toBeNull();
    expect(newsOf(trouble, job(["a", "b"])).event).toBe("failure");
  });
});

describe("news of a connection that is followed", () => {
  const failed = (attempt: number, committed = 0): AttemptReport => ({
    attempt,
    status: "failed",
    started_at: "",
    streams: [
      { name: "s", status: "incomplete", emitted: committed, committed, bytes: 0, seconds: 0 },
    ],
    failures: [failure(["x.down"])],
  });
  const job = (attempts: AttemptReport[], status: JobReport["status"] = "incomplete") => ({
    id: 1,
    type: "sync" as const,
    connection: "c",
    status,
    created_at: "",
    attempts,
  });
  const running: AttemptReport = { attempt: 9, status: "running", started_at: "" };

  it("are three attempts in vain, although the job goes on", () => {
    expect(newsOf(undefined, job([failed(0), failed(1)])).event).toBeNull();
    expect(newsOf(undefined, job([failed(0), failed(1), failed(2)])).event).toBe("failure");
    expect(
      newsOf(undefined, job([failed(0), failed(1), failed(2), running], "running")).event,
    ).toBe("failure");
  });

  it("are none as long as attempts bring something", () => {
    expect(
      newsOf(undefined, job([failed(0), failed(1, 5), failed(2), failed(3)])).event,
    ).toBeNull();
  });

  it("are that it works, once a later attempt gets on", () => {
    const { trouble } = newsOf(undefined, job([failed(0), failed(1), failed(2)]));
    const later = job([failed(0), failed(1), failed(2), running], "running");

    expect(newsOf(trouble, later).event).toBeNull();
    expect(newsOf(trouble, later, 9).event).toBe("recovery");
    expect(newsOf(trouble, later, 2).event).toBeNull();
  });
});
