import { ofStream } from "../../../protocol/errors.ts";
import type { Context } from "../../kit/contract.ts";
import type { Beginning } from "../../kit/destination/generations.ts";
import type { Session } from "../../postgres/session.ts";
import { together } from "../../postgres/together.ts";
import { label, type Table } from "../../postgres/sql.ts";
import type { Owner } from "../plan/owner.ts";
import { replacementsOf } from "../plan/stand-ins.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { addColumns } from "../plan/tables.ts";
import { forStream } from "../../postgres/refused-stream.ts";
import { withExistingTypes, withFormerTypes, withPinnedTypes } from "./existing-types.ts";
import { refuseOtherKey } from "./keys.ts";
import { refuseUngranted } from "./grants.ts";
import { checkLayout, tablesOf, type WantedTable } from "./layout.ts";
import { findRelations, type Relations } from "./relations.ts";
import { widenColumns, type AlteredColumn } from "./widen.ts";

/** A table of a stream and what exists of it already. */
export interface PreparedTable extends WantedTable {
  readonly exists: boolean;
  /** Whether it exists without the rows it had: it is begun anew, like one that does not. */
  readonly isEmptied: boolean;
  /** The oldest generation of its rows, as far as it was noted. */
  readonly generation: number | undefined;
  /** Whether our index on it exists, if it is to have one. */
  readonly hasIndex: boolean;
}

/** A stream and what its run starts from. */
export interface PreparedStream extends Beginning {
  readonly plan: StreamPlan;
  readonly tables: ReadonlyMap<Table, PreparedTable>;
  /** Whose tables they are, and its staging tables; undefined: nobody's. */
  readonly owner: Owner | undefined;
}

/** The relations whose state decides how the tables of `plans` are prepared, indexes included. */
export function relationsToKnow(plans: readonly StreamPlan[]): Table[] {
  return plans.flatMap((plan) => [
    ...tablesOf(plan).flatMap(({ table, index }) => (index ? [table, index] : [table])),
    ...plan.unkept.map(({ table }) => table),
    ...replacementsOf(plan).map(({ staging }) => staging),
  ]);
}

/** What is to be known of what was noted of a table. */
interface Noted {
  readonly isEmptied: boolean;
  readonly note: { readonly generation: number | undefined } | undefined;
}

/**
 * Puts together what a run of `plan` starts from.
 *
 * @param written says which tables lost their rows since we left them, and of which generation they are.
 */
export function prepared(
  plan: StreamPlan,
  { replaces, continues }: Beginning,
  relations: Relations,
  written: { of(table: Table): Noted },
  owner: Owner | undefined,
): PreparedStream {
  const tables = tablesOf(plan).map((wanted): [Table, PreparedTable] => {
    const { table, index } = wanted;
    const exists = relations.of(table) !== undefined;
    const hasIndex = index === undefined || relations.of(index) !== undefined;
    const { isEmptied, note } = written.of(table);
    const { generation } = note ?? {};
    return [table, { ...wanted, exists, isEmptied: exists && isEmptied, generation, hasIndex }];
  });
  return { plan, tables: new Map(tables), replaces, continues, owner };
}

/**
 * Refuses tables that this run must not write, before anything is changed: those that are none of
 * ours, those that we have no right to, and those that were merged by another key. Throws
 * `config.invalid` and `postgres.permission_denied`.
 */
export async function checkTables(
  session: Session,
  streams: ReadonlyMap<StreamPlan, Beginning>,
  relations: Relations,
  written: { of(table: Table): Noted },
): Promise<void> {
  const check = async (plan: StreamPlan, { replaces }: Beginning): Promise<void> => {
    try {
      for (const { kind, table, columns } of tablesOf(plan)) {
        const relation = relations.of(table);
        const isNoted = written.of(table).note !== undefined;
        if (relation === undefined) continue;
        checkLayout(table, columns, relation, isNoted);
        refuseUngranted(table, relation, replaces || (plan.dedup && kind !== "raw") || false);
      }
      if (!replaces) await refuseOtherKey(session, plan, relations);
    } catch (error) {
      throw ofStream(error, plan.stream);
    }
  };
  await together([...streams].map(([plan, beginning]) => check(plan, beginning)));
}

/** The plans with the types that their tables have, and what exists now. */
export interface Adapted {
  /** By the plan they were made of. */
  readonly plans: ReadonlyMap<StreamPlan, StreamPlan>;
  readonly relations: Relations;
  /** Whether a table is another now. */
  readonly isChanged: boolean;
}

/**
 * Makes existing tables fit their plans, as far as readers cannot notice: adds missing columns and
 * widens types, except in tables that are replaced anyway. Missing tables are left to the transaction
 * that loads them, so that a run that fails leaves none behind.
 *
 * @param former the types of columns that are to be made again, of streams that are.
 * @param onChange told what a statement changes, once it ran.
 */
export async function adaptTables(
  session: Session,
  streams: ReadonlyMap<StreamPlan, Beginning>,
  former: ReadonlyMap<StreamPlan, ReadonlyMap<string, string> | undefined>,
  relations: Relations,
  context: Context,
  onChange: (columns: readonly AlteredColumn[]) => void = () => {},
): Promise<Adapted> {
  const added = [...streams].filter(([, { replaces }]) => !replaces).map(([plan]) => plan);
  let isChanged = false;
  for (const plan of added)
    await forStream(plan.stream, async () => {
      const additions = missingColumns(plan, relations, context);
      const changed = (columns: readonly AlteredColumn[]) => {
        isChanged = true;
        onChange(columns);
      };
      if (additions.length > 0) {
        const statements = additions.map(({ table, columns }) => addColumns(table, columns));
        await session.run(`add columns to the tables of ${plan.label}`, ...statements);
        changed(
          additions.flatMap(({ columns }) =>
            columns.map(({ name, type }) => ({ name, from: null, to: type })),
          ),
        );
      }
      if (!former.get(plan)) await widenColumns(session, plan, relations, context, changed);
    });
  const current = isChanged
    ? await findRelations(session, relationsToKnow([...streams.keys()]))
    : relations;
  const plans = new Map<StreamPlan, StreamPlan>();
  for (const [plan, { replaces }] of streams) {
    const types = former.get(plan);
    plans.set(
      plan,
      replaces || types
        ? await withPinnedTypes(
            await withFormerTypes(plan, types, session),
            current,
            session,
            context,
          )
        : await withExistingTypes(plan, current, session),
    );
  }
  return { plans, relations: current, isChanged };
}

function missingColumns(
  plan: StreamPlan,
  relations: Relations,
  context: Context,
): Pick<WantedTable, "table" | "columns">[] {
  return tablesOf(plan).flatMap(({ table, columns }) => {
    const existing = relations.of(table)?.columns;
    const missing = existing ? columns.filter(({ name }) => !existing.has(name)) : [];
    if (missing.length === 0) return [];
    const names = missing.map((column) => column.name).join(", ");
    context.log("INFO", `adding to ${label(table)}: ${names}`);
    return [{ table, columns: missing }];
  });
}
