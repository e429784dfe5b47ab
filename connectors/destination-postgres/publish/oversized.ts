import type { Failure } from "../../../protocol/errors.ts";
import { sqlStateOf } from "../../postgres/errors.ts";
import type { Session } from "../../postgres/session.ts";
import { label, quoteName, type Table } from "../../postgres/sql.ts";
import { columnRef, keyHash, rowHash } from "../plan/hashes.ts";
import { columnWidths, surelyFits } from "../plan/row-width.ts";
import type { StreamPlan } from "../plan/stream-plan.ts";
import { finalColumns, historyColumns, loadedColumns } from "../plan/tables.ts";
import {
  columnsReadByOthers,
  END_OF_SEARCH,
  RESULT_OF_SEARCH,
  searchStatements,
  type OversizedRows,
} from "./oversized-queries.ts";

/** Rows of a stream on their way, and the table that refused them. */
export interface RefusedRows {
  readonly plan: StreamPlan;
  /** Where they are. */
  readonly from: Table;
  readonly to: Table;
  readonly kind: "final" | "history";
  /** Whether `from` has the columns that are loaded; else those of `to`. */
  readonly isLoaded: boolean;
}

/** Told of values that became NULL. */
export type OnGivenUp = (field: string, reason: string, count: number) => void;

/**
 * Whether a statement failed because a row does not fit its page, an index or a generated column, or may
 * have: the server does not say which value is to blame.
 */
export function isOversized(failure: Failure): boolean {
  return /^(22|54)/.test(sqlStateOf(failure.cause) ?? "");
}

/**
 * Makes those values NULL, in the rows on their way, because of which the table refuses them; noted in
 * `_airbyte_meta` where there is one. Nothing where none is found: keys and cursors stay as they are.
 * Inside the open transaction.
 */
export async function giveUpOversized(
  session: Session,
  refused: RefusedRows,
  onGivenUp: OnGivenUp,
): Promise<boolean> {
  const rows = await oversizedRows(session, refused);
  if (rows.read.size === 0 && !rows.mayBeTooWide) return false;
  for (const isLarge of [true, false]) {
    await session.run(
      `look for values that ${label(refused.to)} has no room for`,
      ...searchStatements(rows, isLarge),
    );
    const found = await session.query("look at what was found", RESULT_OF_SEARCH);
    await session.run("end the search", ...END_OF_SEARCH);
    for (const { field, reason, count } of found) onGivenUp(field!, reason!, Number(count));
    if (found.length > 0) return true;
  }
  return false;
}

async function oversizedRows(session: Session, refused: RefusedRows): Promise<OversizedRows> {
  const { plan, from, to, kind, isLoaded } = refused;
  const query = columnsReadByOthers(to);
  const readers = await session.query(`look at the indexes of ${label(to)}`, query);
  const target = kind === "final" ? finalColumns(plan) : historyColumns(plan);
  const values = isLoaded ? valuesOfLoaded(plan, kind) : target.map(sameColumn);
  const { dedup } = plan;
  const hasHash = !isLoaded && target.some(({ name }) => name === plan.hashColumn);
  return {
    from,
    to,
    columns: (isLoaded ? loadedColumns(plan) : target).map(({ name }) => name),
    values,
    read: new Set(readers.map((row) => row["column"]!)),
    candidates: plan.columns
      .filter((column) => !dedup || !(dedup.key.includes(column) || dedup.cursor === column))
      .filter((column) => !dedup || column !== plan.changes?.deletedAt)
      .map(({ name, key }) => ({ name, field: key })),
    mayBeTooWide: !surelyFits(target.map(({ type }) => type)),
    isWidthFixed: columnWidths(plan.columns.map(({ type }) => type)).every(
      ({ bytes }) => bytes !== undefined,
    ),
    hasNull: kind === "history", // the end of a version that is the newest
    hash: hasHash ? [plan.hashColumn, rowHash(plan, "s")] : undefined,
  };
}

/** What a merge makes of a loaded row, with as much in it as there will ever be. */
function valuesOfLoaded(
  plan: StreamPlan,
  kind: RefusedRows["kind"],
): (readonly [string, string])[] {
  const { dedup } = plan;
  const key: (readonly [string, string])[] = dedup
    ? [["_airbyte_unique_key", keyHash(dedup, "s")]]
    : [];
  const hash = [plan.hashColumn, rowHash(plan, "s")] as const;
  const loaded = loadedColumns(plan).map(sameColumn);
  if (kind === "final") return [...key, ...loaded, ...(plan.hashesFinal ? [hash] : [])];
  const cursor = dedup?.cursor ? columnRef(dedup.cursor, "s") : "s._airbyte_emitted_at";
  return [
    ...key,
    ["_airbyte_unique_key_scd", keyHash(dedup!, "s")],
    ...loaded.filter(([name]) => name !== "_airbyte_meta"),
    ["_airbyte_start_at", cursor],
    ["_airbyte_end_at", cursor],
    ["_airbyte_active_row", "1"],
    hash,
  ];
}

function sameColumn({ name }: { readonly name: string }): readonly [string, string] {
  return [name, `s.${quoteName(name)}`];
}
