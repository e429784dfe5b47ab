import type { PropertySchema } from "../../../protocol/catalog.ts";
import { protocolColumn, type TypedColumn } from "../../postgres/types/protocol-column.ts";
import { valueKindOf } from "../../postgres/types/type-table.ts";

/** Built-in types that take less of a row than what the protocol makes of their columns. */
const NARROW: ReadonlyMap<string, string> = new Map([
  ["smallint", "bigint"],
  ["integer", "bigint"],
  ["real", "numeric"],
  ["double precision", "numeric"],
  ["uuid", "text"],
]);

/**
 * The column for a property of a stream with so many that a row might not fit a page: the source's own
 * type where it is described and takes less of the row, and where it holds all that the protocol's does
 * of such a column.
 */
export function narrowColumn(schema: PropertySchema): TypedColumn {
  const column = protocolColumn(schema);
  const type = schema["x-postgres-base-type"] ?? schema["x-postgres-type"];
  if (typeof type !== "string" || NARROW.get(type) !== column.type) return column;
  return { type, kind: valueKindOf(type) };
}
