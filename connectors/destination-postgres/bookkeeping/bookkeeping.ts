import { Failure } from "../../../protocol/errors.ts";
import { sqlStateOf } from "../../postgres/errors.ts";
import type { Session } from "../../postgres/session.ts";
import type { Table } from "../../postgres/sql.ts";
import { ownSchema } from "../plan/own-schema.ts";
import { createSchemas } from "../schema/schemas.ts";
import {
  addProjects,
  addShapes,
  createNewTables,
  createTables,
  insertOldStaging,
  listOldStaging,
  LOCK_BOOKKEEPING,
  lookForBookkeeping,
  noteVersion,
  readVersion,
  relearnTables,
  shareNewTables,
} from "./queries.ts";

/**
 * The layout of our tables. 1 had positions and fences alone, by the connection's name; what it knew
 * of tables it wrote into their comments. 2 did not know what tables were like.
 */
const LAYOUT = 3;

/** Our tables in our schema, besides the staging tables. */
export const BOOKKEEPING_TABLES = [
  "version",
  "connection",
  "checkpoint",
  "written_table",
  "staging",
];

/** How our tables stand: `current` ones can be used as they are. */
export type Standing = "missing" | "layout 1" | "layout 2" | "copied" | "current";

/**
 * Makes our tables what this version works with: creates those that are missing, takes
 * over what an older version kept, and after a restore from a dump knows tables by their names again.
 * Any number of runs may do it at once.
 *
 * @param known how they stand, where somebody looked.
 */
export async function openBookkeeping(session: Session, known?: Standing): Promise<void> {
  if ((known ?? (await lookAtBookkeeping(session))) === "current") return;
  await createSchemas(session, [{ schema: ownSchema() }]);
  await session.begin();
  try {
    await settleBookkeeping(session);
    await session.commit();
  } catch (error) {
    await session.rollback();
    throw error;
  }
}

/** The same for a run that only asks: false where nothing was ever kept, and then nothing is made. */
export async function findBookkeeping(session: Session): Promise<boolean> {
  const standing = await lookAtBookkeeping(session);
  if (standing === "missing") return false;
  await openBookkeeping(session, standing);
  return true;
}

/** Does it in the open transaction, where the schema is there. */
export async function settleBookkeeping(session: Session): Promise<void> {
  try {
    await settle(session);
  } catch (error) {
    const { cause, message } = error as Failure;
    if (sqlStateOf(cause) !== "42501") throw error;
    throw new Failure("postgres.permission_denied", message, {
      cause,
      hint: `the tables in the schema ${ownSchema()} belong to another user: run this once as that user, or make the configured one their owner`,
    });
  }
}

async function settle(session: Session): Promise<void> {
  await session.query("wait for others that create our tables", LOCK_BOOKKEEPING);
  switch (await lookAtBookkeeping(session)) {
    case "missing":
      await session.run("create our tables", ...createTables());
      return addNewTables(session);
    case "layout 1":
      await session.run("take over what an older version kept", ...addProjects());
      await addNewTables(session);
      return session.run("share our tables with other users", shareNewTables());
    case "layout 2":
      await session.run("take over what an older version kept", ...addShapes());
      return settle(session); // it may be a copy, too
    case "copied":
      return session.run("find the tables of the restored database", ...relearnTables());
    case "current":
  }
}

async function addNewTables(session: Session): Promise<void> {
  await session.run("create our tables", ...createNewTables(), noteVersion(LAYOUT));
  await noteOldStaging(session);
}

/** Looks how our tables stand. Throws `config.invalid` when a newer version made them. */
export async function lookAtBookkeeping(session: Session): Promise<Standing> {
  const [found] = await session.query("look for our tables", lookForBookkeeping());
  if (found!["has_version"] !== "t")
    return found!["has_checkpoints"] === "t" ? "layout 1" : "missing";
  const [row] = await session.query("look at the version of our tables", readVersion());
  if (Number(row?.["version"]) === 2) return "layout 2";
  if (Number(row?.["version"]) !== LAYOUT)
    throw new Failure(
      "config.invalid",
      `the tables in the schema ${ownSchema()} have layout ${row?.["version"] ?? "unknown"}, this version works with ${LAYOUT}`,
      { hint: "run the newest version that was used on this database" },
    );
  return row!["is_copy"] === "t" ? "copied" : "current";
}

/** Staging tables of layout 1 say in a comment whose they are: whoever that is removes them. */
async function noteOldStaging(session: Session): Promise<void> {
  for (const row of await session.query("look for unfinished tables", listOldStaging())) {
    const note = noteIn(row["comment"]!);
    if (note === undefined) continue;
    const [schema, ...name] = note.replaces.split(".");
    await session.query(
      "note an unfinished table",
      insertOldStaging({
        name: row["name"]!,
        replaces: { schema: schema!, name: name.join(".") } satisfies Table,
        connection: note.connection ?? null,
        writer: note.writer ?? null,
      }),
    );
  }
}

/** What layout 1 wrote into the comment of a staging table; undefined when it is none of ours. */
function noteIn(
  comment: string | null,
): { replaces: string; connection?: string; writer?: string } | undefined {
  try {
    const note = JSON.parse(comment ?? "null") as { replaces?: unknown } | null;
    return typeof note?.replaces === "string" ? { ...note, replaces: note.replaces } : undefined;
  } catch {
    return undefined;
  }
}
