import { createHash } from "node:crypto";
import { quoteTable } from "../postgres/sql.ts";
import { label } from "./session.ts";
import { OWN_SCHEMA, type StreamPlan, type Table } from "./plan.ts";

/** A table that is being replaced, and the table loaded in its place. */
export interface Replacement {
  readonly target: Table;
  readonly staging: Table;
}

/**
 * The table in our own schema that stands in for `table` while a replacement is loaded. The same
 * table always has the same stand-in, so that the next run finds what a killed one left.
 */
export function stagingOf(plan: StreamPlan, table: Table): Table {
  const digest = createHash("sha256")
    .update(JSON.stringify([table.schema, table.name]))
    .digest("hex");
  return { schema: OWN_SCHEMA, name: `${plan.standIn}_${digest.slice(0, 32)}` };
}

/** The tables of a stream that a replacing sync replaces. */
export function replacementsOf(plan: StreamPlan): Replacement[] {
  return [plan.raw, plan.final, plan.history]
    .filter((table) => table !== undefined)
    .map((target) => ({ target, staging: stagingOf(plan, target) }));
}

/** Says in the database what a staging table is, and which generation it holds. */
export function describeStaging({ target, staging }: Replacement, generation: number | undefined) {
  const text = `replacement of ${label(target)}, generation ${generation ?? "none"}`;
  return `comment on table ${quoteTable(staging)} is ${literal(text)}`;
}

/** The generation a staging table holds, from its comment. */
export function generationOf(comment: string | null): number | undefined {
  const digits = /, generation (\d+)$/.exec(comment ?? "")?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function literal(text: string): string {
  return `E'${text.replace(/['\\]/g, "\\$&")}'`;
}
