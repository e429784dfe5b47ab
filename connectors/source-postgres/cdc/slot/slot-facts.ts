import { type Lsn, parseLsn } from "../../../postgres/replication/lsn.ts";
import type { Session } from "../../../postgres/session.ts";
import { lookUpSlot } from "./slot-queries.ts";

/** The server, a slot and a publication as they are. */
export interface SlotFacts {
  /** As `server_version_num` has it: 180000. */
  readonly version: number;
  readonly walLevel: string;
  readonly isStandby: boolean;
  /** What tells this server, and its copies, from all others. */
  readonly systemIdentifier: string;
  /** Changes when a standby takes over, and when a backup is restored. */
  readonly timeline: string;
  readonly database: string;
  readonly databaseOid: string;
  /** Where the log ends. */
  readonly lsn: Lsn;
  /** When it was looked, by the server's clock. */
  readonly lookedAt: string;
  readonly slots: number;
  readonly maxSlots: number;
  readonly senders: number;
  readonly maxSenders: number;
  readonly user: string;
  /** Whether the user may create a publication in the database. */
  readonly mayCreate: boolean;
  readonly slot: Slot | undefined;
  readonly publication: Publication | undefined;
}

export interface Slot {
  readonly plugin: string | undefined;
  /** Undefined of a slot for standbys, which sees no rows. */
  readonly database: string | undefined;
  readonly activePid: number | undefined;
  readonly restartLsn: Lsn | undefined;
  /** Up to here, nothing can be read of it again. */
  readonly confirmedLsn: Lsn | undefined;
  /** Why it is of no use any more. */
  readonly lostWhy: string | undefined;
  /** It is kept by the server that a standby follows. */
  readonly isSynced: boolean;
  readonly retainedBytes: number;
}

/** What a publication was, as far as changes may be missing because of it. */
export interface PublicationAs {
  /** Differs when it was altered in between, though it may be as before. */
  readonly altered: string;
  /** What it left out: `delete`. */
  readonly leavesOut: readonly string[];
  /** Stands for all else that ALTER PUBLICATION sets. */
  readonly otherwise: string;
}

export interface Publication {
  /** Another one of its name has another. */
  readonly oid: string;
  readonly as: PublicationAs;
  /** Whether changes of partitions come under the name of their table. */
  readonly viaRoot: boolean;
  /** Whether we made it. */
  readonly isOurs: boolean;
  readonly mayAlter: boolean;
  /** Differs when tables were added to it, or taken out. */
  readonly entries: string | undefined;
}

/** Asks the server. The session may be in a transaction that only reads. */
export async function lookAtSlot(
  session: Session,
  names: { readonly replication_slot: string; readonly publication: string },
): Promise<SlotFacts> {
  const question = lookUpSlot(names.replication_slot, names.publication);
  const { json } = await session.queryRow("look at the replication slot", question);
  const row = JSON.parse(json!) as FactsRow;
  return {
    version: row.version,
    walLevel: row.wal_level,
    isStandby: row.is_standby,
    systemIdentifier: row.system_identifier,
    timeline: row.timeline,
    database: row.database,
    databaseOid: row.database_oid,
    lsn: row.lsn === null ? 0n : parseLsn(row.lsn),
    lookedAt: row.looked_at,
    slots: row.slots,
    maxSlots: row.max_slots,
    senders: row.senders,
    maxSenders: row.max_senders,
    user: row.user,
    mayCreate: row.may_create,
    slot: row.slot === null ? undefined : slotOf(row.slot),
    publication: row.publication === null ? undefined : publicationOf(row.publication),
  };
}

interface FactsRow {
  readonly version: number;
  readonly wal_level: string;
  readonly is_standby: boolean;
  readonly system_identifier: string;
  readonly timeline: string;
  readonly database: string;
  readonly database_oid: string;
  readonly lsn: string | null;
  readonly looked_at: string;
  readonly slots: number;
  readonly max_slots: number;
  readonly senders: number;
  readonly max_senders: number;
  readonly user: string;
  readonly may_create: boolean;
  readonly slot: SlotRow | null;
  readonly publication: PublicationRow | null;
}

interface SlotRow {
  readonly plugin: string | null;
  readonly database: string | null;
  readonly active_pid: number | null;
  readonly restart_lsn: string | null;
  readonly confirmed_lsn: string | null;
  readonly wal_status: string | null;
  readonly invalidation: string | null;
  readonly conflicts: boolean | null;
  readonly is_synced: boolean | null;
  readonly retained_bytes: number | null;
}

function slotOf(row: SlotRow): Slot {
  return {
    plugin: row.plugin ?? undefined,
    database: row.database ?? undefined,
    activePid: row.active_pid ?? undefined,
    restartLsn: lsnOf(row.restart_lsn),
    confirmedLsn: lsnOf(row.confirmed_lsn),
    lostWhy:
      row.invalidation ??
      (row.wal_status === "lost" ? "wal_removed" : undefined) ??
      (row.conflicts === true ? "conflict with recovery" : undefined),
    isSynced: row.is_synced === true,
    retainedBytes: row.retained_bytes ?? 0,
  };
}

interface PublicationRow {
  readonly oid: string;
  readonly altered: string;
  readonly otherwise: string;
  readonly insert: boolean;
  readonly update: boolean;
  readonly delete: boolean;
  readonly truncate: boolean;
  readonly via_root: boolean;
  readonly is_ours: boolean;
  readonly may_alter: boolean;
  readonly entries: string | null;
}

const OPERATIONS = ["insert", "update", "delete", "truncate"] as const;

function publicationOf(row: PublicationRow): Publication {
  return {
    oid: row.oid,
    as: {
      altered: row.altered,
      leavesOut: OPERATIONS.filter((operation) => !row[operation]),
      otherwise: row.otherwise,
    },
    viaRoot: row.via_root,
    isOurs: row.is_ours,
    mayAlter: row.may_alter,
    entries: row.entries ?? undefined,
  };
}

const lsnOf = (text: string | null) => (text === null ? undefined : parseLsn(text));
