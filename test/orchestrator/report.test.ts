import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { reportHtml } from "../../orchestrator/report/report-page.tsx";
import { CHROMIUM, expectAccessible, startBrowser } from "../support/browser.ts";
import { it } from "../support/fixtures.ts";
import { Project } from "./project.ts";
import { failedJob, madeUpJob } from "./serve/page/made-up.ts";

describe("syncline report", () => {
  it("sums up the last jobs of each connection, those that never ran too", async ({ folder }) => {
    const project = await Project.create(folder);
    expect((await project.run("report")).stdout).toMatch(/^c +0 +0 +0 +0 +never run$/m);
    await project.run("sync");
    await project.configure({ script: [{ exit: 1 }] });
    await project.run("sync");

    const { stdout } = await project.run("report", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      connection: "c",
      jobs: 2,
      succeeded: 1,
      unsuccessful: 1,
      rows: 3,
      last_job: 2,
    });
    expect(JSON.parse((await project.run("report", "-n", "1", "--json")).stdout)).toMatchObject({
      jobs: 1,
      succeeded: 0,
      median_seconds: null,
    });
  });

  it("refuses an unknown connection, a number that is none and a file that cannot be", async ({
    folder,
  }) => {
    const project = await Project.create(folder);
    for (const [args, said] of [
      [["cc"], "no connection is called cc (there is c)"],
      [["-n", "0"], "--number wants a whole number above 0"],
      [["--html", "no/such/folder.html"], "--html: no/such/folder.html cannot be written"],
    ] as const) {
      const { exitCode, stderr } = await project.run("report", ...args);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining(said)]);
    }
  });

  it.skipIf(CHROMIUM === undefined)(
    "writes one file that a browser shows with charts, and that asks for nothing else",
    async ({ folder }) => {
      const project = await Project.create(folder);
      await project.run("sync");
      const { exitCode, stderr } = await project.run("report", "--html", "report.html");
      expect([exitCode, stderr]).toEqual([0, "wrote report.html\n"]);

      const file = join(folder, "report.html");
      const browser = await startBrowser();
      try {
        const page = await browser.newPage({ viewport: { width: 390, height: 800 } });
        const asked: string[] = [];
        const complaints: string[] = [];
        page.on("request", (request) => asked.push(request.url()));
        page.on("console", (message) => complaints.push(message.text()));
        page.on("pageerror", (error) => complaints.push(error.message));
        await page.goto(`file://${file}`);
        await page.waitForSelector(".chart canvas");
        await expectAccessible(page);

        expect([asked, complaints]).toEqual([[`file://${file}`], []]);
      } finally {
        await browser.close();
      }
    },
  );

  it("lets nothing in the history end its script or become markup", () => {
    const evil = "</script><script>alert(1)</script><!--\u202e";
    const job = failedJob(2, evil);
    const failures = [{ ...job.attempts[0]!.failures![0]!, message: evil, hint: evil }];
    const jobs = [{ ...job, attempts: [{ ...job.attempts[0]!, failures }] }, madeUpJob(1, evil)];
    const history = {
      connection: evil,
      jobs,
      succeeded: 1,
      unsuccessful: 1,
      rows: 1,
      median_seconds: 1,
    };
    const html = reportHtml([history], "2026-11-27T05:00:00.000Z");

    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html.match(/<\/script/g)).toHaveLength(2);
    expect(html).not.toContain("<!--");
    expect(html).not.toContain("\u202e");
    expect(html).toContain("default-src &#39;none&#39;");
    expect(readFileSync("orchestrator/serve/page/assets/page.js", "utf8")).not.toContain(
      "</script",
    );
  });
});
