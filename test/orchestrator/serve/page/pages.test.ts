import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ASSETS, assetOf } from "../../../../orchestrator/serve/page/assets.ts";
import {
  chosenIn,
  connectionOf,
  firstChoice,
  mistakesIn,
} from "../../../../orchestrator/serve/page/create/chosen.ts";
import { Drafts } from "../../../../orchestrator/serve/page/create/drafts.ts";
import { nameFor } from "../../../../orchestrator/serve/page/create/proposed-name.ts";
import { shownEnd } from "../../../../orchestrator/serve/page/create/shown-end.ts";
import { logLines, sqlStatements } from "../../../../orchestrator/serve/page/log-lines.ts";
import type { OfferedTable } from "../../../../orchestrator/serve/service.ts";
import { Failure } from "../../../../protocol/errors.ts";
import { progress } from "../http/written-service.ts";
import { FakeService, type FakeFacts } from "./fake-service.ts";
import { failedJob, LOG, madeUpJob } from "./made-up.ts";
import { servePage } from "./page-server.ts";

const FOLDER = "orchestrator/serve/page";

interface Served {
  readonly service: FakeService;
  readonly address: string;
  readonly text: (path: string) => Promise<string>;
  /** Sends a form as the page's own do; gives back where it leads. */
  readonly send: (path: string, fields: string) => Promise<[status: number, place: string | null]>;
}

const it = test.extend<{ serve: (facts?: FakeFacts, token?: string) => Promise<Served> }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the parameter's shape
  serve: async ({}, use) => {
    const closers: (() => Promise<void>)[] = [];
    await use(async (facts = FACTS, token) => {
      const service = new FakeService(facts);
      const { address, bugs, stop } = await servePage(service, token);
      closers.push(async () => {
        await stop();
        expect(bugs).toEqual([]);
      });
      return {
        service,
        address,
        text: async (path) => (await fetch(`${address}${path}`)).text(),
        send: async (path, fields) => {
          const answer = await fetch(`${address}${path}`, {
            method: "POST",
            body: fields,
            redirect: "manual",
            headers: { origin: address, "content-type": "application/x-www-form-urlencoded" },
          });
          return [answer.status, answer.headers.get("location")];
        },
      };
    });
    for (const close of closers) await close();
  },
});

const TABLES: readonly OfferedTable[] = [
  {
    namespace: "public",
    name: "orders",
    columns: ["id", "a, b", "updated_at"],
    cursors: ["updated_at", "id"],
    primary_key: ["id", "a, b"],
    rows: 5,
  },
  { name: "plain", columns: ["a"], cursors: [], primary_key: [], rows: null },
];

const FACTS: FakeFacts = {
  connections: [{ connection: "orders" }, { connection: "other" }],
  jobs: Array.from({ length: 120 }, (_, index) => madeUpJob(index + 1, "orders")),
  logs: { "120.0": LOG },
  positions: { "public.orders": "after id = 7", "public.items": "whole at each sync" },
  offered: TABLES,
};

it("takes rows away only for a name typed in full, and only of the streams that were chosen", async ({
  serve,
}) => {
  const { service, send } = await serve();
  const one = `stream=${encodeURIComponent(encodeURIComponent("public.items"))}`;

  for (const fields of [one, `${one}&confirm=`, `${one}&confirm=other`, `${one}&confirm=ORDERS`])
    expect(await send("/connections/orders/clear", fields)).toEqual([
      303,
      "/connections/orders/clear?failed=confirmation",
    ]);
  expect(await send("/connections/orders/clear", "confirm=orders")).toEqual([
    303,
    "/connections/orders/clear?failed=streams",
  ]);
  expect(await send("/connections/orders/refresh", `${one}&rows=remove`)).toEqual([
    303,
    "/connections/orders/refresh?failed=confirmation",
  ]);
  expect(service.asked).toEqual([]);

  await send("/connections/orders/clear", `${one}&confirm=orders`);
  await send("/connections/orders/refresh", `${one}&rows=keep`);
  await send("/connections/orders/refresh", `${one}&rows=remove&confirm=orders`);
  expect(service.asked).toEqual([
    ["remove", "orders", "clear", ["public.items"]],
    ["refreshKeeping", "orders", ["public.items"]],
    ["remove", "orders", "refresh", ["public.items"]],
  ]);
});

