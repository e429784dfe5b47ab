import { quoteLiteral, quoteName, quoteTable, type Sql, type Table } from "../../postgres/sql.ts";
import { MOVED_OUT_BYTES } from "../plan/row-width.ts";

/** Columns that an index of a table, or a generated column of it, is made of. */
export function columnsReadByOthers(table: Table): Sql {
  return {
    text: `
      with wanted as (
        select c.oid
          from pg_catalog.pg_class c
          join pg_catalog.pg_namespace n on n.oid = c.relnamespace
         where n.nspname = $1 and c.relname = $2),
      readers as (
        select 'pg_catalog.pg_class'::regclass as class, x.indexrelid as oid
          from wanted w join pg_catalog.pg_index x on x.indrelid = w.oid
        union all
        select 'pg_catalog.pg_attrdef'::regclass, f.oid
          from wanted w
          join pg_catalog.pg_attrdef f on f.adrelid = w.oid
          join pg_catalog.pg_attribute g
            on g.attrelid = w.oid and g.attnum = f.adnum and g.attgenerated <> '')
      select a.attname as column
        from wanted w
        join pg_catalog.pg_attribute a on a.attrelid = w.oid and a.attnum > 0 and not a.attisdropped
       where exists (select from readers r
                       join pg_catalog.pg_depend d on d.classid = r.class and d.objid = r.oid
                      where d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = w.oid
                        and d.refobjsubid = a.attnum)`,
    values: [table.schema, table.name],
  };
}

/** A column that may become NULL: its name, and what `_airbyte_meta` calls it. */
export interface Candidate {
  readonly name: string;
  readonly field: string;
}

/** Rows that another table may have no room for, and what it would get of them. */
export interface OversizedRows {
  readonly from: Table;
  /** The columns of `from`, in order. */
  readonly columns: readonly string[];
  readonly to: Table;
  /** Columns of `to`, and what they get of a row `s` of `from`, as SQL. */
  readonly values: readonly (readonly [column: string, value: string])[];
  /** Those of them that anybody else reads. */
  readonly read: ReadonlySet<string>;
  readonly candidates: readonly Candidate[];
  /** Whether a row may be wider than a page. */
  readonly mayBeTooWide: boolean;
  /** Whether rows with NULLs in the same places are equally wide. */
  readonly isWidthFixed: boolean;
  /** Whether a row has NULL in a column where `values` has what takes more: NULLs take room once. */
  readonly hasNull: boolean;
  /** A column that depends on all others, and what it is made of. */
  readonly hash: readonly [column: string, value: string] | undefined;
}

/** Where the search notes what it gave up. */
const GIVEN_UP = "pg_temp.given_up";
/** A table like the other one, and one without what others made of it: for one row at a time. */
const PROBE = "pg_temp.oversized_probe";
const PAGE = "pg_temp.oversized_page";
/** Put a row there without some of its values, and take it back: what is wrong with it, if anything is. */
const TRY_PROBE = "pg_temp.try_probe";
const TRY_PAGE = "pg_temp.try_page";
const FITS = "SYNFT";
/** SQLSTATE of a row that no page has room for. */
const TOO_WIDE = "54000";

/**
 * Looks for rows that do not fit and makes NULL what is to blame; `RESULT_OF_SEARCH` tells what that was.
 *
 * Each row is put into an empty table that is like the other one. Of a row wider than a page, as few
 * values go as make it fit. Where an index or a generated column cannot take a row, each column it may be
 * made of is left out in turn, the largest value first: the one without which the row fits is to blame;
 * where there is none, as many as it takes.
 *
 * @param isLarge whether to look at those rows alone of which what matters takes as much as an eighth of
 *   a page: of smaller ones hardly anything can be too large.
 */
export function searchStatements(rows: OversizedRows, isLarge: boolean): string[] {
  const { to, values, read, hasNull } = rows;
  const readValues = values.filter(([column]) => read.has(column));
  const nothing = hasNull ? ", _airbyte_nothing boolean" : "";
  return [
    `create temporary table oversized_probe (like ${quoteTable(to)} including generated including indexes)`,
    `create temporary table oversized_page (like ${quoteTable(to)}${nothing})`,
    "create temporary table given_up (field text, reason text)",
    tryFunction(TRY_PROBE, PROBE, readValues, rows),
    tryFunction(TRY_PAGE, PAGE, values, rows),
    `do ${quoteLiteral(searchBody(rows, isLarge))}`,
  ];
}

/** What was given up, by field and reason, and how many values. */
export const RESULT_OF_SEARCH: Sql = {
  text: `select field, reason, count(*) as count from ${GIVEN_UP} group by 1, 2 order by 1, 2`,
  values: [],
};

/** Removes what the search needed. */
export const END_OF_SEARCH: readonly string[] = [
  `drop table ${PROBE}, ${PAGE}, ${GIVEN_UP}`,
  `drop function ${TRY_PROBE}(tid, text[]), ${TRY_PAGE}(tid, text[])`,
];

