import type { StreamDescriptor } from "../../../protocol/catalog.ts";
import { Failure, ofStream, type FailureDetails } from "../../../protocol/errors.ts";
import { sqlStateOf } from "../../postgres/errors.ts";
import { quoteName } from "../../postgres/sql.ts";
import { ownSchema } from "../plan/own-schema.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { tablesOf } from "./layout.ts";
import { createSchema, describeSchemas } from "./queries.ts";
import type { Session } from "../../postgres/session.ts";
import { together } from "../../postgres/together.ts";

/** A schema, and the stream that needs it, where it is one. */
export interface NeededSchema {
  readonly schema: string;
  readonly stream?: StreamDescriptor;
}

/** The schemas of a run, each with a stream that needs it; ours is no stream's. */
export function schemasOf(plans: readonly StreamPlan[]): NeededSchema[] {
  const first = new Map<string, NeededSchema>([[ownSchema(), { schema: ownSchema() }]]);
  for (const plan of plans)
    for (const { table } of tablesOf(plan))
      if (!first.has(table.schema))
        first.set(table.schema, { schema: table.schema, stream: plan.stream });
  return [...first.values()];
}

/** Those that are not ours: these are made with our tables. */
export function ofUsers(schemas: readonly NeededSchema[]): NeededSchema[] {
  return schemas.filter(({ schema }) => schema !== ownSchema());
}

/**
 * Creates schemas that were missing. Others may be doing the same at this moment. Throws
 * `postgres.permission_denied`, of the stream, for those that it may not create.
 */
export async function createSchemas(
  session: Session,
  missing: readonly NeededSchema[],
): Promise<void> {
  await together(missing.map((schema) => makeSchema(session, schema)));
}

/**
 * Those of the schemas that do not exist. Throws `postgres.permission_denied`, of the stream, for
 * existing ones in which no table may be created.
 */
export async function missingSchemas(
  session: Session,
  schemas: readonly NeededSchema[],
): Promise<NeededSchema[]> {
  const names = schemas.map(({ schema }) => schema);
  const rows = await session.query("look the schemas up", describeSchemas(names));
  const locked = rows.find((row) => row["may_create"] !== "t" || row["may_use"] !== "t");
  if (locked !== undefined) {
    const schema = locked["schema"]!;
    throw deniedFor(
      schemas.find((one) => one.schema === schema)!,
      `the configured user may not create tables in the schema ${schema}`,
      { hint: `run: GRANT USAGE, CREATE ON SCHEMA ${quoteName(schema)} TO the user` },
    );
  }
  const existing = new Set(rows.map((row) => row["schema"]!));
  return schemas.filter(({ schema }) => !existing.has(schema));
}

/** Creates a schema. Throws `postgres.permission_denied`, saying what to grant. */
async function makeSchema(session: Session, needed: NeededSchema): Promise<void> {
  const { schema } = needed;
  try {
    await unlessExists(session.run(`create the schema ${schema}`, createSchema(schema)));
  } catch (error) {
    const cause = (error as Failure).cause;
    if (sqlStateOf(cause) !== "42501") throw error;
    // Somebody who may create it can have done so meanwhile.
    if ((await missingSchemas(session, [needed])).length > 0) throw mayNotCreate(needed, cause);
  }
}

/** The failure for a schema that is missing and that the user may not create. */
export function mayNotCreate(needed: NeededSchema, cause?: unknown): unknown {
  return deniedFor(
    needed,
    `the schema ${needed.schema} does not exist and the configured user may not create it`,
    { cause, hint: "create it, or run: GRANT CREATE ON DATABASE the database TO the user" },
  );
}

function deniedFor(
  { stream }: NeededSchema,
  message: string,
  details: Pick<FailureDetails, "hint" | "cause">,
): unknown {
  const failure = new Failure("postgres.permission_denied", message, details);
  return stream ? ofStream(failure, stream) : failure;
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
