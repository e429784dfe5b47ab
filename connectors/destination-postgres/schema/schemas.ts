import { Failure } from "../../../protocol/errors.ts";
import { sqlStateOf } from "../../postgres/errors.ts";
import { quoteName } from "../../postgres/sql.ts";
import { describeSchemas } from "../queries.ts";
import type { Session } from "../../postgres/session.ts";

/** Creates the schemas that are missing. Others may be doing the same at this moment. */
export async function createSchemas(session: Session, schemas: readonly string[]): Promise<void> {
  const rows = await session.query("look the schemas up", describeSchemas(schemas));
  const existing = new Map(rows.map((row) => [row["schema"]!, row]));
  for (const schema of schemas) {
    const row = existing.get(schema);
    if (row === undefined) await createSchema(session, schema);
    else if (row["may_create"] !== "t" || row["may_use"] !== "t")
      throw new Failure(
        "postgres.permission_denied",
        `the configured user may not create tables in the schema ${schema}`,
        { hint: `run: GRANT USAGE, CREATE ON SCHEMA ${quoteName(schema)} TO the user` },
      );
  }
}

async function createSchema(session: Session, schema: string): Promise<void> {
  try {
    await unlessExists(
      session.run(
        `create the schema ${schema}`,
        `create schema if not exists ${quoteName(schema)}`,
      ),
    );
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

/** "if not exists" looks first and creates then; another session may come between (fault E12). */
export async function unlessExists(creation: Promise<void>): Promise<void> {
  try {
    await creation;
  } catch (error) {
    const code = sqlStateOf((error as Failure).cause) ?? "";
    if (!["23505", "42P06", "42P07"].includes(code)) throw error;
  }
}
