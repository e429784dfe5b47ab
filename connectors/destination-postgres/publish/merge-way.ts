import type { Row, Session } from "../../postgres/session.ts";
import { together } from "../../postgres/together.ts";
import { plainKey } from "../plan/plain-key.ts";
import type { DedupPlan, FoundBy, StreamPlan } from "../plan/stream-plan.ts";
import { arePlain, type StagedChanges } from "./changes/staged-changes-queries.ts";
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
  readonly plan: StreamPlan;
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
  /** What rows of a key are found by. */
  readonly foundBy: FoundBy;
  /** How many have no value in a part of their key. */
  readonly keyless: number;
  /** Undefined for a stream that is not one of changes. */
  readonly changes?: StagedChanges | undefined;
}

/**
 * Looks at staged rows and the tables they are for, inside the open transaction.
 *
 * @param action for messages.
 */
export async function lookAtStaged(
  session: Session,
  action: string,
  { plan, tables, dedup, rows, areIndexed, lookUpRows }: StagedRows,
): Promise<StagedLook> {
  const bestFor = ({ keyless }: { keyless: number }): FoundBy =>
    keyless === 0 && plainKey(dedup) !== undefined ? "value" : "hash";
  if (!areIndexed) {
    const [, row] = await together([
      session.run(action, SORT_IN_MEMORY),
      session.queryRow(action, lookForFirst(plan, dedup, tables)),
    ]);
    const seen = seenIn(row);
    const areFirst = row["first"] === "t" && (seen.changes === undefined || arePlain(seen.changes));
    return { way: areFirst ? "first" : "many", foundBy: bestFor(seen), ...seen };
  }
  const row = await session.queryRow(action, lookForFew(plan, dedup, tables));
  const most = Math.min(MOST_ROWS, Number(row["pages"]) * ROWS_PER_PAGE);
  const seen = seenIn(row);
  const mayBeFew = rows <= Math.max(lookUpRows, most);
  const foundBy = bestFor(seen);
  // Tables of former versions have an index of hashes whatever their keys are.
  const indexed = [foundBy, "hash" as const].find((by) => row[`indexed_by_${by}`] === "t");
  if (mayBeFew && indexed !== undefined) return { way: "few", foundBy: indexed, ...seen };
  return { way: "many", foundBy, ...seen };
}

function seenIn(row: Row): Omit<StagedLook, "way" | "foundBy"> {
  const { keyless, changes } = row;
  return {
    keyless: Number(keyless),
    changes: changes ? (JSON.parse(changes) as StagedChanges) : undefined,
  };
}
