import type { StreamDescriptor } from "../../../protocol/catalog.ts";
import { Failure, firstOf, ofStream } from "../../../protocol/errors.ts";
import { sqlStateOf } from "../../postgres/errors.ts";
import { quoteName } from "../../postgres/sql.ts";
import { ownSchema } from "../plan/own-schema.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { tablesOf } from "./layout.ts";
import { createSchema, describeSchemas } from "./queries.ts";
import type { Session } from "../../postgres/session.ts";
import { together } from "../../postgres/together.ts";

/** A schema, and the streams that need it; ours is no stream's. */
export interface NeededSchema {
  readonly schema: string;
  readonly streams: readonly StreamDescriptor[];
}

/** The schemas of a run, ours last. */
export function schemasOf(plans: readonly StreamPlan[]): NeededSchema[] {
  const streams = new Map<string, Set<StreamDescriptor>>();
  for (const plan of plans)
    for (const { table } of tablesOf(plan))
      streams.set(table.schema, (streams.get(table.schema) ?? new Set()).add(plan.stream));
  return [
    ...[...streams].map(([schema, some]) => ({ schema, streams: [...some] })),
    { schema: ownSchema(), streams: [] },
  ];
}

/** Those that are not ours: these are made with our tables. */
export function ofUsers(schemas: readonly NeededSchema[]): NeededSchema[] {
  return schemas.filter(({ schema }) => schema !== ownSchema());
}

/** Creates schemas that were missing. Others may be doing the same at this moment. */
export async function createSchemas(
  session: Session,
  missing: readonly NeededSchema[],
): Promise<void> {
  await together(
    missing.map(({ schema }) =>
      unlessExists(session.run(`create the schema ${schema}`, createSchema(schema))),
    ),
  );
}

/**
 * Those of the schemas that do not exist. Throws `postgres.permission_denied`, of each stream that needs
 * one, for those that may not be created, and existing ones in which no table may be.
 */
export async function missingSchemas(
  session: Session,
  schemas: readonly NeededSchema[],
): Promise<NeededSchema[]> {
  const names = schemas.map(({ schema }) => schema);
  const rows = await session.query("look the schemas up", describeSchemas(names));
  const found = new Map(rows.map((row) => [row["schema"], row]));
  const is = (what: "exists" | "may", { schema }: NeededSchema) => found.get(schema)![what] === "t";
  const denied = schemas.flatMap((one) =>
    is("may", one) ? [] : deniedFor(one, is("exists", one)),
  );
  if (denied.length > 0) throw firstOf(denied);
  return schemas.filter((one) => !is("exists", one));
}

/** What it means that we may not create a schema, or tables in it: that of ours for the run, others for their streams. */
function deniedFor({ schema, streams }: NeededSchema, exists: boolean): unknown[] {
  const [message, hint] = exists
    ? [
        `the configured user may not create tables in the schema ${schema}`,
        `run: GRANT USAGE, CREATE ON SCHEMA ${quoteName(schema)} TO the user`,
      ]
    : [
        `the schema ${schema} does not exist and the configured user may not create it`,
        "create it, or run: GRANT CREATE ON DATABASE the database TO the user",
      ];
  const failure = new Failure("postgres.permission_denied", message, { hint });
  return streams.length === 0 ? [failure] : streams.map((stream) => ofStream(failure, stream));
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
