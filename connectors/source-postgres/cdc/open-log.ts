import { randomBytes } from "node:crypto";
import { Failure } from "../../../protocol/errors.ts";
import type { SavedState } from "../../../protocol/state-file.ts";
import type { ReadContext } from "../../kit/contract.ts";
import { ReplicationConnection } from "../../postgres/replication/replication-connection.ts";
import type { Session } from "../../postgres/session.ts";
import { readCommittedAt, readLogPosition } from "./cdc-state.ts";
import { findSlot } from "./slot/find-slot.ts";
import type { SlotStart } from "./first-loads.ts";
import { GlobalState } from "./global-state.ts";
import { makeSlot } from "./slot/make-slot.ts";
import { publicationGap } from "./slot/publication-gap.ts";
import { publish, type TableToPublish } from "./slot/publication.ts";
import type { FullCdcMethod } from "./slot/settings.ts";
import { lookAtSlot, type SlotFacts } from "./slot/slot-facts.ts";
import { dropIfTooLarge, SlotWatch } from "./slot/slot-watch.ts";

/** The log that is read, made where there was none. */
export interface OpenLog {
  readonly replication: ReplicationConnection;
  /** The server, the slot and the publication as they were found. */
  readonly facts: SlotFacts;
  /** Where it was delivered up to, or begins. */
  readonly global: GlobalState;
  /** The position of the state is lost, and nobody minds: every stream begins anew. */
  readonly isAnew: boolean;
  /** Why changes of all tables since then are missing in the log nevertheless; undefined: none are. */
  readonly gap: string | undefined;
  /** A snapshot where the log begins; undefined: it goes on from a state. */
  readonly start: SlotStart | undefined;
  /** Takes a snapshot at a place of the log, for streams that are new. */
  takeSnapshot<T>(work: (start: SlotStart) => Promise<T>): Promise<T>;
  /** Rejects when the log must not be read on. */
  readonly forbidden: Promise<never>;
}

/** What is asked of a log. */
export interface LogRequest {
  readonly method: FullCdcMethod;
  readonly state: SavedState;
  /** The tables to follow. */
  readonly tables: readonly TableToPublish[];
  readonly openReplication: () => Promise<ReplicationConnection>;
  readonly openSession: () => Promise<Session>;
  readonly context: ReadContext;
}

/**
 * Opens the log of a slot, runs `work`, and closes it. The slot and the publication are made where they are
 * missing and may be; whether the log goes on where the state stands is judged before.
 */
export async function withLog<T>(
  session: Session,
  request: LogRequest,
  work: (log: OpenLog) => Promise<T>,
): Promise<T> {
  const { method, state, context, openReplication } = request;
  const saved = readLogPosition(state.shared, {
    slot: method.replication_slot,
    publication: method.publication,
  });
  const replication = await openReplication();
  /** Of a slot that is there, a snapshot comes with another one, which is gone with its connection. */
  const takeSnapshot = async <R>(within: (start: SlotStart) => Promise<R>): Promise<R> => {
    const other = await openReplication();
    try {
      const name = `syncline_${randomBytes(8).toString("hex")}`;
      const options = { exportSnapshot: true, isTemporary: true };
      return await within(startOf(await other.createSlot(name, options)));
    } finally {
      await other.close();
    }
  };
  let watch: SlotWatch | undefined;
  try {
    const { facts: found, verdict } = await findSlot(session, replication, method, saved);
    await dropIfTooLarge(session, found, method);
    if (verdict.anew !== undefined)
      context.log("WARN", `${verdict.anew}; all tables are read anew`);
    const say = context.log;
    const isLost = verdict.anew !== undefined;
    const toPublish = isLost
      ? request.tables.map((table) => ({ ...table, followedOid: undefined }))
      : request.tables;
    const facts = (await publish(session, found, method, toPublish, say))
      ? await session.whileReading(() => lookAtSlot(session, method))
      : found;
    sayWhatIsLeftOut(facts, method, say);
    const isKept = verdict.slot === "keep";
    const start = isKept
      ? undefined
      : startOf(await makeSlot(session, replication, facts, method.replication_slot, verdict, say));
    let forbid: (failure: Failure) => void = () => {};
    const forbidden = new Promise<never>((_, reject) => (forbid = reject));
    forbidden.catch(() => {});
    watch = new SlotWatch(await request.openSession(), facts, {
      method,
      log: say,
      onTooLarge: (failure) => forbid(failure),
      // A read that ends by itself looks at it when the next one begins.
      ...(context.follow && { onAltered: (failure: Failure) => forbid(failure) }),
    });
    const gap = publicationGap(saved, facts.publication);
    const global = new GlobalState(watch);
    global.committedAt = readCommittedAt(state.shared);
    const run = (from: SlotStart | undefined) => {
      const lsn = from?.consistentPoint ?? saved!.lsn;
      global.position = positionAt(lsn, facts, method);
      const isAnew = verdict.anew !== undefined;
      const log = { replication, facts, global, isAnew, gap, start: from, takeSnapshot, forbidden };
      return work(log);
    };
    const hasPlace = saved !== undefined && verdict.anew === undefined;
    return await (isKept && !hasPlace ? takeSnapshot(run) : run(start));
  } catch (error) {
    const isTooLarge = error instanceof Failure && error.code === "cdc.slot_too_large";
    await replication.close();
    if (isTooLarge && watch !== undefined) await dropIfTooLarge(session, watch.facts, method);
    throw error;
  } finally {
    await Promise.all([replication.close(), watch?.stop()]);
  }
}

function positionAt(lsn: bigint, facts: SlotFacts, method: FullCdcMethod) {
  return {
    lsn,
    slot: method.replication_slot,
    publication: method.publication,
    publicationOid: facts.publication?.oid,
    publicationAs: facts.publication?.as,
    systemIdentifier: facts.systemIdentifier,
    timeline: facts.timeline,
    databaseOid: facts.databaseOid,
  };
}

function sayWhatIsLeftOut(
  { publication }: SlotFacts,
  { publication: name }: FullCdcMethod,
  say: ReadContext["log"],
): void {
  if (publication === undefined || publication.as.leavesOut.length === 0) return;
  const what = publication.as.leavesOut.join(", ");
  say("WARN", `the publication ${name} leaves out every ${what}: none reaches the destination`);
}

/** The start that an exported snapshot of a slot makes. */
function startOf(made: {
  readonly consistentPoint: bigint;
  readonly snapshotName: string | undefined;
}): SlotStart {
  if (made.snapshotName === undefined)
    throw new Failure("postgres.failed", "the server made a slot without a snapshot");
  return { consistentPoint: made.consistentPoint, snapshotName: made.snapshotName };
}
