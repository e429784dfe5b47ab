import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  CHROMIUM,
  expectAccessible,
  openTab,
  startBrowser,
  WIDTHS,
  type Look,
  type Tab,
} from "../../../support/browser.ts";
import { FakeService, type FakeFacts } from "./fake-service.ts";
import { failedJob, LOG, madeUpJob } from "./made-up.ts";
import { servePage, type PageServer } from "./page-server.ts";

const it = test.extend<{
  /** Opens the page of a service that has these facts; at its end nothing may have gone wrong in it. */
  open: (
    facts: FakeFacts,
    look?: Look,
  ) => Promise<Tab & { readonly service: FakeService; readonly server: PageServer }>;
}>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the parameter's shape
  open: async ({}, use) => {
    const opened: { tab: Tab; server: PageServer }[] = [];
    await use(async (facts, look) => {
      const service = new FakeService(facts);
      const server = await servePage(service);
      const tab = await openTab(browser, server.address, look);
      opened.push({ tab, server });
      return { ...tab, service, server };
    });
    for (const { tab, server } of opened) {
      await tab.page.context().close();
      await server.stop();
      expect([tab.complaints, tab.strayed, server.bugs]).toEqual([[], [], []]);
    }
  },
});

let browser: Browser;

const JOBS = [1, 2, 3, 4, 5, 6].map((id) =>
  id === 6 ? failedJob(id, "orders") : madeUpJob(id, id % 2 === 0 ? "orders" : "customers"),
);

const FACTS: FakeFacts = {
  connections: [
    {
      connection: "orders",
      schedule: { every_seconds: 600 },
      schedule_text: "every 10 minutes",
      next_run: "2036-11-27T05:00:00.000Z",
      to_acknowledge: ["public.old_table is gone from the source"],
    },
    {
      connection: "customers",
      state: "paused",
      is_paused: true,
      schedule: { cron: "0 * * * *", time_zone: "UTC" },
      schedule_text: "every hour, UTC",
    },
    { connection: "never" },
  ],
  jobs: JOBS,
  logs: { "5.0": LOG, "6.0": LOG },
  positions: { "public.orders": "after updated_at = 2026-11-27 04:54:54.907283" },
  offered: [
    {
      namespace: "public",
      name: "table_one",
      columns: ["id", "name", "updated_at"],
      cursors: ["updated_at", "id"],
      primary_key: ["id"],
      rows: 2,
    },
    { name: "plain", columns: ["a"], cursors: [], primary_key: [], rows: null },
  ],
};

const ENDS = {
  source: "postgres://someone:a-secret-word@localhost:2000/shop",
  destination: "postgres://someone:a-secret-word@localhost:3000/warehouse",
};

