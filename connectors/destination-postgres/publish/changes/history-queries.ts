import { quoteTable, type Table } from "../../../postgres/sql.ts";
import { keyHash } from "../../plan/hashes.ts";
import { insertVersions } from "../merge-history-queries.ts";
import {
  asked,
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
} from "../merge-terms.ts";
import type { MergedChanges } from "./piece-queries.ts";

/**
 * Puts the versions of `pg_temp.versions` into the history, and ends each where what happened next to its
 * row begins: the next version, or its deletion. Each change is a version, also of equal places in the log.
 * Of those that are there only the one that has not ended is looked at: where the log begins anew, after its
 * server was exchanged, others are no neighbours.
 */
export function changeHistoryStatements(
  { plan, dedup, tables: { stage }, isFew }: MergedChanges,
  history: Table,
): MergeStatement[] {
  return [
    asked(
      history,
      `create temporary table chain on commit drop as
       select new_place, old_table, old_place, end_at, active
         from (
         select *, lag(cursor) over newest_first as end_at,
                (row_number() over newest_first = 1)::integer as active
           from (select place as new_place, arrival, null::oid as old_table, null::tid as old_place,
                        ${keyOrder(dedup)}, cursor, is_deleted
                   from pg_temp.versions
                 union all
                 select null, null, h.tableoid, h.ctid, ${keyOfRow(dedup, "h")},
                        h._airbyte_start_at, false
                   from ${quoteTable(history)} h
                  where ${isAmong(foundIn(dedup, "h"), `select ${soughtColumn(dedup)} from pg_temp.versions`, isFew)}
                    and h._airbyte_active_row = 1) happened
         window newest_first as (partition by ${keyOrder(dedup)}
                                 order by ${newestFirst(dedup, "cursor desc nulls last")} nulls last)) c
        where not is_deleted and (new_place is not null or active = 0)
        order by old_table, old_place, new_place`,
    ),
    ...(isFew ? [] : ["analyze pg_temp.chain", ...FETCH_BY_PLACE]),
    done(
      history,
      `update ${quoteTable(history)} h
        set _airbyte_end_at = c.end_at, _airbyte_active_row = c.active
       from pg_temp.chain c
      where ${isSameRow("h", "c")}`,
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
