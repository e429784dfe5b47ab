import { Failure } from "../../../protocol/errors.ts";
import type { Session } from "../../postgres/session.ts";
import { PROJECT_VARIABLE, type Identity, type Owner } from "../plan/owner.ts";
import { projectsWith } from "./layout-queries.ts";

/**
 * Who a run writes for. One that names no project is the connection of that name that this database
 * knows; throws `usage.invalid` when it knows several.
 */
export async function ownerOf(
  session: Session,
  identity: Identity | undefined,
): Promise<Owner | undefined> {
  if (identity === undefined) return undefined;
  const { connection, project } = identity;
  if (project !== undefined) return { connection, project };
  const rows = await session.query("look for the connection", projectsWith(connection));
  const projects = rows.map((row) => row["project"]!);
  if (projects.length > 1)
    throw new Failure(
      "usage.invalid",
      `${projects.length} projects have a connection ${connection} in this database: ${projects.join(", ")}`,
      { hint: `set ${PROJECT_VARIABLE} to the one that is meant` },
    );
  return { connection, project: projects[0] ?? "" };
}
