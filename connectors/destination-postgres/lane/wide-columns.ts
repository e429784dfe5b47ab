import { Failure } from "../../../protocol/errors.ts";
import { sqlStateOf } from "../../postgres/errors.ts";
import type { Session } from "../../postgres/session.ts";
import { label, type Table } from "../../postgres/sql.ts";
import { noteShapes } from "../bookkeeping/written-table-queries.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { changeColumnType, type ColumnDefinition } from "../plan/tables.ts";
import type { MergeTables } from "../publish/merge-terms.ts";
import type { PlacedOutlier } from "./copy-batches.ts";
import { named } from "./keys.ts";
import { addRoom, boundaries, fillRoom, WIDE, widenStatements } from "./wide-column-queries.ts";

/** Columns of whole numbers that get values no integer type holds, by index. */
export type WideColumns = ReadonlySet<number>;

/**
 * Keeps the outliers of a batch in its temporary table, beside the rows that have NULL in their place:
 * the column itself takes them when the rows are merged.
 */
export async function keepOutliers(
  session: Session,
  plan: StreamPlan,
  stage: Table,
  outliers: readonly PlacedOutlier[],
): Promise<WideColumns> {
  const columns = new Set(outliers.map(({ column }) => column));
  for (const column of columns) {
    const own = outliers.filter((outlier) => outlier.column === column);
    await session.run(
      `make room for the large numbers of ${plan.label}`,
      addRoom(plan, stage, column),
    );
    await session.query(
      `keep the large numbers of ${plan.label}`,
      fillRoom(plan, stage, column, own),
    );
  }
  return columns;
}

/**
 * Lets the tables of a stream hold its outliers, and puts those into their column. Throws
 * `postgres.object_in_use` when something that depends on a column's type holds it fast.
 */
export async function widen(
  session: Session,
  plan: StreamPlan,
  tables: MergeTables,
  columns: WideColumns,
): Promise<void> {
  for (const column of columns) {
    const { name, type } = plan.columns[column]!;
    try {
      await session.run(
        `change ${label(tables.final)}.${name} from ${type} to ${WIDE}`,
        ...widenStatements(plan, tables, column),
        noteShapes([tables.final, ...(tables.history ? [tables.history] : [])]),
      );
    } catch (error) {
      const failure = error as Failure;
      if (!/^(0A000|2BP01|42)/.test(sqlStateOf(failure.cause) ?? "")) throw failure;
      throw new Failure(
        "postgres.object_in_use",
        `${plan.label}: ${name} has values that ${type} cannot hold, and its column cannot become ${WIDE}: ${failure.message}`,
        {
          cause: failure,
          hint: "drop what depends on the column's type, and make it again afterwards",
          stream: named(plan),
        },
      );
    }
  }
}

/** Gives the columns of an emptied temporary table the types back that rows are made for. */
export function narrowStatements(
  { columns }: StreamPlan,
  stage: Table,
  wide: WideColumns,
): string[] {
  return [...wide].map((column) => {
    const { name, type } = columns[column]!;
    return changeColumnType(stage, name, type, "null");
  });
}

/** The columns of a table as they are after some became wide. */
export function widened(
  plan: StreamPlan,
  columns: readonly ColumnDefinition[],
  wide: WideColumns,
): readonly ColumnDefinition[] {
  const names = new Set(
    [...wide].flatMap((column) => [plan.columns[column]!.name, ...boundaries(plan, column)]),
  );
  return columns.map((column) => (names.has(column.name) ? { ...column, type: WIDE } : column));
}
