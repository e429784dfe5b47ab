import {
  streamKey,
  streamLabel,
  type Catalog,
  type ConfiguredStream,
  type Stream,
  type StreamDescriptor,
} from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import type { ConnectionConfig, Mapper, StreamSelection } from "../../config/config.ts";
import { didYouMean } from "../../../protocol/nearest-name.ts";
import { naming, targetName } from "./naming.ts";

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

/**
 * Chooses the streams of a connection from what the source offers, and their modes. An entry that
 * names a stream outright wins over one with wildcards; among equals the first in the file. Throws
 * `config.invalid` listing every problem at once.
 *
 * @param isGone whether the stream an entry names was there before: then it is left out, not missed,
 *   as long as anything is left to sync.
 */
export function selectStreams(
  connection: ConnectionConfig,
  catalog: Catalog,
  isGone: (entry: StreamSelection) => boolean = () => false,
): PlannedStream[] {
  const problems: string[] = [];
  const gone: StreamSelection[] = [];
  const chosen = new Map<string, { stream: Stream; entry: StreamSelection }>();
  const byPrecision = [...connection.streams].sort(
    (a, b) => Number(isPattern(a.name)) - Number(isPattern(b.name)),
  );
  for (const entry of byPrecision) {
    const matching = catalog.streams.filter(
      (stream) => matches(entry, stream) && !isExcluded(connection, entry, stream),
    );
    if (matching.length === 0 && isGone(entry) && !isPattern(entry.name)) gone.push(entry);
    else if (matching.length === 0)
      problems.push(`${entry.place}${nothingMatches(entry, catalog)}`);
    for (const stream of matching) {
      const key = streamKey(stream);
      if (!chosen.has(key)) chosen.set(key, { stream, entry });
    }
  }
  // Streams that went away leave the others running; a sync of nothing at all is a mistake.
  if (chosen.size === 0)
    for (const entry of gone) problems.push(`${entry.place}${nothingMatches(entry, catalog)}`);
  const rename = naming(connection.prefix, connection.namespace);
  const planned: PlannedStream[] = [];
  for (const stream of catalog.streams) {
    const entry = chosen.get(streamKey(stream))?.entry;
    if (entry === undefined) continue;
    const configured = configure(stream, entry, problems);
    planned.push({
      source: descriptorOf(stream),
      destination: rename(stream),
      configured,
      ...(entry.mappers && { mappers: entry.mappers }),
      ...(entry.fields && { fields: entry.fields }),
    });
  }
  problems.push(...clashes(planned, connection.name));
  if (problems.length > 0) throw new Failure("config.invalid", problems.join("\n"));
  return planned;
}

function descriptorOf({ name, namespace }: StreamDescriptor): StreamDescriptor {
  return namespace ? { name, namespace } : { name };
}

function isPattern(name: string): boolean {
  return /[*?]/.test(name);
}

/** Whether a connection is about this stream at all. */
export function isSelected(connection: ConnectionConfig, stream: Stream): boolean {
  return connection.streams.some(
    (entry) => matches(entry, stream) && !isExcluded(connection, entry, stream),
  );
}

/** Naming a stream outright includes it, whatever is excluded. */
function isExcluded(
  { exclude }: ConnectionConfig,
  entry: StreamSelection,
  stream: Stream,
): boolean {
  if (!isPattern(entry.name)) return false;
  return exclude.some(
    (pattern) => globMatches(pattern, stream.name) || globMatches(pattern, streamLabel(stream)),
  );
}

export function matches(entry: StreamSelection, stream: Stream): boolean {
  if (entry.namespace !== undefined && !globMatches(entry.namespace, stream.namespace ?? ""))
    return false;
  return globMatches(entry.name, stream.name);
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

function configure(stream: Stream, entry: StreamSelection, problems: string[]): ConfiguredStream {
  const label = streamLabel(stream);
  const problem = (text: string) => problems.push(`${entry.place}stream ${label}: ${text}`);
  const syncMode = entry.sync_mode ?? "full_refresh";
  const destinationMode =
    entry.destination_sync_mode ?? (syncMode === "incremental" ? "append" : "overwrite");
  if (!stream.supported_sync_modes.includes(syncMode))
    problem(
      `the source cannot sync it as ${syncMode}, only as ${stream.supported_sync_modes.join(", ")}`,
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
  if (syncMode === "incremental" && !stream.source_defined_cursor) {
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
  { stream, cursor_field, primary_key }: ConfiguredStream,
  problem: (text: string) => void,
): void {
  if (mapper.type === "filter") return;
  const { field } = mapper;
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
  const wanted = new Set(fields);
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

function clashes(streams: readonly PlannedStream[], connection: string): string[] {
  const owners = new Map<string, PlannedStream>();
  return streams.flatMap((stream) => {
    const key = streamKey(stream.destination);
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
