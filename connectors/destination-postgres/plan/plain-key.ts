import type { Column } from "./columns.ts";
import type { DedupPlan } from "./stream-plan.ts";

/** Types of one text for each value, whose values any index has room for and are compared in no time. */
const PLAIN = new Set(["smallint", "integer", "bigint", "uuid"]);

/**
 * The only column of a key whose rows can be found by its value, where it is not NULL. An index of it is
 * less than half as large as one of hashes, and new keys that grow are put in at its end.
 */
export function plainKey({ key }: DedupPlan): Column | undefined {
  const [only, ...others] = key;
  return only !== undefined && others.length === 0 && PLAIN.has(only.type) ? only : undefined;
}
