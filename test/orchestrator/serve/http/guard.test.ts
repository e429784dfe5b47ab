import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect } from "vitest";
import { SECURITY_HEADERS } from "../../../../orchestrator/serve/http/guard.ts";
import { it, TOKEN } from "./served.ts";

const SYNC = "/api/v1/connections/orders/sync";
const codeOf = (text: string) => (JSON.parse(text) as { failure: { code: string } }).failure.code;

describe("every answer", () => {
  it.for(["/", "/nothing", "/api/v1/connections", "/api/v1/nothing", "/healthz", "/metrics"])(
    "says that nothing inline runs and nobody may frame it: %s",
    async (path, { serve }) => {
      const { ask } = await serve();

      const { headers } = await ask(path);

      for (const [name, value] of Object.entries(SECURITY_HEADERS))
        expect([name, headers[name.toLowerCase()]]).toEqual([name, value]);
      expect(headers["x-powered-by"]).toBeUndefined();
    },
  );

  it.for([
    ["no HTTP", "nonsense\r\n\r\n", 400],
    ["no host", "GET / HTTP/1.1\r\n\r\n", 400],
    [
      "two ways to tell its length",
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
      400,
    ],
    ["another server's address", "GET http://elsewhere/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400],
    [
      "headers without end",
      `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(20_000)}\r\n\r\n`,
      431,
    ],
    [
      "a body that is too large",
      `POST ${SYNC} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65537\r\n\r\n`,
      413,
    ],
  ] as const)("the one to %s too", async ([, bytes, status], { serve }) => {
    const { raw } = await serve();

    const answer = await raw(bytes);

    expect(answer.split("\r\n", 1)[0]).toContain(` ${status} `);
    expect(answer).toContain("Content-Security-Policy: default-src 'none'");
    expect(answer).toMatch(/"code":"request\.\w+"/);
  });
});

describe("without a token", () => {
  it.for([
    ["127.0.0.1", 200],
    ["localhost:9999", 200],
    ["[::1]:8130", 200],
    ["LOCALHOST", 200],
    ["rebound.example", 403],
    ["localhost.example:8130", 403],
    ["127.0.0.1.example", 403],
    ["10.0.0.1", 403],
    ["0.0.0.0", 403],
  ] as const)(
    "a page whose name was made to lead here sees nothing: %s",
    async ([host, status], { serve }) => {
      const { ask } = await serve();

      expect((await ask("/api/v1/connections", { headers: { host } })).status).toBe(status);
      expect((await ask("/", { headers: { host } })).status).toBe(status);
    },
  );
});

describe("a page of somebody else", () => {
  it.for([
    ["has one of ours as an image", "cross-site", "image", 403],
    ["has it in a frame", "same-site", "iframe", 403],
    ["fetches it", "cross-site", "empty", 403],
    ["leads to it, when somebody follows a link", "cross-site", "document", 200],
  ] as const)("%s", async ([, site, dest, status], { serve }) => {
    const { ask } = await serve();
    const headers = { "sec-fetch-site": site, "sec-fetch-dest": dest };

    expect((await ask("/", { headers })).status).toBe(status);
  });
});

describe("a change", () => {
  it.for([
    [{ origin: "http://evil.example" }],
    [{ origin: "null" }],
    [{ origin: "http://127.0.0.1:3000" }],
    [{ "sec-fetch-site": "cross-site" }],
    [{ "sec-fetch-site": "same-site" }],
    [{ origin: "http://evil.example", "sec-fetch-site": "same-origin" }],
  ] as const)("is not made for a page of somebody else: %j", async ([headers], { serve }) => {
    const { post, ask, service } = await serve();

    const asked = await post(SYNC, {}, headers);
    const form = await ask("/connections/orders/sync", {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    });

    expect([asked.status, form.status]).toEqual([403, 403]);
    expect(codeOf(asked.text)).toBe("request.forbidden");
    expect(service.changes).toEqual([]);
  });

  it("is not made by a form whose page nobody names", async ({ serve }) => {
    const { ask, service } = await serve();
    const headers = { "content-type": "application/x-www-form-urlencoded" };

    const { status } = await ask("/connections/orders/sync", { method: "POST", headers });

    expect([status, service.changes]).toEqual([403, []]);
  });

  it("is made for our own page and for programs", async ({ serve }) => {
    const { post, ask, service, url } = await serve();
    const headers = { "content-type": "application/x-www-form-urlencoded", origin: url };

    const form = await ask("/connections/orders/sync", { method: "POST", headers, body: "a=b" });
    const script = await post(SYNC, {}, { origin: url, "sec-fetch-site": "same-origin" });
    const program = await post(SYNC, {});

    expect([form.status, script.status, program.status]).toEqual([303, 202, 202]);
    expect(service.changes).toEqual(["sync orders", "sync orders", "sync orders"]);
  });

  it.for(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])(
    "that a page could ask for without being asked back is none: %s",
    async (type, { serve }) => {
      const { ask, service } = await serve();

      const { status } = await ask(SYNC, {
        method: "POST",
        headers: type === "" ? {} : { "content-type": type },
        body: "{}",
      });

      expect([status, service.changes]).toEqual([415, []]);
    },
  );

  it.for(["PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])(
    "is not asked for by %s",
    async (method, { serve }) => {
      const { ask, service } = await serve();

      const { status, headers } = await ask(SYNC, { method });

      expect([status, headers["allow"]]).toEqual([405, "GET, HEAD, POST"]);
      expect(service.changes).toEqual([]);
    },
  );

  it("is not made by looking", async ({ serve }) => {
    const { ask, service } = await serve();

    const { status, headers } = await ask(SYNC);

    expect([status, headers["allow"], service.changes]).toEqual([405, "POST", []]);
  });
});

describe("with a token", () => {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const login = (url: string, token: string) => ({
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", origin: url },
    body: new URLSearchParams({ token }).toString(),
  });

  it("nothing is told or done without it, but how to log in and whether all is well", async ({
    serve,
  }) => {
    const { ask, post, service } = await serve({ token: TOKEN });

    expect((await ask("/api/v1/connections")).status).toBe(401);
    expect((await ask("/metrics")).status).toBe(401);
    expect((await ask("/api/v1/events")).status).toBe(401);
    expect((await ask("/api/v1/nothing")).status).toBe(401);
    expect((await post(SYNC, {})).status).toBe(401);
    expect((await post(SYNC, {}, bearer(`${TOKEN}x`))).status).toBe(401);
    expect((await post(SYNC, {}, bearer(TOKEN.slice(0, -1)))).status).toBe(401);
    const page = await ask("/");
    expect([page.status, page.headers["location"], page.text]).toEqual([303, "/login", ""]);
    expect((await ask("/login")).status).toBe(200);
    expect((await ask("/healthz")).text).toBe("ok\n");
    expect(service.changes).toEqual([]);
  });

  it("programs send it", async ({ serve }) => {
    const { ask, post, service } = await serve({ token: TOKEN });

    expect((await ask("/api/v1/connections", { headers: bearer(TOKEN) })).status).toBe(200);
    expect((await ask("/metrics", { headers: bearer(TOKEN) })).status).toBe(200);
    expect((await post(SYNC, {}, bearer(TOKEN))).status).toBe(202);
    expect(service.changes).toEqual(["sync orders"]);
  });

  it("is not taken from an address, which logs keep", async ({ serve }) => {
    const { ask } = await serve({ token: TOKEN });

    expect((await ask(`/api/v1/connections?token=${TOKEN}&access_token=${TOKEN}`)).status).toBe(
      401,
    );
  });

  it("a browser gets a cookie for it that no script and no other site sees, for twelve hours", async ({
    serve,
  }) => {
    const { ask, url, port, clock } = await serve({ token: TOKEN });

    const { status, headers } = await ask("/login", login(url, TOKEN));
    const [cookie] = headers["set-cookie"]!;
    const session = { cookie: cookie!.split(";", 1)[0]! };

    expect([status, headers["location"]]).toEqual([303, "/"]);
    expect(cookie).toMatch(
      new RegExp(`^syncline_${port}=[\\w-]{43}; Max-Age=43200; Path=/; HttpOnly; SameSite=Strict$`),
    );
    expect((await ask("/", { headers: session })).status).toBe(200);
    clock.ms = 12 * 3_600_000 - 1;
    expect((await ask("/", { headers: session })).status).toBe(200);
    clock.ms++;
    expect((await ask("/", { headers: session })).status).toBe(303);
  });

  it("a browser that logs out is out", async ({ serve }) => {
    const { ask, url } = await serve({ token: TOKEN });
    const { headers } = await ask("/login", login(url, TOKEN));
    const session = { cookie: headers["set-cookie"]![0]!.split(";", 1)[0]! };

    const out = await ask("/logout", {
      method: "POST",
      headers: { ...session, origin: url, "content-type": "application/x-www-form-urlencoded" },
    });

    expect([out.status, out.headers["location"]]).toEqual([303, "/login"]);
    expect((await ask("/", { headers: session })).status).toBe(303);
  });

  it("a stolen cookie does nothing from another site's page", async ({ serve }) => {
    const { ask, post, url, service } = await serve({ token: TOKEN });
    const { headers } = await ask("/login", login(url, TOKEN));
    const session = { cookie: headers["set-cookie"]![0]!.split(";", 1)[0]! };

    const { status } = await post(SYNC, {}, { ...session, origin: "https://evil.example" });

    expect([status, service.changes]).toEqual([403, []]);
  });

  it("whoever guesses waits longer each time, and the right token waits with it", async ({
    serve,
  }) => {
    const { ask, url, clock } = await serve({ token: TOKEN });
    const wrong = async () => (await ask("/login", login(url, "no"))).headers["location"];

    for (let guess = 0; guess < 4; guess++)
      expect(await wrong()).toBe("/login?message=wrong_token");
    const waiting = await ask("/login", login(url, TOKEN));
    expect([waiting.headers["location"], waiting.headers["retry-after"]]).toEqual([
      "/login?message=too_many",
      "1",
    ]);
    expect((await ask("/metrics", { headers: bearer(TOKEN) })).status).toBe(429);
    clock.ms += 1000;
    expect(await wrong()).toBe("/login?message=wrong_token");
    const longer = await ask("/metrics", { headers: bearer(TOKEN) });
    expect([longer.status, longer.headers["retry-after"]]).toEqual([429, "2"]);
    clock.ms += 2000;
    expect((await ask("/login", login(url, TOKEN))).headers["location"]).toBe("/");
  });

  it("a proxy may ask by another name, and its HTTPS keeps the cookie to itself", async ({
    serve,
  }) => {
    const { ask } = await serve({ token: TOKEN });
    const host = "syncline.example.com";
    const asking = login(`https://${host}`, TOKEN);

    const { status, headers } = await ask("/login", {
      ...asking,
      headers: { ...asking.headers, host },
    });

    expect(status).toBe(303);
    expect(headers["set-cookie"]![0]).toContain("; Secure");
  });
});

it("a request that does not come to its end is given up", async ({ serve }) => {
  const { raw } = await serve({ limits: { requestMs: 200, headersMs: 100 } });

  const [headers, body] = await Promise.all([
    raw("GET / HTTP/1.1\r\nHost: local"),
    raw(
      `POST ${SYNC} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{`,
    ),
  ]);

  expect([headers, body].map((answer) => answer.split("\r\n", 1)[0])).toEqual([
    "HTTP/1.1 408 Request Timeout",
    "HTTP/1.1 408 Request Timeout",
  ]);
});

it("whoever is refused and does not hang up keeps no place from others", async ({ serve }) => {
  const { port, ask } = await serve({ limits: { requestMs: 200, headersMs: 100 } });
  // As many as there is room for, which ask for nothing.
  const sockets = Array.from({ length: 512 }, () =>
    connect({ port, host: "127.0.0.1", allowHalfOpen: true }).resume(),
  );
  await Promise.all(sockets.map((socket) => once(socket, "end")));

  await expect.poll(async () => (await ask("/healthz")).status).toBe(200);

  for (const socket of sockets) socket.destroy();
});

it("a body that grows beyond what is allowed is refused while it comes", async ({ serve }) => {
  const { raw, service } = await serve();
  const chunk = `8000\r\n${" ".repeat(0x8000)}\r\n`;

  const answer = await raw(
    `POST ${SYNC} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
    chunk,
    chunk,
    chunk,
  );

  expect(answer).toContain("HTTP/1.1 413 ");
  expect(service.changes).toEqual([]);
});

it("says that it stops, and no more, to whoever asks whether all is well", async ({ serve }) => {
  const { ask, health } = await serve({ token: TOKEN });
  health.state = "draining";

  const { status, text } = await ask("/healthz");

  expect([status, text]).toEqual([503, "draining\n"]);
});
