import { streamKey } from "../../protocol/catalog.ts";
import type { StreamReport } from "../store/jobs.ts";
import type { StreamAccount } from "./relay/accounts.ts";
import type { Beginning } from "./positions/stream-states.ts";

/** What a stream came to in an attempt, for the records. */
export function streamReport(
  account: StreamAccount,
  beginnings: ReadonlyMap<string, Beginning>,
): StreamReport {
  const { firstSeen, lastSeen } = account;
  const seconds = firstSeen === undefined ? 0 : (lastSeen! - firstSeen) / 1000;
  const { source, configured } = account.plan;
  const { name, namespace } = source;
  const beginning = beginnings.get(streamKey(source));
  const isLater = beginning === "resumed" || beginning === "again" || beginning === "delivered";
  const replaces = (configured.minimum_generation_id ?? 0) > 0;
  return {
    name,
    ...(namespace && { namespace }),
    status: account.isComplete ? "complete" : "incomplete",
    emitted: account.emitted,
    committed: account.committed,
    bytes: account.bytes,
    seconds: Math.round(seconds * 1000) / 1000,
    ...(isLater && { began: beginning }),
    ...(beginning === "again" && replaces && { discards_earlier: true as const }),
  };
}
