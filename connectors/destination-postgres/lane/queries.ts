import { FILES_OF_C } from "../bookkeeping/written-table-queries.ts";
import { ownTable } from "../plan/own-schema.ts";
import { quoteTable, type Sql, type Table } from "../../postgres/sql.ts";

/** Lets others write to tables, and alter none, until the transaction ends. */
export function lockAgainstChanges(tables: readonly Table[]): string {
  return `lock table ${tables.map(quoteTable).join(", ")} in row exclusive mode`;
}

/** Those of `tables` whose rows were all written anew, or removed, since we left them. */
export function findMoved(tables: readonly Table[]): Sql {
  return {
    text: `
      select w.schema_name as schema, w.table_name as name, c.relkind as kind
        from pg_catalog.json_to_recordset($1::json) as wanted (schema text, name text)
        join ${ownTable("written_table")} w
          on w.schema_name = wanted.schema and w.table_name = wanted.name
        join pg_catalog.pg_class c on c.oid = w.table_oid
       where w.files <> ${FILES_OF_C}`,
    values: [JSON.stringify(tables)],
  };
}

/** The values that are none of `type`, by their number from 1, with the SQLSTATE (PostgreSQL 16). */
export function judgeInput(values: readonly (string | null)[], type: string): Sql {
  return {
    text: `
      select v.line, (pg_catalog.pg_input_error_info(v.value, $2)).sql_error_code as code
        from pg_catalog.json_array_elements_text($1) with ordinality v (value, line)
       where not pg_catalog.pg_input_is_valid(v.value, $2)
       order by v.line`,
    values: [JSON.stringify(values), type],
  };
}
