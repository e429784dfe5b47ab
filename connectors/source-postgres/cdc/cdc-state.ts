import { membersOf, numberAt, textAt } from "../../../protocol/json-scan.ts";
import { isObject, type Json, type JsonObject } from "../../../protocol/json.ts";
import { formatLsn, type Lsn, parseLsn } from "../../postgres/replication/lsn.ts";
import type { PublicationAs } from "./slot/slot-facts.ts";
import { type ImportedSnapshot, printSnapshot, readSnapshotText } from "./slot-snapshot.ts";

/** How far the log was delivered, which all streams of a read share, and of which log that is said. */
export interface LogPosition {
  /** Everything committed at or before it is delivered. */
  readonly lsn: Lsn;
  readonly slot: string;
  readonly publication: string;
  /** These are unknown in the states of other sources. */
  readonly publicationOid?: string | undefined;
  readonly publicationAs?: PublicationAs | undefined;
  readonly systemIdentifier?: string | undefined;
  readonly timeline?: string | undefined;
  readonly databaseOid?: string | undefined;
}

/** What is told beside a position, for people who want to know how far behind it is. */
export interface LogLag {
  /** When the last transaction delivered was committed, as ISO 8601. */
  readonly committedAt?: string | undefined;
  /** Where the server's log ended. */
  readonly serverLsn?: Lsn | undefined;
  /** How much of its log the server keeps for the slot, when that was last looked up. */
  readonly retainedBytes?: number | undefined;
  readonly lookedAt?: string | undefined;
}

/** A column of a table: its number never changes, its name may. */
export interface TableColumn {
  readonly number: number;
  readonly name: string;
  readonly typeOid: number;
}

/** Where a table stands whose changes are followed. */
export interface TablePosition {
  readonly tableOid: number;
  /**
   * What was committed before it came with the table's first load; what was committed from it on is
   * delivered from the log.
   */
  readonly from: Lsn;
  /** The table's shape where the log was read up to. */
  readonly columns: readonly TableColumn[];
  /** What made it one of the publication's: oids, with commas, that another time of it there does not have. */
  readonly entry?: string | undefined;
  /** Of a first load that is not finished. */
  readonly load?: UnfinishedLoad | undefined;
  /**
   * Up to here, the log may speak of rows that the destination never got, because they were changed
   * before a first load that was interrupted came to them.
   */
  readonly resumedUpTo?: Lsn | undefined;
  /** Which changes of the table were said to have touched rows without a word in the log. */
  readonly saidUntold?: string | undefined;
  /** The table was gone, or not published, when the log was read: changes of it were missed. */
  readonly isMissing?: boolean | undefined;
}

/** How far a first load came, in the order rows are stored. */
export interface UnfinishedLoad {
  readonly ctid: string;
  readonly filenode: number;
  readonly snapshot: ImportedSnapshot;
}

/** The shared part of a state. */
export function printLogPosition(position: LogPosition, lag: LogLag): JsonObject {
  return {
    state_type: "cdc",
    version: 1,
    lsn: formatLsn(position.lsn),
    slot: position.slot,
    publication: position.publication,
    ...present({
      publication_oid: position.publicationOid,
      publication_altered: position.publicationAs?.altered,
      publication_leaves_out: position.publicationAs?.leavesOut.join(" "),
      publication_otherwise: position.publicationAs?.otherwise,
      system_identifier: position.systemIdentifier,
      timeline: position.timeline,
      database_oid: position.databaseOid,
      committed_at: lag.committedAt,
      server_lsn: lag.serverLsn === undefined ? undefined : formatLsn(lag.serverLsn),
      retained_bytes: lag.retainedBytes,
      looked_at: lag.lookedAt,
    }),
  };
}

/** What a shared part says beside its position that stays true: when the last transaction was committed. */
export function readCommittedAt(shared: Buffer | undefined): string | undefined {
  return textAtKey(shared, "committed_at");
}

/**
 * Reads the shared part: ours, and Airbyte's, which has it as JSON in a text:
 * `{"state":{"[\"db\",{…}]":"{\"lsn\":…,\"lsn_proc\":…,\"lsn_commit\":…}"}}`. Undefined for anything else.
 *
 * @param names of the slot and the publication, for a state that does not say them.
 */
export function readLogPosition(
  shared: Buffer | undefined,
  names: { readonly slot: string; readonly publication: string },
): LogPosition | undefined {
  if (shared === undefined) return undefined;
  const value = JSON.parse(shared.toString("utf8")) as Json;
  if (!isObject(value)) return undefined;
  if (value["state_type"] !== "cdc") {
    const lsn = airbyteLsn(value);
    return lsn === undefined ? undefined : { lsn, ...names };
  }
  const lsn = lsnIn(value["lsn"]);
  if (lsn === undefined) return undefined;
  return {
    lsn,
    slot: textIn(value["slot"]) ?? names.slot,
    publication: textIn(value["publication"]) ?? names.publication,
    publicationOid: textIn(value["publication_oid"]),
    publicationAs: publicationIn(value),
    systemIdentifier: textIn(value["system_identifier"]),
    timeline: textIn(value["timeline"]),
    databaseOid: textIn(value["database_oid"]),
  };
}

