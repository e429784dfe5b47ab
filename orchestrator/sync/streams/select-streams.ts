import {
  streamKey,
  streamLabel,
  type Catalog,
  type ConfiguredStream,
  type DestinationSyncMode,
  type Stream,
  type StreamDescriptor,
  type SyncMode,
} from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import type { ConnectionConfig, Mapper, StreamSelection } from "../../config/config.ts";
import { didYouMean } from "../../../protocol/nearest-name.ts";
import { areChanges, changeColumns, withChangeColumns } from "./change-streams.ts";
import { leftOut, type LeftOut } from "./left-out.ts";
import { naming, tableKey, targetName } from "./naming.ts";

/** A stream of a sync: as the source has it, how it is synced, and its name at the destination. */
export interface PlannedStream {
  readonly source: StreamDescriptor;
  readonly destination: StreamDescriptor;
  /** Without generations: those come from the state. */
  readonly configured: ConfiguredStream;
  readonly mappers?: readonly Mapper[];
  /** The columns that may pass; undefined: all. */
  readonly fields?: readonly string[];
}

/** The streams of a connection, and those of it that cannot be synced. */
export interface Selection {
  readonly streams: readonly PlannedStream[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * Chooses the streams of a connection from what the source offers, and their modes. An entry that
 * names a stream outright wins over one with wildcards, one that also names the namespace over one
 * that does not; among equals the first in the file.
 *
 * What is wrong with one stream is that stream's failure, and the others are synced: `stream.missing`
 * for one that the source does not have (any more), `config.invalid` for one that cannot be synced as
 * the configuration says. Throws `config.invalid`, listing every problem at once, where nothing is
 * left to sync, or where streams get into each other's way.
 *
 * @param defaultNamespace where the destination puts streams without a namespace, if that is known.
 */
export function selectStreams(
  connection: ConnectionConfig,
  catalog: Catalog,
  defaultNamespace?: string,
): Selection {
  const leftOuts: LeftOut[] = [];
  const chosen = new Map<string, StreamSelection>();
  for (const entry of byPrecision(connection.streams)) {
    const named = catalog.streams.filter((stream) => matches(entry, stream));
    const isByName = named.some((stream) => globMatches(entry.name, stream.name));
    const matching = named.filter(
      (stream) =>
        (!isByName || globMatches(entry.name, stream.name)) &&
        !isExcluded(connection, entry, stream),
    );
    if (matching.length === 0) leftOuts.push(missing(entry, catalog));
    for (const stream of matching) {
      const key = streamKey(stream);
      if (!chosen.has(key)) chosen.set(key, entry);
    }
  }
  const rename = naming(connection.prefix, connection.namespace);
  const planned: PlannedStream[] = [];
  for (const stream of catalog.streams) {
    const entry = chosen.get(streamKey(stream));
    if (entry === undefined) continue;
    const problems: string[] = [];
    const configured = configure(stream, entry, problems);
    if (problems.length > 0) leftOuts.push(leftOut(stream, "config.invalid", problems.join("\n")));
    else
      planned.push({
        source: descriptorOf(stream),
        destination: rename(stream),
        configured,
        ...(entry.mappers && { mappers: entry.mappers }),
        ...(entry.fields && { fields: withChangeColumns(configured, entry.fields) }),
      });
  }
  const problems = clashes(planned, connection.name, defaultNamespace);
  if (planned.length === 0) problems.push(...leftOuts.map(({ failure }) => failure.message));
  if (problems.length > 0) throw new Failure("config.invalid", problems.join("\n"));
  return { streams: planned, leftOut: leftOuts };
}

function byPrecision(entries: readonly StreamSelection[]): StreamSelection[] {
  const vagueness = ({ name, namespace }: StreamSelection) =>
    isPattern(name) ? 2 : namespace === undefined || isPattern(namespace) ? 1 : 0;
  return entries.toSorted((a, b) => vagueness(a) - vagueness(b));
}

function descriptorOf({ name, namespace }: StreamDescriptor): StreamDescriptor {
  return namespace ? { name, namespace } : { name };
}

function isPattern(name: string): boolean {
  return /[*?]/.test(name);
}

/** Whether an entry of a connection names this stream outright. */
export function isNamed({ streams }: ConnectionConfig, stream: Stream): boolean {
  return streams.some((entry) => !isPattern(entry.name) && matches(entry, stream));
}

/** Whether a connection is about this stream at all. */
export function isSelected(connection: ConnectionConfig, stream: StreamDescriptor): boolean {
  return connection.streams.some(
    (entry) => matches(entry, stream) && !isExcluded(connection, entry, stream),
  );
}

/** Naming a stream outright includes it, whatever is excluded. */
function isExcluded(
  { exclude }: ConnectionConfig,
  entry: StreamSelection,
  stream: StreamDescriptor,
): boolean {
  if (!isPattern(entry.name)) return false;
  return [...exclude, ...(entry.exclude ?? [])].some((pattern) => matchesName(pattern, stream));
}

/** Whether a pattern is about a stream's name, or that with its namespace before it. */
export function matchesName(pattern: string, stream: StreamDescriptor): boolean {
  return globMatches(pattern, stream.name) || globMatches(pattern, streamLabel(stream));
}

function matches(entry: StreamSelection, stream: StreamDescriptor): boolean {
  if (entry.namespace === undefined)
    // `public.orders` is how streams are called everywhere else.
    return (
      globMatches(entry.name, stream.name) ||
      (entry.name.includes(".") && matchesName(entry.name, stream))
    );
  return (
    globMatches(entry.namespace, stream.namespace ?? "") && globMatches(entry.name, stream.name)
  );
}

/** Shell-like: `*` any text, `?` one character. Linear time, whatever the pattern. */
export function globMatches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let retry = 0;
  while (t < text.length) {
    if (p < pattern.length && pattern[p] === "*") {
      star = p++;
      retry = t;
    } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++retry;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

function missing(entry: StreamSelection, catalog: Catalog): LeftOut {
  const message = `${entry.place}${nothingMatches(entry, catalog)}`;
  const hint =
    "let the source's user read it, call it what the source calls it now, or take it out of `streams`; the rows that were synced of it stay";
  return leftOut(entry, "stream.missing", message, { hint, origin: "source" });
}

function nothingMatches(entry: StreamSelection, catalog: Catalog): string {
  const offered = catalog.streams.length;
  const label = streamLabel(entry);
  if (offered === 0)
    return `${label} is not there: the source offers no streams, it sees no table it may read`;
  if (isPattern(entry.name)) return `${label} matches none of the source's ${offered} streams`;
  const elsewhere = catalog.streams.filter((stream) => stream.name === entry.name);
  const hint =
    elsewhere.length > 0
      ? `; there is ${elsewhere.map(streamLabel).join(", ")}`
      : didYouMean(
          entry.name,
          catalog.streams.map((stream) => stream.name),
        );
  return `the source has no stream ${label}${hint}`;
}

/** How an entry has its streams synced. */
export function modesOf({ sync_mode, destination_sync_mode }: StreamSelection): {
  readonly sync: SyncMode;
  readonly destination: DestinationSyncMode;
} {
  const sync = sync_mode ?? "full_refresh";
  return {
    sync,
    destination: destination_sync_mode ?? (sync === "incremental" ? "append" : "overwrite"),
  };
}

function configure(stream: Stream, entry: StreamSelection, problems: string[]): ConfiguredStream {
  const label = streamLabel(stream);
  const problem = (text: string) => problems.push(`${entry.place}stream ${label}: ${text}`);
  const { sync: syncMode, destination: destinationMode } = modesOf(entry);
  const isSupported = stream.supported_sync_modes.includes(syncMode);
  if (!isSupported)
    problem(
      `the source cannot sync it as ${syncMode}, only as ${stream.supported_sync_modes.join(", ")} (\`syncline discover\` may say why)`,
    );
  if (syncMode === "incremental" && destinationMode === "overwrite")
    problem(
      "incremental with overwrite would keep the newest rows only; use append or append_dedup",
    );

  const configured: ConfiguredStream = {
    stream,
    sync_mode: syncMode,
    destination_sync_mode: destinationMode,
  };
  const cursor = cursorOf(stream, entry);
  if (cursor) configured.cursor_field = cursor;
  if (isSupported && syncMode === "incremental" && !stream.source_defined_cursor) {
    if (!cursor)
      problem("incremental needs a cursor_field: the column that grows with every change");
    else if (!hasColumn(stream, cursor))
      problem(`cursor_field: no column ${cursor.join(".")}${suggestion(stream, cursor)}`);
  }
  const key = entry.primary_key?.map((path) => [...path]) ?? stream.source_defined_primary_key;
  if (key && key.length > 0) configured.primary_key = key;
  if (destinationMode === "append_dedup" && !configured.primary_key)
    problem("append_dedup needs a primary_key: the columns that identify a row");
  for (const path of entry.primary_key ?? [])
    if (!hasColumn(stream, path))
      problem(`primary_key: no column ${path.join(".")}${suggestion(stream, path)}`);
  for (const mapper of entry.mappers ?? []) checkMapper(mapper, configured, problem);
  if (entry.fields) configured.stream = withFields(configured, entry.fields, problem);
  return configured;
}

function checkMapper(
  mapper: Mapper,
  { stream, sync_mode, cursor_field, primary_key }: ConfiguredStream,
  problem: (text: string) => void,
): void {
  const isOfChanges = areChanges({ stream, sync_mode });
  if (mapper.type === "filter") {
    if (isOfChanges)
      problem("mappers: changes cannot be filtered: a deletion says only which row it is of");
    return;
  }
  const { field } = mapper;
  if (isOfChanges && changeColumns(stream).includes(field))
    problem(`mappers: ${field} says what a change was, and must stay as it is`);
  if (!hasColumn(stream, [field]))
    problem(`mappers: no column ${field}${suggestion(stream, [field])}`);
  if (cursor_field?.[0] === field || primary_key?.some((path) => path[0] === field))
    problem(`mappers: ${field} is the cursor or part of the key and must stay as it is`);
  const target = targetName(mapper);
  if (target !== undefined && target !== field && columnsOf(stream).includes(target))
    problem(`mappers: there is a column ${target} already`);
}

/** The stream with the chosen columns only. */
function withFields(
  { stream, cursor_field, primary_key, sync_mode, destination_sync_mode }: ConfiguredStream,
  fields: readonly string[],
  problem: (text: string) => void,
): Stream {
  const all = new Map(
    Object.entries((stream.json_schema["properties"] as object | undefined) ?? {}),
  );
  const wanted = new Set(withChangeColumns({ stream, sync_mode }, fields));
  for (const field of wanted)
    if (!all.has(field)) problem(`fields: no column ${field}${suggestion(stream, [field])}`);
  const cursor = sync_mode === "incremental" ? cursor_field?.[0] : undefined;
  const keys = destination_sync_mode === "append_dedup" ? (primary_key ?? []) : [];
  for (const column of [cursor, ...keys.map((path) => path[0])])
    if (column !== undefined && !wanted.has(column))
      problem(`fields: ${column} cannot be left out, the cursor and the key need it`);
  const kept = [...all].filter(([column]) => wanted.has(column));
  const properties = Object.fromEntries(kept) as Record<string, never>;
  return { ...stream, json_schema: { ...stream.json_schema, properties } };
}

function cursorOf(stream: Stream, entry: StreamSelection): string[] | undefined {
  const isSet = (path: readonly string[] | undefined) =>
    path && path.length > 0 ? [...path] : undefined;
  if (stream.source_defined_cursor) return isSet(stream.default_cursor_field);
  return isSet(entry.cursor_field) ?? isSet(stream.default_cursor_field);
}

function columnsOf(stream: Stream): string[] {
  return Object.keys((stream.json_schema["properties"] as object | undefined) ?? {});
}

function hasColumn(stream: Stream, path: readonly string[]): boolean {
  const columns = columnsOf(stream);
  // A source that does not say its columns cannot be held to them.
  return columns.length === 0 || columns.includes(path[0]!);
}

function suggestion(stream: Stream, path: readonly string[]): string {
  const columns = columnsOf(stream);
  return didYouMean(path[0]!, columns) || ` (columns: ${columns.slice(0, 30).join(", ")})`;
}

function clashes(
  streams: readonly PlannedStream[],
  connection: string,
  defaultNamespace: string | undefined,
): string[] {
  const owners = new Map<string, PlannedStream>();
  return streams.flatMap((stream) => {
    const key = tableKey(stream.destination, defaultNamespace);
    const owner = owners.get(key);
    if (owner === undefined) {
      owners.set(key, stream);
      return [];
    }
    return [
      `connection ${connection}: ${streamLabel(owner.source)} and ${streamLabel(stream.source)} would both be written to ${streamLabel(stream.destination)}; set namespace: source, or a format with \${SOURCE_NAMESPACE}`,
    ];
  });
}
