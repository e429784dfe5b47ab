import type { PropertySchema } from "../../../protocol/catalog.ts";
import { VALUE_KIND, type ValueKind } from "../../postgres/types/kinds.ts";
import { valueKindOf } from "../../postgres/types/type-table.ts";

/** What a database has of the types and collations of a catalog's columns. */
export interface NativeTypes {
  /** By `x-postgres-type`; those that are not in it get protocol types. */
  readonly types: ReadonlyMap<string, LocalType>;
  /** Those of `x-postgres-collation` that exist here. */
  readonly collations: ReadonlySet<string>;
}

/** A type of the source as it is called here. */
export interface LocalType {
  /** As `format_type` prints it. Another name than at the source where an extension lives elsewhere. */
  readonly type: string;
  /** What separates the elements of an array; undefined for what is none. */
  readonly delimiter: string | undefined;
}

/** Nothing native: every column gets its protocol type. */
export const NO_NATIVE_TYPES: NativeTypes = { types: new Map(), collations: new Set() };

/** The source's own type of a column and its collation, where this database has the type. */
export function nativeType(
  schema: PropertySchema,
  native: NativeTypes,
): { type: string; kind: ValueKind; collation?: string } | undefined {
  const name = schema["x-postgres-type"];
  const local = typeof name === "string" ? native.types.get(name) : undefined;
  if (local === undefined) return undefined;
  const base = schema["x-postgres-base-type"];
  const collation = schema["x-postgres-collation"];
  return {
    type: local.type,
    kind: valueKindOf(typeof base === "string" ? base : (name as string), local.delimiter),
    ...(typeof collation === "string" && native.collations.has(collation) ? { collation } : {}),
  };
}

/**
 * How a value is written for a column that has this type already, as `format_type` prints it, and was
 * to be written as `planned`: which NULL is JSON's depends on the source, not on the column.
 */
export function kindForExisting(type: string, planned: ValueKind): ValueKind {
  const kind = valueKindOf(type);
  return keepsJsonNull(kind) && !keepsJsonNull(planned) ? VALUE_KIND.jsonb : kind;
}

function keepsJsonNull(kind: ValueKind): boolean {
  return kind === VALUE_KIND.jsonOrNull || kind === VALUE_KIND.jsonbOrNull;
}
