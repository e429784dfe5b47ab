import { Failure } from "../../../protocol/errors.ts";
import type { ColumnRole } from "../encode/outliers.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";

/** The columns of a stream whose values must not become NULL while its rows are merged, by index. */
export function rolesOf({ columns, dedup, final, changes }: StreamPlan): Map<number, ColumnRole> {
  const roles = new Map<number, ColumnRole>();
  if (dedup === undefined || final === undefined) return roles;
  for (const [index, column] of columns.entries())
    if (dedup.key.includes(column)) roles.set(index, "key");
    else if (column === dedup.cursor) roles.set(index, "cursor");
    else if (column === changes?.deletedAt) roles.set(index, "deletion");
  return roles;
}

/**
 * What is wrong with a value, of a key or of the mark of a deletion, that its column cannot hold.
 *
 * @param code whether its stream alone is given up, or the run.
 */
export function lostKey(
  plan: StreamPlan,
  column: number,
  code: "stream.key_invalid" | "postgres.bad_value",
): Failure {
  const { name, type } = plan.columns[column]!;
  const isKey = plan.dedup!.key.includes(plan.columns[column]!);
  const without = isKey
    ? `the row would become one with others`
    : `a row that was deleted would be one that is there`;
  return new Failure(
    code,
    `${plan.label}: ${isKey ? "the key " : ""}${name} has a value that its type ${type} cannot hold, and without it ${without}`,
    {
      hint: isKey
        ? "correct the value at the source, or choose another primary_key"
        : "correct the value at the source",
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
