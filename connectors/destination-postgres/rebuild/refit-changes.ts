import { label } from "../../postgres/sql.ts";
import type { Session } from "../../postgres/session.ts";
import type { Context } from "../../kit/contract.ts";
import { keylessText } from "../lane/keys.ts";
import type { DedupPlan, StreamPlan } from "../plan/stream-plan.ts";
import { mergeChangesStatements } from "../publish/changes/merge-queries.ts";
import { lookAtStaged } from "../publish/merge-way.ts";
import { dropTable } from "../publish/queries.ts";
import { runMerge } from "../publish/run-merge.ts";
import type { FormerTable } from "./rebuild-queries.ts";
import { stageUnkeyed } from "./refit-queries.ts";

/**
 * Merges changes that were appended to a final table, and have no key there, as if they came now. Inside
 * the open transaction.
 */
export async function mergeUnkeyedChanges(
  session: Session,
  plan: StreamPlan,
  dedup: DedupPlan,
  former: FormerTable,
  context: Context,
): Promise<void> {
  const final = former.table;
  const stage = { schema: "pg_temp", name: "unkeyed" };
  const tables = { stage, final, history: plan.history };
  const action = `merge the rows of ${label(final)}`;
  await runMerge(session, { action }, stageUnkeyed(plan, former, stage));
  const staged = { plan, dedup, tables, rows: 0, areIndexed: false, lookUpRows: 0 };
  const { keyless, changes } = await lookAtStaged(session, action, staged);
  if (keyless > 0) context.log("WARN", keylessText(plan, keyless));
  const merged = { plan, dedup, changes: plan.changes!, tables, isFew: false };
  const lost = await runMerge(session, { action }, mergeChangesStatements(merged, changes!, []));
  for (const [field, values] of lost)
    if (values > 0)
      context.log("WARN", `${plan.label}: ${values} × NULL in place of a value: ${field}`);
  await session.run(`end the merge of ${label(final)}`, dropTable(stage));
  context.log("INFO", `${label(final)} is deduplicated from now on`);
}
