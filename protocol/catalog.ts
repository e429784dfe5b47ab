import type { JsonObject } from "./json.ts";

/** Names a stream. A missing, null or empty namespace all mean "none". */
export interface StreamDescriptor {
  name: string;
  namespace?: string | null;
}

export type SyncMode = "full_refresh" | "incremental";
export type DestinationSyncMode =
  "append" | "overwrite" | "append_dedup" | "update" | "soft_delete" | (string & {});

/** The schema of one column. `x-postgres-type` is ours: the exact type as `format_type` prints it. */
export type PropertySchema = JsonObject & { "x-postgres-type"?: string };

/**
 * Keyword of a stream's `json_schema`, beside `properties`: the names of columns that the source has
 * but may not read now, unlike those that are gone. A sync that knew one of them must not take its
 * values for missing.
 */
export const UNREADABLE_COLUMNS = "x-unreadable-columns";

/** A stream as `discover` announces it. */
export interface Stream {
  name: string;
  namespace?: string | null;
  json_schema: JsonObject;
  supported_sync_modes: SyncMode[];
  source_defined_cursor?: boolean;
  default_cursor_field?: string[];
  source_defined_primary_key?: string[][];
  /** Whether a full refresh can continue after a failure, with state. */
  is_resumable?: boolean;
  is_file_based?: boolean;
}

export interface Catalog {
  streams: Stream[];
}

/** A stream as a sync wants it. */
export interface ConfiguredStream {
  stream: Stream;
  sync_mode: SyncMode;
  destination_sync_mode: DestinationSyncMode;
  cursor_field?: string[];
  primary_key?: string[][];
  /** Rises whenever older data is to be superseded: by a full refresh, or when a user asks for it. */
  generation_id?: number | null;
  /** 0 keeps everything; equal to `generation_id` keeps only this generation. */
  minimum_generation_id?: number | null;
  sync_id?: number | null;
  destination_object_name?: string;
  include_files?: boolean;
}

export interface ConfiguredCatalog {
  streams: ConfiguredStream[];
  /** Ours, for a source: what the destination's spec says under this name. Missing: it does not. */
  supports_change_records?: boolean;
}

/**
 * A key for maps of streams, unambiguous for any two names. Not for display.
 * A missing, null or empty namespace give the same key.
 */
export function streamKey(stream: StreamDescriptor): string {
  return JSON.stringify([stream.namespace || null, stream.name]);
}

/** Whether two names are of one stream. */
export function sameStream(a: StreamDescriptor, b: StreamDescriptor): boolean {
  return streamKey(a) === streamKey(b);
}

/** `namespace.name` for people. */
export function streamLabel(stream: StreamDescriptor): string {
  return stream.namespace ? `${stream.namespace}.${stream.name}` : stream.name;
}

/**
 * The cursor an incremental sync follows: the source's own where it insists, else the chosen one,
 * else the source's suggestion; undefined when there is none.
 */
export function cursorPath(configured: ConfiguredStream): readonly string[] | undefined {
  const { stream } = configured;
  const own = nonEmpty(stream.default_cursor_field);
  return stream.source_defined_cursor ? own : (nonEmpty(configured.cursor_field) ?? own);
}

/** The key of a stream: the chosen one, else the source's own; empty when there is none. */
export function primaryKeyPaths(configured: ConfiguredStream): readonly (readonly string[])[] {
  return nonEmpty(configured.primary_key) ?? configured.stream.source_defined_primary_key ?? [];
}

function nonEmpty<T>(list: readonly T[] | null | undefined): readonly T[] | undefined {
  return list && list.length > 0 ? list : undefined;
}
