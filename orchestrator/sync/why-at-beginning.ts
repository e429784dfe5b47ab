import type { StreamEntry } from "../store/state-file.ts";
import type { PlannedStream } from "./streams/select-streams.ts";

/**
 * Why a stream begins at its beginning, as a clause.
 *
 * @param before what was kept of it before anything was decided.
 */
export function whyAtBeginning(
  { configured }: PlannedStream,
  before: StreamEntry | undefined,
): string {
  if (configured.sync_mode === "full_refresh") return "every full refresh reads all of it";
  if (before?.truncating) return "a refresh or clear of it was asked for";
  if (before?.sync_mode === "full_refresh") return "it was synced as full_refresh until now";
  if (before?.blob) return "the destination does not have what was committed of it";
  if (before?.set_by_user) return "its position was cleared";
  return before?.job === undefined ? "it was never synced" : "no position of it is kept";
}
