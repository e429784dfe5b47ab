import { ownSchema } from "./plan/own-schema.ts";
import { randomBytes } from "node:crypto";
import type { CheckResult, Context } from "../kit/contract.ts";
import { Failure } from "../../protocol/errors.ts";
import { sqlStateOf } from "../postgres/errors.ts";
import { quoteName, type Table } from "../postgres/sql.ts";
import { BOOKKEEPING_TABLES, settleBookkeeping } from "./bookkeeping/bookkeeping.ts";
import { TEXT_FORMAT } from "./encode/text/text-format.ts";
import { createProbe, dropProbe, readProbe, tablesOutOfReach } from "./queries.ts";
import { createSchema, findSchema } from "./schema/queries.ts";
import type { Session } from "../postgres/session.ts";
import { askWritable, refuseWithoutTemporary } from "./server.ts";
import type { FullConfig } from "./spec.ts";

/**
 * Does once what a sync does: in the configured schema and in our own, creates a table, loads a row
 * by COPY, reads it and drops the table; a schema that is missing is created. Our own tables are
 * created, or made what this version works with, and must all be within the user's reach. Everything
 * happens in one transaction that is rolled back, so a check leaves nothing behind.
 */
export async function checkDestination(
  session: Session,
  config: FullConfig,
  context: Context,
): Promise<CheckResult> {
  const server = await askWritable(session);
  if (server["fsync"] === "off")
    context.log(
      "WARN",
      "fsync is off on this server: a crash of its machine can lose data that was reported as stored",
    );
  const user = quoteName(server["username"]!);
  const database = quoteName(server["database"]!);
  refuseWithoutTemporary(server);
  await session.begin();
  try {
    for (const schema of [config.schema, ownSchema()]) {
      await ensureSchema(session, schema, database, user);
      await roundTrip(session, schema, user);
    }
    await settleBookkeeping(session);
    await checkReach(session, user);
  } finally {
    await session.rollback();
  }
  return { status: "SUCCEEDED" };
}

async function ensureSchema(
  session: Session,
  schema: string,
  database: string,
  user: string,
): Promise<void> {
  const found = await session.query("look the schema up", findSchema(schema));
  if (found.length > 0) return;
  await explain(
    session.run(`create the schema ${schema}`, createSchema(schema)),
    `GRANT CREATE ON DATABASE ${database} TO ${user}`,
  );
}

async function roundTrip(session: Session, schema: string, user: string): Promise<void> {
  const table: Table = {
    schema,
    name: `_airbyte_connection_test_${randomBytes(8).toString("hex")}`,
  };
  await explain(
    session.run(`create a table in the schema ${schema}`, createProbe(table)),
    `GRANT USAGE, CREATE ON SCHEMA ${quoteName(schema)} TO ${user}`,
  );
  const row = Buffer.from("syncline\n");
  await session.loads.copy(table, ["test_key"], TEXT_FORMAT, row);
  const rows = await session.query(`read a table in the schema ${schema}`, readProbe(table));
  if (rows.length !== 1 || rows[0]!["test_key"] !== "syncline")
    throw new Failure(
      "postgres.failed",
      `a row written to the schema ${schema} could not be read back`,
    );
  await session.run(`drop a table in the schema ${schema}`, dropProbe(table));
}

async function checkReach(session: Session, user: string): Promise<void> {
  const rows = await session.query(
    "look at our tables",
    tablesOutOfReach(ownSchema(), BOOKKEEPING_TABLES),
  );
  if (rows.length === 0) return;
  const names = rows.map((row) => `${ownSchema()}.${row["name"]}`).join(", ");
  throw new Failure(
    "postgres.permission_denied",
    `the configured user may not read and write ${names}, which another user made`,
    {
      hint: `run: GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${quoteName(ownSchema())} TO ${user}`,
    },
  );
}

/** Adds the statement that helps when the privilege is what is missing. */
async function explain(work: Promise<void>, grant: string): Promise<void> {
  try {
    await work;
  } catch (error) {
    const failure = error as Failure;
    if (sqlStateOf(failure.cause) !== "42501") throw failure;
    throw new Failure(failure.code, failure.message, {
      facts: failure.facts,
      cause: failure.cause,
      hint: `run: ${grant}`,
    });
  }
}
