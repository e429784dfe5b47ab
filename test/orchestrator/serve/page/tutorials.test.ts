import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { startServing } from "../../../../orchestrator/serve/serve.ts";
import {
  CHROMIUM,
  expectAccessible,
  openTab,
  startBrowser,
  WIDTHS,
} from "../../../support/browser.ts";
import { it as databases, type Database } from "../../../support/fixtures.ts";

let browser: Browser;

interface Opened {
  readonly page: Page;
  /** Every page that was loaded, as text. */
  readonly texts: string[];
}

const it = databases.extend<{
  /** The page of a folder without a configuration, in a browser that reaches nothing else. */
  open: (width?: number) => Promise<Opened>;
}>({
  open: async ({ folder }, use) => {
    const closers: (() => Promise<void>)[] = [];
    await use(async (width) => {
      const notes: string[] = [];
      const serving = await startServing({
        config: join(folder, "syncline.yaml"),
        listen: { host: "127.0.0.1", port: 0 },
        token: undefined,
        atOnce: 4,
        onNote: (text) => notes.push(text),
        onEvent: () => {},
      });
      const { page, complaints, strayed } = await openTab(browser, serving.url.replace(/\/$/, ""), {
        ...(width !== undefined && { width }),
      });
      const texts: string[] = [];
      page.on(
        "response",
        (response) =>
          void response.text().then(
            (text) => texts.push(text),
            () => {}, // a redirection has none
          ),
      );
      closers.push(async () => {
        await page.context().close();
        await serving.stop("now");
        expect([complaints, strayed, notes]).toEqual([[], [], []]);
      });
      return { page, texts };
    });
    for (const close of closers) await close();
  },
});

/** Fills the first step in, and goes on to the tables. */
async function connect(page: Page, source: string, destination: string): Promise<void> {
  await page.goto("/new");
  await page.fill("#source", source);
  await page.fill("#destination", destination);
  await page.click("text=Try both and list the tables");
}

/** What the job's page says when it ended. */
async function outcome(page: Page): Promise<string> {
  await page.waitForURL(/\/jobs\/\d+$/);
  await page.waitForSelector(".lead .status:not(.is-running)");
  return (await page.textContent(".lead"))!.trim();
}

