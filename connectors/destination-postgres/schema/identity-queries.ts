import { quoteLiteral, quoteTable, type Table } from "../../postgres/sql.ts";

/** `alter table … replica identity full`. */
export function identifyByRow(table: Table): string {
  return `alter table ${quoteTable(table)} replica identity full`;
}

/**
 * The same for a table that was just made, if a publication takes it in by itself: one of all tables, or
 * of all in its schema.
 */
export function identifyIfPublished(table: Table): string {
  const body = `
    begin
      if exists (select from pg_catalog.pg_publication p where p.pubupdate or p.pubdelete) then
        if exists (select from pg_catalog.pg_publication_tables t
                     join pg_catalog.pg_publication p on p.pubname = t.pubname
                    where (p.pubupdate or p.pubdelete)
                      and t.schemaname = ${quoteLiteral(table.schema)}
                      and t.tablename = ${quoteLiteral(table.name)}) then
          execute ${quoteLiteral(identifyByRow(table))};
        end if;
      end if;
    end`;
  return `do ${quoteLiteral(body)}`;
}
