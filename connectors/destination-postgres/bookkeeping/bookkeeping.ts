import { Failure } from "../../../protocol/errors.ts";
import { sqlStateOf } from "../../postgres/errors.ts";
import type { Row, Session, Statement } from "../../postgres/session.ts";
import type { Table } from "../../postgres/sql.ts";
import { together } from "../../postgres/together.ts";
import { ownSchema } from "../plan/own-schema.ts";
import { createSchemas, missingSchemas, type NeededSchema } from "../schema/schemas.ts";
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
} from "./layout-queries.ts";

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

/** What a run has seen already. */
export interface SeenBookkeeping {
  readonly standing: Standing;
  /** Schemas that do not exist, ours among them if it does not. */
  readonly missing: readonly NeededSchema[];
}

/**
 * Makes our tables what this version works with: creates those that are missing, takes
 * over what an older version kept, and after a restore from a dump knows tables by their names again.
 * Any number of runs may do it at once.
 */
export async function openBookkeeping(session: Session, seen?: SeenBookkeeping): Promise<void> {
  const standing = seen?.standing ?? (await lookAtBookkeeping(session));
  if (standing === "current") return;
  const isOwn = ({ schema }: NeededSchema) => schema === ownSchema();
  const missing =
    seen?.missing.filter(isOwn) ??
    (await missingSchemas(session, [{ schema: ownSchema(), streams: [] }]));
  try {
    // The schema is there before the transaction begins: others may be creating it, too.
    const [, , changes] = await together([
      createSchemas(session, missing),
      session.begin(),
      changesOf(session),
    ]);
    await session.commit(...changes);
  } catch (error) {
    await session.rollback();
    throw error;
  }
}

/** The same for a run that only asks: false where nothing was ever kept, and then nothing is made. */
export async function findBookkeeping(session: Session): Promise<boolean> {
  const standing = await lookAtBookkeeping(session);
  if (standing === "missing") return false;
  await openBookkeeping(session, { standing, missing: [] });
  return true;
}

/** Does it in the open transaction, where the schema is there. */
export async function settleBookkeeping(session: Session): Promise<void> {
  for (const { action, sql } of await changesOf(session))
    await session.query(action, sql).catch((failure: Failure) => {
      throw explained(failure);
    });
}

/** What is left to do, in the open transaction, once others that do the same have done it. */
async function changesOf(session: Session): Promise<Statement[]> {
  try {
    const [, standing, old] = await together([
      session.query("wait for others that create our tables", LOCK_BOOKKEEPING),
      lookAtBookkeeping(session),
      session.query("look for unfinished tables", listOldStaging()),
    ]);
    if (standing === "layout 2") {
      await session.run("take over what an older version kept", ...addShapes());
      return await changesOf(session); // it may be a copy, too
    }
    return changes(standing, old);
  } catch (error) {
    throw explained(error as Failure);
  }
}

function changes(standing: Standing, old: readonly Row[]): Statement[] {
  const newTables = [
    ...named("create our tables", ...createNewTables(), noteVersion(LAYOUT)),
    ...noteOldStaging(old),
  ];
  switch (standing) {
    case "missing":
      return [...named("create our tables", ...createTables()), ...newTables];
    case "layout 1":
      return [
        ...named("take over what an older version kept", ...addProjects()),
        ...newTables,
        ...named("share our tables with other users", shareNewTables()),
      ];
    case "copied":
      return named("find the tables of the restored database", ...relearnTables());
    default:
      return [];
  }
}

const named = (action: string, ...statements: string[]): Statement[] =>
  statements.map((text) => ({ action, sql: { text, values: [] }, explain: explained }));

/** Says what helps where our tables are another user's. */
function explained(failure: Failure): Failure {
  const { cause, message } = failure;
  if (sqlStateOf(cause) !== "42501") return failure;
  return new Failure("postgres.permission_denied", message, {
    cause,
    hint: `the tables in the schema ${ownSchema()} belong to another user: run this once as that user, or make the configured one their owner`,
  });
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
function noteOldStaging(rows: readonly Row[]): Statement[] {
  return rows.flatMap((row) => {
    const note = noteIn(row["comment"]!);
    if (note === undefined) return [];
    const [schema, ...name] = note.replaces.split(".");
    const sql = insertOldStaging({
      name: row["name"]!,
      replaces: { schema: schema!, name: name.join(".") } satisfies Table,
      connection: note.connection ?? null,
      writer: note.writer ?? null,
    });
    return [{ action: "note an unfinished table", sql, explain: explained }];
  });
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
