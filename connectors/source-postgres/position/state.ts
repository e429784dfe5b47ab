import { type StreamDescriptor, streamKey } from "../../../protocol/catalog.ts";
import { membersOf, textAt } from "../../../protocol/json-members.ts";
import type { JsonObject } from "../../../protocol/messages.ts";
import { type DeliveredRows, readDeliveredRows } from "./delivered-rows.ts";
import { readStateFile } from "../../../protocol/state-file.ts";

/** A cursor that a read has reached. */
export interface FormerCursor {
  readonly cursor: string;
  /** Milliseconds since the Unix epoch, by the database's clock. */
  readonly reachedAt: number;
}

/** Where a stream stands. */
export interface StreamPosition {
  /** Who can go on from it: the two methods of incremental streams, a full refresh, or nobody. */
  readonly kind: "cursor" | "xmin" | "refresh" | "unusable";
  /** Why nobody can go on from it. */
  readonly why?: string;
  readonly cursorField: string | undefined;
  /** The cursor as the database prints it; undefined when no row was ever read. */
  readonly cursor: string | undefined;
  /** In a first load or refresh that is not finished: the last row read, in the order stored. */
  readonly ctid: string | undefined;
  /** Of a refresh: how many rows at or before `ctid` are delivered. */
  readonly deliveredCount?: number;
  /** Rows that had the cursor's value; undefined when nobody counted. */
  readonly cursorRecordCount: number | undefined;
  /** Lowest cursor value that a row committed late can have; undefined: any. */
  readonly lateFrom: string | undefined;
  /** In order of time, from `lateFrom` on where that is known; only of cursors that are no dates. */
  readonly formerCursors: readonly FormerCursor[];
  /** Undefined in the states of other sources, and for relations without row versions. */
  readonly rows: DeliveredRows | undefined;
  /** The blob it was read from. */
  readonly blob: JsonObject;
}

/**
 * Finds the position of each stream in what `read --state` was given: our own states, and those of
 * Airbyte's source: by cursor of version 2, version 3 and LEGACY, by xmin of version 2. Throws
 * `state.invalid`.
 *
 * A finished full refresh gives no position. Other states (change data capture, loads by ctid that
 * Airbyte's source did not finish) are `unusable`: the stream starts at its beginning, which repeats
 * rows rather than losing any.
 */
export function readPositions(
  file: Buffer | undefined,
): (stream: StreamDescriptor) => StreamPosition | undefined {
  const saved = readStateFile(file);
  const legacy = saved.data === undefined ? [] : legacyStreams(saved.data);
  return (stream) => {
    const blob = saved.streams.get(streamKey(stream))?.blob;
    if (blob !== undefined) return positionOf(blob);
    const found = legacy.find(
      (entry) =>
        entry["stream_name"] === stream.name &&
        (entry["stream_namespace"] || null) === (stream.namespace || null),
    );
    return found === undefined ? undefined : cursorPosition(found);
  };
}

function legacyStreams(data: Buffer): JsonObject[] {
  const outer = JSON.parse(data.toString("utf8")) as JsonObject;
  const inner = (isObject(outer["state"]) ? outer["state"] : outer)["streams"];
  return Array.isArray(inner) ? inner.filter(isObject) : [];
}

function positionOf(bytes: Buffer): StreamPosition | undefined {
  const blob = JSON.parse(bytes.toString("utf8")) as JsonObject | null;
  if (!isObject(blob)) return undefined;
  switch (blob["state_type"]) {
    case "xmin":
      return isObject(blob["snapshot"])
        ? { ...cursorPosition(blob), kind: "xmin" }
        : transactionPosition(blob, blob);
    case "ctid":
      return unfinishedPosition(blob);
    case "ctid_based":
      return typeof blob["ctid"] === "string" ? unusable(blob, UNFINISHED) : undefined;
    case "full_refresh":
      return undefined;
    case "cursor_based":
    case undefined:
      break;
    default:
      return unusable(blob, "the state is of a kind that this source does not write");
  }
  if (isObject(blob["cursors"])) return versionThree(bytes, blob, blob["cursors"]);
  return blob["cursor_field"] === undefined ? undefined : cursorPosition(blob);
}

