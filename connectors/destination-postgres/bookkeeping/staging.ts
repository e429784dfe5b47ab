import type { Context } from "../../kit/contract.ts";
import type { Session } from "../../postgres/session.ts";
import type { Table } from "../../postgres/sql.ts";
import { isSameOwner, type Owner } from "../plan/owner.ts";
import { replacementsOf } from "../plan/stand-ins.ts";
import { ownSchema } from "../plan/own-schema.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { inGroups } from "../schema/groups.ts";
import { tablesOf } from "../schema/layout.ts";
import * as queries from "./staging-queries.ts";

/** What is noted of a staging table. */
interface StagingNote {
  readonly owner: Owner | undefined;
  readonly generation: number | undefined;
  /** Number of the checkpoint that covers its rows, all of them and no others. */
  readonly checkpoint: string | undefined;
  readonly columns: readonly string[];
}

/** The staging tables that are there. One that was made again is not the one that was noted. */
export class StagingTables {
  readonly #notes: ReadonlyMap<string, StagingNote>;

  constructor(notes: ReadonlyMap<string, StagingNote>) {
    this.#notes = notes;
  }

  /**
   * Whether everything that an interrupted run of `owner` loaded to replace the tables of `plan` is
   * there, in the generation that is wanted now, with its columns, and nothing else: what the
   * checkpoint `number` covers.
   */
  hold(plan: StreamPlan, owner: Owner, number: string): boolean {
    const columns = new Map(
      tablesOf(plan).map((wanted) => [wanted.table, wanted.columns.map(({ name }) => name)]),
    );
    return replacementsOf(plan).every(({ target, staging }) => {
      const note = this.#notes.get(staging.name);
      if (note?.owner === undefined || !isSameOwner(owner, note.owner)) return false;
      const isWanted = note.generation === plan.generation && note.checkpoint === number;
      return isWanted && isSameSet(note.columns, columns.get(target)!);
    });
  }

  /** Whether a run of `owner` loaded rows of `generation` to replace the tables of `plan`, and did not end. */
  areOf(plan: StreamPlan, owner: Owner, generation: number | undefined): boolean {
    if (generation === undefined) return false;
    return replacementsOf(plan).some(({ staging }) => {
      const note = this.#notes.get(staging.name);
      return (
        note?.owner !== undefined &&
        isSameOwner(owner, note.owner) &&
        note.generation === generation
      );
    });
  }
}

/** Looks up what is noted of the staging tables of `plans`. */
export async function readStagingTables(
  session: Session,
  plans: readonly StreamPlan[],
): Promise<StagingTables> {
  const tables = plans.flatMap(replacementsOf).map(({ staging }) => staging);
  const notes = new Map<string, StagingNote>();
  if (tables.length === 0) return new StagingTables(notes);
  const rows = await session.query("look for unfinished tables", queries.describeStaging(tables));
  for (const row of rows) {
    const { name, project, connection, generation, checkpoint, columns } = row;
    notes.set(name!, {
      owner: connection ? { connection, project: project ?? "" } : undefined,
      generation: generation === null ? undefined : Number(generation),
      checkpoint: checkpoint ?? undefined,
      columns: JSON.parse(columns ?? "[]") as string[],
    });
  }
  return new StagingTables(notes);
}

/** A staging table that nobody goes on with, and the table that it was to replace, for messages. */
export interface LeftStaging {
  readonly table: Table;
  readonly replaces: string;
}

/**
 * Looks for staging tables that nobody goes on with: those this connection filled for streams that are
 * not in `plans` (they were removed, or renamed), and those of sessions that are gone and had no
 * connection to come back for them. Those of other connections stay, whether they run or not.
 */
export async function findLeftStaging(
  session: Session,
  plans: readonly StreamPlan[],
  owner: Owner | undefined,
): Promise<LeftStaging[]> {
  const current = new Set(plans.flatMap(replacementsOf).map(({ staging }) => staging.name));
  const rows = await session.query("look for unfinished tables", queries.findLeftStaging(owner));
  return rows
    .filter((row) => !current.has(row["name"]!))
    .map((row) => ({
      table: { schema: ownSchema(), name: row["name"]! },
      replaces: row["replaces"]!,
    }));
}

/** Drops what `findLeftStaging` found. */
export async function sweepStaging(
  session: Session,
  left: readonly LeftStaging[],
  context: Context,
): Promise<void> {
  for (const group of inGroups(left.map(({ table }) => table)))
    await session.run("remove unfinished tables", ...queries.dropStaging(group));
  for (const { replaces } of left)
    context.log("INFO", `removed what an earlier run had loaded to replace ${replaces}`);
}

function isSameSet(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((name) => others.includes(name));
}