describe.skipIf(CHROMIUM === undefined)("the page in a browser", () => {
  beforeAll(async () => {
    browser = await startBrowser();
  });

  afterAll(async () => {
    await browser?.close();
  });

  it.for([
    { width: WIDTHS[0], scheme: "light" },
    { width: WIDTHS[1], scheme: "dark" },
  ] as const)("is accessible, has enough contrast and fits: %j", async (look, { open }) => {
    const { page, service } = await open(FACTS, look);
    for (const path of [
      "/",
      "/connections/orders",
      "/connections/customers",
      "/connections/never",
      "/connections/orders/plan",
      "/connections/orders/clear",
      "/connections/orders/refresh?failed=confirmation",
      "/jobs",
      "/jobs?connection=orders&before=4",
      "/jobs/6",
      "/jobs/5/0/log",
      "/jobs/9999",
      "/login?message=wrong_token",
      "/new",
    ]) {
      await page.goto(path);
      await expectAccessible(page);
    }
    await page.fill("#source", ENDS.source);
    await page.fill("#destination", ENDS.destination);
    await page.click("main button");
    await page.waitForURL(/\/new\/\w+$/);
    await expectAccessible(page);
    service.change("orders", { state: "running" });
    service.running = {
      connection: "orders",
      job: 6,
      attempt: 0,
      seconds: 3,
      retry_in_seconds: null,
      streams: [
        {
          stream: "public.orders",
          phase: "reading",
          rows: 12_000,
          rows_per_second: 4000,
          bytes_per_second: 1e6,
          share: 0.5,
          seconds_left: 3,
        },
      ],
    };
    await page.goto("/connections/orders");
    await expectAccessible(page);
  });

  it("shows a run as it goes on, without being loaded again", async ({ open }) => {
    const { page, service } = await open(FACTS);
    await page.goto("/connections/never");
    await page.click("text=Sync now");
    await page.waitForURL(/\/jobs\/7$/);
    await page.evaluate("window.isTheSame = true");

    service.running = {
      connection: "never",
      job: 7,
      attempt: 0,
      seconds: 1,
      retry_in_seconds: null,
      streams: [
        {
          stream: "public.users",
          phase: "reading",
          rows: 4321,
          rows_per_second: 10,
          bytes_per_second: 10,
          share: null,
          seconds_left: null,
        },
      ],
    };
    service.tell({ event: "progress", progress: service.running });
    await page.waitForSelector("text=4,321 rows");
    const first = service.log(7, 0, "logs", 0)!.text;
    service.setLog(
      7,
      0,
      `${first}${LOG}2026-11-27T04:55:01.000Z INFO  source shop: <b>one more</b>\n`,
    );
    service.tell({ event: "progress", progress: service.running });
    await page.waitForSelector("text=<b>one more</b>");
    service.end(7, {
      status: "succeeded",
      attempts: madeUpJob(7, "never").attempts,
    });
    await page.waitForSelector(".lead >> text=succeeded");

    expect(await page.textContent(".lead")).toContain("259 records emitted, 259 committed");
    expect(await page.evaluate("window.isTheSame")).toBe(true);
    expect(await page.locator("#log li").count()).toBe(9);
  });

  it("says that it may be out of date when the server is gone", async ({ open }) => {
    const { page, service, server, complaints } = await open(FACTS);
    await page.goto("/connections/orders");
    service.change("orders", { source: "told live" });
    await page.waitForSelector("text=told live");
    expect(await page.locator("text=out of date").count()).toBe(0);

    await server.stop();

    await page.waitForSelector("main >> text=out of date");
    await expectAccessible(page);
    await page.close();
    complaints.length = 0; // of what it could not reach
  });

  it("draws charts of the history, whose numbers are in a table too", async ({ open }) => {
    const { page } = await open(FACTS);
    await page.goto("/connections/customers");

    await page.waitForSelector(".chart canvas");
    expect(await page.locator(".chart canvas").count()).toBe(2);
    expect(await page.locator("table[data-history] tbody tr").count()).toBe(3);
  });

  it("does everything without scripts", async ({ open }) => {
    const { page, service } = await open(FACTS, { hasScript: false });
    await page.goto("/");
    await page.click("text=never");
    await page.click("text=Sync now");
    await page.waitForURL(/\/jobs\/7$/);
    expect(await page.content()).toContain('http-equiv="refresh"');
    service.end(7, { status: "succeeded", attempts: madeUpJob(7, "never").attempts });
    await page.reload();
    expect(await page.content()).not.toContain('http-equiv="refresh"');

    await page.goto("/connections/orders");
    await page.click("text=Clear…");
    await page.fill("#confirm", "orders");
    await page.click("text=Empty these tables");
    await page.waitForURL(/\/jobs\/8$/);
    await page.goto("/new");
    await page.fill("#source", ENDS.source);
    await page.fill("#destination", ENDS.destination);
    await page.click("main button");
    await page.uncheck("[name=t1]");
    await page.click("text=Create the connection");
    await page.waitForURL(/\/jobs\/9$/);

    expect(service.asked).toEqual([
      ["sync", "never"],
      ["remove", "orders", "clear", ["public.orders"]],
      ["sync", "shop-to-warehouse"],
    ]);
    expect(service.created).toMatchObject({
      connection: "shop-to-warehouse",
      streams: [
        { name: "table_one", mode: "incremental_append_dedup", cursor: "updated_at", key: ["id"] },
      ],
    });
  });

  it("is used with the keyboard alone, and shows where it is", async ({ open }) => {
    const { page, service } = await open(FACTS);
    const focused = () =>
      page.evaluate(
        "(document.activeElement.innerText || document.activeElement.getAttribute('aria-label') || document.activeElement.id).trim()",
      ) as Promise<string>;
    const tabTo = async (wanted: string) => {
      for (let count = 0; count < 60; count++) {
        await page.keyboard.press("Tab");
        const outline = await page.evaluate(
          "getComputedStyle(document.activeElement).outlineStyle",
        );
        expect([await focused(), outline]).toEqual([await focused(), "solid"]);
        if ((await focused()) === wanted) return;
      }
      throw new Error(`no Tab leads to ${wanted}`);
    };
    await page.goto("/");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Skip to content");
    await page.keyboard.press("Enter");
    await tabTo("never");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/connections\/never$/);
    await tabTo("Sync now");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/jobs\/7$/);
    await tabTo("Cancel");
    await page.keyboard.press("Enter");
    await page.waitForURL(/done=stopping$/);
    await page.goto("/connections/orders/clear");
    await tabTo("confirm");
    await page.keyboard.type("orders");
    await tabTo("Empty these tables");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/jobs\/8$/);

    expect(service.asked).toEqual([
      ["sync", "never"],
      ["cancel", "never", "gracefully"],
      ["remove", "orders", "clear", ["public.orders"]],
    ]);
  });

  it("keeps the focus where it is when what is around it changes", async ({ open }) => {
    const { page, service } = await open(FACTS);
    await page.goto("/connections/orders");
    await page.focus("text=Refresh…");
    service.change("orders", { to_acknowledge: [], state: "paused", is_paused: true });
    await page.waitForSelector("text=Resume");

    expect(await page.evaluate("document.activeElement.innerText")).toBe("Refresh…");
  });

  it("runs nothing that a connector, a table or a log brings", async ({ open }) => {
    const evil =
      `"><script>alert(1)</script><img src=x onerror=alert(2)>'\u202e\u0007\u001b[31m&lt;` as const;
    const job = failedJob(6, "orders");
    const attempts = [
      {
        ...job.attempts[0]!,
        streams: [{ ...madeUpJob(6, "orders").attempts[0]!.streams![0]!, name: evil }],
        failures: [{ ...job.attempts[0]!.failures![0]!, message: evil, hint: evil, stream: evil }],
        warnings: [evil],
        notes: [evil],
      },
    ];
    const { page, service } = await open({
      ...FACTS,
      connections: [{ connection: "orders", source: evil, to_acknowledge: [evil] }],
      jobs: [...JOBS.slice(0, 5), { ...job, attempts }],
      logs: { "6.0": `2026-11-27T04:55:00.299Z INFO  destination warehouse: create ${evil}\n` },
      positions: { [evil]: evil },
      offered: [{ name: evil, columns: [evil], cursors: [evil], primary_key: [evil], rows: null }],
    });
    for (const path of [
      "/",
      "/connections/orders",
      "/connections/orders/clear",
      "/connections/orders/refresh",
      "/jobs",
      "/jobs/6",
      "/jobs/6/0/log",
      `/jobs?connection=${encodeURIComponent(evil)}`,
      `/?failed=${encodeURIComponent(evil)}&done=${encodeURIComponent(evil)}`,
      `/login?message=${encodeURIComponent(evil)}`,
    ]) {
      await page.goto(path);
      service.tell({ event: "configuration", problem: evil });
      const text = (await page.textContent("html"))!;
      // oxlint-disable-next-line no-control-regex -- these are what it looks for
      expect([path, /[\u202e\u0007\u001b]/.test(text)]).toEqual([path, false]);
      expect(await page.locator("main script, main img").count()).toBe(0);
    }
    await page.goto("/connections/orders/clear");
    await page.fill("#confirm", "orders");
    await page.click("text=Empty these tables");
    await page.waitForURL(/\/jobs\/7$/);
    expect(service.asked).toEqual([["remove", "orders", "clear", [evil]]]);
  });
});
