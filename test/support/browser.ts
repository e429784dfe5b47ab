import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import { expect } from "vitest";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** The browser of this machine; undefined: there is none, and tests of pages in one are skipped. */
export const CHROMIUM = ["chromium", "chromium-browser", "google-chrome"]
  .flatMap((name) => (process.env["PATH"] ?? "").split(delimiter).map((place) => join(place, name)))
  .find(isProgram);

if (CHROMIUM === undefined)
  process.stderr.write("pages are not tried in a browser: there is no chromium on the PATH\n");

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** A phone, and a desk. */
export const WIDTHS = [390, 1280] as const;

/** For what a page is to show, so that a test that fails says what was missing. */
const WAIT_MS = 20_000;

/** Sandboxing needs a user that is not root. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM!, args: ["--no-sandbox"] });
}

export interface Look {
  readonly width?: number;
  readonly scheme?: "light" | "dark";
  readonly hasScript?: boolean;
}

/** A page of a browser, and what went wrong in it. */
export interface Tab {
  readonly page: Page;
  /** What it said of errors, and of what its policy refused. */
  readonly complaints: string[];
  /** Requests that would have left the machine; they were refused. */
  readonly strayed: string[];
}

/** Opens a tab that can reach the server at `address` and nothing else. */
export async function openTab(browser: Browser, address: string, look: Look = {}): Promise<Tab> {
  const { width = 1280, scheme = "light", hasScript = true } = look;
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: scheme,
    javaScriptEnabled: hasScript,
    baseURL: address,
  });
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  const strayed: string[] = [];
  await context.route("**/*", (route) => {
    const url = route.request().url();
    if (url.startsWith(`${address}/`)) return route.continue();
    strayed.push(url);
    return route.abort();
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => {
    complaints.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => {
    // A page that is not found is one too.
    const isOwn = message.location().url === page.url() && message.text().includes("404");
    if (message.type() === "error" && !isOwn) complaints.push(message.text());
  });
  return { page, complaints, strayed };
}

/** Holds that whoever cannot see it, or has only a keyboard, can use a page, and that it fits. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(AXE);
  const violations = await page.evaluate(
    `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
       violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html, failureSummary }) => html.slice(0, 200) + " " + failureSummary).join("; ")))`,
  );
  expect(violations).toEqual([]);
  const overhang = await page.evaluate(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
  expect([page.url(), overhang]).toEqual([page.url(), 0]);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
