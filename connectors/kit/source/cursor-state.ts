import type { StreamDescriptor } from "../../../protocol/catalog.ts";
import {
  isNullAt,
  type Members,
  membersOf,
  type Span,
  textAt,
} from "../../../protocol/json-scan.ts";
import type { JsonObject } from "../../../protocol/json.ts";

/** How far a stream was read, told by the greatest value of one of its fields. */
export interface CursorState {
  /** Undefined when the state names none. */
  readonly field: string | undefined;
  /** The value as the system prints it; undefined when no row was ever read. */
  readonly cursor: string | undefined;
  /** Rows that had the value; undefined when nobody counted. */
  readonly recordCount?: number | undefined;
}

/** The state as Airbyte's database sources write it, in version 2; other fields may be added to it. */
export function printCursorState(
  { name, namespace }: StreamDescriptor,
  { field, cursor, recordCount }: CursorState,
): JsonObject {
  return {
    state_type: "cursor_based",
    version: 2,
    stream_name: name,
    stream_namespace: namespace || null,
    ...(field === undefined ? {} : { cursor_field: [field] }),
    ...(cursor === undefined ? {} : { cursor }),
    ...(recordCount === undefined ? {} : { cursor_record_count: recordCount }),
  };
}

/**
 * Reads such a state, also in version 3 (`{"cursors":{"field":value}}`, where the value may be a
 * number of many digits) and from before versions were counted; undefined when it tells no cursor.
 */
export function readCursorState(blob: Buffer): CursorState | undefined {
  const members = membersOf(blob, 0, blob.length);
  const cursors = members?.of("cursors");
  const values = cursors && membersOf(blob, cursors.start, cursors.end);
  if (values !== undefined) return newestForm(blob, cursors!, values);
  const state = JSON.parse(blob.toString("utf8")) as JsonObject;
  const { cursor_field: path, cursor_record_count: count } = state;
  const cursor = members?.of("cursor");
  if (path === undefined) return undefined;
  const field = Array.isArray(path) ? path[0] : path;
  return {
    field: typeof field === "string" ? field : undefined,
    cursor: cursor && valueAt(blob, cursor),
    recordCount: typeof count === "number" ? count : undefined,
  };
}

function newestForm(blob: Buffer, span: Span, values: Members): CursorState | undefined {
  const [field] = Object.keys(JSON.parse(blob.toString("utf8", span.start, span.end)) as object);
  const value = field === undefined ? undefined : values.of(field);
  const cursor = value && valueAt(blob, value);
  return cursor === undefined ? undefined : { field, cursor };
}

/** A value as the system prints it, be it spelled as a text or as a number; undefined for null. */
function valueAt(blob: Buffer, span: Span): string | undefined {
  if (isNullAt(blob, span)) return undefined;
  return textAt(blob, span) ?? blob.toString("utf8", span.start, span.end);
}
