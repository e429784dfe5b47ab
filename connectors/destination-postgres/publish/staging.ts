import { createHash } from "node:crypto";
import { label, quoteLiteral, quoteTable, type Table } from "../../postgres/sql.ts";
import type { Relations } from "../schema/relations.ts";
import { OWN_SCHEMA, type StreamPlan } from "../plan/stream-plan.ts";

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

/** Who fills a staging table: a connection, which may go on with it, or one session, which may not. */
export type StagingOwner = { readonly connection: string } | { readonly writer: string };

/** What the comment on a staging table says. */
export interface StagingNote {
  /** The table it stands in for, `schema.name`. */
  readonly replaces: string;
  readonly connection?: string;
  /** Process id of the server's session. */
  readonly writer?: string;
  readonly generation?: number;
}

/** Says in the database what a staging table is, whose, and which generation it holds. */
export function describeStaging(
  { target, staging }: Replacement,
  owner: StagingOwner,
  generation: number | undefined,
): string {
  const note: StagingNote = {
    replaces: label(target),
    ...owner,
    ...(generation === undefined ? {} : { generation }),
  };
  return `comment on table ${quoteTable(staging)} is ${quoteLiteral(JSON.stringify(note))}`;
}

/** The note in the comment of a staging table; undefined when it is none of ours. */
export function noteOf(comment: string | null): StagingNote | undefined {
  try {
    const note = JSON.parse(comment ?? "null") as StagingNote | null;
    return typeof note?.replaces === "string" ? note : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether everything that an interrupted run of `owner` loaded to replace the tables of `plan`
 * is still there, in the generation that is wanted now.
 */
export function isStagingKept(
  plan: StreamPlan,
  relations: Relations,
  owner: StagingOwner,
): boolean {
  if (!("connection" in owner) || plan.generation === undefined) return false;
  return replacementsOf(plan).every(({ staging }) => {
    const note = noteOf(relations.of(staging)?.comment ?? null);
    return note?.connection === owner.connection && note.generation === plan.generation;
  });
}