function publicationIn(value: JsonObject): PublicationAs | undefined {
  const [altered, leavesOut, otherwise] = ["altered", "leaves_out", "otherwise"].map(
    (key) => value[`publication_${key}`],
  );
  if (typeof altered !== "string" || typeof leavesOut !== "string" || typeof otherwise !== "string")
    return undefined;
  return { altered, leavesOut: leavesOut.split(" ").filter((word) => word !== ""), otherwise };
}

/** The lowest place it names: what came before it was handed on for sure. */
function airbyteLsn({ state }: Record<string, unknown>): Lsn | undefined {
  if (!isObject(state)) return undefined;
  for (const text of Object.values(state)) {
    if (typeof text !== "string") continue;
    const bytes = Buffer.from(text);
    const members = membersOf(bytes, 0, bytes.length);
    // As text: a number of JSON would lose digits.
    const places = ["lsn_commit", "lsn_proc", "lsn"].flatMap((key) => {
      const span = members?.of(key);
      const digits = span && bytes.toString("latin1", span.start, span.end);
      return digits !== undefined && /^[1-9]\d*$/.test(digits) ? [BigInt(digits)] : [];
    });
    if (places.length > 0) return places.reduce((least, one) => (one < least ? one : least));
  }
  return undefined;
}

/** The part of a stream that is followed. */
export function printTablePosition(
  { name, schema }: { readonly name: string; readonly schema: string },
  position: TablePosition,
): JsonObject {
  const { load, resumedUpTo } = position;
  return {
    state_type: "cdc",
    version: 1,
    stream_name: name,
    stream_namespace: schema,
    table_oid: position.tableOid,
    lsn: formatLsn(position.from),
    columns: position.columns.map((column) => [column.number, column.name, column.typeOid]),
    ...(load && {
      ctid: load.ctid,
      relation_filenode: load.filenode,
      snapshot: printSnapshot(load.snapshot),
    }),
    ...present({
      publication_entry: position.entry,
      resumed_lsn: resumedUpTo === undefined ? undefined : formatLsn(resumedUpTo),
      said_untold: position.saidUntold,
      missing: position.isMissing || undefined,
    }),
  };
}

/** What the part of a stream says: how far it is, that nothing was read of it, or that all of it was. */
export type StreamPart = TablePosition | "unread" | "read otherwise" | "loaded by another source";

/** Whether the destination has a stream from the log: changes that it does not get then are missing there. */
export function wasFollowed(part: StreamPart): boolean {
  return part !== "unread" && part !== "read otherwise";
}

/**
 * Reads the part of a stream: ours, and of Airbyte's those that say that the first load is finished. What
 * else there is, as of a full refresh, says that rows of it may be at the destination.
 */
export function readStreamPart(blob: Buffer | undefined): StreamPart {
  const value = blob && (JSON.parse(blob.toString("utf8")) as Json);
  if (blob === undefined || !isObject(value)) return "unread";
  if (Object.keys(value).length === 0) return "unread";
  if (value["state_type"] !== "cdc")
    return isLoaded(value) ? "loaded by another source" : "read otherwise";
  const members = membersOf(blob, 0, blob.length);
  const tableOid = numberAt(blob, members?.of("table_oid"));
  const from = lsnIn(value["lsn"]);
  if (tableOid === undefined || from === undefined) return "unread";
  const load = loadIn(value);
  const isUnfinished = value["ctid"] !== undefined;
  if (isUnfinished && load === undefined) return "unread";
  return {
    tableOid,
    from,
    columns: columnsIn(value["columns"]),
    entry: textIn(value["publication_entry"]),
    load,
    resumedUpTo: lsnIn(value["resumed_lsn"]),
    saidUntold: textIn(value["said_untold"]),
    isMissing: value["missing"] === true,
  };
}

/** Airbyte's: what has a cursor or says of its load by place that it has no place left to go on from. */
function isLoaded(value: Record<string, unknown>): boolean {
  const type = value["state_type"];
  return value["ctid"] == null && (type === "ctid_based" || type === "cursor_based");
}

function loadIn(value: Record<string, unknown>): UnfinishedLoad | undefined {
  const ctid = textIn(value["ctid"]);
  const filenode = value["relation_filenode"];
  const snapshot = readSnapshotText(textIn(value["snapshot"]) ?? "");
  const isOne = ctid !== undefined && /^\(\d+,\d+\)$/.test(ctid) && typeof filenode === "number";
  return isOne && snapshot !== undefined ? { ctid, filenode, snapshot } : undefined;
}

function columnsIn(list: unknown): TableColumn[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry): TableColumn[] => {
    const [number, name, typeOid] = Array.isArray(entry) ? (entry as unknown[]) : [];
    const isOne =
      typeof number === "number" && typeof name === "string" && typeof typeOid === "number";
    return isOne ? [{ number, name, typeOid }] : [];
  });
}

function lsnIn(value: unknown): Lsn | undefined {
  return typeof value === "string" ? parseLsn(value) : undefined;
}

const textIn = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

function textAtKey(blob: Buffer | undefined, key: string): string | undefined {
  const members = blob && membersOf(blob, 0, blob.length);
  const span = members?.of(key);
  return blob && span && textAt(blob, span);
}

/** Without what is not known. */
function present(object: Record<string, Json | undefined>): JsonObject {
  return Object.fromEntries(
    Object.entries(object).filter((entry): entry is [string, Json] => entry[1] !== undefined),
  );
}
