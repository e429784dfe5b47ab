import type { Session } from "../cli.ts";
import { Failure } from "../../protocol/errors.ts";
import { finalStreams } from "../output/job-report.ts";
import { grouped, table } from "../output/table.ts";
import { jobIds, readJob } from "../store/jobs.ts";
import { EXIT } from "./exit-status.ts";

/** Lists the latest jobs, newest first. */
export async function jobsCommand(
  session: Session,
  connections: readonly string[],
  options: Record<string, unknown>,
): Promise<number> {
  const count = Number(options["number"]);
  if (!Number.isInteger(count) || count < 1)
    throw new Failure("usage.invalid", "--number wants a whole number above 0");
  const { jobs: folder } = await session.home();
  const jobs = [];
  for (const id of jobIds(folder).toReversed()) {
    const job = readJob(folder, id);
    if (job && (connections.length === 0 || connections.includes(job.connection))) jobs.push(job);
    if (jobs.length === count) break;
  }
  const { console } = session;
  if (console.json) for (const job of jobs) console.print(JSON.stringify(job));
  else if (jobs.length === 0) console.note("no jobs yet");
  else {
    const rows = jobs.map((job) => [
      String(job.id),
      job.connection,
      job.type,
      job.status,
      job.created_at,
      String(job.attempts.length),
      grouped(finalStreams(job).reduce((sum, { committed }) => sum + committed, 0)),
    ]);
    const headings = ["job", "connection", "type", "status", "started", "attempts", "committed"];
    for (const line of table(headings, rows)) console.print(line);
  }
  return EXIT.done;
}
