import { Failure } from "../../../protocol/errors.ts";
import { label } from "../../postgres/sql.ts";
import type { Cursor } from "./cursor.ts";
import { hasRowVersions, hasStoredOrder } from "../catalog/relation.ts";
import { findDefiners } from "./queries.ts";
import { hasParted, isOfTable, rowId, whyForeign } from "./row-versions.ts";
import { deliveredBeforeParting } from "./witness.ts";
import type { DeliveredRows } from "./delivered-rows.ts";
import { rangesOf } from "./id-ranges.ts";
import type { StreamPosition } from "./stream-position.ts";
import type { OpenTable } from "./open-table.ts";

/** Where a first load stopped, and what it had delivered before that place. */
export interface InterruptedLoad {
  readonly ctid: string;
  readonly rows: DeliveredRows;
}

/**
 * The saved position of an incremental stream; undefined, with a warning, where it belongs to
 * another cursor or method. Throws `state.invalid` for what is no state of a source: it was meant to
 * say something, and reading everything again would add rows that are there.
 *
 * @param cursor undefined when the stream follows transactions.
 */
export function usablePosition(
  table: OpenTable,
  saved: StreamPosition | undefined,
  cursor: Cursor | undefined,
): StreamPosition | undefined {
  if (saved === undefined) return undefined;
  if (saved.kind === "unknown")
    throw new Failure(
      "state.invalid",
      `the state of ${label(table.plan.relation)} names no cursor_field: it is no state of this source, and nothing is read`,
      {
        hint: `it is written {"cursor_field":["id"],"cursor":"5"} (\`syncline state set CONNECTION --stream NAME --cursor 5\` writes it); {} begins at the beginning`,
      },
    );
  if (saved.kind === "unusable") {
    table.log("WARN", `${saved.why}; everything is read again`);
    return undefined;
  }
  if (saved.kind !== (cursor === undefined ? "xmin" : "cursor")) {
    table.log("WARN", "the state is of another update method; everything is read again");
    return undefined;
  }
  if (cursor === undefined) return saved;
  if (saved.field !== cursor.column.name) {
    table.log(
      "WARN",
      `the state follows the column ${saved.field ?? "(none)"} and the cursor is ${cursor.column.name} now; everything is read again`,
    );
    return undefined;
  }
  return saved.cursor === undefined && saved.ctid === undefined ? undefined : saved;
}

/** Where the first load stopped; undefined, with a warning, where that means nothing any more. */
export function interruptedLoad(
  table: OpenTable,
  position: StreamPosition,
): InterruptedLoad | undefined {
  const { relation } = table.plan;
  const { rows, ctid } = position;
  const why =
    rows === undefined || ctid === undefined || !hasStoredOrder(relation)
      ? "the state of its first load cannot be used for it"
      : (whyForeign(rows, table.settings.snapshot, relation) ??
        (rows.filenode === relation.filenode
          ? undefined
          : "the table was rewritten (VACUUM FULL, CLUSTER, ALTER TABLE) since its first load was interrupted"));
  if (why === undefined) return { rows: rows!, ctid: ctid! };
  table.log("WARN", `${why}; everything is read again`);
  return undefined;
}

/** The saved transaction ids; undefined, with a warning, where they mean nothing any more. */
export async function usableRows(
  table: OpenTable,
  position: StreamPosition,
): Promise<DeliveredRows | undefined> {
  const { rows } = position;
  const { relation } = table.plan;
  if (rows === undefined || !hasRowVersions(relation)) return undefined;
  const { snapshot } = table.settings;
  const why = whyForeign(rows, snapshot, relation);
  if (isOfTable(rows, snapshot, relation) && hasParted(rows, snapshot))
    return afterParting(table, rows, position, why!);
  if (why !== undefined) {
    table.log(
      "WARN",
      `${why}; ${position.kind === "xmin" ? "everything is read again" : "only rows beyond the cursor are read, and rows committed late may be missed"}`,
    );
    return undefined;
  }
  if (rows.table === undefined) {
    table.log(
      "INFO",
      "goes on from the state of Airbyte's source: rows of transactions that were running at its last read are repeated",
    );
    return rows;
  }
  return rows.filenode === relation.filenode ? rows : withoutRewrite(table, rows);
}

/** What is repeated, rather than missed, is bounded by the cursor; without one, it is everything. */
async function afterParting(
  table: OpenTable,
  rows: DeliveredRows,
  { kind }: StreamPosition,
  why: string,
): Promise<DeliveredRows | undefined> {
  const before = await deliveredBeforeParting(table, rows);
  if (before.isCertain) table.log("INFO", `${why}; no row that was delivered is missing`);
  else if (kind === "xmin") table.log("WARN", `${why}; everything is read again`);
  else table.log("WARN", `${why}; rows that late commits may have written are read again`);
  return before.isCertain || kind === "cursor" ? before.rows : undefined;
}

/**
 * A rewriting ALTER gives every row the id of its own transaction. Where no transaction was running
 * on the server at the last read, rows of the transactions that defined the table count as
 * delivered; else there may be late rows among them, and repeating rows is the lesser evil.
 */
async function withoutRewrite(table: OpenTable, rows: DeliveredRows): Promise<DeliveredRows> {
  if (rows.xmin !== rows.next) {
    table.log("WARN", "the table was rewritten while others wrote; recent rows may be repeated");
    return rows;
  }
  const found = await table.ask(
    findDefiners(table.plan.relation.oid, rowId(table.settings.snapshot)),
  );
  const definers = found.map(({ id }) => BigInt(id!));
  table.log("INFO", "the table was rewritten since the last read");
  return { ...rows, delivered: rangesOf(definers, rows.delivered, rows.xmin) };
}
