import { quoteTable, type Table } from "../../../postgres/sql.ts";
import { columnRef } from "../../plan/hashes.ts";
import type { ChangesPlan } from "../../plan/stream-plan.ts";

/** What is among the staged changes of a stream that takes more than to put rows in place. */
export interface StagedChanges {
  readonly hasDeletes: boolean;
  /** Fields whose value a change did not carry. */
  readonly unchanged: readonly string[];
  /** How many records say that all rows before them are gone. */
  readonly truncations: number;
}

/** Whether staged rows are nothing but whole rows, none of them deleted. */
export function arePlain({ hasDeletes, unchanged, truncations }: StagedChanges): boolean {
  return !hasDeletes && unchanged.length === 0 && truncations === 0;
}

/** Whether the staged row `alias` says that all rows before it are gone. */
export function isTruncation(alias: string): string {
  return `coalesce(${alias}._airbyte_meta ->> 'operation' = 'truncate', false)`;
}

/** Whether the row `alias` is one that was deleted. */
export function isDeleted({ deletedAt }: ChangesPlan, alias: string): string {
  return `${columnRef(deletedAt, alias)} is not null`;
}

/** The `StagedChanges` of a stage, as JSON. */
export function describeChanges(changes: ChangesPlan, stage: Table): string {
  const fields = `pg_catalog.jsonb_array_elements_text(
      case pg_catalog.jsonb_typeof(t._airbyte_meta -> 'unchanged')
        when 'array' then t._airbyte_meta -> 'unchanged' else '[]' end)`;
  return `
    (select pg_catalog.json_build_object(
              'hasDeletes', coalesce(pg_catalog.bool_or(${isDeleted(changes, "t")}), false),
              'unchanged', (select coalesce(pg_catalog.json_agg(distinct u.field), '[]')
                              from ${quoteTable(stage)} t cross join lateral ${fields} u (field)
                             where t._airbyte_meta is not null),
              'truncations', count(*) filter (where ${isTruncation("t")}))
       from ${quoteTable(stage)} t)`;
}
