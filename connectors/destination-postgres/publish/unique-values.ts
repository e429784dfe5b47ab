import { Failure } from "../../../protocol/errors.ts";
import { sqlStateOf } from "../../postgres/errors.ts";
import type { Session } from "../../postgres/session.ts";
import { label, type Table } from "../../postgres/sql.ts";
import type { Column } from "../plan/columns.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { uniqueColumns } from "./unique-queries.ts";

/** SQLSTATEs of a value that another row has: of a unique index, and of an exclusion constraint. */
const TAKEN = new Set(["23505", "23P01"]);

/** Whether statements failed because a row took a value before another one gave it up, or may have. */
export function isTaken(failure: Failure): boolean {
  return TAKEN.has(sqlStateOf(failure.cause) ?? "");
}

/** Whether statements failed because a row breaks any constraint. */
export function isBroken(failure: Failure): boolean {
  return sqlStateOf(failure.cause)?.startsWith("23") === true;
}

/**
 * The columns by which somebody's unique indexes tell rows of a final table apart, as far as they can
 * be empty for a moment: neither NOT NULL, nor part of the key.
 */
export async function releasable(
  session: Session,
  { columns, dedup }: StreamPlan,
  final: Table,
): Promise<Column[]> {
  const rows = await session.query(`look at the indexes of ${label(final)}`, uniqueColumns(final));
  const names = new Set(rows.map((row) => row["column"]));
  return columns.filter((column) => names.has(column.name) && !dedup!.key.includes(column));
}

/** The same failure, with what can be done about it. */
export function takenFailure({ code, message, facts, cause }: Failure): Failure {
  return new Failure(code, message, {
    facts,
    cause,
    hint: "the constraint is not ours: where its columns may be NULL, rows that are committed together may exchange their values; otherwise make it deferrable, or drop it",
  });
}
