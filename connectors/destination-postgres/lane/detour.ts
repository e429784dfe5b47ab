import { runThroughDeadlocks } from "../../postgres/attempts.ts";
import type { Session } from "../../postgres/session.ts";
import { label, type Table } from "../../postgres/sql.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { createTemporaryTable, loadedColumns } from "../plan/tables.ts";
import { giveUpOversized, type OnGivenUp } from "../publish/oversized.ts";
import { dropTable, insertRows } from "../publish/queries.ts";

/** No table of a stream: one of our session alone. */
const DETOUR: Table = { schema: "pg_temp", name: "detour" };

/**
 * Brings rows into a final table that refused them without saying of which column: through a temporary
 * table, in which the values are found that it has no room for.
 *
 * @param load loads the rows into the table that it is given.
 * @returns the number of rows the table took.
 */
export async function loadThroughDetour(
  session: Session,
  plan: StreamPlan,
  final: Table,
  load: (detour: Table) => Promise<number>,
  onGivenUp: OnGivenUp,
): Promise<number> {
  const columns = loadedColumns(plan);
  await session.run("make a temporary table", createTemporaryTable(DETOUR, columns));
  await load(DETOUR);
  const refused = { plan, from: DETOUR, to: final, kind: "final", isLoaded: true } as const;
  await giveUpOversized(session, refused, onGivenUp);
  const [taken] = await runThroughDeadlocks(
    session,
    `load rows into ${label(final)}`,
    insertRows(final, DETOUR, columns),
  );
  await session.run("remove a temporary table", dropTable(DETOUR));
  return taken!;
}
