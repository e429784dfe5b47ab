import {
  cursorPath,
  primaryKeyPaths,
  streamKey,
  streamLabel,
  type ConfiguredCatalog,
  type ConfiguredStream,
  type PropertySchema,
} from "../../../protocol/catalog.ts";
import { Failure } from "../../../protocol/errors.ts";
import { planGeneration } from "../../kit/destination/generations.ts";
import { shortenName, type Table } from "../../postgres/sql.ts";
import { protocolColumn, type TypedColumn } from "../../postgres/types/protocol-column.ts";
import { columnNames, type Column } from "./columns.ts";
import { narrowColumn } from "./narrow-column.ts";
import { nativeType, NO_NATIVE_TYPES, type NativeTypes } from "./native-types.ts";
import { isReservedSchema } from "./own-schema.ts";
import { surelyFits } from "./row-width.ts";
import {
  relationsOf,
  type ChangesPlan,
  type DedupPlan,
  type StreamPlan,
  type TableKind,
} from "./stream-plan.ts";
import { finalColumns, historyColumns } from "./tables.ts";

/** What PostgreSQL allows a table, dropped columns included. */
const MAX_COLUMNS = 1600;

/** Every kind of table, in the order in which they are made. */
const KINDS: readonly TableKind[] = ["raw", "final", "history"];

/** A column that only tables of a kind have, among those of ours. */
const SIGNS: Readonly<Record<TableKind, string>> = {
  raw: "_airbyte_data",
  final: "_airbyte_normalized_at",
  history: "_airbyte_unique_key_scd",
};

/** The property in which sources of changes say when a row was deleted; a stream that has it is one. */
const DELETION = "_ab_cdc_deleted_at";

/** The property by which the changes of a row are ordered, where a source has it; else its cursor does. */
const PLACE_IN_LOG = "_ab_cdc_lsn";

/** Properties that tell of a change and not of the row. */
const MARKS = [PLACE_IN_LOG, "_ab_cdc_updated_at", DELETION];

/** The settings that decide which tables a stream gets. */
export interface TableSettings {
  /** For streams without a namespace. */
  readonly schema: string;
  readonly tables: "raw_and_final" | "final_only" | "raw_only";
  /** Whether deduped streams have a history table. */
  readonly history: boolean;
  /** Whether final tables have a hash column. */
  readonly hashid: boolean;
  /** Whether rows that a source says are deleted stay, marked. */
  readonly cdc_deletion_mode: "Hard delete" | "Soft delete";
}

/**
 * Plans all streams of a catalog. Throws `catalog.invalid` or `settings.invalid` listing every problem
 * at once, collisions between the relations of two streams included.
 *
 * @param keepsStates whether STATEs are kept beside the data; without that nothing can be resumed.
 * @param nativeTypes the source's types that the database has.
 */
export function planStreams(
  catalog: ConfiguredCatalog,
  settings: TableSettings,
  keepsStates: boolean,
  nativeTypes: NativeTypes = NO_NATIVE_TYPES,
): StreamPlan[] {
  const problems: string[] = [];
  const plans: StreamPlan[] = [];
  const seen = new Set<string>();
  for (const configured of catalog.streams) {
    const key = streamKey(configured.stream);
    if (seen.has(key)) {
      problems.push(`${streamLabel(configured.stream)} is configured twice`);
      continue;
    }
    seen.add(key);
    try {
      plans.push(planStream(configured, settings, keepsStates, nativeTypes));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      problems.push(`${streamLabel(configured.stream)}: ${error.message}`);
    }
  }
  problems.push(...collisions(plans));
  if (problems.length > 0) throw new Failure("catalog.invalid", problems.join("; "));
  return plans;
}

function planStream(
  configured: ConfiguredStream,
  settings: TableSettings,
  keepsStates: boolean,
  nativeTypes: NativeTypes,
): StreamPlan {
  const { stream } = configured;
  const schema = stream.namespace || settings.schema;
  checkSchema(schema);
  if (stream.name === "") throw new Failure("catalog.invalid", "a stream needs a name");
  const properties = propertiesOf(configured);
  const keys = [...properties.keys()];
  const hashColumn = shortenName(`_airbyte_${stream.name}_hashid`);
  const names = columnNames(keys, hashColumn);
  const typed = (typeOf: (property: PropertySchema) => TypedColumn) =>
    keys.map((key, index): Column => {
      const property = properties.get(key)!;
      const native = nativeType(property, nativeTypes);
      return { key, name: names[index]!, ...(native ?? typeOf(property)) };
    });
  const wide = typed(protocolColumn);
  const columns = surelyFits(wide.map(({ type }) => type)) ? wide : typed(narrowColumn);
  const mode = configured.destination_sync_mode;
  if (mode !== "append" && mode !== "overwrite" && mode !== "append_dedup")
    throw new Failure("catalog.invalid", `destination_sync_mode ${mode} is not supported`);
  const changes =
    configured.sync_mode === "incremental" ? planChanges(columns, settings) : undefined;
  const order = changes && columns.find((column) => column.key === PLACE_IN_LOG);
  const dedup = mode === "append_dedup" ? planDedup(configured, columns, order) : undefined;
  const tables = tablesIn(schema, stream.name);
  const hasFinal = settings.tables !== "raw_only";
  const wanted = {
    raw: settings.tables !== "final_only",
    final: hasFinal,
    history: hasFinal && dedup !== undefined && settings.history,
  };
  const plan: StreamPlan = {
    stream: stream.namespace
      ? { name: stream.name, namespace: stream.namespace }
      : { name: stream.name },
    label: streamLabel(stream),
    columns,
    renamed: columns.filter((column) => column.key !== column.name),
    ...planGeneration(configured, keepsStates),
    isFullRefresh: configured.sync_mode === "full_refresh",
    standIn: "staging",
    dedup,
    changes,
    raw: wanted.raw ? tables.raw : undefined,
    final: wanted.final ? tables.final : undefined,
    history: wanted.history ? tables.history : undefined,
    unkept: KINDS.filter((kind) => !wanted[kind]).map((kind) => ({
      kind,
      table: tables[kind],
      sign: SIGNS[kind],
    })),
    hashColumn,
    hashesFinal: settings.hashid,
  };
  checkWidth(plan);
  return plan;
}