function cursorPosition(blob: JsonObject): StreamPosition {
  const field = blob["cursor_field"];
  const cursorField = Array.isArray(field) ? field[0] : field;
  const { cursor, cursor_record_count: count, late_from: lateFrom, ctid } = blob;
  return {
    kind: "cursor",
    cursorField: typeof cursorField === "string" ? cursorField : undefined,
    cursor: typeof cursor === "string" ? cursor : undefined,
    ctid: typeof ctid === "string" && /^\(\d+,\d+\)$/.test(ctid) ? ctid : undefined,
    cursorRecordCount: typeof count === "number" ? count : undefined,
    lateFrom: typeof lateFrom === "string" ? lateFrom : undefined,
    formerCursors: formerCursors(blob["former_cursors"]),
    rows: isObject(blob["snapshot"]) ? readDeliveredRows(blob["snapshot"]) : undefined,
    blob,
  };
}

const UNFINISHED =
  "the state is of a load that another source did not finish, and does not tell which rows it missed";

/**
 * Of a load in the order rows are stored. Airbyte's source reads it in many snapshots; what it could
 * not see behind its back is known only where it follows transactions.
 */
function unfinishedPosition(blob: JsonObject): StreamPosition {
  const count = blob["delivered_count"];
  if (typeof count === "number")
    return { ...cursorPosition(blob), kind: "refresh", deliveredCount: count };
  const then = blob["incremental_state"];
  return isObject(then) && then["state_type"] === "xmin"
    ? transactionPosition(blob, then)
    : unusable(blob, UNFINISHED);
}

/** Airbyte's: when its read began, all transactions before this 64-bit id had ended. */
function transactionPosition(blob: JsonObject, status: JsonObject): StreamPosition {
  const { xmin_raw_value: id } = status;
  if (typeof id !== "number" || !Number.isSafeInteger(id) || id < 0)
    return unusable(blob, "the state does not say which transactions it has seen");
  const filenode = blob["relation_filenode"];
  return {
    ...cursorPosition(blob),
    kind: "xmin",
    rows: {
      xmin: BigInt(id),
      xmax: BigInt(id),
      next: undefined,
      delivered: [],
      place: undefined,
      filenode: typeof filenode === "number" ? filenode : undefined,
    },
  };
}

function unusable(blob: JsonObject, why: string): StreamPosition {
  return { ...cursorPosition(blob), kind: "unusable", why };
}

/** Airbyte's newer form keeps the value as JSON, which may be a number of many digits. */
function versionThree(
  bytes: Buffer,
  blob: JsonObject,
  cursors: JsonObject,
): StreamPosition | undefined {
  const [field] = Object.keys(cursors);
  if (typeof blob["ctid"] === "string") return unusable(blob, UNFINISHED);
  if (field === undefined) return undefined;
  const place = membersOf(bytes, 0, bytes.length)?.of("cursors");
  const value =
    place === undefined ? undefined : membersOf(bytes, place.start, place.end)?.of(field);
  if (value === undefined) return undefined;
  const cursor = textAt(bytes, value) ?? bytes.toString("utf8", value.start, value.end);
  return { ...cursorPosition({ ...blob, cursor_field: [field], cursor }) };
}

function formerCursors(list: unknown): FormerCursor[] {
  if (!Array.isArray(list)) return [];
  return list.filter(isObject).flatMap(({ cursor, reached_at: at }) => {
    const reachedAt = typeof at === "string" ? Date.parse(at) : NaN;
    return typeof cursor === "string" && !Number.isNaN(reachedAt) ? [{ cursor, reachedAt }] : [];
  });
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
