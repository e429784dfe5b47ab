import type { SavedPosition } from "./judge-slot.ts";
import type { Publication } from "./slot-facts.ts";

/**
 * Why changes that were made since a state are not in the log, although the publication is there: it left
 * them out for a time. Undefined: nothing says so.
 *
 * What was altered and set back is known by its version only. Where something else of the publication
 * differs, such as its owner, that has altered it.
 */
export function publicationGap(
  saved: SavedPosition | undefined,
  now: Publication | undefined,
): string | undefined {
  const then = saved?.publicationAs;
  if (then === undefined || now === undefined || saved?.publicationOid !== now.oid)
    return undefined;
  const { publication } = saved;
  const ended = then.leavesOut.filter((operation) => !now.as.leavesOut.includes(operation));
  if (ended.length > 0)
    return `the publication ${publication} left out every ${ended.join(", ")} so far`;
  const isSetBack = then.altered !== now.as.altered && then.otherwise === now.as.otherwise;
  const isLess = now.as.leavesOut.some((operation) => !then.leavesOut.includes(operation));
  return isSetBack && !isLess
    ? `the publication ${publication} was altered meanwhile, and may have left out changes for a time`
    : undefined;
}
