import { writeFileSync } from "node:fs";
import { Failure } from "../../protocol/errors.ts";
import type { Invocation } from "../invocation.ts";
import { grouped, table } from "../output/table.ts";
import { age } from "../output/times.ts";
import type { ConnectionHistory } from "../report/history.ts";
import { JobHistory } from "../store/job-history.ts";
import type { Command } from "./command.ts";
import { EXIT } from "../output/exit-status.ts";
import { requireKnown } from "./known-jobs.ts";

interface Options {
  readonly html?: string;
  readonly number: string;
}

export const report: Command<Options> = {
  name: "report",
  arguments: "[connection...]",
  description: "sum up how the last jobs of each connection went, or write it as a page",
  options: [
    { flags: "--html <file>", description: "write one file for a browser, with charts" },
    {
      flags: "-n, --number <count>",
      description: "how many jobs of each connection",
      default: "30",
    },
  ],
  examples: [
    "syncline report",
    "syncline report --html report.html",
    "syncline report orders --html orders.html -n 200",
    "syncline report --json | jq '[.connection, .median_seconds]'",
  ],
  run: reportHistory,
};

/** Sums up the last jobs: a table, an object for each connection, or one HTML file. */
async function reportHistory(
  invocation: Invocation,
  names: readonly string[],
  { html, number }: Options,
): Promise<number> {
  const most = Number(number);
  if (!Number.isInteger(most) || most < 1)
    throw new Failure("usage.invalid", "--number wants a whole number above 0");
  const history = new JobHistory(await invocation.formerHome());
  await requireKnown(names, history, invocation);
  const wanted = names.length > 0 ? [...new Set(names)] : await allOf(invocation);
  const { historyOf } = await import("../report/history.ts");
  const histories = wanted.map((name) => historyOf(history, name, most));
  if (html !== undefined) await writeHtml(invocation, html, histories);
  else printSummary(invocation, histories);
  return EXIT.done;
}

async function allOf(invocation: Invocation): Promise<string[]> {
  return [...(await invocation.layout()).connections.keys()];
}

async function writeHtml(
  { console }: Invocation,
  file: string,
  histories: readonly ConnectionHistory[],
): Promise<void> {
  const { reportHtml } = await import("../report/report-page.tsx");
  const text = reportHtml(histories, new Date().toISOString());
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new Failure("usage.invalid", `--html: ${file} cannot be written`, {
      hint: "name a file in a folder that is there and that this user may write to",
      cause: error,
    });
  }
  if (console.json) console.print(JSON.stringify({ file }));
  else if (!console.quiet) console.note(`wrote ${file}`);
}

function printSummary({ console }: Invocation, histories: readonly ConnectionHistory[]): void {
  if (console.json) {
    for (const { jobs, median_seconds, ...sums } of histories) {
      const last_job = jobs[0]?.id ?? null;
      const facts = { jobs: jobs.length, median_seconds: median_seconds ?? null, last_job };
      console.print(JSON.stringify({ ...sums, ...facts }));
    }
    return;
  }
  const rows = histories.map((one) => [
    one.connection,
    String(one.jobs.length),
    String(one.succeeded),
    String(one.unsuccessful),
    grouped(one.rows),
    one.median_seconds === undefined ? "" : `${one.median_seconds.toFixed(1)} s`,
    one.jobs[0] ? age(one.jobs[0].created_at) : "never run",
  ]);
  const headings = [
    "connection",
    "jobs",
    "succeeded",
    "unsuccessful",
    "committed",
    "median",
    "last",
  ];
  for (const line of table(headings, rows)) console.print(line);
}
