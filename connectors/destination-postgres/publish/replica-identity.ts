import type { Context } from "../../kit/contract.ts";
import type { Session } from "../../postgres/session.ts";
import { label } from "../../postgres/sql.ts";
import { identifyByRow } from "../schema/identity-queries.ts";
import type { ChangedTable } from "./obstacles.ts";

/**
 * Lets the rows of published tables be changed: PostgreSQL refuses that for a table whose updates or
 * deletes are published and whose rows a subscriber could not find. Such a table gets its whole row as
 * identity, as the server's own hint says; one whose user said something else is not asked about here.
 */
export async function giveIdentity(
  session: Session,
  tables: readonly ChangedTable[],
  context: Context,
): Promise<void> {
  for (const { target, change, dependents } of tables) {
    const { publications, hasIdentity, kind } = dependents;
    if (change === "added to" || publications.length === 0 || hasIdentity || kind !== "r") continue;
    await session.run(`give ${label(target)} a replica identity`, identifyByRow(target));
    context.log(
      "INFO",
      `${label(target)} has the replica identity FULL now: the publication ${publications.join(", ")} publishes its updates and deletes, and it has no primary key`,
    );
  }
}
