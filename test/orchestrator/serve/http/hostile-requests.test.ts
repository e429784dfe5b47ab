import fc from "fast-check";
import { describe, expect } from "vitest";
import { it, TOKEN, type Served } from "./served.ts";
import { HOSTILE } from "./written-service.ts";

/** A request as its parts, each of which may be spoiled. */
interface Draft {
  method: string;
  path: string;
  host: string;
  headers: (readonly [name: string, value: string])[];
  body: Buffer;
  /** Instead of all of it. */
  bytes?: Buffer;
  /** How much of the body is sent before the sender is gone. */
  sent?: number;
}

const ACTIONS = ["sync", "cancel", "clear", "refresh", "pause", "resume", "acknowledge"];

/** A change that would be made as it is. */
const good = fc.constantFrom(...ACTIONS).map((action): Draft => ({
  method: "POST",
  path: `/api/v1/connections/orders/${action}`,
  host: "localhost",
  headers: [["Content-Type", "application/json"]],
  body: Buffer.from(action === "clear" || action === "refresh" ? '{"confirm":"orders"}' : "{}"),
}));

type Spoil = (draft: Draft) => void;

const body = (...texts: (string | Buffer)[]) =>
  fc.constantFrom(...texts).map(
    (text): Spoil =>
      (draft) =>
        void (draft.body = Buffer.from(text)),
  );
const path = (...edits: ((path: string) => string)[]) =>
  fc.constantFrom(...edits).map(
    (edit): Spoil =>
      (draft) =>
        void (draft.path = edit(draft.path)),
  );
const header = (name: string, ...values: string[]) =>
  fc.constantFrom(...values).map(
    (value): Spoil =>
      (draft) =>
        void draft.headers.push([name, value]),
  );
const inName = (text: string) => (given: string) => given.replace("orders", text);

/** Each of them alone is reason enough not to do it. */
const spoils: fc.Arbitrary<Spoil> = fc.oneof(
  header(
    "Origin",
    "http://evil.example",
    "null",
    "https://localhost.evil",
    "http://localhost:1",
    "x",
    "http://[",
  ),
  header("Sec-Fetch-Site", "cross-site", "same-site", "nonsense"),
  header("X-Long", "x".repeat(17_000), "\u00ff".repeat(20_000)),
  header(
    "Content-Type",
    "text/plain",
    "multipart/form-data; boundary=x",
    HOSTILE.replaceAll(/[^ -~]/g, ""),
  ),
  fc
    .constantFrom(
      "evil.example",
      "127.0.0.1.evil",
      "",
      "a b",
      "[::1",
      "localhost/",
      "user@localhost",
      "%00",
      "x".repeat(3000),
    )
    .map(
      (host): Spoil =>
        (draft) =>
          void (draft.host = host),
    ),
  fc
    .constantFrom(
      "GET",
      "HEAD",
      "PUT",
      "DELETE",
      "PATCH",
      "OPTIONS",
      "TRACE",
      "CONNECT",
      "post",
      "FOO",
    )
    .map(
      (method): Spoil =>
        (draft) =>
          void (draft.method = method),
    ),
  path(
    inName(".."),
    inName("..%2f..%2f..%2fetc%2fpasswd"),
    inName("%2e%2e%5c"),
    inName("orders%00"),
    inName("__proto__"),
    inName("constructor"),
    inName("%ff%fe"),
    inName("%"),
    inName("%E0%A4%A"),
    inName("\u00e9"),
    inName("a".repeat(9000)),
    inName("orders%2fsync?"),
    inName("orders;a=b"),
    inName("%252e%252e"),
    inName("ORDERS"),
    inName("orders "),
    (given) => `/${given}`,
    (given) => `${given}/`,
    (given) => given.toUpperCase(),
    (given) => `\\${given}`,
    (given) => `http://evil.example${given}`,
    (given) => `${given}?a=b`,
    (given) => `${given}?__proto__[x]=1`,
    () => "*",
    () => "/.env",
    () => "/../../syncline.yaml",
    () => "/assets/..%2f..%2f.env",
    () => "/api/v1/jobs/../../x",
    () => "/api/v1/jobs?limit=1e9",
    () => "/api/v1/jobs/-1",
    () => "/api/v1/jobs/9999999999999999",
    () => `/api/v1/jobs?connection=${"x".repeat(5000)}`,
  ),
  body(
    "{",
    '{"confirm":',
    "[]",
    "null",
    "1",
    '"x"',
    "{}{}",
    '{"a":1}',
    '{"__proto__":{"confirm":"orders"}}',
    '{"constructor":{"prototype":{"x":1}}}',
    '{"confirm":"order","streams":[]}',
    '{"confirm":"orders","streams":{}}',
    `${"[".repeat(30_000)}${"]".repeat(30_000)}`,
    '{"a":'.repeat(10_000),
    `{"confirm":"${"x".repeat(70_000)}"}`,
    Buffer.from([0x7b, 0xff, 0xfe, 0x7d]),
    Buffer.from('{"confirm":"\ud800"}', "utf16le"),
    Buffer.alloc(66_000, 0x20),
    "\u0000",
  ),
  fc.constantFrom(0, 1).map(
    (sent): Spoil =>
      (draft) =>
        void (draft.sent = sent),
  ),
  fc.uint8Array({ maxLength: 300 }).map(
    (bytes): Spoil =>
      (draft) =>
        void (draft.bytes = Buffer.concat([bytes, Buffer.from("\r\n\r\n")])),
  ),
  fc.constant<Spoil>((draft) => void draft.headers.push(["Transfer-Encoding", "chunked"])),
  fc.constant<Spoil>((draft) => void draft.headers.push(["Content-Length", "1"])),
  fc.constant<Spoil>((draft) => void draft.headers.push(["Bad Name\u0000", "x"])),
);

