import type { Session } from "../cli.ts";
import { finalStreams } from "../output/job-report.ts";
import { grouped, table } from "../output/table.ts";
import { jobIds, readJob, type JobReport } from "../store/jobs.ts";
import { EXIT } from "./exit-status.ts";
import { chooseConnections } from "./sync.ts";

/** Shows the last job of each connection. */
export async function statusCommand(session: Session, names: readonly string[]): Promise<number> {
  const connections = chooseConnections(await session.config(), names);
  const { jobs: folder } = await session.home();
  const last = new Map<string, JobReport>();
  for (const id of jobIds(folder).toReversed()) {
    if (connections.every(({ name }) => last.has(name))) break;
    const job = readJob(folder, id);
    if (job && !last.has(job.connection)) last.set(job.connection, job);
  }
  const { console } = session;
  if (console.json) {
    for (const { name } of connections)
      console.print(JSON.stringify({ connection: name, last_job: last.get(name) ?? null }));
    return EXIT.done;
  }
  const rows = connections.map(({ name, source, destination }) => {
    const job = last.get(name);
    return [
      name,
      `${source.name} → ${destination.name}`,
      job?.status ?? "never run",
      job ? String(job.id) : "",
      job?.ended_at ?? "",
      job ? grouped(finalStreams(job).reduce((sum, stream) => sum + stream.committed, 0)) : "",
    ];
  });
  const headings = ["connection", "from → to", "status", "job", "ended", "committed"];
  for (const line of table(headings, rows)) console.print(line);
  return EXIT.done;
}
