import { quoteLiteral, type Sql, type Table } from "../../postgres/sql.ts";
import type { StreamDescriptor } from "../../../protocol/catalog.ts";
import { ownTable } from "../plan/own-schema.ts";
import type { Owner } from "../plan/owner.ts";
import type { TableKind } from "../plan/stream-plan.ts";

/**
 * SQL for what changes when the rows of the table `c` all go at once, or are all written anew: the files
 * they are in, of a partitioned table those of its partitions.
 */
export const FILES_OF_C = `
  coalesce(case c.relkind when 'p' then (
    select pg_catalog.md5(pg_catalog.string_agg(l.relfilenode::text, ',' order by l.oid))
      from pg_catalog.pg_partition_tree(c.oid) p
      join pg_catalog.pg_class l on l.oid = p.relid
     where p.isleaf) else c.relfilenode::text end, 'none')`;

/** SQL for the columns of the table `c`: their places, which no other column ever gets, and types. */
export const COLUMNS_OF_C = `
  (select pg_catalog.jsonb_object_agg(a.attname, pg_catalog.jsonb_build_object(
            'place', a.attnum, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
            'typeId', a.atttypid::bigint, 'modifier', a.atttypmod))
     from pg_catalog.pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)`;

/** What is noted of `tables`, one row for each: by their oid, and by their name. */
export function describeWritten(tables: readonly Table[]): Sql {
  return {
    text: `
      select wanted.schema, wanted.name, c.oid is not null as exists,
             t.schema_name, t.table_name, t.kind, t.stream_namespace, t.stream_name,
             t.project, t.connection, t.lacks_rows, t.generation, n.kind as kind_by_name, c.relkind,
             n.table_oid is not null and n.table_oid is distinct from c.oid as has_taken_name,
             t.files is distinct from now.files
               or t.columns is distinct from now.columns as is_other,
             t.files is not null and t.files <> now.files as has_other_files,
             case when t.columns <> now.columns then t.columns end as columns_then,
             case when t.columns <> now.columns then now.columns end as columns_now,
             case when t.table_oid is null
                  then pg_catalog.obj_description(c.oid, 'pg_class') end as comment
        from pg_catalog.json_to_recordset($1::json) as wanted (schema text, name text)
        left join pg_catalog.pg_namespace s on s.nspname = wanted.schema
        left join pg_catalog.pg_class c on c.relnamespace = s.oid and c.relname = wanted.name
        left join ${ownTable("written_table")} t on t.table_oid = c.oid
        left join lateral (select ${FILES_OF_C} as files, ${COLUMNS_OF_C} as columns
                            where t.table_oid is not null) now on true
        left join ${ownTable("written_table")} n
          on n.schema_name = wanted.schema and n.table_name = wanted.name`,
    values: [JSON.stringify(tables)],
  };
}

/** What is noted of a table. */
export interface TableNote {
  readonly table: Table;
  readonly kind: TableKind;
  readonly stream: StreamDescriptor;
  /** Undefined: nobody's, as of runs without a connection. */
  readonly owner: Owner | undefined;
  /** Whether records were synced, or may have been, while the stream had no such table. */
  readonly lacksRows: boolean;
  /** The oldest generation of its rows; undefined: none was told, or nobody knows. */
  readonly generation: number | undefined;
}

/** Notes those of the tables that exist, in place of what was noted of their oids and their names. */
export function noteTables(notes: readonly TableNote[]): string[] {
  if (notes.length === 0) return [];
  const rows = notes.map(({ table, kind, stream, owner, lacksRows, generation }) => ({
    schema_name: table.schema,
    table_name: table.name,
    kind,
    stream_namespace: stream.namespace || "",
    stream_name: stream.name,
    project: owner?.project ?? null,
    connection: owner?.connection ?? null,
    lacks_rows: lacksRows,
    generation: generation ?? null,
  }));
  const existing = `
    pg_catalog.json_to_recordset(${quoteLiteral(JSON.stringify(rows))}::json) as n
      (schema_name text, table_name text, kind text, stream_namespace text, stream_name text,
       project text, connection text, lacks_rows boolean, generation bigint)
    join pg_catalog.pg_namespace s on s.nspname = n.schema_name
    join pg_catalog.pg_class c on c.relnamespace = s.oid and c.relname = n.table_name`;
  return [
    `delete from ${ownTable("written_table")} w using ${existing}
      where w.table_oid = c.oid
         or (w.schema_name = n.schema_name and w.table_name = n.table_name)`,
    `insert into ${ownTable("written_table")}
            (schema_name, table_name, table_oid, kind, stream_namespace, stream_name,
             project, connection, lacks_rows, generation, files, columns)
     select n.schema_name, n.table_name, c.oid, n.kind, n.stream_namespace, n.stream_name,
            n.project, n.connection, n.lacks_rows, n.generation, ${FILES_OF_C}, ${COLUMNS_OF_C}
       from ${existing}`,
  ];
}

/** Notes what tables are like now, in the transaction that changed them. Of tables nobody noted, nothing. */
export function noteShapes(tables: readonly Table[]): string {
  return `
    update ${ownTable("written_table")} w
       set files = ${FILES_OF_C}, columns = ${COLUMNS_OF_C}, updated_at = now()
      from pg_catalog.pg_class c
     where c.oid = w.table_oid and (w.schema_name, w.table_name) in (${listed(tables)})`;
}

/** Notes of tables that rows of an older generation than theirs enter them, in the transaction that adds those. */
export function noteOlder(tables: readonly Table[], generation: number): string {
  return `
    update ${ownTable("written_table")} w
       set generation = ${generation}
     where w.generation > ${generation}
       and (w.schema_name, w.table_name) in (${listed(tables)})`;
}

function listed(tables: readonly Table[]): string {
  return tables
    .map(({ schema, name }) => `(${quoteLiteral(schema)}, ${quoteLiteral(name)})`)
    .join(", ");
}
