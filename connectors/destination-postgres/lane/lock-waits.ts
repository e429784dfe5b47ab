import { LockNotice } from "../../postgres/lock-notice.ts";
import { lockTeller, type Listener } from "../../postgres/lock-teller.ts";
import type { Session } from "../../postgres/session.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { tablesOf } from "../schema/layout.ts";

/** Notices that a session waits for others' locks, and says of which stream's table. */
export function lockNotice(
  session: Session,
  plans: readonly StreamPlan[],
  listener: Listener,
): LockNotice {
  const tell = lockTeller(listener, ({ table }) => {
    const isOf = (plan: StreamPlan) =>
      tablesOf(plan).some(
        (one) => one.table.schema === table?.schema && one.table.name === table.name,
      );
    return (plans.find(isOf) ?? (plans.length === 1 ? plans[0] : undefined))?.stream;
  });
  return new LockNotice(session, tell);
}
