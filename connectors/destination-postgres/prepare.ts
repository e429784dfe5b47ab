import type { Context } from "../kit/contract.ts";
import { Failure } from "../../protocol/errors.ts";
import { sqlStateOf } from "../postgres/errors.ts";
import { quoteName, quoteTable } from "../postgres/sql.ts";
import { Checkpoint, type SavedState } from "./checkpoint.ts";
import { CREATE_CHECKPOINT_TABLES, HAS_CHECKPOINTS } from "./checkpoint-queries.ts";
import { lockStreams } from "./lock.ts";
import { OWN_SCHEMA, type StreamPlan, type Table } from "./plan.ts";
import { BACKEND_PID, describeSchemas } from "./queries.ts";
import { findRelations, type Relation, type Relations } from "./relations.ts";
import { label, type Session } from "./session.ts";
import { isStagingKept, replacementsOf, type StagingOwner } from "./staging.ts";
import { sweepStaging } from "./sweep.ts";
import {
  addColumns,
  changeColumnType,
  finalColumns,
  historyColumns,
  RAW_COLUMNS,
} from "./tables.ts";
import type { ColumnDefinition } from "./tables.ts";
import { canWiden } from "./widening.ts";

/** A table of a stream, the columns it must have, and what exists already. */
export interface PreparedTable {
  readonly table: Table;
  readonly columns: readonly ColumnDefinition[];
  readonly exists: boolean;
  /** Whether our index on it exists, if it is to have one. */
  readonly hasIndex: boolean;
}

/** A stream and what its run starts from. */
export interface PreparedStream {
  readonly plan: StreamPlan;
  readonly tables: ReadonlyMap<Table, PreparedTable>;
  /**
   * Whether a new table is to take the old one's place. Not when this generation is in place
   * already, put there by an earlier attempt: the rest of it is added.
   */
  readonly replaces: boolean;
  /** Whether an interrupted attempt of this generation left staging tables to go on with. */
  readonly continues: boolean;
  /** Who fills its staging tables. */
  readonly owner: StagingOwner;
}

export interface Prepared {
  readonly streams: ReadonlyMap<StreamPlan, PreparedStream>;
  /** Undefined when no connection is known; then nothing is kept beside the data. */
  readonly checkpoint: Checkpoint | undefined;
}

/** Who runs. */
export interface RunOptions {
  /** The connection's name; undefined when nobody said it. */
  readonly connection: string | undefined;
  /** What happens to an earlier run of the connection that is still there. */
  readonly former: "end" | "wait for";
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
  { connection, former }: RunOptions,
  context: Context,
): Promise<Prepared> {
  const wanted = plans.flatMap(tablesOf);
  const schemas = new Set(wanted.map(({ table }) => table.schema));
  if (connection !== undefined || plans.some((plan) => plan.replaces)) schemas.add(OWN_SCHEMA);
  await createSchemas(session, [...schemas]);
  const checkpoint =
    connection === undefined
      ? undefined
      : await openCheckpoint(session, connection, former, context.signal);
  await lockStreams(session, plans, context.signal);
  const owner = await ownerOf(session, connection);
  if (schemas.has(OWN_SCHEMA)) await sweepStaging(session, plans, owner, context);

  const relations = await findRelations(session, [
    ...wanted.flatMap(({ table, index }) => (index ? [table, index] : [table])),
    ...plans.flatMap(replacementsOf).map(({ staging }) => staging),
  ]);
  const streams = new Map(
    plans.map((plan) => [plan, prepareStream(plan, relations, checkpoint?.of(plan.stream), owner)]),
  );
  const changes = [...streams.values()].flatMap((stream) => changesFor(stream, relations, context));
  if (changes.length > 0)
    await session
      .run("adapt the tables", "begin", ...changes, "commit")
      .catch(async (error: unknown) => {
        await session.run("roll back", "rollback");
        throw error;
      });
  for (const stream of streams.values())
    if (!stream.replaces) await widenColumns(session, stream, relations, context);
  return { streams, checkpoint };
}

/**
 * Lets columns hold what the schema now says they do. A column whose type cannot be widened, or that
 * a view holds fast, keeps it: old values stay, new ones that do not fit become NULL and are counted.
 */
