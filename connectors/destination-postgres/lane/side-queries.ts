import { quoteName, quoteTable, type Sql, type Table } from "../../postgres/sql.ts";
import { dropStaging } from "../bookkeeping/queries.ts";
import { ownSchema } from "../plan/own-schema.ts";
import { RAW_COLUMNS } from "../plan/tables.ts";

/** A table that any session of ours sees, and that needs no log: nobody misses it after a crash. */
export function createSideTable(table: Table): string {
  const columns = RAW_COLUMNS.map(({ name, type }) => `${quoteName(name)} ${type}`);
  return `create unlogged table ${quoteTable(table)} (${columns.join(", ")})`;
}

/** Adds the rows of a side table to a raw table, in their order. */
export function moveSideRows(from: Table, to: Table): string {
  const columns = RAW_COLUMNS.map(({ name }) => quoteName(name)).join(", ");
  return `insert into ${quoteTable(to)} (${columns}) select ${columns} from ${quoteTable(from)}`;
}

export function truncateSideTables(tables: readonly Table[]): string {
  return `truncate ${tables.map(quoteTable).join(", ")}`;
}

/** Drops side tables, unless somebody holds them: then whoever comes next drops them. */
export function dropSideTables(tables: readonly Table[]): string[] {
  return ["set lock_timeout = '1s'", ...dropStaging(tables), "reset lock_timeout"];
}

/**
 * Whether nothing hangs on a table that looks at the rows it gets: no index, constraint, trigger, rule,
 * policy or generated column, and no partitions. Always one row.
 */
export function isPlain({ schema, name }: Table): Sql {
  return {
    text: `
      select coalesce(bool_and(
               c.relkind = 'r' and c.relchecks = 0
               and not (c.relhasindex or c.relhastriggers or c.relhasrules or c.relrowsecurity)
               and not exists (
                 select from pg_catalog.pg_attribute a
                  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                    and (a.attgenerated <> '' or a.attidentity <> ''
                         or a.attname <> all (array['_airbyte_ab_id', '_airbyte_data', '_airbyte_emitted_at'])))
             ), false) as plain
        from pg_catalog.pg_class c
       where c.oid = pg_catalog.to_regclass(
               pg_catalog.quote_ident($1) || '.' || pg_catalog.quote_ident($2))`,
    values: [schema, name],
  };
}

/** A name that no other live session gives. */
export function sideTable(processId: number, number: number): Table {
  return { schema: ownSchema(), name: `staging_side_${processId}_${number}` };
}