it("answers each form with the address of a page, whatever it is sent", async ({ serve }) => {
  const { service, send } = await serve();

  expect(await send("/connections/orders/pause", "")).toEqual([
    303,
    "/connections/orders?done=paused",
  ]);
  expect(await send("/connections/orders/resume", "")).toEqual([
    303,
    "/connections/orders?done=resumed",
  ]);
  expect(await send("/connections/orders/cancel", "how=now&job=//elsewhere")).toEqual([
    303,
    "/connections/orders?done=idle",
  ]);
  expect(await send("/connections/nobody/sync", "")).toEqual([303, "/?failed=gone"]);
  // Taken out of the file while it runs.
  service.running = progress("gone", 121);
  await send("/connections/gone/cancel", "how=now");
  expect(service.asked.at(-1)).toEqual(["cancel", "gone", "now"]);
  service.failure = new Failure("sync.locked", "a run holds it");
  expect(await send("/connections/orders/sync", "")).toEqual([
    303,
    "/connections/orders?failed=sync.locked",
  ]);
  expect(await send("/new/nothing", "")).toEqual([303, "/new?failed=expired"]);
});

it("says what refused a form, in words that no address can bring", async ({ serve }) => {
  const { service, send, text } = await serve();
  expect(await text("/connections/orders?failed=state.invalid")).not.toContain("the real reason");
  service.failure = new Failure("state.invalid", "the real reason", { hint: "do this" });
  await send("/connections/orders/sync", "");

  const page = await text("/connections/orders?failed=state.invalid");
  expect(page).toContain("the real reason");
  expect(page).toContain("do this");
  expect(await text("/connections/other?failed=state.invalid")).not.toContain("the real reason");
  expect(await text("/connections/orders?failed=you-won&done=a-prize")).not.toMatch(
    /you-won|prize/,
  );
});

it("keeps the passwords of a new connection out of every page, and forgets them", async ({
  serve,
}) => {
  const { service, send, text } = await serve();
  const ends = new URLSearchParams({
    source: "postgres://me:one-secret@here:1/a?sslpassword=one-secret",
    destination: "host=there password=one-secret",
  }).toString();
  service.failure = new Failure("postgres.auth_failed", "no", { origin: "source" });
  const [, refused] = await send("/new", ends);
  service.failure = undefined;
  const [, place] = await send("/new", ends);
  const pages = [await text(refused!), await text(place!)];
  await send(place!, "name=&t0=on&m0=dedup&c0=&k0=nope");
  pages.push(await text(place!));

  expect(pages[0]).toContain('value="postgres://me@here:1/a"');
  expect(pages[2]).toContain("The connection needs a name.");
  expect(pages[2]).toContain("there is no column nope");
  expect(pages.filter((page) => page.includes("one-secret"))).toEqual([]);
  expect(`${refused}${place}`).not.toContain("secret");

  expect(
    await send(place!, "name=c&t0=on&m0=dedup&c0=0&k0=id%2C+a%2C+b&runs=every&every=10m"),
  ).toEqual([303, "/connections/c?done=created"]);
  expect(service.created).toMatchObject({
    source: "postgres://me:one-secret@here:1/a?sslpassword=one-secret",
    connection: "c",
    schedule: { every: "10m" },
    streams: [{ name: "orders", cursor: "updated_at", key: ["id", "a, b"] }],
  });
  expect(await send(place!, "name=c&t0=on")).toEqual([303, "/new?failed=expired"]);
});

it("escapes markup and control characters in whatever comes from elsewhere", async ({ serve }) => {
  const evil = "<b>\u202e\u0007\u001b[31m";
  const { text } = await serve({
    connections: [{ connection: "orders", source: evil, to_acknowledge: [evil] }],
    jobs: [madeUpJob(1, "orders", { connection: evil })],
    logs: { "1.0": `2026-11-27T04:55:00.349Z INFO  source s: ${evil}\n` },
    positions: { [evil]: evil },
  });
  for (const path of [
    "/",
    "/connections/orders",
    "/connections/orders/clear",
    "/jobs",
    "/jobs/1",
  ]) {
    const page = await text(path);
    expect([path, page.includes("&lt;b&gt;"), page.includes("<b>")]).toEqual([path, true, false]);
    // oxlint-disable-next-line no-control-regex -- these are what it looks for
    expect([path, /[\u202e\u0007\u001b]/.test(page)]).toEqual([path, false]);
    expect(page).toContain("\\u202e\\x07\\x1b[31m");
  }
});

