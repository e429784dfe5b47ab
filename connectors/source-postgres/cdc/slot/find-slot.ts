import type { ReplicationConnection } from "../../../postgres/replication/replication-connection.ts";
import type { Session } from "../../../postgres/session.ts";
import { judgeSlot, type SavedPosition, type Verdict } from "./judge-slot.ts";
import type { CdcMethod } from "./settings.ts";
import { lookAtSlot, type SlotFacts } from "./slot-facts.ts";

/**
 * Looks at the slot before anything of it is read, and judges whether a read can go on from where its
 * state stands. Throws what `judgeSlot` throws.
 */
export async function findSlot(
  session: Session,
  replication: ReplicationConnection,
  method: CdcMethod,
  saved: SavedPosition | undefined,
): Promise<{ readonly facts: SlotFacts; readonly verdict: Verdict }> {
  const facts = await session.whileReading(() => lookAtSlot(session, method));
  const isOtherTimeline = saved?.timeline !== undefined && saved.timeline !== facts.timeline;
  const history = isOtherTimeline ? await replication.historyOf(facts.timeline) : [];
  return { facts, verdict: judgeSlot(facts, method, saved, history) };
}
