import { Hono } from "hono";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { test } from "vitest";
import { Access } from "../../../../orchestrator/serve/http/access.ts";
import { createApp } from "../../../../orchestrator/serve/http/app.ts";
import type { Health } from "../../../../orchestrator/serve/http/health.ts";
import { Live, type LiveOptions } from "../../../../orchestrator/serve/http/live.ts";
import { Metrics } from "../../../../orchestrator/serve/http/metrics.ts";
import { MOST_ASKED, Room } from "../../../../orchestrator/serve/http/room.ts";
import { startServer, type ServerLimits } from "../../../../orchestrator/serve/http/server.ts";
import { WrittenService } from "./written-service.ts";

export const TOKEN = "a-token-of-32-characters-or-more";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** A server of its own for a test, and what it serves. */
export interface Served {
  readonly service: WrittenService;
  readonly url: string;
  readonly port: number;
  /** The clock of sessions and of waits for wrong tokens. */
  readonly clock: { ms: number };
  readonly health: { state: Health };
  readonly bugs: unknown[];
  readonly live: Live;
  readonly ask: (path: string, asking?: Asking) => Promise<Answer>;
  /** A change as a program asks for it. */
  readonly post: (
    path: string,
    body: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer>;
  /** Sends bytes, and gives back all that comes until the connection ends. */
  readonly raw: (...bytes: readonly (string | Buffer)[]) => Promise<string>;
}

export interface Serving {
  readonly token?: string;
  readonly live?: LiveOptions;
  readonly limits?: ServerLimits;
}

/** `it` with servers that are closed after the test. */
export const it = test.extend<{ serve: (serving?: Serving) => Promise<Served> }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the parameter's shape
  serve: async ({}, use) => {
    const closers: (() => Promise<void>)[] = [];
    await use(async (serving = {}) => {
      const { served, close } = await startServed(serving);
      closers.push(close);
      return served;
    });
    for (const close of closers) await close();
  },
});

async function startServed({ token, live: options, limits }: Serving) {
  const service = new WrittenService();
  const clock = { ms: 0 };
  const health: { state: Health } = { state: "ok" };
  const bugs: unknown[] = [];
  const live = new Live(service, options);
  const metrics = new Metrics(service, "1.2.3");
  const page = new Hono();
  page.get("/", (c) => c.html("<h1>connections</h1>"));
  page.get("/login", (c) => c.html("<h1>log in</h1>"));
  page.post("/connections/:name/sync", async (c) => {
    await c.req.parseBody();
    await service.sync(c.req.param("name"));
    return c.redirect("/", 303);
  });
  const app = await createApp({
    service,
    access: new Access({ token, now: () => clock.ms }),
    page,
    live,
    room: new Room(MOST_ASKED),
    metrics,
    health: () => health.state,
    version: "1.2.3",
    onBug: (error) => bugs.push(error),
  });
  const server = await startServer({ host: "127.0.0.1", port: 0 }, app.fetch, limits);
  const { port } = server.address;
  const ask = (path: string, asking: Asking = {}) => askAt(port, path, asking);
  const served: Served = {
    service,
    url: server.url,
    port,
    clock,
    health,
    bugs,
    live,
    ask,
    post: (path, body, headers) =>
      ask(path, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      }),
    raw: (...bytes) => rawAt(port, bytes),
  };
  const close = async () => {
    live.close();
    metrics.close();
    await server.close(100);
  };
  return { served, close };
}

/** Paths and headers go out as they are, which `fetch` would not do. */
function askAt(port: number, path: string, { method = "GET", headers, body }: Asking) {
  return new Promise<Answer>((resolve, reject) => {
    const request = httpRequest(
      { host: "127.0.0.1", port, path, method, headers, agent: false },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => (text += part));
        response.on("end", () =>
          resolve({ status: response.statusCode!, headers: response.headers, text }),
        );
        response.on("error", reject);
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

function rawAt(port: number, bytes: readonly (string | Buffer)[]) {
  return new Promise<string>((resolve) => {
    let text = "";
    const socket = connect(port, "127.0.0.1", () => {
      for (const part of bytes) socket.write(part);
    });
    socket.setEncoding("latin1").on("data", (part: string) => (text += part));
    socket.on("error", () => {}); // what was answered before counts
    socket.on("close", () => resolve(text));
  });
}
