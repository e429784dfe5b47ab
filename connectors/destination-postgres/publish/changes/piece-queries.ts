import { quoteName, quoteTable } from "../../../postgres/sql.ts";
import { columnRef } from "../../plan/hashes.ts";
import type { ChangesPlan, DedupPlan, StreamPlan } from "../../plan/stream-plan.ts";
import { arrivalColumn } from "../../plan/tables.ts";
import { cursorOf, type MergeTables } from "../merge-terms.ts";
import { stagedVersions } from "../version-queries.ts";
import { isDeleted, isTruncation, type StagedChanges } from "./staged-changes-queries.ts";

/** A stream of changes that is merged by key, and its tables. */
export interface MergedChanges {
  readonly plan: StreamPlan;
  readonly dedup: DedupPlan;
  readonly changes: ChangesPlan;
  readonly tables: MergeTables;
  /** Whether rows are looked up one by one. */
  readonly isFew: boolean;
}

/** Staged changes between two records that say that all rows before them are gone. */
export interface Piece {
  /** The numbers of these records; undefined: there is none. */
  readonly after: number | undefined;
  readonly before: number | undefined;
}

/**
 * The pieces of what is staged, in order. Where nothing is left of what came before the last truncation,
 * it is not among them.
 */
export function piecesOf({ truncations }: StagedChanges, leavesTraces: boolean): Piece[] {
  const last = truncations > 0 ? truncations : undefined;
  const pieces: Piece[] = [];
  for (let number = 1; leavesTraces && number <= truncations; number++)
    pieces.push({ after: number > 1 ? number - 1 : undefined, before: number });
  return [...pieces, { after: last, before: undefined }];
}

/** The staged versions of a piece, with whether each is a deletion. Further columns of the row `s` as SQL. */
export function versionsOf(
  { plan, dedup, changes, tables }: MergedChanges,
  { after, before }: Piece,
  more = "",
): string {
  const arrival = `s.${quoteName(arrivalColumn(plan))}`;
  const bounds = [
    ...(after === undefined ? [] : [`${arrival} > ${truncationOf(after, "arrival")}`]),
    ...(before === undefined ? [] : [`${arrival} < ${truncationOf(before, "arrival")}`]),
  ];
  return stagedVersions(plan, dedup, tables, {
    more: `, ${isDeleted(changes, "s")} as is_deleted${more}`,
    where: bounds.length > 0 ? `where ${bounds.join(" and ")}` : "",
  });
}

/** The columns of a row that are neither its key nor tell of a change of it. */
export function valuesOf({ plan, dedup, changes }: MergedChanges): string[] {
  return plan.columns
    .filter((column) => !dedup.key.includes(column) && !changes.marks.includes(column))
    .filter((column) => column !== dedup.cursor)
    .map((column) => columnRef(column));
}

/**
 * Numbers the staged records that say that all rows before them are gone. They are told by their numbers,
 * so that statements are the same for every batch: each is logged once.
 */
export function numberTruncations(
  plan: StreamPlan,
  dedup: DedupPlan,
  { stage }: MergeTables,
): string {
  return `
    create temporary table truncations on commit drop as
    select row_number() over (order by arrival) as number, place, arrival, cursor
      from (select s.ctid as place, s.${quoteName(arrivalColumn(plan))} as arrival, ${cursorOf(dedup, "s")} as cursor
              from ${quoteTable(stage)} s where ${isTruncation("s")}) t`;
}

/** Of the truncation `number`: when its record arrived, where in the log it is, or where it is staged. */
export function truncationOf(number: number, what: "arrival" | "cursor" | "place"): string {
  return `(select ${what} from pg_temp.truncations where number = ${number})`;
}
