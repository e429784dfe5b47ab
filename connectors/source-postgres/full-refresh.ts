import type { Client } from "pg";
import { copyRecords, type CopySettings } from "./copy-records.ts";
import type { StreamPlan } from "./plan.ts";
import type { StreamReport } from "./stream-report.ts";

/** Reads a whole table. Its last STATE says only that everything was read. */
export async function fullRefresh(
  client: Client,
  plan: StreamPlan,
  report: StreamReport,
  settings: CopySettings,
): Promise<void> {
  await copyRecords(client, plan, {}, report, settings);
  await report.state({
    state_type: "full_refresh",
    version: 1,
    stream_name: plan.relation.name,
    stream_namespace: plan.relation.schema,
    is_finished: true,
  });
}
