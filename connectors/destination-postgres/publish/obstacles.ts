import type { StreamDescriptor } from "../../../protocol/catalog.ts";
import { Failure, firstOf, ofStream } from "../../../protocol/errors.ts";
import type { Beginning } from "../../kit/destination/generations.ts";
import type { Session } from "../../postgres/session.ts";
import { label, quoteTable, type Table } from "../../postgres/sql.ts";
import type { StreamPlan, TableKind } from "../plan/stream-plan.ts";
import type { ColumnDefinition } from "../plan/tables.ts";
import { tablesOf } from "../schema/layout.ts";
import type { Relation, Relations } from "../schema/relations.ts";
import { findDependents, type Dependents } from "./dependents.ts";
import type { KeyColumn } from "./queries.ts";

/** A table whose rows are all replaced where they are. */
export interface Replaced {
  readonly target: Table;
  /** Columns of the new rows, in order. */
  readonly columns: readonly ColumnDefinition[];
  readonly existing: Relation;
  readonly dependents: Dependents;
}

/**
 * Refuses a table whose rows cannot be changed by statements, or not without doing something else than
 * they say. Throws `postgres.object_in_use` with the names of what is in the way.
 */
export function refuseUnwritable({
  target,
  dependents,
}: Pick<Replaced, "target" | "dependents">): void {
  const { rules, publications, identity, hasIdentity } = dependents;
  const instead = rules.filter(({ isInstead }) => isInstead).map(({ name }) => name);
  if (instead.length > 0)
    throw new Failure(
      "postgres.object_in_use",
      `${label(target)} cannot be written: the rule ${instead.join(", ")} does something else INSTEAD`,
      { hint: `drop the rule, make it ALSO, or ${OF_ITS_OWN}` },
    );
  if (publications.length > 0 && !hasIdentity && identity !== "d")
    throw new Failure(
      "postgres.object_in_use",
      `${label(target)} cannot be written: the publication ${publications.join(", ")} publishes its updates and deletes, and its replica identity was set to nothing`,
      {
        hint: `run: ALTER TABLE ${quoteTable(target)} REPLICA IDENTITY FULL, or ${OF_ITS_OWN}`,
      },
    );
}

/**
 * The key by which rows stay the same ones while they are replaced; undefined where nobody would notice
 * that a row goes and comes back, or where there is none.
 *
 * Throws `postgres.object_in_use` where a foreign key would notice and rows cannot be told.
 */
export function keyFor({
  target,
  columns,
  existing,
  dependents,
}: Replaced): readonly KeyColumn[] | undefined {
  const { keys, references, rules, triggers } = dependents;
  const names = new Set(columns.map(({ name }) => name));
  const known = keys.filter((key) => key.columns.every(({ column }) => names.has(column)));
  const own = ownLeftovers({ columns, existing });
  if (references.length === 0) {
    const isNoticed =
      triggers.some(({ isOnDelete }) => isOnDelete) ||
      [...existing.columns.keys()].some((name) => !names.has(name) && !own.includes(name));
    // One statement that does several things can run no rules.
    return isNoticed && rules.length === 0 ? known[0]?.columns : undefined;
  }
  const { name, from } = references[0]!;
  const refuse = (why: string) =>
    new Failure(
      "postgres.object_in_use",
      `the rows of ${label(target)} cannot be replaced: the foreign key ${name} of ${from} points to it${why}`,
      { hint: `drop the foreign key, or ${OF_ITS_OWN}` },
    );
  const referenced = known.find(({ isReferenced }) => isReferenced);
  if (referenced === undefined) throw refuse(", by columns that the stream does not have");
  if (rules.length > 0) throw refuse(`, and the rule ${rules[0]!.name} hangs on it`);
  return referenced.columns;
}

/** Columns that are ours and have nothing in the new rows, as after another sync mode. */
export function ownLeftovers({
  columns,
  existing,
}: Pick<Replaced, "columns" | "existing">): string[] {
  const wanted = new Set(columns.map(({ name }) => name));
  return [...existing.columns.keys()].filter(
    (name) => name.startsWith("_airbyte_") && !wanted.has(name),
  );
}

/** A table that a run changes by statements, and not by COPY alone. */
export interface ChangedTable extends Replaced {
  readonly stream: StreamDescriptor;
  readonly change: "added to" | "updated" | "replaced";
}

/**
 * The tables that a run will change, of those that exist. Throws `postgres.object_in_use` where that
 * cannot be done as it should, before anything is.
 */
export async function findChangedTables(
  session: Session,
  streams: ReadonlyMap<StreamPlan, Pick<Beginning, "replaces">>,
  relations: Relations,
): Promise<ChangedTable[]> {
  const tables = [...streams].flatMap(([plan, { replaces }]) =>
    tablesOf(plan).flatMap(({ kind, table, columns }) => {
      const existing = relations.of(table);
      const change = changeOf(plan, kind, replaces);
      return existing && change
        ? [{ stream: plan.stream, target: table, columns, existing, change }]
        : [];
    }),
  );
  const dependents = await findDependents(
    session,
    tables.map(({ target }) => target),
  );
  const changed = tables.map((table) => ({ ...table, dependents: dependents.of(table.target) }));
  const refused: unknown[] = [];
  for (const table of changed) {
    try {
      refuseUnwritable(table);
      if (table.change === "replaced") keyFor(table);
    } catch (error) {
      refused.push(ofStream(error, table.stream));
    }
  }
  if (refused.length > 0) throw firstOf(refused);
  return changed;
}

function changeOf(
  { dedup, hashesFinal }: StreamPlan,
  kind: TableKind,
  replaces: boolean,
): ChangedTable["change"] | undefined {
  if (replaces) return "replaced";
  if (kind === "raw") return undefined;
  if (dedup) return "updated";
  return hashesFinal ? "added to" : undefined;
}

const OF_ITS_OWN = "give the stream a prefix so that it has a table of its own";
