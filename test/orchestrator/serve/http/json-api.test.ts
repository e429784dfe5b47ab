import { describe, expect } from "vitest";
import { Failure, FAILURES, type FailureCode } from "../../../../protocol/errors.ts";
import { it } from "./served.ts";
import { job } from "./written-service.ts";

const parsed = (text: string) => JSON.parse(text) as Record<string, unknown>;
const failureIn = (text: string) => (parsed(text)["failure"] ?? {}) as Record<string, string>;

describe("rows that go", () => {
  it.for([
    ["clear", {}],
    ["clear", { confirm: "" }],
    ["clear", { confirm: "followed" }],
    ["clear", { streams: ["public.a"] }],
    ["refresh", {}],
    ["refresh", { confirm: "order" }],
  ] as const)("want the connection's name once more: %s %j", async ([action, body], { serve }) => {
    const { post, service } = await serve();

    const { status, text } = await post(`/api/v1/connections/orders/${action}`, body);

    expect([status, failureIn(text)["code"]]).toEqual([422, "request.invalid"]);
    expect(failureIn(text)["message"]).toContain("confirm");
    expect(service.changes).toEqual([]);
  });

  it("do not by a refresh that keeps them, which asks for nothing", async ({ serve }) => {
    const { post, service } = await serve();

    const { status, text } = await post("/api/v1/connections/orders/refresh", {
      keep: true,
      streams: ["public.a"],
    });

    expect([status, parsed(text)]).toEqual([202, { job: 3 }]);
    expect(service.changes).toEqual(["refresh keeping orders public.a"]);
  });
});

describe("a failure", () => {
  it.for([
    ["sync.locked", 409],
    ["usage.invalid", 422],
    ["config.invalid", 422],
    ["postgres.permission_denied", 422],
    ["postgres.unreachable", 502],
    ["connector.exited", 502],
    ["state.unwritable", 503],
    ["sync.interrupted", 503],
  ] as const satisfies [FailureCode, number][])(
    "says by its status who has to do something: %s",
    async ([code, status], { serve }) => {
      const { post, service } = await serve();
      service.failure = new Failure(code, "it did not go", { hint: "do this" });

      const answer = await post("/api/v1/connections/orders/sync", {});

      expect(answer.status).toBe(status);
      expect(failureIn(answer.text)).toEqual({
        code,
        kind: FAILURES[code],
        message: "it did not go",
        hint: "do this",
      });
    },
  );

  it("of a request names each field that is wrong, and quotes nothing of it", async ({ serve }) => {
    const { post } = await serve();

    const { status, text } = await post("/api/v1/connections", {
      connection: "x",
      source: 5,
      destinatoin: "postgres://me:s3cr3t@host/db",
      tables: "s3cr3t",
      streams: [{ name: "a", mode: "all" }],
    });

    expect(status).toBe(422);
    const { message } = failureIn(text);
    for (const part of [
      "source: ",
      "destinatoin",
      "did you mean destination?",
      "tables: ",
      "streams[0].mode: ",
    ])
      expect(message).toContain(part);
    expect(text).not.toContain("s3cr3t");
  });
});

describe("jobs", () => {
  it("come in pages, the latest first, and each page leads to the next", async ({ serve }) => {
    const { ask, service } = await serve();
    for (let id = 3; id <= 450; id++) service.known.push(job(id, "orders", "succeeded"));
    const seen: number[] = [];
    let sizes = "";

    for (let before: number | null = 451; before !== null;) {
      const page = parsed((await ask(`/api/v1/jobs?limit=200&before=${before}`)).text) as {
        jobs: { id: number }[];
        before: number | null;
      };
      seen.push(...page.jobs.map(({ id }) => id));
      sizes += ` ${page.jobs.length}`;
      before = page.before;
    }

    expect(seen).toEqual(Array.from({ length: 450 }, (_, index) => 450 - index));
    expect(sizes).toBe(" 200 200 50");
  });

  it.for([
    "limit=0",
    "limit=201",
    "limit=x",
    "limit=1&limit=2",
    "before=0",
    "before=-1",
    "before=1.5",
  ])("are not asked for so: %s", async (query, { serve }) => {
    const { ask } = await serve();

    const { status, text } = await ask(`/api/v1/jobs?${query}`);

    expect([status, failureIn(text)["code"]]).toEqual([422, "request.invalid"]);
  });
});

describe("a plan", () => {
  it("is given up when nobody waits for it any more, which is no mistake", async ({ serve }) => {
    const { url, service, bugs } = await serve();
    const stop = new AbortController();
    let isAsked = () => {};
    const asked = new Promise<void>((resolve) => (isAsked = resolve));
    let isGivenUp = () => {};
    const givenUp = new Promise<void>((resolve) => (isGivenUp = resolve));
    service.plan = (_name, signal) => {
      isAsked();
      return new Promise((_, reject) =>
        signal.addEventListener("abort", () => {
          isGivenUp();
          reject(signal.reason as Error);
        }),
      );
    };

    const answer = fetch(`${url}/api/v1/connections/orders/plan`, { signal: stop.signal });
    await asked;
    stop.abort();

    await expect(answer).rejects.toThrow("aborted");
    await givenUp;
    expect(bugs).toEqual([]);
  });

  it("is not made so often at once that connectors take all there is", async ({ serve }) => {
    const { ask, service } = await serve();
    let go = () => {};
    service.planning = new Promise((resolve) => (go = resolve));
    let count = 0;
    const plan = service.plan.bind(service);
    let areBusy = () => {};
    const busy = new Promise<void>((resolve) => (areBusy = resolve));
    service.plan = (name, signal) => {
      if (++count === 4) areBusy();
      return plan(name, signal);
    };
    const path = "/api/v1/connections/orders/plan";

    const first = [1, 2, 3, 4].map(() => ask(path));
    await busy;
    const fifth = await ask(path);
    go();

    expect([fifth.status, fifth.headers["retry-after"]]).toEqual([429, "5"]);
    expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await ask(path)).status).toBe(200);
  });
});

it("what is only looked at by its headers keeps nothing open", async ({ serve }) => {
  const { ask, service } = await serve();

  const { status, headers, text } = await ask("/api/v1/events", { method: "HEAD" });

  expect([status, headers["content-type"], text]).toEqual([200, "text/event-stream", ""]);
  expect(service.listeners.size).toBe(1); // the metrics
});