function tryFunction(
  name: string,
  probe: string,
  values: OversizedRows["values"],
  { from, columns }: OversizedRows,
): string {
  const list = values.map(([column]) => quoteName(column)).join(", ");
  const made = values.map(([, value]) => value).join(", ");
  const given = columns.map((column) => {
    const quoted = quoteName(column);
    // What is noted of the values that go has to fit as well.
    const kept =
      column === "_airbyte_meta"
        ? `when without <> '{}' then coalesce(${quoted}, to_jsonb(repeat('x', 99)))`
        : `when ${quoteLiteral(column)} = any (without) then null`;
    return `case ${kept} else ${quoted} end as ${quoted}`;
  });
  const body = `
    declare
      said text;
    begin
      insert into ${probe} ${list && `(${list})`}
        select ${made} from (select ${given.join(", ")} from ${quoteTable(from)} where ctid = place) s;
      raise sqlstate '${FITS}';
    exception
      when sqlstate '${FITS}' then null;
      when others then
        -- Anything else is not a matter of its size, and is said when the row is really put there.
        if sqlstate ~ '^(22|54)' then
          get stacked diagnostics said = message_text;
          state := sqlstate;
          -- "size 9016, maximum size 8160", in any language.
          select least(max(n::numeric) - min(n::numeric), 1000000) into excess
            from (select (regexp_matches(said, '[0-9]+', 'g'))[1] as n) numbers;
        end if;
    end`;
  return `create function ${name}(place tid, without text[], out state text, out excess bigint)
            language plpgsql set plan_cache_mode = force_generic_plan as ${quoteLiteral(body)}`;
}

function searchBody(rows: OversizedRows, isLarge: boolean): string {
  const { from, read, candidates, mayBeTooWide, isWidthFixed } = rows;
  const suspects = candidates.filter(({ name }) => read.has(name));
  const sizes = candidates.map(({ name }) => `pg_column_size(s.${quoteName(name)})`);
  return `
    declare
      names constant text[] := ${textArray(candidates.map(({ name }) => name))};
      fields constant text[] := ${textArray(candidates.map(({ field }) => field))};
      suspects constant text[] := ${textArray(suspects.map(({ name }) => name))};
      place tid;
      sizes integer[];
      width integer;
      former_sizes integer[];
      former_width integer;
      too_many text[];
      without text[];
      former text[];
      more text[];
      one text;
      state text;
      excess bigint;
      reason text;
      changes jsonb;
    begin
      for place, sizes, width in
          select s.ctid, array[${sizes.join(", ")}]::integer[], pg_column_size(s)
            from ${quoteTable(from)} s
           where ${isLarge ? isRowLarge(rows) : "true"} loop
        without := '{}';
        ${mayBeTooWide ? pageSearch(isWidthFixed) : ""}
        ${read.size > 0 ? INDEX_SEARCH : ""}
        continue when without = '{}';
        reason := case when reason ~ '^22' and reason not in ('22001', '22003')
                       then 'DESTINATION_TYPECAST_ERROR' else 'DESTINATION_FIELD_SIZE_LIMITATION' end;
        select jsonb_agg(jsonb_build_object('field', field, 'change', 'NULLED', 'reason', reason))
          into changes from unnest(names, fields) u (name, field) where name = any (without);
        ${giveUp(rows)}
        insert into ${GIVEN_UP}
          select field, reason from unnest(names, fields) u (name, field) where name = any (without);
      end loop;
    end`;
}

function isRowLarge({ columns, read, mayBeTooWide }: OversizedRows): string {
  const sizes = columns
    .filter((column) => read.has(column))
    .map((column) => `coalesce(pg_column_size(s.${quoteName(column)}), 0)`);
  const size = mayBeTooWide ? "pg_column_size(s)" : ["0", ...sizes].join(" + ");
  return `${size} > current_setting('block_size')::integer / 8`;
}

/** Leaves out what takes most, and of equal values the last: the same of rows that are alike. */
function pageSearch(isWidthFixed: boolean): string {
  if (!isWidthFixed) return PAGE_SEARCH;
  return `
        if sizes = former_sizes and width = former_width then
          without := too_many;
          reason := '${TOO_WIDE}';
        else
          ${PAGE_SEARCH}
          former_sizes := sizes;
          former_width := width;
          too_many := without;
        end if;`;
}

const PAGE_SEARCH = `
        loop
          select * into state, excess from ${TRY_PAGE}(place, without);
          exit when state is null;
          reason := state;
          select array_agg(name) into more
            from (select name, sum(bytes) over (order by bytes desc, number desc) - bytes as before
                    from (select name, number, least(size, ${MOVED_OUT_BYTES}) as bytes
                            from unnest(names, sizes) with ordinality u (name, size, number)
                           where size is not null and name <> all (without)) c) d
           where before < excess;
          without := without || more;
          exit when more is null;
        end loop;
        continue when state is not null;`;

const LARGEST_FIRST = `
            select name from unnest(names, sizes) u (name, size)
             where name = any (suspects) and size is not null and name <> all (former)
             order by size desc`;

const INDEX_SEARCH = `
        select * into state, excess from ${TRY_PROBE}(place, without);
        if state is not null then
          reason := state;
          former := without;
          for one in ${LARGEST_FIRST} loop
            without := former || one;
            select * into state, excess from ${TRY_PROBE}(place, without);
            exit when state is null;
          end loop;
          if state is not null then
            without := former;
            for one in ${LARGEST_FIRST} loop
              without := without || one;
              select * into state, excess from ${TRY_PROBE}(place, without);
              exit when state is null;
            end loop;
          end if;
          continue when state is not null;
        end if;`;

function giveUp({ from, columns, hash }: OversizedRows): string {
  const table = quoteTable(from);
  const meta = columns.includes("_airbyte_meta")
    ? `|| ${quoteLiteral(", _airbyte_meta = jsonb_set(coalesce(_airbyte_meta, '{}'), '{changes}', coalesce(_airbyte_meta -> 'changes', '[]') || $2)")}`
    : "";
  return `
        execute ${quoteLiteral(`update ${table} set `)}
          || (select string_agg(format('%I = null', name), ', ') from unnest(without) name)
          ${meta} || ' where ctid = $1 returning ctid' into place using place, changes;
        ${hash ? `update ${table} s set ${quoteName(hash[0])} = ${hash[1]} where s.ctid = place;` : ""}`;
}

function textArray(values: readonly string[]): string {
  return `array[${values.map(quoteLiteral).join(", ")}]::text[]`;
}