async function widenColumns(
  session: Session,
  { plan, tables }: PreparedStream,
  relations: Relations,
  context: Context,
): Promise<void> {
  const own = new Set(plan.columns.map((column) => column.name));
  for (const { table, columns } of tables.values())
    for (const { name, type } of columns) {
      const existing = relations.of(table)?.columns.get(name)?.type;
      const isHistoryBound = name === "_airbyte_start_at" || name === "_airbyte_end_at";
      if (existing === undefined || existing === type || !(own.has(name) || isHistoryBound))
        continue;
      const what = `${label(table)}.${name} from ${existing} to ${type}`;
      let why = "not every old value would fit";
      if (canWiden(existing, type))
        try {
          await session.run(`change ${what}`, changeColumnType(table, name, type));
          context.log("INFO", `changed ${what}`);
          continue;
        } catch (error) {
          const failure = error as Failure;
          if (!/^(0A000|2BP01|22)/.test(sqlStateOf(failure.cause) ?? "")) throw failure;
          why = failure.message;
        }
      context.log(
        "WARN",
        `keeping the type of ${what}: ${why}; values that do not fit become NULL`,
      );
    }
}

async function openCheckpoint(
  session: Session,
  connection: string,
  former: RunOptions["former"],
  signal: AbortSignal,
): Promise<Checkpoint> {
  const [row] = await session.query("look for states", HAS_CHECKPOINTS);
  // Two first runs at once both create them; the loser's are there.
  if (row!["found"] !== "t")
    await unlessExists(session.run("create the checkpoint tables", ...CREATE_CHECKPOINT_TABLES));
  return former === "end"
    ? Checkpoint.open(session, connection)
    : Checkpoint.openWhenFree(session, connection, signal);
}

async function ownerOf(session: Session, connection: string | undefined): Promise<StagingOwner> {
  if (connection !== undefined) return { connection };
  const [row] = await session.query("look the session up", BACKEND_PID);
  return { writer: row!["pid"]! };
}

function prepareStream(
  plan: StreamPlan,
  relations: Relations,
  saved: SavedState | undefined,
  owner: StagingOwner,
): PreparedStream {
  const isSameGeneration = plan.generation !== undefined && saved?.generation === plan.generation;
  const replaces = plan.replaces && !(isSameGeneration && saved?.isComplete === true);
  const continues =
    replaces &&
    plan.resumes &&
    isSameGeneration &&
    saved?.line !== undefined &&
    isStagingKept(plan, relations, owner);
  const tables = tablesOf(plan).map(({ table, columns, index }): [Table, PreparedTable] => [
    table,
    {
      table,
      columns,
      exists: relations.of(table) !== undefined,
      hasIndex: index === undefined || relations.of(index) !== undefined,
    },
  ]);
  return { plan, tables: new Map(tables), replaces, continues, owner };
}

/** Statements that adapt what exists. */
function changesFor(
  { plan, tables, replaces, continues }: PreparedStream,
  relations: Relations,
  context: Context,
): string[] {
  const changes: string[] = [];
  for (const { table, columns } of tables.values()) {
    const relation = relations.of(table);
    if (relation === undefined) continue;
    checkLayout(table, columns, relation);
    if (
      plan.dedup &&
      table === plan.final &&
      !replaces &&
      !relation.columns.has("_airbyte_unique_key")
    )
      throw new Failure(
        "config.invalid",
        `${label(table)} was filled without a key and cannot be deduplicated from now on`,
        { hint: "clear or refresh the stream once after changing its sync mode" },
      );
    // A table that is replaced stays as it is until then.
    const missing = columns.filter((column) => !relation.columns.has(column.name));
    if (replaces || missing.length === 0) continue;
    changes.push(addColumns(table, missing));
    const names = missing.map((column) => column.name).join(", ");
    context.log("INFO", `adding to ${label(table)}: ${names}`);
  }
  if (!continues)
    for (const { staging } of replacementsOf(plan))
      if (relations.of(staging) !== undefined) changes.push(`drop table ${quoteTable(staging)}`);
  return changes;
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
async function unlessExists(creation: Promise<void>): Promise<void> {
  try {
    await creation;
  } catch (error) {
    const code = sqlStateOf((error as Failure).cause) ?? "";
    if (!["23505", "42P06", "42P07"].includes(code)) throw error;
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
