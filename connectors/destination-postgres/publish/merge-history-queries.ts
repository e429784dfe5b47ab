import { quoteName, quoteTable, type Table } from "../../postgres/sql.ts";
import { columnRef, hashOf, keyHash, rowHash } from "../plan/hashes.ts";
import type { DedupPlan, StreamPlan } from "../plan/stream-plan.ts";
import {
  asked,
  cursorOf,
  done,
  END_OF_FETCHING,
  FETCH_BY_PLACE,
  foundIn,
  isAmong,
  isSameRow,
  keyOfRow,
  keyOrder,
  newestFirst,
  soughtColumn,
  type MergeStatement,
  type MergeTables,
} from "./merge-terms.ts";

/**
 * Puts the versions of `pg_temp.versions` into the history, and closes those that are there where the
 * next newer one of their key starts.
 */
export function historyStatements(
  plan: StreamPlan,
  dedup: DedupPlan,
  { stage }: MergeTables,
  history: Table,
  isFew: boolean,
): MergeStatement[] {
  return [
    // Of two equal versions the new one comes first; the old one is replaced. Whatever comes next
    // ends at the same cursor either way, so one pass finds both. Of old ones with one cursor all but
    // the last end where they start. Without cursor all new ones come behind the one that is active.
    asked(
      history,
      `create temporary table chain on commit drop as
       select * from (
       select new_place, old_table, old_place, cursor, old_end_at, old_active,
              lag(cursor) over newest_first as end_at,
              (row_number() over newest_first = 1)::integer as active,
              old_place is not null and lag(new_place) over newest_first is not null
                and lag(cursor) over newest_first is not distinct from cursor
                and lag(emitted_at) over newest_first = emitted_at as is_replaced
         from (select place as new_place, arrival, null::oid as old_table, null::tid as old_place, ${keyOrder(dedup)},
                      cursor, emitted_at, null as old_end_at, null::integer as old_active
                 from pg_temp.versions
               union all
               select null, null, h.tableoid, h.ctid, ${keyOfRow(dedup, "h")},
                      h._airbyte_start_at, h._airbyte_emitted_at,
                      h._airbyte_end_at, h._airbyte_active_row
                 from ${quoteTable(history)} h
                where ${isAmong(foundIn(dedup, "h"), `select ${soughtColumn(dedup)} from pg_temp.versions`, isFew)}
                  ${dedup.cursor ? "" : "and h._airbyte_active_row = 1"}) one
       window newest_first as (partition by ${keyOrder(dedup)}
                               order by ${newestFirst(dedup, "cursor is null, cursor desc")} nulls last,
                                        old_active = 0 and old_end_at is not distinct from cursor)) c
        where new_place is not null or is_replaced
           or old_end_at is distinct from end_at or old_active is distinct from active
        order by old_table, old_place, new_place`,
    ),
    ...(isFew ? [] : ["analyze pg_temp.chain", ...FETCH_BY_PLACE]),
    done(
      history,
      `delete from ${quoteTable(history)} h
      using pg_temp.chain c
      where c.is_replaced and ${isSameRow("h", "c")}`,
    ),
    done(
      history,
      `update ${quoteTable(history)} h
        set _airbyte_end_at = c.end_at, _airbyte_active_row = c.active
       from pg_temp.chain c
      where ${isSameRow("h", "c")} and not c.is_replaced`,
    ),
    done(
      history,
      insertVersions(plan, dedup, history, {
        from: `pg_temp.chain c join ${quoteTable(stage)} s on s.ctid = c.new_place
               cross join lateral (select ${keyHash(dedup, "s")} as unique_key offset 0) k`,
        uniqueKey: "k.unique_key",
        endAt: "c.end_at",
        active: "c.active",
      }),
    ),
    ...(isFew ? [] : END_OF_FETCHING),
    "drop table pg_temp.chain",
  ];
}

/** Where versions come from, and what is known of each, as SQL. */
export interface Versions {
  /** What has the rows of the stage as `s`. */
  readonly from: string;
  readonly uniqueKey: string;
  readonly endAt: string;
  readonly active: string;
}

/** Adds staged rows to a history. */
export function insertVersions(
  plan: StreamPlan,
  dedup: DedupPlan,
  history: Table,
  { from, uniqueKey, endAt, active }: Versions,
): string {
  const cursor = cursorOf(dedup, "s");
  const values: (readonly [string, string])[] = [
    ["_airbyte_unique_key", uniqueKey],
    ["_airbyte_unique_key_scd", hashOf([uniqueKey, cursor, "s._airbyte_emitted_at"])],
    ...plan.columns.map((column) => [quoteName(column.name), columnRef(column, "s")] as const),
    ["_airbyte_start_at", cursor],
    ["_airbyte_end_at", endAt],
    ["_airbyte_active_row", active],
    ["_airbyte_ab_id", "s._airbyte_ab_id"],
    ["_airbyte_emitted_at", "s._airbyte_emitted_at"],
    ["_airbyte_normalized_at", "s._airbyte_normalized_at"],
    [quoteName(plan.hashColumn), rowHash(plan, "s")],
  ];
  return `
    insert into ${quoteTable(history)} (${values.map(([name]) => name).join(", ")})
    select ${values.map(([, value]) => value).join(", ")}
      from ${from}`;
}
