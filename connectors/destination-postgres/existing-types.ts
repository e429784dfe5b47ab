import type { Column } from "./columns.ts";
import type { StreamPlan } from "./plan.ts";
import type { Relations } from "./relations.ts";
import { VALUE_KIND, type ValueKind } from "./value-kind.ts";

/** Types that the encoder writes itself; a column of any other type takes a value's text. */
const KINDS: Readonly<Record<string, ValueKind>> = {
  smallint: VALUE_KIND.int2,
  integer: VALUE_KIND.int4,
  bigint: VALUE_KIND.int8,
  real: VALUE_KIND.number,
  "double precision": VALUE_KIND.number,
  numeric: VALUE_KIND.number,
  boolean: VALUE_KIND.boolean,
  date: VALUE_KIND.date,
  "time without time zone": VALUE_KIND.time,
  "time with time zone": VALUE_KIND.time,
  "timestamp without time zone": VALUE_KIND.timestamp,
  "timestamp with time zone": VALUE_KIND.timestamp,
  json: VALUE_KIND.jsonb,
  jsonb: VALUE_KIND.jsonb,
};

/**
 * The plan with the types that the columns of its final table have, where those differ from what its
 * schema asks for: the rest of the run works with what is there, and values that do not fit it become
 * NULL. The same plan when nothing differs, or when the table is replaced anyway.
 */
export function withExistingTypes(plan: StreamPlan, relations: Relations): StreamPlan {
  const existing = plan.final && relations.of(plan.final);
  if (existing === undefined || plan.replaces) return plan;
  const columns = plan.columns.map((column): Column => {
    const type = existing.columns.get(column.name)?.type;
    return type === undefined || type === column.type
      ? column
      : { ...column, type, kind: KINDS[type] ?? VALUE_KIND.text };
  });
  if (columns.every((column, index) => column === plan.columns[index])) return plan;
  const byName = new Map(columns.map((column) => [column.name, column]));
  const { dedup } = plan;
  return {
    ...plan,
    columns,
    dedup: dedup && {
      ...dedup,
      key: dedup.key.map((column) => byName.get(column.name)!),
      cursor: dedup.cursor && byName.get(dedup.cursor.name)!,
    },
  };
}
