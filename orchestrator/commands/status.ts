import { failureText } from "../../protocol/errors.ts";
import { positionsOf } from "../api/positions.ts";
import { statusFacts } from "../api/status.ts";
import type { ConnectionConfig } from "../config/config.ts";
import { escapeControls } from "../escape.ts";
import type { Invocation } from "../invocation.ts";
import { EXIT } from "../output/exit-status.ts";
import { committedRows } from "../output/job-report.ts";
import { logPositionText } from "../output/log-position.ts";
import { grouped, table } from "../output/table.ts";
import { age, localTime } from "../output/times.ts";
import { JobHistory, type KnownJob } from "../store/job-history.ts";
import type { Command } from "./command.ts";

export const status: Command = {
  name: "status",
  arguments: "[connection...]",
  description: "show how each connection stands; of named ones also each stream's position",
  examples: [
    "syncline status",
    "syncline status orders",
    "syncline status orders --json | jq .last_job.status",
  ],
  run: showStatus,
};

/** Shows the last job of each connection, and why it did not bring all it was to bring. */
async function showStatus(invocation: Invocation, names: readonly string[]): Promise<number> {
  const connections = await invocation.connectionsAtRest(names);
  const home = await invocation.formerHome();
  const history = new JobHistory(home);
  const facts = connections.map(({ name }) => statusFacts(home, history, name));
  const { console } = invocation;
  if (console.json) {
    for (const one of facts) console.print(JSON.stringify(one));
    return EXIT.done;
  }
  const rows = connections.map((connection, n) => row(connection, facts[n]!.last_job ?? undefined));
  const headings = ["connection", "from → to", "status", "job", "ended", "", "committed"];
  for (const line of table(headings, rows)) console.print(line);
  for (const { connection, last_job, to_acknowledge, log_position } of facts) {
    for (const line of [...remarks(last_job), ...to_acknowledge])
      console.print(`${connection}: ${escapeControls(line)}`);
    if (log_position)
      console.print(`${connection}: ${escapeControls(logPositionText(log_position))}`);
    if (names.length === 0) continue;
    for (const { stream, position } of positionsOf(home, connection))
      console.print(escapeControls(`  ${stream}  ${position}`));
  }
  return EXIT.done;
}

function row({ name, source, destination }: ConnectionConfig, job: KnownJob | undefined): string[] {
  return [
    name,
    `${source.name} → ${destination.name}`,
    job?.status ?? "never run",
    job ? String(job.id) : "",
    job?.ended_at ? localTime(job.ended_at) : "",
    job?.ended_at ? age(job.ended_at) : "",
    job ? grouped(committedRows(job)) : "",
  ];
}

/** Why the last job did not bring all of what it was to bring, and what it warned of. */
function remarks(job: KnownJob | null): string[] {
  if (job === null) return [];
  const { failures = [], warnings = [] } = job.attempts.at(-1) ?? {};
  return [
    ...(job.run_by ? [runningText(job)] : []),
    ...(job.status === "succeeded" ? [] : failures.map(failureText)),
    ...(warnings.length > 0
      ? [
          `${warnings.length === 1 ? "a warning" : `${warnings.length} warnings`}, the first: ${warnings[0]}`,
        ]
      : []),
  ];
}

function runningText({ created_at, run_by }: KnownJob): string {
  const { pid, host, last_sign_at: sign } = run_by!;
  const seen = sign === undefined ? "" : `, whose last sign of life came ${age(sign)}`;
  return `started ${age(created_at)}, by process ${pid} on ${host}${seen}`;
}
