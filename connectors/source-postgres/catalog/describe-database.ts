import type { JsonObject } from "../../../protocol/json.ts";
import type { Session } from "../../postgres/session.ts";
import type { PostgresType } from "../../postgres/types/column-type.ts";
import { lookUpRelations, type RelationFilter } from "./queries.ts";
import type { RelationKind, SourceRelation } from "./relation.ts";

/** A type that a destination may have to create before it can have a column of it. */
export type TypeDefinition = JsonObject;

export interface DatabaseDescription {
  readonly relations: readonly SourceRelation[];
  /**
   * What has to exist before a column of this type can be created elsewhere, in the order of
   * creation: enums, domains, composites, ranges and extensions, nested ones first. Row types of
   * tables are among them, which cannot be created.
   */
  definitionsOf(type: PostgresType): TypeDefinition[];
}

/**
 * Reads the relations that `filter` names from the server's catalog, ordered by schema and name.
 * The session must have an empty search_path, so that type names come qualified.
 * Throws `postgres.*`.
 */
export async function describeDatabase(
  session: Session,
  filter: RelationFilter,
): Promise<DatabaseDescription> {
  const rows = await session.query("read the catalog of the database", lookUpRelations(filter));
  const relations: RelationRow[] = [];
  const types = new Map<number, TypeRow>();
  for (const { json } of rows) {
    const row = JSON.parse(json!) as RelationRow | TypeRow;
    if ("type_schema" in row) types.set(row.oid, row);
    else relations.push(row);
  }
  return {
    relations: relations.map((row) => relationOf(row, types)).sort(byName),
    definitionsOf: (type) => definitionsOf(type, types),
  };
}

type ColumnRow = [
  name: string,
  type: number,
  format: string,
  isNotNull: boolean,
  isReadable: boolean,
  collation: string | null,
];

interface RelationRow {
  oid: number;
  schema: string;
  name: string;
  kind: string;
  rows: number;
  pages: number;
  filenode: number | null;
  is_heap: boolean;
  has_other_parts: boolean;
  has_children: boolean;
  is_partition: boolean;
  usable: boolean;
  readable: boolean;
  columns: ColumnRow[] | null;
  key: string[] | null;
}

type AttributeRow = [name: string, type: number, format: string, collation: string | null];

interface TypeRow {
  oid: number;
  type_schema: string;
  name: string;
  format: string;
  type: string;
  element: number | null;
  delimiter: string;
  base: number | null;
  base_format: string | null;
  not_null: boolean | null;
  checks: string[] | null;
  collation: string | null;
  labels: string[] | null;
  attributes: AttributeRow[] | null;
  is_row: boolean;
  range: {
    collation: string | null;
    operators: string | null;
    multirange: { schema: string; name: string } | null;
  } | null;
  range_of: number | null;
  multirange_of: number | null;
  extension: string | null;
}

const RELATION_KINDS: Readonly<Record<string, RelationKind>> = {
  r: "table",
  p: "partitioned table",
  v: "view",
  m: "materialized view",
  f: "foreign table",
};

const TYPE_KINDS: Readonly<Record<string, PostgresType["kind"]>> = {
  e: "enum",
  d: "domain",
  c: "composite",
  r: "range",
  m: "multirange",
};

function relationOf(row: RelationRow, types: Map<number, TypeRow>): SourceRelation {
  return {
    oid: row.oid,
    schema: row.schema,
    name: row.name,
    kind: RELATION_KINDS[row.kind] ?? "table",
    columns: (row.columns ?? []).map(([name, type, format, isNotNull, isReadable, collation]) => ({
      name,
      type: typeOf(type, format, types),
      isNotNull,
      isReadable,
      collation: collation ?? undefined,
    })),
    primaryKey: row.key ?? [],
    estimatedRows: row.rows,
    estimatedPages: row.pages,
    filenode: row.filenode ?? undefined,
    isHeap: row.is_heap,
    hasOtherParts: row.has_other_parts,
    hasChildren: row.has_children,
    isPartition: row.is_partition,
    isSchemaUsable: row.usable,
    isReadable: row.readable,
  };
}

function typeOf(oid: number, format: string, types: Map<number, TypeRow>): PostgresType {
  const row = types.get(oid);
  if (row === undefined) return { schema: "", name: format, format, kind: "base", oid };
  const nested = (inner: number, innerFormat?: string | null) =>
    typeOf(inner, innerFormat ?? types.get(inner)?.format ?? "", types);
  return {
    oid,
    schema: row.type_schema,
    name: row.name,
    format,
    kind: row.element === null ? (TYPE_KINDS[row.type] ?? "base") : "array",
    ...(row.element === null ? {} : { element: nested(row.element) }),
    ...(row.element === null || row.delimiter === "," ? {} : { delimiter: row.delimiter }),
    ...(row.base === null ? {} : { base: nested(row.base, row.base_format) }),
  };
}

function definitionsOf(type: PostgresType, types: Map<number, TypeRow>): TypeDefinition[] {
  const definitions: TypeDefinition[] = [];
  const seen = new Set<number>();
  const visit = (oid: number | null | undefined): void => {
    const row = types.get(oid ?? 0);
    if (row === undefined || seen.has(row.oid)) return;
    seen.add(row.oid);
    if (row.extension === null && !row.is_row) {
      for (const inner of [row.element, row.base, row.range_of, row.multirange_of]) visit(inner);
      for (const [, attribute] of row.attributes ?? []) visit(attribute);
    } else visit(row.element);
    const definition = definitionOf(row, types);
    if (definition !== undefined) definitions.push(definition);
  };
  visit(type.oid);
  return definitions;
}

function definitionOf(row: TypeRow, types: Map<number, TypeRow>): TypeDefinition | undefined {
  const name = { schema: row.type_schema, name: row.name };
  if (row.is_row) return { kind: "row", ...name };
  // An array comes with its element, a multirange with its range.
  if (row.element !== null || row.type === "m" || row.type_schema === "pg_catalog")
    return undefined;
  if (row.extension !== null) return { kind: "extension", extension: row.extension, ...name };
  switch (row.type) {
    case "e":
      return { kind: "enum", ...name, labels: row.labels ?? [] };
    case "d":
      return {
        kind: "domain",
        ...name,
        base: row.base_format ?? "",
        not_null: row.not_null ?? false,
        checks: row.checks ?? [],
        ...(row.collation === null ? {} : { collation: row.collation }),
      };
    case "c":
      return {
        kind: "composite",
        ...name,
        attributes: (row.attributes ?? []).map(([attribute, , type, collation]) => ({
          name: attribute,
          type,
          ...(collation === null ? {} : { collation }),
        })),
      };
    case "r":
      return {
        kind: "range",
        ...name,
        subtype: types.get(row.range_of ?? 0)?.format ?? "",
        ...Object.fromEntries(
          Object.entries(row.range ?? {}).filter(([, value]) => value !== null),
        ),
      };
    default:
      return { kind: "base", ...name };
  }
}

function byName(left: SourceRelation, right: SourceRelation): number {
  return compare(left.schema, right.schema) || compare(left.name, right.name);
}

const compare = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0);
