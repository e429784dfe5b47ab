import { quoteTable, type Table } from "../../postgres/sql.ts";
import type { Context } from "../../kit/contract.ts";
import { OWN_SCHEMA, type StreamPlan } from "../plan/stream-plan.ts";
import { listStaging } from "../queries.ts";
import type { Session } from "../../postgres/session.ts";
import { noteOf, replacementsOf, type StagingNote, type StagingOwner } from "./staging.ts";

/**
 * Drops staging tables that nobody goes on with: those this connection filled for streams that are
 * not in `plans` (they were removed, or renamed), and those of sessions that are gone and had no
 * connection to come back for them. Those of other connections stay, whether they run or not.
 */
export async function sweepStaging(
  session: Session,
  plans: readonly StreamPlan[],
  owner: StagingOwner,
  context: Context,
): Promise<void> {
  const current = new Set(plans.flatMap(replacementsOf).map(({ staging }) => staging.name));
  for (const row of await session.query("look for unfinished tables", listStaging(OWN_SCHEMA))) {
    const staging: Table = { schema: OWN_SCHEMA, name: row["name"]! };
    const note = noteOf(row["comment"]!);
    if (note === undefined || current.has(staging.name)) continue;
    if (!isAbandoned(note, owner, (row["sessions"] ?? "").split(","))) continue;
    await session.run("remove an unfinished table", `drop table if exists ${quoteTable(staging)}`);
    context.log("INFO", `removed what an earlier run had loaded to replace ${note.replaces}`);
  }
}

function isAbandoned(note: StagingNote, owner: StagingOwner, sessions: readonly string[]): boolean {
  if (note.connection !== undefined)
    return "connection" in owner && note.connection === owner.connection;
  return note.writer !== undefined && !sessions.includes(note.writer);
}
