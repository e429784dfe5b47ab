import { quoteTable, type Table } from "../../../postgres/sql.ts";
import { columnRef } from "../../plan/hashes.ts";
import { insertVersions } from "../merge-history-queries.ts";
import {
  asked,
  done,
  isAmong,
  isSameRow,
  keyAliases,
  keyOrder,
  newestFirst,
  type MergeStatement,
} from "../merge-terms.ts";
import type { MergedChanges } from "./piece-queries.ts";

/**
 * Puts the versions of `pg_temp.versions` into the history, and ends each where what happened next to its
 * row begins: the next version, or its deletion. Each change is a version, also of equal places in the log.
 *
 * An old version that has ended tells of two things that happened, its beginning and its end, so that one
 * that comes late ends at a deletion of which nothing else is left. Only what ended behind the earliest
 * version that comes is looked at.
 */
export function changeHistoryStatements(
  { plan, dedup, tables: { stage }, isFew }: MergedChanges,
  history: Table,
): MergeStatement[] {
  const keys = keyAliases(dedup);
  const oldKeys = dedup.key.map((column, i) => `${columnRef(column, "h")} as ${keys[i]}`);
  const list = keys.join(", ");
  const earliest = "(select min(cursor) from pg_temp.versions)";
  return [
    asked(
      history,
      `create temporary table chain on commit drop as
       with old as materialized (
         select h.tableoid as old_table, h.ctid as old_place, h._airbyte_unique_key as unique_key,
                ${oldKeys.join(", ")}, h._airbyte_start_at as start_at, h._airbyte_end_at as end_at,
                h._airbyte_active_row as active
           from ${quoteTable(history)} h
          where ${isAmong("h._airbyte_unique_key", "select unique_key from pg_temp.versions", isFew)}
            and (h._airbyte_active_row = 1 ${dedup.cursor ? `or h._airbyte_end_at > ${earliest}` : ""}))
       select new_place, old_table, old_place, unique_key, end_at, active
         from (
         select *, lag(cursor) over newest_first as end_at,
                (row_number() over newest_first = 1)::integer as active
           from (select place as new_place, arrival, null::oid as old_table, null::tid as old_place,
                        unique_key, ${list}, cursor, not is_deleted as is_version, false as is_over,
                        null as old_end_at, null::integer as old_active
                   from pg_temp.versions
                 union all
                 select null, null, old_table, old_place, unique_key, ${list}, start_at, true,
                        active = 0 and end_at is not distinct from start_at, end_at, active
                   from old
                 union all
                 select null, null, null, null, unique_key, ${list}, end_at, false, true, null, null
                   from old where active = 0 and end_at is not null) happened
         window newest_first as (partition by ${keyOrder(dedup)}
                                 order by ${newestFirst(dedup, "cursor desc nulls last")} nulls last, is_over)) c
        where is_version
          and (new_place is not null or old_end_at is distinct from end_at or old_active is distinct from active)`,
    ),
    ...(isFew ? [] : ["analyze pg_temp.chain"]),
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
        from: `pg_temp.chain c join ${quoteTable(stage)} s on s.ctid = c.new_place`,
        uniqueKey: "c.unique_key",
        endAt: "c.end_at",
        active: "c.active",
      }),
    ),
    "drop table pg_temp.chain",
  ];
}
