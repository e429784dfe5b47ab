import { Failure } from "../../../protocol/errors.ts";
import { label, quoteTable, type Table } from "../../postgres/sql.ts";
import type { Relation } from "./relations.ts";

/**
 * Refuses a table of somebody else's that the configured user has not all rights to which a run needs.
 * Throws `postgres.permission_denied`.
 *
 * @param changesRows whether rows that are there are changed, and not only added to.
 */
export function refuseUngranted(table: Table, relation: Relation, changesRows: boolean): void {
  const needed = changesRows
    ? relation.lacking
    : relation.lacking.filter((right) => right === "INSERT");
  if (needed.length === 0) return;
  const rights = needed.join(", ");
  throw new Failure(
    "postgres.permission_denied",
    `the configured user may not ${rights} in ${label(table)}, which another user made`,
    { hint: `run: GRANT ${rights} ON ${quoteTable(table)} TO the user` },
  );
}
