import type { Session } from "../../postgres/session.ts";
import { together } from "../../postgres/together.ts";
import type { DedupPlan } from "../plan/stream-plan.ts";
import { lookForFew, lookForFirst } from "./merge-way-queries.ts";
import { SORT_IN_MEMORY, type MergeTables } from "./merge-terms.ts";

/**
 * How staged rows are merged: moved into tables that are empty, looked up one by one, or compared with
 * all there are.
 */
export type MergeWay = "first" | "few" | "many";

/**
 * Staged rows per page of the final table up to which they are few. One lookup takes 6 µs in memory, and
 * reading the table 10 µs a page; from a disk, the lookup is the dearer one.
 */
const ROWS_PER_PAGE = 0.5;

/** More are never few: their keys are gathered in memory. */
const MOST_ROWS = 100_000;

/** Staged rows, and what is known of the tables they are for. */
export interface StagedRows {
  readonly tables: MergeTables;
  readonly dedup: DedupPlan;
  readonly rows: number;
  /** Whether our indexes were built. */
  readonly areIndexed: boolean;
  /** Rows that are few however small the tables are. */
  readonly lookUpRows: number;
}

/** What staged rows are like. */
export interface StagedLook {
  readonly way: MergeWay;
  /** How many have no value in a part of their key. */
  readonly keyless: number;
}

/**
 * Looks at staged rows and the tables they are for, inside the open transaction.
 *
 * @param action for messages.
 */
export async function lookAtStaged(
  session: Session,
  action: string,
  { tables, dedup, rows, areIndexed, lookUpRows }: StagedRows,
): Promise<StagedLook> {
  if (!areIndexed) {
    const [, row] = await together([
      session.run(action, SORT_IN_MEMORY),
      session.queryRow(action, lookForFirst(tables, dedup)),
    ]);
    return { way: row["first"] === "t" ? "first" : "many", keyless: Number(row["keyless"]) };
  }
  const row = await session.queryRow(action, lookForFew(tables, dedup));
  const most = Math.min(MOST_ROWS, Number(row["pages"]) * ROWS_PER_PAGE);
  const areFew = row["indexed"] === "t" && rows <= Math.max(lookUpRows, most);
  return { way: areFew ? "few" : "many", keyless: Number(row["keyless"]) };
}
