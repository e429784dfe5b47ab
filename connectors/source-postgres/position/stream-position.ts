import { isObject, type Json, type JsonObject } from "../../../protocol/json.ts";
import { type CursorState, readCursorState } from "../../kit/source/cursor-state.ts";
import { type DeliveredRows, readDeliveredRows } from "./delivered-rows.ts";

/** A cursor that a read has reached. */
export interface FormerCursor {
  readonly cursor: string;
  /** Milliseconds since the Unix epoch, by the database's clock. */
  readonly reachedAt: number;
}

/** Where a stream stands. */
export interface StreamPosition extends CursorState {
  /**
   * Who can go on from it: the two methods of incremental streams, a full refresh, or nobody; `unknown`
   * where it is no state that any source writes.
   */
  readonly kind: "cursor" | "xmin" | "refresh" | "unusable" | "unknown";
  /** Why nobody can go on from it. */
  readonly why?: string;
  /** In a first load or refresh that is not finished: the last row read, in the order stored. */
  readonly ctid: string | undefined;
  /** Of a refresh: how many rows at or before `ctid` are delivered. */
  readonly deliveredCount?: number;
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
 * Reads the state of one stream: our own, and those of Airbyte's source: by cursor of version 2,
 * version 3 and from before, by xmin of version 2. Undefined to start at the beginning.
 *
 * A finished full refresh gives no position. Other states (change data capture, loads by ctid that
 * Airbyte's source did not finish) are `unusable`: the stream starts at its beginning, which repeats
 * rows rather than losing any. What says something and is no state of either is `unknown`.
 */
export function readPosition(bytes: Buffer | undefined): StreamPosition | undefined {
  const blob = bytes && (JSON.parse(bytes.toString("utf8")) as Json);
  if (bytes === undefined || !isObject(blob)) return undefined;
  switch (blob["state_type"]) {
    case "xmin":
      return isObject(blob["snapshot"])
        ? { ...positionIn(blob), kind: "xmin" }
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
  if (isObject(blob["cursors"]) && typeof blob["ctid"] === "string")
    return unusable(blob, UNFINISHED);
  const cursor = readCursorState(bytes);
  if (cursor === undefined) return saysNothing(blob) ? undefined : unknown(blob);
  return { ...positionIn(withCursor(blob, cursor)), ...cursor };
}

/** What a state may say that tells no position. */
const NO_POSITION: ReadonlySet<string> = new Set([
  "state_type",
  "version",
  "stream_name",
  "stream_namespace",
  "cursors",
  "cursor_record_count",
]);

/** Whether it is of a stream of which nothing was read, or that has no position. */
function saysNothing(blob: JsonObject): boolean {
  // Airbyte's connectors mark the end of streams without a cursor by members of their own.
  return Object.entries(blob).every(
    ([key, value]) => value === null || NO_POSITION.has(key) || key.startsWith("__ab_"),
  );
}

function unknown(blob: JsonObject): StreamPosition {
  return { ...positionIn(blob), kind: "unknown" };
}

/** The state in version 2: printed again, a number of version 3 would lose digits. */
function withCursor(blob: JsonObject, { field, cursor }: CursorState): JsonObject {
  const { cursors, ...others } = blob;
  if (cursors === undefined || field === undefined) return blob;
  return {
    ...others,
    version: 2,
    cursor_field: [field],
    ...(cursor === undefined ? {} : { cursor }),
  };
}

/** What the fields of a state say, without its cursor. */
function positionIn(blob: JsonObject): StreamPosition {
  const { late_from: lateFrom, ctid } = blob;
  return {
    kind: "cursor",
    field: undefined,
    cursor: undefined,
    ctid: typeof ctid === "string" && /^\(\d+,\d+\)$/.test(ctid) ? ctid : undefined,
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
    return { ...positionIn(blob), kind: "refresh", deliveredCount: count };
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
    ...positionIn(blob),
    kind: "xmin",
    rows: {
      xmin: BigInt(id),
      xmax: BigInt(id),
      next: undefined,
      delivered: [],
      table: undefined,
      filenode: typeof filenode === "number" ? filenode : undefined,
    },
  };
}

function unusable(blob: JsonObject, why: string): StreamPosition {
  return { ...positionIn(blob), kind: "unusable", why };
}

function formerCursors(list: Json | undefined): FormerCursor[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((former) => {
    if (!isObject(former)) return [];
    const { cursor, reached_at: at } = former;
    const reachedAt = typeof at === "string" ? Date.parse(at) : NaN;
    return typeof cursor === "string" && !Number.isNaN(reachedAt) ? [{ cursor, reachedAt }] : [];
  });
}
