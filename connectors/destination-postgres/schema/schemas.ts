import { Failure } from "../../../protocol/errors.ts";
import { sqlStateOf } from "../../postgres/errors.ts";
import { quoteName } from "../../postgres/sql.ts";
import { createSchema, describeSchemas } from "./queries.ts";
import type { Session } from "../../postgres/session.ts";

/**
 * Creates the schemas that are missing. Others may be doing the same at this moment. Throws
 * `postgres.permission_denied` for those that it may not create, or not use.
 */
export async function createSchemas(session: Session, schemas: readonly string[]): Promise<void> {
  if (schemas.length === 0) return;
  for (const schema of await missingSchemas(session, schemas)) await makeSchema(session, schema);
}

/**
 * Those of the schemas that do not exist. Throws `postgres.permission_denied` for existing ones in
 * which no table may be created.
 */
export async function missingSchemas(
  session: Session,
  schemas: readonly string[],
): Promise<string[]> {
  const rows = await session.query("look the schemas up", describeSchemas(schemas));
  const locked = rows.find((row) => row["may_create"] !== "t" || row["may_use"] !== "t");
  if (locked !== undefined) {
    const schema = locked["schema"]!;
    throw new Failure(
      "postgres.permission_denied",
      `the configured user may not create tables in the schema ${schema}`,
      { hint: `run: GRANT USAGE, CREATE ON SCHEMA ${quoteName(schema)} TO the user` },
    );
  }
  const existing = new Set(rows.map((row) => row["schema"]!));
  return schemas.filter((schema) => !existing.has(schema));
}

/** Creates a schema. Throws `postgres.permission_denied`, saying what to grant. */
async function makeSchema(session: Session, schema: string): Promise<void> {
  try {
    await unlessExists(session.run(`create the schema ${schema}`, createSchema(schema)));
  } catch (error) {
    const cause = (error as Failure).cause;
    if (sqlStateOf(cause) === "42501")
      throw new Failure(
        "postgres.permission_denied",
        `the schema ${schema} does not exist and the configured user may not create it`,
        {
          cause,
          hint: `create it, or run: GRANT CREATE ON DATABASE the database TO the user`,
        },
      );
    throw error;
  }
}

/** "if not exists" looks first and creates then; another session may come between. */
async function unlessExists(creation: Promise<void>): Promise<void> {
  try {
    await creation;
  } catch (error) {
    const code = sqlStateOf((error as Failure).cause) ?? "";
    if (!["23505", "42P06", "42P07"].includes(code)) throw error;
  }
}
