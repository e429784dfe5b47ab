import type { Context } from "../kit/contract.ts";
import { Failure } from "../../protocol/errors.ts";
import { sqlStateOf } from "../postgres/errors.ts";
import { quoteName, quoteTable } from "../postgres/sql.ts";
import { lockStreams } from "./lock.ts";
import { OWN_SCHEMA, type StreamPlan, type Table } from "./plan.ts";
import { describeSchemas } from "./queries.ts";
import { findRelations, type Relation } from "./relations.ts";
import { label, type Session } from "./session.ts";
import { replacementsOf } from "./staging.ts";
import { addColumns, finalColumns, historyColumns, RAW_COLUMNS } from "./tables.ts";
import type { ColumnDefinition } from "./tables.ts";

/** A table of a stream, the columns it must have, and whether it exists already. */
export interface PreparedTable {
  readonly table: Table;
  readonly columns: readonly ColumnDefinition[];
  readonly exists: boolean;
  /** Whether our index on it exists, if it is to have one. */
  readonly hasIndex: boolean;
}

/**
 * Makes the database ready for `plans` as far as readers cannot notice: locks the streams against
 * other writers, creates missing schemas, removes what killed runs left, refuses tables that are not
 * ours, adds missing columns. Missing tables are left to the transaction that loads them, so that a
 * run that fails leaves none behind.
 */
export async function prepareTables(
  session: Session,
  plans: readonly StreamPlan[],
  needsOwnSchema: boolean,
  context: Context,
): Promise<Map<StreamPlan, Map<Table, PreparedTable>>> {
  await lockStreams(session, plans, context.signal);
  const schemas = new Set(plans.flatMap((plan) => tablesOf(plan).map(({ table }) => table.schema)));
  if (needsOwnSchema) schemas.add(OWN_SCHEMA);
  await createSchemas(session, [...schemas]);

  const wanted = plans.flatMap(tablesOf);
  const staged = plans.flatMap(replacementsOf).map(({ staging }) => staging);
  const indexes = wanted.flatMap(({ index }) => (index ? [index] : []));
  const relations = await findRelations(session, [
    ...wanted.map(({ table }) => table),
    ...indexes,
    ...staged,
  ]);

  const prepared = new Map<StreamPlan, Map<Table, PreparedTable>>();
  for (const plan of plans)
    prepared.set(
      plan,
      new Map(
        tablesOf(plan).map(({ table, columns, index }) => [
          table,
          {
            table,
            columns,
            exists: relations.of(table) !== undefined,
            hasIndex: index === undefined || relations.of(index) !== undefined,
          },
        ]),
      ),
    );
  const changes: string[] = [];
  for (const { table, columns } of wanted) {
    const relation = relations.of(table);
    if (relation === undefined) continue;
    checkLayout(table, columns, relation);
    const missing = columns.filter((column) => !relation.columns.has(column.name));
    if (missing.length === 0) continue;
    changes.push(addColumns(table, missing));
    const names = missing.map((column) => column.name).join(", ");
    context.log("INFO", `adding to ${label(table)}: ${names}`);
  }
  for (const staging of staged)
    if (relations.of(staging) !== undefined) changes.push(`drop table ${quoteTable(staging)}`);
  if (changes.length > 0)
    await session.run("adapt the tables", "begin", ...changes, "commit").catch(async (error) => {
      await session.run("roll back", "rollback");
      throw error;
    });
  return prepared;
}

/** A table a stream writes. */
interface WantedTable {
  readonly table: Table;
  readonly columns: readonly ColumnDefinition[];
  readonly index: Table | undefined;
}

function tablesOf(plan: StreamPlan): WantedTable[] {
  const indexOf = (table: Table, name: string | undefined) =>
    name === undefined ? undefined : { schema: table.schema, name };
  const { raw, final, history, dedup } = plan;
  return [
    ...(raw ? [{ table: raw, columns: RAW_COLUMNS, index: undefined }] : []),
    ...(final
      ? [{ table: final, columns: finalColumns(plan), index: indexOf(final, dedup?.index) }]
      : []),
    ...(history
      ? [
          {
            table: history,
            columns: historyColumns(plan),
            index: indexOf(history, dedup?.historyIndex),
          },
        ]
      : []),
  ];
}

/** Creates the schemas that are missing. Others may be doing the same at this moment. */
async function createSchemas(session: Session, schemas: readonly string[]): Promise<void> {
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
    await session.run(
      `create the schema ${schema}`,
      `create schema if not exists ${quoteName(schema)}`,
    );
  } catch (error) {
    const cause = (error as Failure).cause;
    // "if not exists" looks first and creates then; another session may come between (fault E12).
    if (["23505", "42P06"].includes(sqlStateOf(cause) ?? "")) return;
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

/** Refuses a relation that is there under our table's name but is not a table of ours. */
function checkLayout(table: Table, columns: readonly ColumnDefinition[], relation: Relation): void {
  const refuse = (why: string) =>
    new Failure("config.invalid", `${label(table)} exists and ${why}`, {
      hint: "move it out of the way, choose another schema, or give the stream a prefix",
    });
  if (relation.kind !== "r" && relation.kind !== "p") throw refuse("is not a table");
  for (const own of ["_airbyte_ab_id", "_airbyte_emitted_at"])
    if (!relation.columns.has(own)) throw refuse(`was not made by this tool: it has no ${own}`);
  const wanted = new Set(columns.map((column) => column.name));
  for (const [name, column] of relation.columns) {
    if (!wanted.has(name) && column.mustBeGiven)
      throw refuse(
        `has a column ${name} that must have a value (NOT NULL, no default) and is not in the stream`,
      );
    if (wanted.has(name) && column.isGenerated)
      throw refuse(`computes its column ${name} itself, so it cannot be loaded`);
  }
}
