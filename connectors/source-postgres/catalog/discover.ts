import {
  type Catalog,
  type PropertySchema,
  type Stream,
  type SyncMode,
  UNREADABLE_COLUMNS,
} from "../../../protocol/catalog.ts";
import { columnType } from "../../postgres/types/column-type.ts";
import type { DatabaseDescription } from "./describe-database.ts";
import {
  hasRowVersions,
  hasStoredOrder,
  isRelationReadable,
  readableColumns,
  type SourceColumn,
  type SourceRelation,
} from "./relation.ts";

/** How changes are found: by a column the user chooses, the row's transaction id, or the server's log. */
export type UpdateMethod = "Standard" | "Xmin" | "CDC";

/** What discover found, and what it left out. */
export interface Discovery {
  readonly catalog: Catalog;
  /** Sentences for the log: tables and columns the user may not read. */
  readonly omissions: readonly string[];
}

/**
 * Announces relations as streams, in their order; under CDC as full refreshes, to which others add what
 * can be followed.
 *
 * A column the user may not read is named as such and left out, and so is a relation of which nothing may be read; a
 * table with no columns at all is a stream of empty records. Both are said in `omissions`.
 */
export function announce(description: DatabaseDescription, method: UpdateMethod): Discovery {
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

/** Most names a sentence lists. */
const LISTED_NAMES = 20;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, LISTED_NAMES).join(", ");
  const more = names.length - LISTED_NAMES;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

function streamOf(
  relation: SourceRelation,
  columns: readonly SourceColumn[],
  description: DatabaseDescription,
  method: UpdateMethod,
): Stream {
  const properties: [string, PropertySchema][] = columns.map((column) => [
    column.name,
    propertyOf(column, description),
  ]);
  const names = new Set(columns.map((column) => column.name));
  const unreadable = relation.columns.map(({ name }) => name).filter((name) => !names.has(name));
  const hasKey =
    relation.primaryKey.length > 0 && relation.primaryKey.every((name) => names.has(name));
  const isXmin = method === "Xmin" && hasRowVersions(relation);
  // What has no row versions, such as a view, follows a column under either method.
  const canBeIncremental =
    method !== "CDC" && (isXmin || columns.some(({ type }) => columnType(type).isCursor));
  const syncModes: SyncMode[] = canBeIncremental
    ? ["full_refresh", "incremental"]
    : ["full_refresh"];
  return {
    name: relation.name,
    namespace: relation.schema,
    // fromEntries and not assignment: a column may be called `__proto__`.
    json_schema: {
      type: "object",
      properties: Object.fromEntries(properties),
      ...(unreadable.length === 0 ? {} : { [UNREADABLE_COLUMNS]: unreadable }),
    },
    supported_sync_modes: syncModes,
    ...(isXmin ? { source_defined_cursor: true } : {}),
    ...(hasKey ? { source_defined_primary_key: relation.primaryKey.map((name) => [name]) } : {}),
    is_resumable: hasStoredOrder(relation),
  };
}

function propertyOf(column: SourceColumn, description: DatabaseDescription): PropertySchema {
  const schema: PropertySchema = { ...columnType(column.type).schema };
  const definitions = description.definitionsOf(column.type);
  if (definitions.length > 0) schema["x-postgres-definitions"] = definitions;
  if (column.collation !== undefined) schema["x-postgres-collation"] = column.collation;
  return schema;
}
