import type { Session } from "../../postgres/session.ts";
import { binaryKindOf } from "../../postgres/types/type-table.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { loadedColumns, RAW_COLUMNS, type ColumnDefinition } from "../plan/tables.ts";
import { findRelations, type Relation } from "../schema/relations.ts";
import { SERVER_VERSION } from "../schema/queries.ts";
import type { StreamTables } from "./stream-tables.ts";

/** Before it, `numeric` had no infinities to receive. */
const LEAST_BINARY_VERSION = 140_000;
/** Since it, the server says of a text whether it is a value of a type (`pg_input_error_info`). */
const JUDGING_VERSION = 160_000;

/**
 * Has rows loaded in binary wherever that is exact: where every column's type has a binary form we
 * write, and a table that exists has exactly the columns' planned types. Call before the first record.
 *
 * @returns the streams of whose final tables the server can say whether a text is a value of a column.
 */
export async function chooseFormats(
  session: Session,
  streams: readonly StreamTables[],
): Promise<ReadonlySet<StreamTables>> {
  const judged = new Set<StreamTables>();
  const row = await session.queryRow("ask the server's version", SERVER_VERSION);
  const version = Number(row["version"]);
  if (version < LEAST_BINARY_VERSION) return judged;
  const tables = streams.flatMap(({ loaded }) => [loaded.raw, loaded.final]);
  const existing = await findRelations(
    session,
    tables.filter((table) => table !== undefined),
  );
  for (const stream of streams) {
    const { plan, loaded, batches } = stream;
    const { raw, final } = loaded;
    const isAsPlanned = final !== undefined && hasTypes(existing.of(final), loadedColumns(plan));
    if (isAsPlanned && version >= JUDGING_VERSION) judged.add(stream);
    batches.useBinary({
      raw: raw !== undefined && hasTypes(existing.of(raw), RAW_COLUMNS),
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