/** The names of all tables that a stream can have. */
function tablesIn(schema: string, stream: string): Record<TableKind, Table> {
  const named = (name: string) => ({ schema, name: shortenName(name) });
  return {
    raw: named(`_airbyte_raw_${stream}`),
    final: named(stream),
    history: named(`${stream}_scd`),
  };
}

function checkWidth(plan: StreamPlan): void {
  const own = Math.max(
    plan.final ? finalColumns(plan).length - plan.columns.length : 0,
    plan.history ? historyColumns(plan).length - plan.columns.length : 0,
  );
  if (!plan.final || plan.columns.length + own <= MAX_COLUMNS) return;
  throw new Failure(
    "catalog.invalid",
    `${plan.columns.length} columns and ${own} of our own are more than the ${MAX_COLUMNS} a PostgreSQL table can have; select at most ${MAX_COLUMNS - own} fields, or set tables to raw_only`,
  );
}

function planChanges(
  columns: readonly Column[],
  { cdc_deletion_mode: mode }: TableSettings,
): ChangesPlan | undefined {
  const deletedAt = columns.find((column) => column.key === DELETION);
  if (deletedAt === undefined) return undefined;
  const marks = columns.filter((column) => MARKS.includes(column.key));
  return { deletedAt, marks, keepsDeleted: mode === "Soft delete" };
}

/** @param order the column that orders the versions of a row, whatever the cursor is. */
function planDedup(
  configured: ConfiguredStream,
  columns: readonly Column[],
  order: Column | undefined,
): DedupPlan {
  const { stream } = configured;
  const paths = primaryKeyPaths(configured);
  if (paths.length === 0) throw new Failure("catalog.invalid", "append_dedup needs a primary_key");
  const key = paths.map((path) => columnAt(path, columns, "primary_key"));
  const path = cursorPath(configured);
  // A full refresh has no cursor of its own; then what was emitted last is newest.
  const cursor = order ?? (path && columnAt(path, columns, "cursor_field"));
  return {
    key,
    cursor,
    foundBy: "hash",
    index: shortenName(`${stream.name}_airbyte_unique_key`),
    historyIndex: shortenName(`${stream.name}_scd_airbyte_unique_key`),
  };
}

function columnAt(path: readonly string[], columns: readonly Column[], what: string): Column {
  const column = path.length === 1 ? columns.find((one) => one.key === path[0]) : undefined;
  if (column !== undefined) return column;
  throw new Failure(
    "catalog.invalid",
    path.length === 1
      ? `${what} names the column ${JSON.stringify(path[0])}, which the schema does not have`
      : `${what} must name a top-level column`,
  );
}

function propertiesOf(configured: ConfiguredStream): Map<string, PropertySchema> {
  const properties = configured.stream.json_schema["properties"];
  if (typeof properties !== "object" || properties === null || Array.isArray(properties))
    return new Map();
  return new Map(Object.entries(properties as Record<string, PropertySchema>));
}

function checkSchema(schema: string): void {
  if (isReservedSchema(schema))
    throw new Failure("catalog.invalid", `the schema ${schema} is reserved; choose another one`);
  if (shortenName(schema) !== schema)
    throw new Failure(
      "catalog.invalid",
      `the schema name ${schema} is longer than PostgreSQL's 63 bytes`,
    );
}

function collisions(plans: readonly StreamPlan[]): string[] {
  const owners = new Map<string, { what: string; label: string }>();
  const problems: string[] = [];
  for (const plan of plans) {
    for (const { what, table } of relationsOf(plan)) {
      const key = JSON.stringify([table.schema, table.name]);
      const owner = owners.get(key);
      if (owner === undefined) owners.set(key, { what, label: plan.label });
      else
        problems.push(
          `the ${what} of ${plan.label} and the ${owner.what} of ${owner.label} would both be ${table.schema}.${table.name}; rename a stream or give one a prefix`,
        );
    }
  }
  return problems;
}