const hostile = fc
  .tuple(good, fc.array(spoils, { minLength: 1, maxLength: 3 }))
  .map(([draft, all]) => {
    for (const spoil of all) spoil(draft);
    return draft;
  });

function bytesOf({
  method,
  path: target,
  host,
  headers,
  body: content,
  bytes,
  sent,
}: Draft): Buffer {
  if (bytes) return bytes;
  const lines = [
    `${method} ${target} HTTP/1.1`,
    `Host: ${host}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${content.length}`,
    "Connection: close",
    "",
    "",
  ];
  return Buffer.concat([Buffer.from(lines.join("\r\n"), "latin1"), content.subarray(0, sent)]);
}

const REFUSED = [303, 400, 401, 403, 404, 405, 408, 413, 415, 422, 429, 431];

/** What came is a refusal of ours, with its headers, and tells nothing of how we are made. */
function expectRefusal(answer: string, request: string): void {
  const told = `${request.slice(0, 300)} → ${answer.slice(0, 900)}`;
  for (const one of answer.split(/(?=HTTP\/1\.1 \d)/).filter((text) => text !== "")) {
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(one)?.[1]);
    // What was read only may be answered: its address or method was another one.
    expect([told, status === 200 ? "read" : REFUSED.includes(status) ? "refused" : status]).toEqual(
      [told, expect.stringMatching(/^(read|refused)$/)],
    );
    expect(one).toContain("Content-Security-Policy: default-src 'none'");
    expect(one).not.toMatch(
      /node_modules|node:internal|\bat \S+ \(|\.ts:\d|\.js:\d|\/work\/|TypeError/,
    );
  }
}

const LIMITS = { requestMs: 300, headersMs: 200 };

async function fuzz({ raw, service, bugs, ask }: Served, runs: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(hostile, async (draft) => {
      const bytes = bytesOf(draft);
      expectRefusal(await raw(bytes), bytes.toString("latin1"));
      expect([bytes.toString("latin1").slice(0, 300), service.changes, bugs]).toEqual([
        bytes.toString("latin1").slice(0, 300),
        [],
        [],
      ]);
    }),
    { numRuns: runs },
  );
  expect((await ask("/healthz")).text).toBe("ok\n");
}

describe("hostile requests", () => {
  it("change nothing, break nothing and learn nothing", async ({ serve }) => {
    await fuzz(await serve({ limits: LIMITS }), 300);
  });

  it("do no more where a token is wanted", async ({ serve }) => {
    const served = await serve({ limits: LIMITS, token: TOKEN });

    await fuzz(served, 100);
  });

  it("are told from good ones: those would have changed something", async ({ serve }) => {
    const { raw, service } = await serve();
    const drafts = fc.sample(good, 20);

    for (const draft of drafts) expect(await raw(bytesOf(draft))).toMatch(/^HTTP\/1\.1 20[02] /);
    expect(service.changes).toHaveLength(20);
  });
});

it("what connectors call things and print comes out as data, whatever it says", async ({
  serve,
}) => {
  const { ask, service } = await serve();

  const job = await ask("/api/v1/jobs/2");
  const log = await ask("/api/v1/jobs/2/attempts/0/log");
  const positions = await ask("/api/v1/connections/orders/positions");

  for (const { headers } of [job, log, positions])
    expect([headers["content-type"], headers["x-content-type-options"]]).toEqual([
      "application/json",
      "nosniff",
    ]);
  expect(JSON.parse(job.text)).toEqual(service.job(2));
  expect((JSON.parse(log.text) as { text: string }).text).toBe(service.logs.get("2.0"));
  expect(positions.text).toContain(JSON.stringify(`public.${HOSTILE}`));
});

it("a mistake of ours is answered without its words, and told where the server runs", async ({
  serve,
}) => {
  const { post, service, bugs } = await serve();
  const bug = new TypeError("cannot read /work/secret of undefined");
  service.failure = bug;

  const { status, text } = await post("/api/v1/connections/orders/sync", {});

  expect([status, bugs]).toEqual([500, [bug]]);
  expect(text).not.toContain("secret");
  expect(text).toContain("internal.bug");
});
