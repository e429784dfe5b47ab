import type { Context } from "../../kit/contract.ts";
import { label, quoteTable, type Table } from "../../postgres/sql.ts";
import { adoptTables, refuseOtherKey } from "../rebuild/adopt.ts";
import { Checkpoint, type SavedState } from "../checkpoint/checkpoint.ts";
import { CREATE_CHECKPOINT_TABLES, HAS_CHECKPOINTS } from "../checkpoint/checkpoint-queries.ts";
import { withExistingTypes, withPinnedTypes } from "./existing-types.ts";
import { checkLayout, tablesOf } from "./layout.ts";
import { lockStreams } from "./lock.ts";
import { OWN_SCHEMA, type StreamPlan } from "../plan/stream-plan.ts";
import { BACKEND_PID } from "../queries.ts";
import { findRelations, type Relations } from "./relations.ts";
import { createSchemas, unlessExists } from "./schemas.ts";
import type { Session } from "../../postgres/session.ts";
import { isStagingKept, replacementsOf, type StagingOwner } from "../publish/staging.ts";
import { sweepStaging } from "../publish/sweep.ts";
import { addColumns, type ColumnDefinition } from "../plan/tables.ts";
import { widenColumns } from "./widen.ts";

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
 * ours, adds missing columns, and makes tables filled under other settings fit. Missing tables are
 * left to the transaction that loads them, so that a run that fails leaves none behind.
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
  if (schemas.has(OWN_SCHEMA) && former === "end")
    await sweepStaging(session, plans, owner, context);

  const look = () => findRelations(session, plans.flatMap(relationsToKnow));
  const prepareOne = (plan: StreamPlan, relations: Relations) =>
    prepareStream(plan, relations, checkpoint?.of(plan.stream), owner);
  const relations = await look();
  const streams = plans.map((plan) => prepareOne(plan, relations));
  const changes = streams.flatMap((stream) => changesFor(stream, relations, context));
  for (const stream of streams) await refuseOtherKey(stream, relations, session);
  if (changes.length > 0) await runTogether(session, "adapt the tables", changes);
  let isChanged = changes.length > 0;
  for (const stream of streams)
    if (!stream.replaces && (await widenColumns(session, stream, relations, context)))
      isChanged = true;
  let current = isChanged ? await look() : relations;
  isChanged = false;
  const settled = new Map<StreamPlan, StreamPlan>();
  for (const { plan, replaces } of streams) {
    const typed = replaces
      ? await withPinnedTypes(plan, current, session, context)
      : withExistingTypes(plan, current);
    settled.set(plan, typed);
    const work = { session, relations: current, checkpoint, context };
    if (await adoptTables(prepareOne(typed, current), work)) isChanged = true;
  }
  if (isChanged) current = await look();
  const prepared = plans.map((plan) => [plan, prepareOne(settled.get(plan)!, current)] as const);
  return { streams: new Map(prepared), checkpoint };
}

/** Runs statements in one transaction. */
async function runTogether(
  session: Session,
  action: string,
  statements: readonly string[],
): Promise<void> {
  try {
    await session.run(action, "begin", ...statements, "commit");
  } catch (error) {
    await session.run("roll back", "rollback");
    throw error;
  }
}

function relationsToKnow(plan: StreamPlan): Table[] {
  return [
    ...tablesOf(plan).flatMap(({ table, index }) => (index ? [table, index] : [table])),
    ...replacementsOf(plan).map(({ staging }) => staging),
    ...plan.unkept.map(({ table }) => table),
  ];
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
