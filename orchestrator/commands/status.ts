import { failureText } from "../../protocol/errors.ts";
import { escapeControls } from "../escape.ts";
import type { Invocation } from "../invocation.ts";
import { committedRows } from "../output/job-report.ts";
import { grouped, table } from "../output/table.ts";
import { toAcknowledge } from "../store/known-catalog.ts";
import { jobIds, readJob, type JobReport } from "../store/jobs.ts";
import type { Command } from "./command.ts";
import { EXIT } from "./exit-status.ts";

export const status: Command = {
  name: "status",
  arguments: "[connection...]",
  description: "show how each connection stands",
  examples: ["syncline status", "syncline status orders --json | jq .last_job.status"],
  run: showStatus,
};

/** Shows the last job of each connection. */
async function showStatus(invocation: Invocation, names: readonly string[]): Promise<number> {
  const connections = await invocation.connections(names);
  const { jobs: folder, path: home } = await invocation.home();
  const last = new Map<string, JobReport>();
  for (const id of jobIds(folder).toReversed()) {
    if (connections.every(({ name }) => last.has(name))) break;
    const job = readJob(folder, id);
    if (job && !last.has(job.connection)) last.set(job.connection, job);
  }
  const { console } = invocation;
  if (console.json) {
    for (const { name } of connections) {
      const to_acknowledge = toAcknowledge(home, name);
      const facts = { connection: name, last_job: last.get(name) ?? null, to_acknowledge };
      console.print(JSON.stringify(facts));
    }
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
      job ? grouped(committedRows(job)) : "",
    ];
  });
  const headings = ["connection", "from → to", "status", "job", "ended", "committed"];
  for (const line of table(headings, rows)) console.print(line);
  for (const { name } of connections)
    for (const line of [...reasons(last.get(name)), ...toAcknowledge(home, name)])
      console.print(`${name}: ${escapeControls(line)}`);
  return EXIT.done;
}

/** Why the last job did not bring all of what it was to bring. */
function reasons(job: JobReport | undefined): string[] {
  if (job === undefined || job.status === "succeeded") return [];
  return (job.attempts.at(-1)?.failures ?? []).map(failureText);
}
