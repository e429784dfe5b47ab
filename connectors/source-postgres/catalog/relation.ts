import type { PostgresType } from "../../postgres/types/column-type.ts";

/** What can be read: `pg_class.relkind`. */
export type RelationKind =
  "table" | "partitioned table" | "view" | "materialized view" | "foreign table";

/** A column as the server describes it. */
export interface SourceColumn {
  readonly name: string;
  readonly type: PostgresType;
  readonly isNotNull: boolean;
  /** Whether the configured user may select it. */
  readonly isReadable: boolean;
  /** Quoted name of the collation, when it is not the type's own. */
  readonly collation: string | undefined;
}

/** A table or something that reads like one. */
export interface SourceRelation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: RelationKind;
  readonly columns: readonly SourceColumn[];
  /** Columns of the primary key in the key's order; empty when there is none. */
  readonly primaryKey: readonly string[];
  /** The planner's estimate; negative when the table was never analyzed. */
  readonly estimatedRows: number;
  /** Pages of 8 KiB, by the planner's estimate. */
  readonly estimatedPages: number;
  /** Changes whenever the table is rewritten; undefined where nothing is stored. */
  readonly filenode: number | undefined;
  /** Whether rows are stored in PostgreSQL's own way, where a `ctid` is a place in a file. */
  readonly isHeap: boolean;
  /** Whether one of its partitions or children is a foreign table, or stored in another way. */
  readonly hasOtherParts: boolean;
  /** Whether other tables inherit from it, whose rows a SELECT from it returns too. */
  readonly hasChildren: boolean;
  readonly isPartition: boolean;
  /** Whether the user may look into the schema at all. */
  readonly isSchemaUsable: boolean;
  /** Whether the user may select the table as a whole, and so lock it. */
  readonly isReadable: boolean;
}

/** Whether anything of a relation may be read. */
export function isRelationReadable(relation: SourceRelation): boolean {
  if (!relation.isSchemaUsable) return false;
  return relation.isReadable || relation.columns.some((column) => column.isReadable);
}

/** The columns the user may select, in table order. */
export function readableColumns(relation: SourceRelation): SourceColumn[] {
  return relation.columns.filter((column) => column.isReadable);
}

/**
 * Whether each row carries the id of the transaction that wrote it, and the user may see it: not
 * where only single columns may be selected, and not where rows are stored elsewhere or in another
 * way than PostgreSQL's own. A materialized view's rows are all new with every refresh.
 */
export function hasRowVersions(relation: SourceRelation): boolean {
  const { kind } = relation;
  const isTable = kind === "partitioned table" || (kind === "table" && relation.isHeap);
  return isTable && relation.isReadable && !relation.hasOtherParts;
}

/**
 * Whether a scan of the whole relation returns rows in the order of their `ctid`, so that a place in
 * it can be found again.
 */
export function hasStoredOrder(relation: SourceRelation): boolean {
  return (
    relation.kind === "table" && relation.isHeap && relation.isReadable && !relation.hasChildren
  );
}

/** Bytes of a heap page, as PostgreSQL is built everywhere. */
const PAGE_BYTES = 8192;

/** How large a relation is, by the planner's estimate; undefined where nobody ever analyzed it. */
export function estimatedSize({
  estimatedRows: rows,
  estimatedPages,
}: SourceRelation): { readonly rows: number; readonly bytes: number } | undefined {
  return rows < 0 ? undefined : { rows, bytes: estimatedPages * PAGE_BYTES };
}