it("shows jobs a page at a time, latest first", async ({ serve }) => {
  const { text } = await serve();
  const idsOn = async (path: string) =>
    [...(await text(path)).matchAll(/href="\/jobs\/(\d+)"/g)].map(([, id]) => Number(id));

  const first = await idsOn("/jobs");
  expect([first[0], first.at(-1), first.length]).toEqual([120, 71, 50]);
  expect((await idsOn("/jobs?connection=orders&before=71"))[0]).toBe(70);
  expect(await text("/jobs?before=21")).not.toContain(">Earlier<");
  expect(await idsOn("/jobs?connection=other")).toEqual([]);
});

it("shows the log, and the SQL in it", async ({ serve }) => {
  const { text } = await serve();
  const page = await text("/jobs/120");

  expect(page).toContain("read without an index on its cursor");
  expect(page).toContain("2 statements");
  expect((await fetch((await serve()).address + "/jobs/120/7/log")).status).toBe(404);
});

it("serves its files with their types, for ever, and none by another name", async ({ serve }) => {
  const { address } = await serve(FACTS, "a-token-of-enough-characters");
  for (const { address: place, type, content } of Object.values(ASSETS)) {
    const answer = await fetch(`${address}${place}`);
    expect(answer.headers.get("content-type")).toBe(type);
    expect(answer.headers.get("cache-control")).toContain("immutable");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await answer.text()).toBe(content);
  }
  for (const name of ["style.css", "..%2froutes.ts", "%2e%2e/routes.ts", "__proto__"]) {
    expect((await fetch(`${address}/assets/${name}`, { redirect: "manual" })).status).not.toBe(200);
    expect(assetOf(decodeURIComponent(name))).toBeUndefined();
  }
});

