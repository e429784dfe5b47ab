import {
  streamKey,
  streamLabel,
  UNREADABLE_COLUMNS,
  type Catalog,
  type Stream,
} from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import type { ConnectionConfig } from "../../config/config.ts";
import type { GoneStream, KnownCatalog } from "../../store/known-catalog.ts";
import { isNamed, isSelected } from "./select-streams.ts";

/** What is different at the source since the last sync. */
export interface SchemaChange {
  readonly kind:
    "stream added" | "stream removed" | "column added" | "column removed" | "type changed";
  readonly stream: string;
  readonly column?: string;
}

/** The streams a sync may use, and what changed on the way there. */
export interface ApprovedSchema {
  readonly catalog: Catalog;
  readonly changes: readonly SchemaChange[];
}

/**
 * Compares what the source offers with what the connection last worked with, and decides by policy:
 *
 * - propagate: everything is taken over;
 * - propagate_columns: columns are taken over, new streams only if they are named outright;
 * - ignore: streams stay as they were known, less what is gone, and with those named since;
 * - pause: any change stops the connection with `config.invalid`.
 *
 * A stream or column that is gone stays in the destination and gets nothing new. A column that is
 * there and may not be read any more is kept under every policy: the source then fails its stream,
 * which an overwrite would else empty of its values. A stream that is named, and a lost cursor or key,
 * is missed when streams are configured.
 *
 * @param known the streams of the last sync; undefined at the first.
 */
export function approveSchema(
  found: Catalog,
  known: KnownCatalog | undefined,
  connection: ConnectionConfig,
): ApprovedSchema {
  const policy = connection.schemaChanges;
  if (known === undefined) return { catalog: found, changes: [] };
  const before = new Map(known.streams.map((stream) => [streamKey(stream), stream]));
  const now = new Map(found.streams.map((stream) => [streamKey(stream), stream]));
  const changes: SchemaChange[] = [];
  for (const stream of known.streams)
    if (!now.has(streamKey(stream)) && isSelected(connection, stream))
      changes.push({ kind: "stream removed", stream: streamLabel(stream) });
  const streams = found.streams.flatMap((offered) => {
    if (!isSelected(connection, offered)) return [offered];
    const old = before.get(streamKey(offered));
    const stream = old === undefined ? offered : withUnreadable(old, offered);
    if (old === undefined) {
      changes.push({ kind: "stream added", stream: streamLabel(stream) });
      return policy === "propagate" || isNamed(connection, stream) ? [stream] : [];
    }
    changes.push(...columnChanges(old, stream));
    return [policy === "ignore" ? asKnown(old, stream) : stream];
  });
  if (policy === "pause" && changes.length > 0)
    throw new Failure(
      "config.invalid",
      `connection ${connection.name} is paused: the source's schema changed\n${changes.map(changeText).join("\n")}`,
      {
        hint: "`syncline sync --accept-changes` takes the changes over; schema_changes: propagate does so always",
      },
    );
  return { catalog: { ...found, streams }, changes };
}

/** What the next sync compares with: the selected streams as they were used now. */
export function catalogToKnow(
  connection: ConnectionConfig,
  used: Catalog,
): Pick<KnownCatalog, "streams"> {
  return { streams: used.streams.filter((stream) => isSelected(connection, stream)) };
}

/**
 * The streams that are gone and that nobody has taken note of: those of before, and those that the
 * source lacks since, unless they are back or the connection is not about them any more. What is named
 * outright fails each time, and needs no note.
 */
export function goneStreams(
  connection: ConnectionConfig,
  known: KnownCatalog | undefined,
  found: Catalog,
  now: () => string,
): GoneStream[] {
  if (known === undefined || connection.acceptsChanges) return [];
  const there = new Set(found.streams.map(streamKey));
  const before = new Map((known.gone ?? []).map((gone) => [streamKey(gone.stream), gone]));
  for (const { name, namespace } of known.streams) {
    const stream = namespace ? { name, namespace } : { name };
    if (!before.has(streamKey(stream))) before.set(streamKey(stream), { stream, since: now() });
  }
  return [...before.values()].filter(({ stream }) => {
    const one = { ...stream, json_schema: {}, supported_sync_modes: [] };
    return (
      !there.has(streamKey(stream)) && isSelected(connection, one) && !isNamed(connection, one)
    );
  });
}

/** `+ public.orders.total: column added`. */
export function changeText({ kind, stream, column }: SchemaChange): string {
  const sign = kind.endsWith("added") ? "+" : kind.endsWith("removed") ? "-" : "~";
  return `${sign} ${stream}${column === undefined ? "" : `.${column}`}: ${kind}`;
}

function columnsOf(stream: Stream): Map<string, unknown> {
  return new Map(Object.entries((stream.json_schema["properties"] as object | undefined) ?? {}));
}

function columnChanges(old: Stream, stream: Stream): SchemaChange[] {
  const before = columnsOf(old);
  const now = columnsOf(stream);
  const label = streamLabel(stream);
  const changes: SchemaChange[] = [];
  for (const [column, schema] of now)
    if (!before.has(column)) changes.push({ kind: "column added", stream: label, column });
    else if (JSON.stringify(before.get(column)) !== JSON.stringify(schema))
      changes.push({ kind: "type changed", stream: label, column });
  for (const column of before.keys())
    if (!now.has(column)) changes.push({ kind: "column removed", stream: label, column });
  return changes;
}

/** The stream with the columns it had, as far as they are still there. */
function asKnown(old: Stream, stream: Stream): Stream {
  const now = columnsOf(stream);
  const kept = [...columnsOf(old)].filter(([column]) => now.has(column));
  const properties = Object.fromEntries(kept) as Record<string, never>;
  return { ...stream, json_schema: { ...stream.json_schema, properties } };
}

/** The stream with those columns it had that may not be read any more. */
function withUnreadable(old: Stream, stream: Stream): Stream {
  const unreadable = new Set(stream.json_schema[UNREADABLE_COLUMNS] as string[] | undefined);
  const withheld = [...columnsOf(old)].filter(([column]) => unreadable.has(column));
  if (withheld.length === 0) return stream;
  const properties = Object.fromEntries([...columnsOf(stream), ...withheld]) as Record<
    string,
    never
  >;
  const { supported_sync_modes, source_defined_primary_key } = old;
  return {
    ...stream,
    // What its columns made possible.
    supported_sync_modes,
    ...(source_defined_primary_key && { source_defined_primary_key }),
    json_schema: { ...stream.json_schema, properties },
  };
}
