import { quoteTable } from "../../../postgres/sql.ts";
import type { Column } from "../../plan/columns.ts";
import { finalStatements } from "../merge.ts";
import { BEGIN, END_OF_LOOKING_UP, LOOK_UP, type MergeStatement } from "../merge-terms.ts";
import { changeHistoryStatements } from "./history-queries.ts";
import {
  numberTruncations,
  piecesOf,
  versionsOf,
  type MergedChanges,
  type Piece,
} from "./piece-queries.ts";
import { keepDeletedStatements } from "./soft-delete-queries.ts";
import type { StagedChanges } from "./staged-changes-queries.ts";
import { truncationStatements } from "./truncate-queries.ts";
import { completeStatements } from "./unchanged-queries.ts";

/**
 * Merges the staged changes of a stream into its final and history tables.
 *
 * - Versions of a key are ordered by their place in the log, and of one place as they came. Keys are told
 *   as `mergeStatements` tells them.
 * - Values that a change did not carry are put into the staged rows first, so that each is whole.
 * - A deletion takes the row from the final table, or marks it. It is no version of its own in the
 *   history: the one before it ends there.
 * - What is staged before a truncation is merged before it, as if it had been committed before.
 */
export function mergeChangesStatements(
  merged: MergedChanges,
  staged: StagedChanges,
  released: readonly Column[],
): MergeStatement[] {
  const { plan, dedup, changes, tables } = merged;
  const { stage, history } = tables;
  const leavesTraces = history !== undefined || changes.keepsDeleted;
  return [
    ...BEGIN,
    ...(staged.truncations > 0 ? [numberTruncations(plan, dedup, tables)] : []),
    ...piecesOf(staged, leavesTraces).flatMap((piece) => [
      ...(piece.after ? truncationStatements(merged, piece.after) : []),
      ...pieceStatements(merged, staged, piece, released),
    ]),
    ...(staged.truncations > 0 ? ["drop table pg_temp.truncations"] : []),
    `truncate ${quoteTable(stage)}`,
  ];
}

function pieceStatements(
  merged: MergedChanges,
  { unchanged, hasDeletes }: StagedChanges,
  piece: Piece,
  released: readonly Column[],
): MergeStatement[] {
  const { plan, dedup, changes, tables, isFew } = merged;
  const { history } = tables;
  const versions = history ? "pg_temp.versions" : `(${versionsOf(merged, piece)})`;
  return [
    ...(unchanged.length > 0 ? completeStatements(merged, piece, unchanged) : []),
    ...(hasDeletes && changes.keepsDeleted ? keepDeletedStatements(merged, piece) : []),
    ...(isFew ? LOOK_UP : []),
    ...(history
      ? [
          `create temporary table versions on commit drop as ${versionsOf(merged, piece)}`,
          ...(isFew ? [] : ["analyze pg_temp.versions"]),
          ...changeHistoryStatements(merged, history),
        ]
      : []),
    ...finalStatements(plan, dedup, tables, {
      versions,
      isFew,
      released,
      removes: hasDeletes && !changes.keepsDeleted,
    }),
    ...(history ? ["drop table pg_temp.versions"] : []),
    ...(isFew ? END_OF_LOOKING_UP : []),
  ];
}
