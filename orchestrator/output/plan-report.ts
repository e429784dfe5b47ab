import { streamKey, streamLabel } from "../../protocol/catalog.ts";
import { failureText } from "../../protocol/errors.ts";
import type { PlanStep } from "../../protocol/messages.ts";
import type { ConnectionConfig } from "../config/config.ts";
import { escapeControls } from "../escape.ts";
import { blobIn, readGlobal } from "../store/global-state.ts";
import type { ConnectionState } from "../store/state-file.ts";
import type { Preview } from "../sync/preview.ts";
import type { PlannedStream } from "../sync/streams/select-streams.ts";
import { whyAtBeginning } from "../sync/why-at-beginning.ts";
import { failureFacts } from "./console.ts";
import { logPosition } from "./log-position.ts";
import { positionText } from "./positions.ts";
import { byteSize, grouped, table } from "./table.ts";

/** Most of a state shown in a table, in characters. */
const STATE_CHARS = 60;

/** Most columns of a difference that are shown. */
const SHOWN_COLUMNS = 20;

/** What a sync would do, for people. */
export function planLines(connection: ConnectionConfig, preview: Preview): string[] {
  const { changes, streams, leftOut, state, outlook } = preview;
  const { name, source, destination } = connection;
  const rows = streams.map((stream) => {
    const { configured } = stream;
    return [
      streamLabel(stream.source),
      `${configured.sync_mode}, ${configured.destination_sync_mode}`,
      (configured.cursor_field ?? []).join("."),
      (configured.primary_key ?? []).map((path) => path.join(".")).join(", "),
      streamLabel(stream.destination),
      beginning(stateOf(stream, state), configured.cursor_field),
    ].map(escapeControls);
  });
  const headings = ["stream", "mode", "cursor", "key", "table", "begins"];
  const refusals = leftOut.map(
    ({ source: stream, failure }) => `not synced: ${streamLabel(stream)}: ${failureText(failure)}`,
  );
  const told = [
    ...outlook.steps.flatMap(stepLines),
    ...streams.flatMap((stream) => streamLines(stream, preview)),
    ...preview.notes.map((note) => `note: ${note}`),
    ...outlook.unknown.map((what) => `not known: ${what}`),
  ];
  return [
    `${name}: ${source.name} → ${destination.name}`,
    ...changes.map((change) => `  ${escapeControls(change)}`),
    ...table(headings, rows).map((line) => `  ${line}`),
    ...[...refusals, ...told].map((line) => `  ${escapeControls(line)}`),
  ];
}

function streamLines(stream: PlannedStream, { outlook, before, state }: Preview): string[] {
  const { rows, bytes, steps, notes } = outlook.of(stream);
  const isAnew = stateOf(stream, state) === undefined;
  const amounts = [
    ...(rows === undefined ? [] : [`about ${grouped(rows)} ${rows === 1 ? "row" : "rows"}`]),
    ...(bytes === undefined ? [] : [byteSize(bytes)]),
  ];
  const why = whyAtBeginning(stream, before.get(streamKey(stream.source)));
  const isWorthTelling = isAnew && stream.configured.sync_mode === "incremental";
  const lines = [
    ...(isWorthTelling ? [`begins at its beginning: ${why}`] : []),
    ...steps.flatMap(stepLines),
    ...notes.map((note) => `note: ${note}`),
  ];
  // How much there is behind a position nobody knows.
  const amount = amounts.length === 0 ? "" : ` ${isAnew ? "" : "at most "}${amounts.join(", ")}`;
  if (lines.length === 0 && amount === "") return [];
  return [`${streamLabel(stream.source)}:${amount}`, ...lines.map((line) => `  ${line}`)];
}

function stepLines({ action, statements, columns = [] }: PlanStep): string[] {
  // What creates a table says its columns itself.
  const changed = /^create /i.test(statements[0] ?? "") ? [] : columns;
  const shown = changed.slice(0, SHOWN_COLUMNS).map(({ name, from, to }) => {
    if (from === null) return `  + ${name} ${to}`;
    return to === null ? `  - ${name} ${from}` : `  ~ ${name} ${from} → ${to}`;
  });
  const more = changed.length - shown.length;
  return [
    action,
    ...shown,
    ...(more > 0 ? [`  … and ${more} columns more`] : []),
    ...statements.map((text) => `  + ${oneLine(text)}`),
  ];
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

function beginning(state: Buffer | undefined, cursorField: readonly string[] | undefined): string {
  const text = positionText(state, cursorField);
  if (!text.startsWith("{")) return text;
  return `behind ${text.length > STATE_CHARS ? `${text.slice(0, STATE_CHARS)}…` : text}`;
}

/** Where a stream goes on from; that of all streams where there is one for all, which tells more. */
function stateOf(
  { source, configured }: PlannedStream,
  { streams, global, legacy }: ConnectionState,
): Buffer | undefined {
  if (configured.sync_mode === "full_refresh") return undefined;
  if (global && logPosition(readGlobal(global).shared)) return blobIn(global, source);
  return legacy ?? global ?? streams.get(streamKey(source))?.blob;
}

/** The same for programs. States in their own bytes: numbers in them may be larger than JavaScript's. */
export function planJson(connection: ConnectionConfig, preview: Preview): string {
  const { ready, streams, leftOut, state, outlook, before } = preview;
  const parts = streams.map((stream) => {
    const { sync_mode, destination_sync_mode, cursor_field, primary_key } = stream.configured;
    const blob = stateOf(stream, state);
    const { rows, bytes, steps, notes } = outlook.of(stream);
    const text = JSON.stringify({
      ...stream.source,
      sync_mode,
      destination_sync_mode,
      cursor_field,
      primary_key,
      destination: stream.destination,
      fields: stream.fields,
      mappers: stream.mappers,
      row_estimate: rows,
      byte_estimate: bytes,
      steps,
      notes,
      at_beginning_because: blob
        ? undefined
        : whyAtBeginning(stream, before.get(streamKey(stream.source))),
    });
    return blob ? `${text.slice(0, -1)},"state":${blob.toString("utf8")}}` : text;
  });
  const head = JSON.stringify({
    connection: connection.name,
    source: connection.source.name,
    destination: connection.destination.name,
    destination_remembers: ready.destinationRemembers,
    changes: ready.changes,
    steps: outlook.steps,
    notes: preview.notes,
    not_known: outlook.unknown,
    left_out: leftOut.map(({ source, failure }) => ({
      ...source,
      failure: failureFacts(failure),
    })),
  });
  return `${head.slice(0, -1)},"streams":[${parts.join(",")}]}`;
}
