import type { Stream } from "../../protocol/catalog.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { COPY_MODES, type CopyMode } from "./copy-modes.ts";

/** How one table is to be copied. */
export interface Proposal {
  readonly stream: Stream;
  readonly mode: CopyMode;
  /** Undefined where the mode needs none, the source has its own, or none is known. */
  readonly cursor: string | undefined;
  /** Empty where the mode needs none or none is known. */
  readonly key: readonly string[];
}

/** What a proposal lacks before it can be run. */
export type Lack = "incremental" | "cursor" | "key";

/** What a column that tells when its row was changed is mostly called. */
const TIME_OF_CHANGE =
  /^_?(last_?)?(update|updated|modified|modify|modification|change|changed)(_?(at|on|ts|time|date|timestamp))?$/i;

/**
 * How a table may be copied in this mode: with its own key, and with the column as cursor that is
 * called like a time of change. A number that is the whole key finds new rows, and is good enough where
 * only new rows are wanted; it is never taken where changed ones would be missed.
 */
export function propose(
  stream: Stream,
  mode: CopyMode,
  given: { readonly cursor?: string | undefined; readonly key?: readonly string[] } = {},
): Proposal {
  const isIncremental = COPY_MODES[mode].sync_mode === "incremental";
  const ownKey = (stream.source_defined_primary_key ?? []).flatMap((path) => path.slice(0, 1));
  const needsCursor = isIncremental && stream.source_defined_cursor !== true;
  return {
    stream,
    mode,
    cursor: needsCursor ? (given.cursor ?? guessCursor(stream, mode, ownKey)) : undefined,
    key: mode === "merge" ? (given.key ?? ownKey) : [],
  };
}

/** What has to be asked for; undefined when nothing has. */
export function lackOf({ stream, mode, cursor, key }: Proposal): Lack | undefined {
  if (COPY_MODES[mode].sync_mode === "full_refresh") return undefined;
  if (!stream.supported_sync_modes.includes("incremental")) return "incremental";
  if (cursor === undefined && stream.source_defined_cursor !== true) return "cursor";
  return mode === "merge" && key.length === 0 ? "key" : undefined;
}

/** The columns that can be a cursor, those that tell a time of change first. */
export function cursorCandidates(stream: Stream): string[] {
  const columns = columnsOf(stream).filter(([, schema]) => isOrdered(schema));
  const names = columns.map(([name]) => name);
  return [...names.filter(isTimeOfChange), ...names.filter((name) => !isTimeOfChange(name))];
}

/** The names of a stream's columns. */
export function columnNames(stream: Stream): string[] {
  return columnsOf(stream).map(([name]) => name);
}

/** Whether a column is called like one that tells when its row was changed. */
export function isTimeOfChange(column: string): boolean {
  return TIME_OF_CHANGE.test(column);
}

function guessCursor(
  stream: Stream,
  mode: CopyMode,
  ownKey: readonly string[],
): string | undefined {
  const columns = new Map(columnsOf(stream));
  const time = cursorCandidates(stream).find(isTimeOfChange);
  if (time !== undefined || mode !== "append" || ownKey.length !== 1) return time;
  return isInteger(columns.get(ownKey[0]!)) ? ownKey[0] : undefined;
}

function columnsOf(stream: Stream): [string, JsonObject][] {
  return Object.entries((stream.json_schema["properties"] ?? {}) as Record<string, JsonObject>);
}

function isInteger(schema: JsonObject | undefined): boolean {
  return schema?.["airbyte_type"] === "integer" || typesOf(schema).includes("integer");
}

/** Dates, times and numbers: a text may grow with a row's changes, and nobody makes one do so. */
function isOrdered(schema: JsonObject): boolean {
  const { format } = schema;
  const isDate = typeof format === "string" && format.startsWith("date");
  return isDate || typesOf(schema).some((type) => type === "integer" || type === "number");
}

function typesOf(schema: JsonObject | undefined): unknown[] {
  return [schema?.["type"]].flat();
}
