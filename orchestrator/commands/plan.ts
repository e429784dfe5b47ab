import { streamKey, streamLabel } from "../../protocol/catalog.ts";
import { asFailure, failureText } from "../../protocol/errors.ts";
import type { ConnectionConfig } from "../config/config.ts";
import type { Invocation } from "../invocation.ts";
import { failureFacts } from "../output/console.ts";
import { escapeControls } from "../escape.ts";
import { table } from "../output/table.ts";
import type { ConnectionState } from "../store/state-file.ts";
import type { Preview } from "../sync/preview.ts";
import type { PlannedStream } from "../sync/streams/select-streams.ts";
import type { Command } from "./command.ts";
import { EXIT, statusOfFailure, worstOf } from "./exit-status.ts";

/** Most of a state shown in a table, in characters. */
const STATE_CHARS = 60;

export const plan: Command = {
  name: "plan",
  arguments: "[connection...]",
  description: "show what a sync would do: streams, modes, tables, schema changes, positions",
  examples: ["syncline plan", "syncline plan orders --json | jq '.streams[].destination'"],
  run: showPlans,
};

/** Shows what a sync would do, and changes nothing: a table, or with `--json` an object, for each. */
async function showPlans(invocation: Invocation, names: readonly string[]): Promise<number> {
  const connections = await invocation.connections(names);
  const home = await invocation.home();
  const { console } = invocation;
  const [{ withSurroundings }, { previewSync }] = await Promise.all([
    import("./ask-connectors.ts"),
    import("../sync/preview.ts"),
  ]);
  return withSurroundings(invocation, async (surroundings) => {
    const statuses: number[] = [];
    for (const connection of connections) {
      const around = surroundings();
      try {
        const preview = await previewSync(connection, home, around);
        if (console.json) console.print(planJson(connection, preview));
        else for (const line of planLines(connection, preview)) console.print(line);
        statuses.push(statusOf(preview));
      } catch (error) {
        around.signal.throwIfAborted();
        const failure = asFailure(error);
        const { code, kind, hint } = failure;
        const message = around.log.redacted(failure.message);
        if (console.json) {
          const facts = failureFacts({ code, kind, message, hint });
          console.print(JSON.stringify({ connection: connection.name, failure: facts }));
        }
        for (const line of failureText({ code, message, hint }).split("\n"))
          console.note(`${connection.name}: ${escapeControls(line)}`);
        statuses.push(statusOfFailure(code, kind));
      }
    }
    return worstOf(statuses);
  });
}

/** What a sync would end with, as far as can be told. */
function statusOf({ streams, leftOut }: Preview): number {
  if (leftOut.length > 0 && streams.length > 0) return EXIT.partial;
  return worstOf(leftOut.map(({ failure: { code, kind } }) => statusOfFailure(code, kind)));
}

function planLines(
  connection: ConnectionConfig,
  { changes, streams, leftOut, state }: Preview,
): string[] {
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
    ...changes.map((change) => `  ${escapeControls(change)}`),
    ...table(headings, rows).map((line) => `  ${line}`),
    ...leftOut.map(
      ({ source, failure }) =>
        `  ${escapeControls(`not synced: ${streamLabel(source)}: ${failureText(failure)}`)}`,
    ),
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
function planJson(
  connection: ConnectionConfig,
  { ready, streams, leftOut, state }: Preview,
): string {
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
    left_out: leftOut.map(({ source, failure }) => ({
      ...source,
      failure: failureFacts(failure),
    })),
  });
  return `${head.slice(0, -1)},"streams":[${parts.join(",")}]}`;
}
