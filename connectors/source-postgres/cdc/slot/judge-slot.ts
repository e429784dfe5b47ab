import { Failure } from "../../../../protocol/errors.ts";
import { formatLsn, type Lsn } from "../../../postgres/replication/lsn.ts";
import type { PastTimeline } from "../../../postgres/replication/timelines.ts";
import type { CdcMethod } from "./settings.ts";
import type { PublicationAs, SlotFacts } from "./slot-facts.ts";

/** What a state says of the log it belongs to. What other sources do not say is undefined. */
export interface SavedPosition {
  readonly lsn: Lsn;
  readonly publication?: string | undefined;
  readonly publicationOid?: string | undefined;
  readonly publicationAs?: PublicationAs | undefined;
  readonly systemIdentifier?: string | undefined;
  readonly timeline?: string | undefined;
  readonly databaseOid?: string | undefined;
}

/** What to do about a slot before it is read. */
export interface Verdict {
  /** `make` it, or `replace` it by another of its name, because nobody can read it any more. */
  readonly slot: "keep" | "make" | "replace";
  /** Why the position of the state is of no use, and everything begins anew; undefined: it is good. */
  readonly anew: string | undefined;
}

/**
 * Whether the log can be read on from where a state stands, so that nothing in between is missing.
 *
 * @param saved undefined: nothing was read so far.
 * @param history of the server, where the timeline of the state is not the server's.
 * @throws `cdc.not_set_up`, `cdc.slot_in_use`; `cdc.position_lost` unless the tables are to be read anew
 * then.
 */
export function judgeSlot(
  facts: SlotFacts,
  method: CdcMethod,
  saved: SavedPosition | undefined,
  history: readonly PastTimeline[] = [],
): Verdict {
  const name = method.replication_slot;
  refuseServer(facts);
  refuseSlot(facts, name);
  const { slot } = facts;
  const loss =
    (saved === undefined ? undefined : lossOf(facts, method, saved, history)) ??
    slotLoss(facts, name);
  if (loss !== undefined && method.invalid_cdc_cursor_position_behavior !== "Re-sync data")
    throw new Failure("cdc.position_lost", loss, {
      hint: `read the tables anew: set invalid_cdc_cursor_position_behavior to "Re-sync data", or clear the connection with --drop-slot`,
    });
  const isUsable = slot !== undefined && slot.lostWhy === undefined;
  if (!isUsable && method.create_slot === false)
    throw new Failure("cdc.not_set_up", `there is no usable replication slot ${name}`, {
      hint: `set create_slot to true, or run: ${createSlotStatement(name)}`,
    });
  return { slot: isUsable ? "keep" : slot === undefined ? "make" : "replace", anew: loss };
}

/** What an administrator runs instead of us. */
export function createSlotStatement(name: string): string {
  return `select pg_create_logical_replication_slot('${name}', 'pgoutput')`;
}

/** Throws for a server that decodes no log. */
function refuseServer({ walLevel, isStandby, version }: SlotFacts): void {
  if (walLevel !== "logical")
    throw new Failure("cdc.not_set_up", `wal_level of the server is ${walLevel}`, {
      hint: "set wal_level = logical in its configuration and restart it (of a hosted server: rds.logical_replication, cloudsql.logical_decoding, or what its provider calls it)",
    });
  if (isStandby && version < 160000)
    throw new Failure(
      "cdc.not_set_up",
      "the server is a standby, which before PostgreSQL 16 has no log to read",
      {
        hint: "connect to the primary",
      },
    );
}

/** Throws for a slot that is somebody else's. */
function refuseSlot({ slot, database, isStandby }: SlotFacts, name: string): void {
  if (slot === undefined) return;
  const other = (why: string) =>
    new Failure("cdc.not_set_up", `the replication slot ${name} ${why}`, {
      hint: "name another one in replication_slot",
    });
  if (slot.database === undefined) throw other("is one for standbys, without rows");
  if (slot.database !== database) throw other(`belongs to the database ${slot.database}`);
  if (slot.plugin !== "pgoutput") throw other(`is decoded by ${slot.plugin}, not by pgoutput`);
  if (slot.isSynced && isStandby)
    throw other("is the primary's, and this server keeps it only for when it takes over");
  if (slot.activePid !== undefined)
    throw new Failure(
      "cdc.slot_in_use",
      `the replication slot ${name} is read by the process ${slot.activePid} of the server`,
      { hint: "wait until that ends; connections need a slot each" },
    );
}

/** Why a slot is of no use to anybody. */
function slotLoss({ slot }: SlotFacts, name: string): string | undefined {
  if (slot?.lostWhy === undefined) return undefined;
  const why = INVALIDATIONS[slot.lostWhy] ?? `the server has invalidated it (${slot.lostWhy})`;
  return `the replication slot ${name} is lost: ${why}`;
}

/** `invalidation_reason` of a slot, in words. */
const INVALIDATIONS: Readonly<Record<string, string>> = {
  wal_removed: "it fell behind by more than max_slot_wal_keep_size of the server allows",
  rows_removed: "the primary has removed rows of the catalog that it needed",
  wal_level_insufficient: "wal_level of the primary was lowered",
  idle_timeout: "nobody read it for longer than idle_replication_slot_timeout of the server allows",
};

/** Why what follows a state cannot be read any more. */
function lossOf(
  facts: SlotFacts,
  { replication_slot: name, publication }: CdcMethod,
  saved: SavedPosition,
  history: readonly PastTimeline[],
): string | undefined {
  const { slot } = facts;
  const at = formatLsn(saved.lsn);
  const isOther = (then: string | undefined, now: string) => then !== undefined && then !== now;
  if (isOther(saved.systemIdentifier, facts.systemIdentifier))
    return "the state is of another server: this one has another system identifier";
  if (isOther(saved.databaseOid, facts.databaseOid))
    return `the state is of another database than today's ${facts.database}`;
  if (isOther(saved.timeline, facts.timeline)) {
    const past = history.find(({ timeline }) => timeline === saved.timeline);
    if (past === undefined)
      return `the state is of timeline ${saved.timeline}, from which the server's timeline ${facts.timeline} does not come`;
    if (past.end < saved.lsn)
      return `the server has gone on from ${formatLsn(past.end)} of timeline ${past.timeline}, before the state's ${at}: a standby took over that did not have everything, or a backup was restored`;
  }
  if (saved.lsn > facts.lsn)
    return `the state is at ${at}, and the server's log ends at ${formatLsn(facts.lsn)}: a backup was restored`;
  if (slot === undefined)
    return `the replication slot ${name} is gone, and with it what follows the state`;
  if (slot.lostWhy !== undefined) return undefined;
  if (facts.publication === undefined)
    return `the publication ${publication} is gone: what changed without it is not in the log`;
  if (saved.publication === publication && isOther(saved.publicationOid, facts.publication.oid))
    return `the publication ${publication} was dropped and created again: what changed in between is not in the log`;
  if (slot.confirmedLsn !== undefined && slot.confirmedLsn > saved.lsn)
    return `the replication slot ${name} is at ${formatLsn(slot.confirmedLsn)}, beyond the state's ${at}: what is between was given to somebody else, or the state is an old one`;
  return undefined;
}
