import { streamKey, type StreamDescriptor } from "../../../protocol/catalog.ts";
import { beginningOf, type Beginning } from "../../kit/destination/generations.ts";
import type { Session } from "../../postgres/session.ts";
import type { StagingTables } from "../bookkeeping/staging.ts";
import type { WrittenTable, WrittenTables } from "../bookkeeping/written-tables.ts";
import { isSameOwner, type Owner } from "../plan/owner.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { readCheckpoints } from "./queries.ts";

/** What is kept of one stream. */
export interface SavedState {
  /** The STATE line as it came, without newline; undefined after the source erased it. */
  readonly line: string | undefined;
  readonly generation: number | undefined;
  /** Whether a replacement of that generation is in place. */
  readonly isComplete: boolean;
  /** Whether the run that put it there ended in order, and nobody asked for its STATE since. */
  readonly isFinished: boolean;
  /** Grows with every STATE of the stream. "0": of a version that did not note tables. */
  readonly number: string;
}

/** What is kept, by `streamKey`. */
export type SavedStates = ReadonlyMap<string, SavedState>;

/** The row that keeps a GLOBAL or LEGACY state: no stream has this name. */
export const ALL_STREAMS: StreamDescriptor = { name: "" };

/** Everything that is kept for a connection. */
export async function readSaved(session: Session, owner: Owner): Promise<SavedStates> {
  const rows = await session.query("read the states", readCheckpoints(owner));
  return new Map(
    rows.map((row) => [
      streamKey({ name: row["stream_name"]!, namespace: row["stream_namespace"]! }),
      {
        line: row["state"] ?? undefined,
        generation: row["generation"] === null ? undefined : Number(row["generation"]),
        isComplete: row["is_complete"] === "t",
        isFinished: row["is_finished"] === "t",
        number: row["number"]!,
      },
    ]),
  );
}

/** What is known of the tables that states were committed with. */
export interface Evidence {
  /** Undefined: of a run without a connection, for which no states are kept. */
  readonly owner: Owner | undefined;
  readonly written: WrittenTables;
  readonly staging: StagingTables;
}

/** How a stream begins, and whether what is kept of it counts. */
export interface Position extends Beginning {
  /** Undefined: nothing is kept, or it does not count. */
  readonly saved: SavedState | undefined;
  /** Whether something is kept of the wanted generation whose rows are gone. */
  readonly isVoid: boolean;
}

/**
 * What a kept state is worth. It counts while its rows are where they were committed: in a table of
 * the stream that is still the same one and still its connection's; for a replacement that is not in
 * place yet, in all of its staging tables and nothing beside it.
 *
 * Of which generation the rows are that are there, their table tells, whoever wrote it.
 */
export function positionOf(
  plan: StreamPlan,
  saved: SavedState | undefined,
  { owner, written, staging }: Evidence,
): Position {
  const there = plan.generation === undefined ? undefined : generationOf(plan, written);
  const isThere = there !== undefined && there >= plan.generation!;
  const isWanted = plan.generation === undefined || isOf(plan, saved?.generation);
  if (saved === undefined || owner === undefined || !isWanted) {
    const left = { generation: there, isInPlace: isThere, isFinished: true, hasState: false };
    const beginning = beginningOf(plan, { ...left, isStagingKept: false });
    return { ...beginning, saved: undefined, isVoid: false };
  }
  // What was committed with rows aside says nothing of the table that they were to replace.
  const isOfStaging = !saved.isComplete && staging.areOf(plan, owner, saved.generation);
  const hasRows = !isOfStaging && hasItsRows(plan, saved, owner, written);
  const beginning = beginningOf(plan, {
    generation: saved.generation,
    isInPlace: isThere || (saved.isComplete && hasRows),
    isFinished: saved.isFinished,
    hasState: saved.line !== undefined,
    isStagingKept: staging.hold(plan, owner, saved.number),
  });
  const isAside = beginning.replaces && plan.generation !== undefined;
  const counts = isAside ? beginning.continues : hasRows;
  const isSaid = saved.line !== undefined || saved.isComplete;
  return { ...beginning, saved: counts ? saved : undefined, isVoid: !counts && isSaid };
}

/**
 * Whether a table that records go into, raw or final, is the one that the state was committed with, and
 * was not emptied since.
 */
function hasItsRows(
  { raw, final }: StreamPlan,
  saved: SavedState,
  owner: Owner,
  written: WrittenTables,
): boolean {
  return [raw, final].some((table) => {
    if (table === undefined || !isLeft(written.of(table))) return false;
    const { note } = written.of(table);
    return note?.owner ? isSameOwner(owner, note.owner) : saved.number === "0";
  });
}

/**
 * Whether a position of `generation` is one of the plan's. Who adds rows and asks for less than there
 * was has lost count, and not the wish to go on.
 */
function isOf(plan: StreamPlan, generation: number | undefined): boolean {
  const isLater = generation !== undefined && generation > plan.generation!;
  return generation === plan.generation || (isLater && !plan.overwrites);
}

/** The oldest generation of the rows that are there. */
function generationOf({ raw, final }: StreamPlan, written: WrittenTables): number | undefined {
  const table = [final, raw].find((one) => one && isLeft(written.of(one)));
  return table && written.of(table).note?.generation;
}

/** Whether a table is the one that was noted, with its rows. */
function isLeft({ exists, hasTakenName, isEmptied }: WrittenTable): boolean {
  return exists && !hasTakenName && !isEmptied;
}
