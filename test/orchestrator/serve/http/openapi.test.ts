import { format } from "prettier";
import { describe, expect } from "vitest";
import { openApiDocument } from "../../../../orchestrator/serve/http/openapi.ts";
import { OPERATIONS, type OperationId } from "../../../../orchestrator/serve/http/operations.ts";
import { DOCUMENT, problemsOf } from "./document.ts";
import { readEvents } from "./event-reader.ts";
import { it } from "./served.ts";

const NEW = {
  connection: "fresh",
  source: "postgres://localhost/a",
  destination: "postgres://localhost/b",
  tables: "final_only",
  streams: [
    {
      namespace: "public",
      name: "orders",
      mode: "incremental_append_dedup",
      cursor: "at",
      key: ["id"],
    },
  ],
  schedule: { every: "10m" },
};

/** A call of each operation that is done: what is asked, and what is then to change. */
const CALLS: Readonly<Record<OperationId, { path?: string; body?: unknown; change?: string }>> = {
  listConnections: {},
  createConnection: { body: NEW, change: "create fresh" },
  getConnection: {},
  getPositions: {},
  getPlan: {},
  getProgress: { path: "/connections/followed/progress" },
  sync: { body: {}, change: "sync orders" },
  cancel: { body: { how: "now" }, change: "cancel orders now" },
  getRemoval: { path: "/connections/orders/removal?type=clear&stream=public.a&stream=public.b" },
  clear: { body: { confirm: "orders", streams: ["public.a"] }, change: "clear orders public.a" },
  refresh: { body: { confirm: "orders" }, change: "refresh orders" },
  acknowledge: { body: {}, change: "acknowledge orders" },
  pause: { body: {}, change: "pause orders" },
  resume: { body: {}, change: "resume orders" },
  inspect: { body: { source: "service=a", destination: "service=b" } },
  listJobs: { path: "/jobs?connection=orders&limit=1" },
  getJob: {},
  getLog: { path: "/jobs/2/attempts/0/log?kind=logs&from=0" },
  followLog: {},
  followConnections: {},
  followConnection: {},
  getDocument: {},
};

const pathOf = (id: OperationId) =>
  CALLS[id].path ??
  OPERATIONS[id].path
    .replace("{connection}", "orders")
    .replace("{job}", "2")
    .replace("{attempt}", "0");

describe("the OpenAPI document", () => {
  it("is the one in docs/ (refresh with `vitest -u`)", async () => {
    const text = await format(JSON.stringify(openApiDocument("0")), {
      parser: "json",
      printWidth: 100,
    });

    await expect(text).toMatchFileSnapshot("../../../../docs/openapi.generated.json");
  });

  it("refers to what it has, and is the one that is served", async ({ serve }) => {
    const { ask } = await serve();
    const text = JSON.stringify(DOCUMENT);
    const schemas = (DOCUMENT["components"] as { schemas: object }).schemas;
    const references = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    );

    expect(references.filter((name) => !Object.hasOwn(schemas, name!))).toEqual([]);
    expect(Object.keys(schemas).filter((name) => !references.includes(name))).toEqual([]);
    expect(JSON.parse((await ask("/api/v1/openapi.json")).text)).toEqual(DOCUMENT);
  });
});

describe.for(Object.keys(OPERATIONS) as OperationId[])("%s", (id) => {
  const { method, answer, ...operation } = OPERATIONS[id];
  const { body, change } = CALLS[id];

  it("does what the document says, and answers as it says", async ({ serve }) => {
    const served = await serve();
    const path = `/api/v1${pathOf(id)}`;
    if ("isStream" in operation) {
      const reader = await readEvents(`${served.url}${path}`);
      const first = await reader.next();
      reader.close();
      expect(problemsOf(answer, first?.data)).toEqual([]);
      return;
    }

    const { status, text, headers } =
      method === "post" ? await served.post(path, body) : await served.ask(path);

    expect([text, status]).toEqual([text, "status" in operation ? operation.status : 200]);
    expect(headers["content-type"]).toBe("application/json");
    expect(problemsOf(answer, JSON.parse(text))).toEqual([]);
    expect(served.service.changes).toEqual(change === undefined ? [] : [change]);
  });

  it("refuses what the document does not have, and then does nothing", async ({ serve }) => {
    const { post, ask, service } = await serve();
    const path = `/api/v1${pathOf(id)}`;
    const query = path.includes("?") ? "&" : "?";

    const odd = await ask(`${path}${query}odd=1`, {
      method: method.toUpperCase(),
      headers: { "content-type": "application/json" },
      body: method === "post" ? JSON.stringify(body) : "",
    });
    const wrong = method === "post" ? await post(path, { ...(body as object), odd: 1 }) : odd;

    for (const { status, text } of [odd, wrong]) {
      expect([status, problemsOf("Failure", JSON.parse(text))]).toEqual([422, []]);
      expect(text).toContain("odd");
    }
    expect(service.changes).toEqual([]);
  });

  it("is not there for a connection, job or attempt that is not", async ({ serve }) => {
    const { post, ask, service } = await serve();
    const names = [...OPERATIONS[id].path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);

    for (const name of names)
      for (const value of ["99", "ordrs", "..%2forders", "__proto__", "%00"]) {
        const [bare, query = ""] = pathOf(id).split("?");
        const others = (bare as string)
          .replace(/(?<=^\/connections\/)[^/]+/, name === "connection" ? value : "$&")
          .replace(/(?<=^\/jobs\/)[^/]+/, name === "job" ? value : "$&")
          .replace(/(?<=\/attempts\/)[^/]+/, name === "attempt" ? value : "$&");
        const path = `/api/v1${others}?${query}`;
        const { status, text } = method === "post" ? await post(path, body) : await ask(path);
        expect([path, status]).toEqual([path, 404]);
        expect(problemsOf("Failure", JSON.parse(text))).toEqual([]);
      }
    expect(service.changes).toEqual([]);
  });
});

it("there is no path that the document does not have", async ({ serve }) => {
  const { ask, post } = await serve();

  for (const path of [
    "",
    "/",
    "/nothing",
    "/connections/orders/nothing",
    "/jobs/2/attempts",
    "/connections/",
  ]) {
    expect((await ask(`/api/v1${path}`)).status).toBe(404);
    expect((await post(`/api/v1${path}`, {})).status).toBe(404);
  }
});
