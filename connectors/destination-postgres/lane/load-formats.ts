import { binaryKindOf } from "../../postgres/types/type-table.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { loadedColumns, rawColumns, type ColumnDefinition } from "../plan/tables.ts";
import type { Relation, Relations } from "../schema/relations.ts";
import type { StreamTables } from "./stream-tables.ts";

/** Before it, `numeric` had no infinities to receive. */
const LEAST_BINARY_VERSION = 140_000;
/** Since it, the server says of a text whether it is a value of a type (`pg_input_error_info`). */
const JUDGING_VERSION = 160_000;

/**
 * Has rows loaded in binary wherever that is exact: where every column's type has a binary form we
 * write, and a table that exists has exactly the columns' planned types. Call before the first record.
 *
 * @param relations what is there of their tables.
 * @returns the streams of whose final tables the server can say whether a text is a value of a column.
 */
export function chooseFormats(
  streams: readonly StreamTables[],
  { relations, serverVersion: version }: { relations: Relations; serverVersion: number },
): ReadonlySet<StreamTables> {
  const judged = new Set<StreamTables>();
  if (version < LEAST_BINARY_VERSION) return judged;
  for (const stream of streams) {
    const { plan, loaded, batches } = stream;
    const { raw, final } = loaded;
    const isAsPlanned = final !== undefined && hasTypes(relations.of(final), loadedColumns(plan));
    if (isAsPlanned && version >= JUDGING_VERSION) judged.add(stream);
    batches.useBinary({
      raw: raw !== undefined && hasTypes(relations.of(raw), rawColumns(plan)),
      final: isAsPlanned && hasBinaryForms(plan),
    });
  }
  return judged;
}

/** Whether a table has `columns` with exactly their types; one that is not there yet will. */
export function hasTypes(
  relation: Relation | undefined,
  columns: readonly ColumnDefinition[],
): boolean {
  if (relation === undefined) return true;
  return columns.every(({ name, type }) => relation.columns.get(name)?.type === type);
}

function hasBinaryForms({ columns }: StreamPlan): boolean {
  return columns.every(({ type, kind }) => binaryKindOf(type, kind) !== undefined);
}
