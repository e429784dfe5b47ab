import type { Column } from "../plan/columns.ts";
import { kindForExisting } from "../plan/native-types.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { commonType } from "../plan/widening.ts";
import type { Context } from "../../kit/contract.ts";
import { basesAmong, basesOf } from "./domains.ts";
import { pinned } from "./queries.ts";
import type { Relations } from "./relations.ts";
import type { Session } from "../../postgres/session.ts";
import { label } from "../../postgres/sql.ts";

/**
 * The plan with the types that the columns of its final table have, where those differ from what its
 * schema asks for: the rest of the run works with what is there, and values that do not fit it become
 * NULL. A column that is narrower in the history, where something holds it fast, has the type it has
 * there: both get the same rows. The same plan when nothing differs.
 */
export async function withExistingTypes(
  plan: StreamPlan,
  relations: Relations,
  session: Session,
): Promise<StreamPlan> {
  const existing = plan.final && relations.of(plan.final);
  if (existing === undefined) return plan;
  const kept = plan.history && relations.of(plan.history);
  const both = [...existing.columns].map(([name, { type }]) => ({
    name,
    type,
    other: kept?.columns.get(name)?.type ?? type,
  }));
  const different = both.flatMap(({ type, other }) => (type === other ? [] : [type, other]));
  const bases = await basesAmong(session, different);
  const types = both.map(({ name, type, other }): [string, string] => [
    name,
    commonType(type, other, bases) === type ? other : type,
  ]);
  return withTypes(plan, new Map(types));
}

/**
 * The same for tables that are about to be replaced: there only a column keeps its type that a view, a
 * policy or a generated column holds fast, or whose rows stay the same ones and would not all fit the
 * new type. Says which.
 */
export async function withPinnedTypes(
  plan: StreamPlan,
  relations: Relations,
  session: Session,
  context: Context,
): Promise<StreamPlan> {
  const types = new Map<string, string>();
  const bases = await basesOf(session, plan, relations);
  for (const table of [plan.final, plan.history]) {
    const existing = table && relations.of(table);
    if (!table || !existing) continue;
    const changed = plan.columns.filter(
      ({ name, type }) => (existing.columns.get(name)?.type ?? type) !== type,
    );
    if (changed.length === 0) continue;
    const rows = await session.query(`look at what depends on ${label(table)}`, pinned(table));
    for (const { name, type } of changed) {
      const pin = rows.find((row) => row["column"] === name);
      const kept = existing.columns.get(name)!.type;
      if (pin === undefined || (pin["may_widen"] === "t" && commonType(kept, type, bases) === type))
        continue;
      types.set(name, kept);
      context.log(
        "WARN",
        `keeping the type of ${label(table)}.${name} from ${kept} to ${type}: a view, a foreign key or the like depends on it; values that do not fit become NULL`,
      );
    }
  }
  return withTypes(plan, types);
}

/** The plan with types that hold what its schema asks for, and what its columns held before. */
export async function withFormerTypes(
  plan: StreamPlan,
  former: ReadonlyMap<string, string> | undefined,
  session: Session,
): Promise<StreamPlan> {
  if (former === undefined) return plan;
  const wanted = plan.columns.map(({ type }) => type);
  const bases = await basesAmong(session, [...former.values(), ...wanted]);
  const types = plan.columns.flatMap(({ name, type }): [string, string][] => {
    const old = former.get(name);
    return old === undefined ? [] : [[name, commonType(old, type, bases) ?? old]];
  });
  return withTypes(plan, new Map(types));
}

function withTypes(plan: StreamPlan, types: ReadonlyMap<string, string>): StreamPlan {
  const columns = plan.columns.map((column): Column => {
    const type = types.get(column.name);
    return type === undefined || type === column.type
      ? column
      : { ...column, type, kind: kindForExisting(type, column.kind) };
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
