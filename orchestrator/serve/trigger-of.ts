import type { ConnectionConfig } from "../config/config.ts";
import type { Trigger } from "./schedule.ts";

/** What has a connection run by itself; null: nothing. */
export function triggerOf({ follow, schedule }: ConnectionConfig): Trigger | null {
  return follow ? { follow } : (schedule ?? null);
}
