import { quoteTable, type Sql, type Table } from "../../postgres/sql.ts";
import { columnRef, keyText } from "../plan/hashes.ts";
import { plainKey } from "../plan/plain-key.ts";
import type { DedupPlan, StreamPlan } from "../plan/stream-plan.ts";
import { describeChanges, isTruncation } from "./changes/staged-changes-queries.ts";
import type { MergeTables } from "./merge-terms.ts";

/** Types whose values are compared in no time. */
const WHOLE = new Set(["smallint", "integer", "bigint"]);

/** How many rows of a table have no value in a part of their key, and so have the key of others that have none. */
export function countKeyless(table: Table, dedup: DedupPlan): Sql {
  return { text: `select ${keyless(dedup)} as count from ${quoteTable(table)} t`, values: [] };
}

/**
 * Of staged rows, and the tables without our index they are for: `keyless`, whether they are `first`, and
 * the `changes` among them.
 *
 * Only fingerprints are sorted, a column alone, so that 2,500,000 fit in memory. Of 1,000,000 keys, whole
 * numbers take 0.05 core-seconds, hashes 0.5, and `_airbyte_unique_key` itself, or a lookup of repeated
 * keys in the index that was built, 1.9.
 */
export function lookForFirst(
  plan: StreamPlan,
  dedup: DedupPlan,
  { stage, final, history }: MergeTables,
): Sql {
  const isEmpty = [final, ...(history ? [history] : [])].map(
    (table) => `not exists (select from ${quoteTable(table)})`,
  );
  return {
    text: `
      select ${staged(plan, dedup, stage)},
             ${isEmpty.join(" and ")} and (
               select count(*) = count(distinct fingerprint)
                 from (select ${fingerprint(dedup)} as fingerprint
                         from ${quoteTable(stage)} t offset 0) f) as first`,
    values: [],
  };
}

/**
 * Of staged rows and their tables: `keyless`, how many `pages` the final one has, whether all are
 * `indexed_by_hash` of the key or `indexed_by_value`, with whatever is read with them, and the `changes`
 * among the rows.
 */
export function lookForFew(
  plan: StreamPlan,
  dedup: DedupPlan,
  { stage, final, history }: MergeTables,
): Sql {
  const tables = [final, ...(history ? [history] : [])].map(quoteTable);
  return {
    text: `
      select ${staged(plan, dedup, stage)},
             (select sum(pg_catalog.pg_relation_size(part.oid))
                     / pg_catalog.current_setting('block_size')::integer
                from (select pg_catalog.to_regclass($1) as oid
                      union select relid from pg_catalog.pg_partition_tree(pg_catalog.to_regclass($1))) part) as pages,
             ${areIndexed("'_airbyte_unique_key'")} as indexed_by_hash,
             ${areIndexed("$3")} as indexed_by_value`,
    values: [quoteTable(final), JSON.stringify(tables), plainKey(dedup)?.name ?? ""],
  };
}

/** Whether all tables of `$2` have an index that begins with a column, and none that inherits lacks it. */
function areIndexed(column: string): string {
  return `
    (select pg_catalog.bool_and(exists (
              select from pg_catalog.pg_index x
                join pg_catalog.pg_class c on c.oid = x.indexrelid
                join pg_catalog.pg_am m on m.oid = c.relam and m.amname = 'btree'
                join pg_catalog.pg_attribute a
                  on a.attrelid = x.indrelid and a.attnum = x.indkey[0]
               where x.indrelid = pg_catalog.to_regclass(wanted) and x.indisvalid
                 and x.indpred is null and a.attname = ${column})
            and not exists (
              select from pg_catalog.pg_inherits i
                join pg_catalog.pg_class c on c.oid = i.inhparent and c.relkind <> 'p'
               where i.inhparent = pg_catalog.to_regclass(wanted)))
       from pg_catalog.json_array_elements_text($2::json) wanted)`;
}

function staged(plan: StreamPlan, dedup: DedupPlan, stage: Table): string {
  const { changes } = plan;
  const rows = `from ${quoteTable(stage)} t`;
  if (changes === undefined) return `(select ${keyless(dedup)} ${rows}) as keyless`;
  return `(select ${keyless(dedup)} ${rows} where not ${isTruncation("t")}) as keyless,
          ${describeChanges(changes, stage)} as changes`;
}

function keyless({ key }: DedupPlan): string {
  const isMissing = key.map((column) => `${columnRef(column, "t")} is null`).join(" or ");
  return `count(*) filter (where ${isMissing})`;
}

/** What rows of one key have alike, in 8 bytes. */
function fingerprint(dedup: DedupPlan): string {
  const [only, ...others] = dedup.key;
  if (others.length === 0 && WHOLE.has(only!.type)) return columnRef(only!, "t");
  return `pg_catalog.hashtextextended(${keyText(dedup, "t")} collate "C", 0)`;
}
