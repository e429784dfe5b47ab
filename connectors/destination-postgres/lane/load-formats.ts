import { binaryKindOf } from "../../postgres/types/type-table.ts";
import type { Loader } from "./loader.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { findRelations, type Relation } from "../schema/relations.ts";
import type { Session } from "../../postgres/session.ts";
import { loadedColumns, RAW_COLUMNS, type ColumnDefinition } from "../plan/tables.ts";

/** Which tables of a stream take their rows in COPY's binary format. */
export interface BinaryTables {
  readonly final: boolean;
  readonly raw: boolean;
}

/** Before it, `numeric` had no infinities to receive. */
const LEAST_VERSION = 140_000;
/** Since it, the server says of a text whether it is a value of a type. */
const JUDGING_VERSION = 160_000;

/**
 * Has rows loaded in binary wherever that is exact: where every column's type has a binary form we
 * write, and a table that exists has exactly the columns' planned types. Call before the first record.
 */
export async function chooseFormats(session: Session, loaders: readonly Loader[]): Promise<void> {
  const [row] = await session.query("ask the server's version", {
    text: "select current_setting('server_version_num') as version",
    values: [],
  });
  const version = Number(row!["version"]);
  if (version < LEAST_VERSION) return;
  const tables = loaders.flatMap(({ targets }) => [targets.raw, targets.final]);
  const existing = await findRelations(
    session,
    tables.filter((table) => table !== undefined),
  );
  for (const loader of loaders) {
    const { plan, targets } = loader;
    const isAsPlanned =
      targets.final !== undefined && hasTypes(existing.of(targets.final), loadedColumns(plan));
    loader.useFormats(
      {
        raw: targets.raw !== undefined && hasTypes(existing.of(targets.raw), RAW_COLUMNS),
        final: isAsPlanned && hasBinaryForms(plan),
      },
      isAsPlanned && version >= JUDGING_VERSION,
    );
  }
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
