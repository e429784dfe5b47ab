import type { Sql } from "../../postgres/sql.ts";

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