describe.skipIf(CHROMIUM === undefined)("what the tutorials do, on the page", () => {
  beforeAll(async () => {
    browser = await startBrowser();
  });

  afterAll(async () => {
    await browser?.close();
  });

  it("creates a full refresh from two databases, and syncs it at once and again", async ({
    source,
    destination,
    folder,
    open,
  }) => {
    await source.exec(
      "create table full_refresh_demo (id integer primary key, name varchar(200)); insert into full_refresh_demo values (1, 'Mary X'), (2, 'John D')",
    );
    const { page, texts } = await open(WIDTHS[0]);
    await page.goto("/");
    await page.click("text=Create one from two databases");
    await connect(page, source.url, destination.url);
    await page.waitForSelector("text=public.full_refresh_demo");
    await expectAccessible(page);
    await page.fill("#name", "full-refresh-overwrite");
    await page.selectOption("#m0", { label: "Full refresh | overwrite" });
    await page.fill("#prefix", "overwrite_");
    await page.click("text=Create the connection");

    expect(await outcome(page)).toBe("succeeded 2 records emitted, 2 committed");
    const job = page.url().split("/").at(-1)!;
    expect(await page.textContent("dl.facts")).toMatch(new RegExp(`Job id${job}Attempt ids0`));
    expect(await page.textContent("#job")).toContain(`jobs/${job}/0/logs.log`);
    await page.waitForSelector("#log >> text=public.full_refresh_demo: 2 records");
    await page.click("text=/\\d+ statements/");
    expect(await page.textContent("pre.sql")).toContain('rename to "overwrite_full_refresh_demo"');
    await expectAccessible(page);
    const copied = () =>
      destination.rows("select id, name from overwrite_full_refresh_demo order by id");
    expect(await copied()).toEqual([
      ["1", "Mary X"],
      ["2", "John D"],
    ]);

    await source.exec("insert into full_refresh_demo values (3, 'Jane Y')");
    await page.click("text=Sync now");
    await page.waitForURL((url) => !url.pathname.endsWith(`/${job}`));
    expect(await outcome(page)).toBe("succeeded 3 records emitted, 3 committed");
    expect(await copied()).toHaveLength(3);

    const yaml = readFileSync(join(folder, "syncline.yaml"), "utf8");
    const { password } = source.config as { password: string };
    expect(yaml).not.toContain(password);
    expect(texts.filter((text) => text.includes(`:${password}@`))).toEqual([]);
  });

  it("creates an incremental one with history, which then brings only what changed", async ({
    source,
    destination,
    open,
  }) => {
    await source.exec(
      "create table table_two (id integer primary key, name varchar(200), updated_at timestamp not null default now()); insert into table_two (id, name) values (1, 'Eg1 DD+Hst'), (2, 'Eg2a DD+Hs')",
    );
    const { page } = await open();
    await connect(page, source.url, destination.url);
    await page.waitForSelector("text=public.table_two");
    expect(await page.inputValue("#m0")).toBe("dedup");
    expect(await page.inputValue("#k0")).toBe("id");
    await page.fill("#name", "incremental");
    await page.click("text=Create the connection");
    expect(await outcome(page)).toBe("succeeded 2 records emitted, 2 committed");
    const first = page.url();

    await source.exec("update table_two set name = 'Eg2b DD+Hs', updated_at = now() where id = 2");
    await page.click("text=Sync now");
    await page.waitForURL((url) => url.href !== first);
    expect(await outcome(page)).toBe("succeeded 1 record emitted, 1 committed");
    await page.click("dl.facts >> text=incremental");
    await page.waitForSelector("text=after updated_at");
    await page.click("text=What a sync would do");
    await page.waitForSelector("text=public.table_two");

    expect(await destination.rows("select count(*) from table_two_scd")).toEqual([["3"]]);
  });

  it("clears a connection after its name was typed, and not before", async ({
    source,
    destination,
    open,
  }) => {
    const { page } = await open(WIDTHS[0]);
    await syncUsers(page, source, destination);
    await page.goto("/connections/users");
    await page.click("text=Clear…");
    await page.waitForSelector("text=users, about 2 rows");
    await page.fill("#confirm", "user");
    await page.click("text=Empty these tables");
    await page.waitForSelector("text=Nothing was changed");
    expect(await destination.rows("select count(*) from users")).toEqual([["2"]]);
    await page.fill("#confirm", "users");
    await page.click("text=Empty these tables");

    expect(await outcome(page)).toContain("succeeded");
    expect(await destination.rows("select count(*) from users")).toEqual([["0"]]);
  });

  it("shows a failure with its way out, and the end of what was cancelled", async ({
    source,
    destination,
    open,
  }) => {
    const { page } = await open();
    await syncUsers(page, source, destination);
    await source.exec("alter table users rename to people");
    await page.click("text=Sync now");
    await page.waitForURL(/\/jobs\/2$/);
    expect(await outcome(page)).toContain("failed");
    const told = await page.textContent(".note.bad");
    expect(told).toContain("the source has no stream public.users");
    expect(told).toContain("until something is changed");
    await page.goto("/");
    await page.click("text=What to do: job 2");
    await page.waitForURL(/\/jobs\/2$/);

    await source.exec("alter table people rename to users");
    await source.exec("begin; lock table users in access exclusive mode");
    await page.click("text=Sync now");
    await page.waitForURL(/\/jobs\/3$/);
    await page.waitForSelector("text=waiting for a lock");
    await page.click("button:has-text('Cancel')");
    await page.waitForSelector(".lead .is-cancelled");
    await source.exec("rollback");
  });

  it("says what is wrong with a database, and shows no password again", async ({
    source,
    destination,
    open,
  }) => {
    const { page, texts } = await open();
    const wrong = new URL(source.url);
    wrong.pathname = "/no_such_database";
    wrong.password = "the-wrong-one";
    await connect(page, wrong.href, destination.url);
    await page.waitForSelector(".note.bad");

    expect(await page.textContent(".note.bad")).toContain("the source");
    expect(await page.inputValue("#source")).toMatch(
      /^postgres:\/\/\w+@[^:]+:\d+\/no_such_database$/,
    );
    expect(texts.filter((text) => text.includes("the-wrong-one"))).toEqual([]);
  });
});

async function syncUsers(page: Page, source: Database, destination: Database): Promise<void> {
  await source.exec("create table users (id int primary key); insert into users values (1), (2)");
  await connect(page, source.url, destination.url);
  await page.waitForSelector("text=public.users");
  await page.fill("#name", "users");
  await page.click("text=Create the connection");
  expect(await outcome(page)).toBe("succeeded 2 records emitted, 2 committed");
}
