import type { SavedState } from "../../../protocol/state-file.ts";
import { savedBlob } from "../../kit/source/saved-blob.ts";
import type { ReadPlan } from "../catalog/read-plan.ts";
import { readPosition } from "../position/stream-position.ts";
import { copyText } from "../rows/row-printer.ts";
import { isReadAtOnce, type RefreshSettings } from "./full-refresh.ts";

/** Of a larger table too much may be thrown away when a stream before it fails. */
const MOST_BYTES = 1024 * 1024;

/** How many COPYs may wait behind the one that is read. */
const MOST_COPIES = 16;

/**
 * Tells which COPYs the server can be asked for before one has ended, so that a distant server is not
 * waited for once per table: those of the small tables behind it that are read at once, up to the first
 * other one.
 */
export function copiesBehind(
  plans: readonly ReadPlan[],
  state: SavedState,
  settings: RefreshSettings,
): (copy: string) => readonly string[] {
  const isAhead = (plan: ReadPlan) =>
    plan.configured.sync_mode === "full_refresh" &&
    (settings.storedBytes.get(plan.relation.oid) ?? Infinity) <= MOST_BYTES &&
    isReadAtOnce(plan, readPosition(savedBlob(state, plan.descriptor)), settings);
  const copies = plans.map((plan) => (isAhead(plan) ? copyText(plan, {}) : undefined));
  return (copy) => {
    const at = copies.indexOf(copy);
    const behind: string[] = [];
    for (const next of at === -1 ? [] : copies.slice(at + 1, at + 1 + MOST_COPIES)) {
      if (next === undefined) break;
      behind.push(next);
    }
    return behind;
  };
}
