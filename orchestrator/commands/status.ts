import { streamLabel } from "../../protocol/catalog.ts";
import { failureText } from "../../protocol/errors.ts";
import type { ConnectionConfig } from "../config/config.ts";
import { escapeControls } from "../escape.ts";
import type { Invocation } from "../invocation.ts";
import { committedRows } from "../output/job-report.ts";
import { logPosition, logPositionText, type LogPosition } from "../output/log-position.ts";
import { positionText } from "../output/positions.ts";
import { grouped, table } from "../output/table.ts";
import { age, localTime } from "../output/times.ts";
import { readGlobal } from "../store/global-state.ts";
import type { Home } from "../store/home.ts";
import { JobHistory, type KnownJob } from "../store/job-history.ts";
import { toAcknowledge } from "../store/known-catalog.ts";
import { readState, statePath } from "../store/state-file.ts";
import type { Command } from "./command.ts";
import { EXIT } from "./exit-status.ts";
import { allEntries } from "./state-entries.ts";

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
  const last = new Map(
    connections.map(({ name }) => [name, history.latest([name]).next().value as KnownJob]),
  );
  const { console } = invocation;
  if (console.json) {
    for (const { name } of connections) {
      const to_acknowledge = toAcknowledge(home.path, name);
      const log_position = logPositionOf(home, name);
      const last_job = last.get(name) ?? null;
      const facts = { connection: name, last_job, to_acknowledge, log_position };
      console.print(JSON.stringify(facts));
    }
    return EXIT.done;
  }
  const rows = connections.map((connection) => row(connection, last.get(connection.name)));
  const headings = ["connection", "from → to", "status", "job", "ended", "", "committed"];
  for (const line of table(headings, rows)) console.print(line);
  for (const { name } of connections) {
    for (const line of [...remarks(last.get(name)), ...toAcknowledge(home.path, name)])
      console.print(`${name}: ${escapeControls(line)}`);
    const position = logPositionOf(home, name);
    if (position) console.print(`${name}: ${escapeControls(logPositionText(position))}`);
    if (names.length === 0) continue;
    for (const { stream, blob, cursor_field } of allEntries(readState(statePath(home, name), name)))
      console.print(
        escapeControls(`  ${streamLabel(stream)}  ${positionText(blob, cursor_field)}`),
      );
  }
  return EXIT.done;
}

/** How far the connection has come in its source's log, if it follows one and its file can be read. */
function logPositionOf(home: Home, name: string): LogPosition | undefined {
  try {
    const { global } = readState(statePath(home, name), name);
    return global && logPosition(readGlobal(global).shared);
  } catch {
    return undefined;
  }
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
function remarks(job: KnownJob | undefined): string[] {
  if (job === undefined) return [];
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
