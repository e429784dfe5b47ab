import { Failure } from "../../../protocol/errors.ts";
import type { ColumnRole } from "../encode/outliers.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";

/** The columns of a stream whose values must not become NULL while its rows are merged, by index. */
export function rolesOf({ columns, dedup, final }: StreamPlan): Map<number, ColumnRole> {
  const roles = new Map<number, ColumnRole>();
  if (dedup === undefined || final === undefined) return roles;
  for (const [index, column] of columns.entries())
    if (dedup.key.includes(column)) roles.set(index, "key");
    else if (column === dedup.cursor) roles.set(index, "cursor");
  return roles;
}

/**
 * What is wrong with a value of a key that its column cannot hold.
 *
 * @param code whether its stream alone is given up, or the run.
 */
export function lostKey(
  plan: StreamPlan,
  column: number,
  code: "stream.key_invalid" | "postgres.bad_value",
): Failure {
  const { name, type } = plan.columns[column]!;
  return new Failure(
    code,
    `${plan.label}: the key ${name} has a value that its type ${type} cannot hold, and without it the row would become one with others`,
    {
      hint: "correct the value at the source, or choose another primary_key",
      kind: "config_error", // another attempt meets the same value
      stream: named(plan),
    },
  );
}

/** What became of rows that have no value in a part of their key. */
export function keylessText({ label, dedup }: StreamPlan, rows: number): string {
  const names = dedup!.key.map(({ name }) => name).join(", ");
  return `${label}: ${rows} rows have NULL in their key (${names}): those that are equal in all of it became one row; a primary_key of columns that are never NULL keeps them apart`;
}

/** A stream as failures name it. */
export function named({ stream: { name, namespace } }: StreamPlan): NonNullable<Failure["stream"]> {
  return { name, namespace: namespace ?? undefined };
}