it("starts connectors for so many questions at once, and refuses the next", async ({ serve }) => {
  const { service, address, send } = await serve();
  let go = () => {};
  const gone = new Promise<void>((resolve) => (go = resolve));
  let areBusy = () => {};
  const busy = new Promise<void>((resolve) => (areBusy = resolve));
  let count = 0;
  const plan = service.plan.bind(service);
  service.plan = async (name) => {
    if (++count === 4) areBusy();
    await gone;
    return plan(name);
  };
  const looked = [1, 2, 3, 4].map(() => fetch(`${address}/connections/orders/plan`));
  await busy;

  for (const path of ["plan", "clear", "refresh"])
    expect((await fetch(`${address}/connections/orders/${path}`)).status).toBe(429);
  expect(await send("/new", "source=postgres://a&destination=postgres://b")).toEqual([429, null]);

  go();
  expect((await Promise.all(looked)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
});

it("signs in with the token, and out again", async ({ serve }) => {
  const token = "a-token-of-enough-characters";
  const { address, send, text } = await serve(FACTS, token);
  expect(await text("/")).toContain("Sign in");
  expect(await send("/login", "token=another")).toEqual([303, "/login?message=wrong_token"]);
  expect(await text("/login?message=wrong_token")).toContain("That is not the token.");

  const answer = await fetch(`${address}/login`, {
    method: "POST",
    body: `token=${token}`,
    redirect: "manual",
    headers: { origin: address, "content-type": "application/x-www-form-urlencoded" },
  });
  const cookie = answer.headers.get("set-cookie")!.split(";", 1)[0]!;
  const page = await (await fetch(`${address}/`, { headers: { cookie } })).text();
  expect(page).toContain("Sign out");
  expect(page).not.toContain(token);
});

it("tells of a configuration that cannot be used, until it can", async ({ serve }) => {
  const { service, text } = await serve();
  service.tell({ event: "configuration", problem: "syncline.yaml:3:5 <b>nope</b>" });
  expect(await text("/")).toContain("syncline.yaml:3:5 &lt;b&gt;nope&lt;/b&gt;");
  service.tell({ event: "configuration", problem: null });
  expect(await text("/")).not.toContain("syncline.yaml:3:5");
});

it("shows why a job failed, with its way out, on every page that tells of it", async ({
  serve,
}) => {
  const { text } = await serve({ ...FACTS, jobs: [failedJob(1, "orders")] });
  for (const path of ["/connections/orders", "/jobs/1"]) {
    const page = await text(path);
    expect(page).toContain("the cursor updated_at has NULL in some rows");
    expect(page).toContain("give the column a default");
  }
  expect(await text("/")).toContain("What to do: job 1");
});

test("a statement has its further lines, and what is none is left out", () => {
  const line = (origin: string, text: string) =>
    `2026-11-27T04:55:00.349Z INFO  ${origin}: ${text}\n`;
  const text = [
    line("source shop", "select is what a source may say"),
    line("destination d", "insert into t (a)"),
    line("destination d", "   select a from s"),
    line("destination d", "updated 3 rows"),
    line("destination d", "   and this belongs to that"),
    line("destination d", 'alter table "t" rename to "u"'),
    line("syncline", "   not this"),
    "torn",
  ].join("");

  expect(sqlStatements(logLines(text))).toEqual([
    "insert into t (a)\n   select a from s",
    'alter table "t" rename to "u"',
  ]);
});

test("drafts are kept for half an hour, twenty at a time", () => {
  let now = 0;
  const drafts = new Drafts(() => now);
  const draft = {
    ends: { source: "", destination: "" },
    tables: [],
    chosen: undefined,
    mistakes: [],
    failure: undefined,
  };
  const ids = Array.from({ length: 21 }, () => drafts.add(draft));
  expect(ids.filter((id) => drafts.get(id) === undefined)).toEqual([ids[0]]);
  now = 31 * 60_000;
  expect(ids.filter((id) => drafts.get(id) !== undefined)).toEqual([]);
  expect(new Set(ids.map((id) => id.length))).toEqual(new Set([32]));
});

test("a database is shown without what may be secret", () => {
  expect(shownEnd("postgres://a:b@h:1/d?password=b")).toBe("postgres://a@h:1/d");
  expect(shownEnd("postgresql:///d")).toBe("postgresql:///d");
  expect(shownEnd("host=h password=b")).toBe("");
  expect(shownEnd("service=b")).toBe("");
});

test("a new connection is called after both databases, by a name that is free", () => {
  const ends = { source: "postgres://h/sh%20op", destination: "host=h dbname=x" };
  expect(nameFor(ends, () => false)).toBe("sh-op-to-destination");
  expect(nameFor(ends, (name) => name === "sh-op-to-destination")).toBe("sh-op-to-destination-2");
});

test("a table is proposed as its columns allow, and what is lacking is said", () => {
  const first = firstChoice("c", TABLES);
  expect(first.tables.map(({ mode, cursor }) => [mode, cursor])).toEqual([
    ["dedup", "updated_at"],
    ["overwrite", ""],
  ]);
  expect(mistakesIn(first, TABLES)).toEqual([]);
  const ends = { source: "s", destination: "d" };
  expect(connectionOf(ends, first, TABLES).streams.map(({ name }) => name)).toEqual([
    "orders",
    "plain",
  ]);
  const empty = chosenIn(new URLSearchParams("name=&runs=cron&cron="), TABLES);
  expect(mistakesIn(empty, TABLES)).toHaveLength(3);
  const lacking = chosenIn(new URLSearchParams("name=c&t0=on&m0=new&c0=99"), TABLES);
  expect(mistakesIn(lacking, TABLES)).toEqual([
    "public.orders: choose the column that tells what is new, or copy the table whole.",
  ]);
});

test("styles and script are small, and no page has any of its own", () => {
  const size = (name: string) => statSync(join(FOLDER, "assets", name)).size;
  expect(size("style.css")).toBeLessThan(12_000);
  expect(size("page.js")).toBeLessThan(10_000);
  const sources = readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".tsx"))
    .map((name) => [name, readFileSync(join(FOLDER, name), "utf8")] as const);
  // Each would make markup of a text, or run what the policy refuses.
  const inline = /dangerouslySetInnerHTML|\bstyle=|\bon[a-z]+=["{]|raw\(/;
  expect(sources.filter(([, text]) => inline.test(text)).map(([name]) => name)).toEqual([]);
  expect(readFileSync(join(FOLDER, "assets/page.js"), "utf8")).not.toMatch(
    /innerHTML =[^=]|outerHTML|insertAdjacentHTML|document\.write|\beval\(/,
  );
});
