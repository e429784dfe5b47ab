import type { Session } from "../../postgres/session.ts";
import { dropStaging } from "../bookkeeping/staging-queries.ts";
import { ownSchema } from "../plan/own-schema.ts";
import { inGroups } from "../schema/groups.ts";
import type { StreamTables } from "./stream-tables.ts";

/** Removes staging tables that did not take their place and that nobody can go on with. */
export async function discardStaging(
  session: Session,
  streams: readonly StreamTables[],
): Promise<void> {
  const staging = streams
    .filter(({ committed }) => committed.isCreated && !committed.isStagingKept)
    .flatMap((stream) => stream.replacements())
    .map((replacement) => replacement.staging);
  for (const group of inGroups(staging))
    await session.run(`remove the unfinished tables in ${ownSchema()}`, ...dropStaging(group));
}
