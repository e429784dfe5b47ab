import { type StreamDescriptor, streamKey } from "../../protocol/catalog.ts";
import { membersOf, textAt } from "../../protocol/json-members.ts";
import type { JsonObject } from "../../protocol/messages.ts";
import { readStateFile } from "../../protocol/state-file.ts";

/** Which rows a read can have delivered, by the ids of the transactions that wrote them. */
export interface DeliveredRows {
  /** 64-bit id; every transaction before it had ended when the rows were read. */
  readonly xmin: bigint;
  /** The first 64-bit id that was not given out yet. */
  readonly xmax: bigint;
  /** Ids from `xmin` on whose rows were delivered, as inclusive ranges in order. */
  readonly delivered: readonly (readonly [bigint, bigint])[];
  /** Where that was: transaction ids mean nothing in another database or table. */
  readonly systemIdentifier: string;
  readonly databaseOid: string;
  readonly tableOid: number;
  readonly filenode: number | undefined;
}

/** A cursor that a read has reached. */
export interface FormerCursor {
  readonly cursor: string;
  /** Milliseconds since the Unix epoch, by the database's clock. */
  readonly reachedAt: number;
}

/** Where a stream stands. */
export interface StreamPosition {
  /** Who can go on from it: the two methods of incremental streams, or a full refresh. */
  readonly kind: "cursor" | "xmin" | "refresh";
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
 * Airbyte's source, version 2, version 3 and LEGACY. Throws `state.invalid`.
 *
 * A state of another kind (a finished full refresh, change data capture) gives no position: the
 * stream starts at its beginning, which repeats rows rather than losing any.
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
  const type = blob["state_type"];
  if (type === "xmin" && !isObject(blob["snapshot"])) return undefined;
  if (type === "xmin") return { ...cursorPosition(blob), kind: "xmin" };
  if (type === "ctid") return refreshPosition(blob);
  if (type !== undefined && type !== "cursor_based") return undefined;
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
    rows: deliveredRows(blob["snapshot"]),
    blob,
  };
}

/** Of our own only: what Airbyte's source had delivered cannot be told from its state. */
function refreshPosition(blob: JsonObject): StreamPosition | undefined {
  const count = blob["delivered_count"];
  if (typeof count !== "number") return undefined;
  return { ...cursorPosition(blob), kind: "refresh", deliveredCount: count };
}

/** Airbyte's newer form keeps the value as JSON, which may be a number of many digits. */
function versionThree(
  bytes: Buffer,
  blob: JsonObject,
  cursors: JsonObject,
): StreamPosition | undefined {
  const [field] = Object.keys(cursors);
  // With a ctid, that snapshot was not finished.
  if (field === undefined || typeof blob["ctid"] === "string") return undefined;
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

function deliveredRows(snapshot: unknown): DeliveredRows | undefined {
  if (!isObject(snapshot)) return undefined;
  const { xmin, xmax, delivered, filenode } = snapshot;
  if (typeof xmin !== "string" || typeof xmax !== "string") return undefined;
  const ranges = Array.isArray(delivered) ? delivered.map(String) : [];
  return {
    xmin: BigInt(xmin),
    xmax: BigInt(xmax),
    delivered: ranges.map((range) => {
      const [first, last] = range.split("-") as [string, string | undefined];
      return [BigInt(first), BigInt(last ?? first)] as const;
    }),
    systemIdentifier: textOf(snapshot["system_identifier"]),
    databaseOid: textOf(snapshot["database_oid"]),
    tableOid: Number(snapshot["table_oid"]),
    filenode: typeof filenode === "number" ? filenode : undefined,
  };
}

/** `DeliveredRows` as JSON; ids are strings because they outgrow JavaScript's numbers. */
export function printDeliveredRows(rows: DeliveredRows): JsonObject {
  return {
    xmin: String(rows.xmin),
    xmax: String(rows.xmax),
    delivered: rows.delivered.map(([first, last]) =>
      first === last ? String(first) : `${first}-${last}`,
    ),
    system_identifier: rows.systemIdentifier,
    database_oid: rows.databaseOid,
    table_oid: rows.tableOid,
    filenode: rows.filenode ?? null,
  };
}

/** Joins ids and ranges into ranges in order, leaving out what is below `from`. */
export function rangesOf(
  ids: Iterable<bigint>,
  ranges: readonly (readonly [bigint, bigint])[],
  from: bigint,
): (readonly [bigint, bigint])[] {
  const all = [...ranges, ...[...ids].map((id) => [id, id] as const)]
    .filter(([, last]) => last >= from)
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
  const joined: [bigint, bigint][] = [];
  for (const [first, last] of all) {
    const previous = joined.at(-1);
    if (previous !== undefined && first <= previous[1] + 1n) {
      if (last > previous[1]) previous[1] = last;
    } else joined.push([first, last]);
  }
  return joined;
}

const textOf = (value: unknown) => (typeof value === "string" ? value : "");

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
