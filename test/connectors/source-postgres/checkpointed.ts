import type { JsonObject } from "../../../protocol/json.ts";
import type { State } from "../../../protocol/messages.ts";
import type { Printed } from "./drive.ts";

/** Options of a source that prints a STATE wherever it can. */
export const OFTEN = { checkpoint_target_interval_seconds: 0 };

export interface Checkpoint {
  readonly state: State;
  /** Everything printed before it. */
  readonly before: JsonObject[];
}

/** The STATEs of a read of the stream `t`, each with the rows before it. */
export function checkpointsOf(printed: Printed): Checkpoint[] {
  const rows = printed.rows("t");
  let count = 0;
  return printed.states.map((state) => {
    count += Number(state.sourceStats?.recordCount);
    return { state, before: rows.slice(0, count) };
  });
}

/** Whether the number of records before each STATE really is what its count says. */
export function countsAreTrue(printed: Printed): boolean {
  let records = 0;
  for (const message of printed.messages) {
    if (message.type === "RECORD") records++;
    if (message.type !== "STATE") continue;
    if (message.state.sourceStats?.recordCount !== records) return false;
    records = 0;
  }
  return records === 0;
}

/** First, last, and some between. */
export function some<Item>(items: readonly Item[]): Item[] {
  const step = Math.max(1, Math.floor(items.length / 3));
  return items.filter((_, index) => index % step === 0 || index === items.length - 1);
}

/** `id version` of each row. */
export const keysOf = (rows: readonly JsonObject[]) =>
  rows.map((row) => `${Number(row["id"])} ${Number(row["version"])}`);
