import { Failure } from "../../protocol/errors.ts";
import type { Invocation } from "../invocation.ts";
import { committedRows } from "../output/job-report.ts";
import { grouped, table } from "../output/table.ts";
import { age, localTime } from "../output/times.ts";
import { JobHistory } from "../store/job-history.ts";
import type { Command } from "./command.ts";
import { EXIT } from "../output/exit-status.ts";
import { requireKnown } from "./known-jobs.ts";

interface Options {
  readonly number: string;
}

export const jobs: Command<Options> = {
  name: "jobs",
  arguments: "[connection...]",
  description: "list the latest jobs",
  options: [{ flags: "-n, --number <count>", description: "how many", default: "20" }],
  examples: ["syncline jobs", "syncline jobs orders -n 3 --json"],
  run: listJobs,
};

/** Lists the latest jobs, newest first. */
async function listJobs(
  invocation: Invocation,
  connections: readonly string[],
  { number }: Options,
): Promise<number> {
  const count = Number(number);
  if (!Number.isInteger(count) || count < 1)
    throw new Failure("usage.invalid", "--number wants a whole number above 0");
  const history = new JobHistory(await invocation.formerHome());
  await requireKnown(connections, history, invocation);
  const latest = [];
  for (const job of history.latest(connections)) {
    latest.push(job);
    if (latest.length === count) break;
  }
  const { console } = invocation;
  if (console.json) for (const job of latest) console.print(JSON.stringify(job));
  else if (latest.length === 0) console.note("no jobs yet");
  else {
    const rows = latest.map((job) => [
      String(job.id),
      job.connection,
      job.type,
      job.status,
      localTime(job.created_at),
      age(job.created_at),
      String(job.attempts.length),
      grouped(committedRows(job)),
    ]);
    const headings = [
      "job",
      "connection",
      "type",
      "status",
      "started",
      "",
      "attempts",
      "committed",
    ];
    for (const line of table(headings, rows)) console.print(line);
  }
  return EXIT.done;
}
