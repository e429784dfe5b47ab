import type { Catalog, PropertySchema, Stream, SyncMode } from "../../../protocol/catalog.ts";
import { columnType } from "../../postgres/types/column-type.ts";
import type { CatalogDescription, Column, Relation } from "./catalog.ts";
import type { ReplicationMethod } from "../spec.ts";

/** What discover found, and what it left out. */
export interface Discovery {
  readonly catalog: Catalog;
  /** Sentences for the log: tables and columns the user may not read. */
  readonly omissions: readonly string[];
}

/**
 * Announces relations as streams, in their order.
 *
 * A column the user may not read is left out, and so is a relation of which nothing may be read; a
 * table with no columns at all is a stream of empty records. Both are said in `omissions`.
 */
export function announce(
  description: CatalogDescription,
  method: ReplicationMethod["method"],
): Discovery {
  const streams: Stream[] = [];
  const omissions: string[] = [];
  const unreadable: string[] = [];
  for (const relation of description.relations) {
    const columns = readableColumns(relation);
    const label = `${relation.schema}.${relation.name}`;
    if (!isRelationReadable(relation)) {
      unreadable.push(label);
      continue;
    }
    if (columns.length < relation.columns.length) {
      const hidden = relation.columns.filter((column) => !column.isReadable);
      omissions.push(
        `${label}: left out ${listed(hidden.map((column) => column.name))}, which the user may not select`,
      );
    }
    streams.push(streamOf(relation, columns, description, method));
  }
  if (unreadable.length > 0) {
    omissions.push(
      `left out ${unreadable.length} ${unreadable.length === 1 ? "table" : "tables"} of which the user may select nothing: ${listed(unreadable)}`,
    );
  }
  return { catalog: { streams }, omissions };
}

/** Whether anything of a relation may be read. */
export function isRelationReadable(relation: Relation): boolean {
  if (!relation.isSchemaUsable) return false;
  return relation.isReadable || relation.columns.some((column) => column.isReadable);
}

/** The columns the user may select, in table order. */
export function readableColumns(relation: Relation): Column[] {
  return relation.columns.filter((column) => column.isReadable);
}

/**
 * Whether each row carries the id of the transaction that wrote it, and the user may see it: not
 * where only single columns may be selected, and not where rows are stored elsewhere or in another
 * way than PostgreSQL's own. A materialized view's rows are all new with every refresh.
 */
export function hasRowVersions(relation: Relation): boolean {
  const { kind } = relation;
  const isTable = kind === "partitioned table" || (kind === "table" && relation.isHeap);
  return isTable && relation.isReadable && !relation.hasOtherParts;
}

/**
 * Whether a scan of the whole relation returns rows in the order of their `ctid`, so that a place in
 * it can be found again.
 */
export function hasStoredOrder(relation: Relation): boolean {
  return (
    relation.kind === "table" && relation.isHeap && relation.isReadable && !relation.hasChildren
  );
}

/** Most names a sentence lists. */
const LISTED_NAMES = 20;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, LISTED_NAMES).join(", ");
  const more = names.length - LISTED_NAMES;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

function streamOf(
  relation: Relation,
  columns: readonly Column[],
  description: CatalogDescription,
  method: ReplicationMethod["method"],
): Stream {
  const properties: [string, PropertySchema][] = columns.map((column) => [
    column.name,
    propertyOf(column, description),
  ]);
  const names = new Set(columns.map((column) => column.name));
  const hasKey =
    relation.primaryKey.length > 0 && relation.primaryKey.every((name) => names.has(name));
  const isXmin = method === "Xmin" && hasRowVersions(relation);
  const canBeIncremental =
    method === "Xmin" ? isXmin : columns.some((column) => columnType(column.type).isCursor);
  const syncModes: SyncMode[] = canBeIncremental
    ? ["full_refresh", "incremental"]
    : ["full_refresh"];
  return {
    name: relation.name,
    namespace: relation.schema,
    // fromEntries and not assignment: a column may be called `__proto__`.
    json_schema: { type: "object", properties: Object.fromEntries(properties) },
    supported_sync_modes: syncModes,
    ...(isXmin ? { source_defined_cursor: true } : {}),
    ...(hasKey ? { source_defined_primary_key: relation.primaryKey.map((name) => [name]) } : {}),
    is_resumable: hasStoredOrder(relation),
  };
}

function propertyOf(column: Column, description: CatalogDescription): PropertySchema {
  const schema: PropertySchema = { ...columnType(column.type).schema };
  const definitions = description.definitionsOf(column.type);
  if (definitions.length > 0) schema["x-postgres-definitions"] = definitions;
  if (column.collation !== undefined) schema["x-postgres-collation"] = column.collation;
  return schema;
}
