import { Failure } from "../../../protocol/errors.ts";
import type { Session } from "../../postgres/session.ts";
import { label } from "../../postgres/sql.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { lookForOtherKey, lookForRows } from "./queries.ts";
import type { Relations } from "./relations.ts";

/**
 * Refuses a table that was deduplicated by another key than the plan's: what that merged away is not
 * in it any more. Throws `config.invalid`.
 */
export async function refuseOtherKey(
  session: Session,
  { final, dedup }: StreamPlan,
  relations: Relations,
): Promise<void> {
  const existing = final && relations.of(final)?.columns;
  if (!dedup || !final || !existing?.has("_airbyte_unique_key")) return;
  const names = dedup.key.map((column) => column.name);
  const query = names.every((name) => existing.has(name))
    ? lookForOtherKey(final, dedup)
    : lookForRows(final);
  const [row] = await session.query(`look at the keys of ${label(final)}`, query);
  if (row!["found"] !== "t") return;
  throw new Failure(
    "config.invalid",
    `the rows of ${label(final)} were merged by another key than ${names.join(", ")}`,
    { hint: "refresh the stream once to merge them by the new one" },
  );
}
