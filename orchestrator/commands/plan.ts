import { join } from "node:path";
import { streamKey, streamLabel } from "../../protocol/catalog.ts";
import { asFailure } from "../../protocol/errors.ts";
import type { Session } from "../cli.ts";
import type { ConnectionConfig } from "../config/config.ts";
import type { Surroundings } from "../connector/connector.ts";
import { escapeControls } from "../output/escape.ts";
import { table } from "../output/table.ts";
import { readKnownCatalog } from "../store/known-catalog.ts";
import { readState, type ConnectionState } from "../store/state-file.ts";
import { decideAttempt } from "../sync/attempt-plan.ts";
import { JobProgress } from "../sync/job-progress.ts";
import { makeReady, type Ready } from "../sync/ready.ts";
import { SYNC } from "../sync/request.ts";
import { changeText } from "../sync/streams/schema-changes.ts";
import type { PlannedStream } from "../sync/streams/select-streams.ts";
import { StateKeeper } from "../sync/positions/state-keeper.ts";
import type { Home } from "../store/home.ts";
import { EXIT, statusOfFailure, worstOf } from "./exit-status.ts";
import { chooseConnections } from "./sync.ts";
import { withSurroundings } from "./with-connectors.ts";

/** Most of a state shown in a table, in characters. */
const STATE_CHARS = 60;

/** What a sync of a connection would do. */
interface Plan {
  readonly connection: ConnectionConfig;
  readonly ready: Ready;
  readonly streams: readonly PlannedStream[];
  readonly state: ConnectionState;
}

/** Shows what a sync would do, and changes nothing: a table, or with `--json` an object, for each. */
export async function planCommand(session: Session, names: readonly string[]): Promise<number> {
  const connections = chooseConnections(await session.config(), names);
  const home = await session.home();
  const { console } = session;
  return withSurroundings(session, async (surroundings) => {
    const statuses: number[] = [];
    for (const connection of connections) {
      const around = surroundings();
      try {
        const plan = await planOf(connection, home, around);
        if (console.json) console.print(planJson(plan));
        else for (const line of planLines(plan)) console.print(line);
        statuses.push(EXIT.done);
      } catch (error) {
        around.signal.throwIfAborted();
        const { code, kind, message, hint } = asFailure(error);
        const text = around.log.redacted(message);
        if (console.json) {
          const failure = { code, kind, message: text, ...(hint && { hint }) };
          console.print(JSON.stringify({ connection: connection.name, failure }));
        }
        for (const line of `${code}: ${text}${hint ? ` (${hint})` : ""}`.split("\n"))
          console.note(`${connection.name}: ${escapeControls(line)}`);
        statuses.push(statusOfFailure(code, kind));
      }
    }
    return worstOf(statuses);
  });
}

async function planOf(
  connection: ConnectionConfig,
  home: Home,
  around: Surroundings,
): Promise<Plan> {
  const { name } = connection;
  const path = join(home.state, `${name}.json`);
  const keeper = new StateKeeper(path, name, readState(path, name), () => {});
  const run = { connection: name, job: 0, attempt: 0 };
  const ready = await makeReady(
    connection,
    { ...around, limits: connection.limits, run },
    readKnownCatalog(home.path, name),
  );
  const { streams } = await decideAttempt(ready, {
    connection,
    request: SYNC,
    keeper,
    progress: new JobProgress(),
    job: 0,
    home: home.path,
    log: around.log,
  });
  return { connection, ready, streams, state: keeper.state };
}

function planLines({ connection, ready, streams, state }: Plan): string[] {
  const { name, source, destination } = connection;
  const rows = streams.map((stream) => {
    const { configured } = stream;
    return [
      streamLabel(stream.source),
      `${configured.sync_mode}, ${configured.destination_sync_mode}`,
      (configured.cursor_field ?? []).join("."),
      (configured.primary_key ?? []).map((path) => path.join(".")).join(", "),
      streamLabel(stream.destination),
      beginning(stateOf(stream, state)),
    ].map(escapeControls);
  });
  const headings = ["stream", "mode", "cursor", "key", "table", "begins"];
  return [
    `${name}: ${source.name} → ${destination.name}`,
    ...ready.changes.map((change) => `  ${escapeControls(changeText(change))}`),
    ...table(headings, rows).map((line) => `  ${line}`),
  ];
}

function beginning(state: Buffer | undefined): string {
  if (state === undefined) return "at its beginning";
  const text = state.toString("utf8");
  return `behind ${text.length > STATE_CHARS ? `${text.slice(0, STATE_CHARS)}…` : text}`;
}

/** Where a stream goes on from; that of all streams where there is one for all. */
function stateOf(
  { source, configured }: PlannedStream,
  { streams, global, legacy }: ConnectionState,
): Buffer | undefined {
  if (configured.sync_mode === "full_refresh") return undefined;
  return legacy ?? global ?? streams.get(streamKey(source))?.blob;
}

/** States in their own bytes: numbers in them may be larger than JavaScript's. */
function planJson({ connection, ready, streams, state }: Plan): string {
  const parts = streams.map((stream) => {
    const { sync_mode, destination_sync_mode, cursor_field, primary_key } = stream.configured;
    const text = JSON.stringify({
      ...stream.source,
      sync_mode,
      destination_sync_mode,
      cursor_field,
      primary_key,
      destination: stream.destination,
      fields: stream.fields,
      mappers: stream.mappers,
    });
    const blob = stateOf(stream, state);
    return blob ? `${text.slice(0, -1)},"state":${blob.toString("utf8")}}` : text;
  });
  const head = JSON.stringify({
    connection: connection.name,
    source: connection.source.name,
    destination: connection.destination.name,
    destination_remembers: ready.destinationRemembers,
    changes: ready.changes,
  });
  return `${head.slice(0, -1)},"streams":[${parts.join(",")}]}`;
}
