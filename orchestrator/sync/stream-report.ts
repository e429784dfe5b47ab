import type { StreamReport } from "../store/jobs.ts";
import type { StreamAccount } from "./accounts.ts";

/** What a stream came to, for the records. */
export function streamReport(account: StreamAccount): StreamReport {
  const { firstSeen, lastSeen } = account;
  const seconds = firstSeen === undefined ? 0 : (lastSeen! - firstSeen) / 1000;
  const { name, namespace } = account.plan.source;
  return {
    name,
    ...(namespace && { namespace }),
    status: account.isComplete ? "complete" : "incomplete",
    emitted: account.emitted,
    committed: account.committed,
    bytes: account.bytes,
    seconds: Math.round(seconds * 1000) / 1000,
  };
}
