import { createHash } from "node:crypto";
import type { Table } from "../../postgres/sql.ts";
import { ownSchema } from "./own-schema.ts";
import type { StreamPlan, TableKind } from "./stream-plan.ts";

/** A table that is being replaced, and the table loaded in its place. */
export interface Replacement {
  readonly kind: TableKind;
  readonly target: Table;
  readonly staging: Table;
  /** Whether its rows are those of the raw table, made again. */
  readonly isRebuilt: boolean;
}

/**
 * The table in our own schema that stands in for `table` while a replacement is loaded. The same
 * table always has the same stand-in, so that the next run finds what a killed one left.
 */
export function stagingOf(plan: StreamPlan, table: Table): Table {
  const digest = createHash("sha256")
    .update(JSON.stringify([table.schema, table.name]))
    .digest("hex");
  return { schema: ownSchema(), name: `${plan.standIn}_${digest.slice(0, 32)}` };
}

/** The tables of a stream that a replacing sync replaces. */
export function replacementsOf(plan: StreamPlan): Replacement[] {
  const tables = { raw: plan.raw, final: plan.final, history: plan.history };
  return (Object.keys(tables) as TableKind[]).flatMap((kind) => {
    const target = tables[kind];
    return target
      ? [{ kind, target, staging: stagingOf(plan, target), isRebuilt: plan.standIn === "rebuilt" }]
      : [];
  });
}
