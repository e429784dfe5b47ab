import { Failure } from "../../protocol/errors.ts";
import type { Invocation } from "../invocation.ts";
import { committedRows } from "../output/job-report.ts";
import { grouped, table } from "../output/table.ts";
import { jobIds, readJob } from "../store/jobs.ts";
import type { Command } from "./command.ts";
import { EXIT } from "./exit-status.ts";

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
  const { jobs: folder } = await invocation.home();
  const latest = [];
  for (const id of jobIds(folder).toReversed()) {
    const job = readJob(folder, id);
    if (job && (connections.length === 0 || connections.includes(job.connection))) latest.push(job);
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
      job.created_at,
      String(job.attempts.length),
      grouped(committedRows(job)),
    ]);
    const headings = ["job", "connection", "type", "status", "started", "attempts", "committed"];
    for (const line of table(headings, rows)) console.print(line);
  }
  return EXIT.done;
}
