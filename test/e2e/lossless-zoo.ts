import type { Database } from "../support/fixtures.ts";
import { INFINITE_INTERVALS, VALUES, WITH_MODIFIERS, WITHOUT_INPUT } from "./lossless-values.ts";

/** One column of the zoo: a type of the server, and the values it holds as SQL expressions. */
export interface ZooColumn {
  /** Name of the table, by which values are found again: `zoo_3`. */
  readonly table: string;
  readonly column: string;
  /** `format_type` of the column. */
  readonly type: string;
}

/** Columns per table: few tables keep the syncs short, narrow ones keep failures readable. */
const COLUMNS_PER_TABLE = 40;

/**
 * Types that the destination loads in COPY's binary format when all columns of a table have such
 * types, so these are in tables of their own.
 */
export const IN_BINARY =
  /^(bool|int[248]|numeric|float8|text|(var)?char|character( varying)?|uuid|jsonb?|date|time(stamp)?(tz)?)(\(|$| with)/;

function chunks<T>(all: readonly T[]): T[][] {
  const count = Math.ceil(all.length / COLUMNS_PER_TABLE);
  return Array.from({ length: count }, (_, at) =>
    all.slice(at * COLUMNS_PER_TABLE, (at + 1) * COLUMNS_PER_TABLE),
  );
}

/** What extensions the server's binaries may bring that define types. */
export const EXTENSIONS: readonly string[] = [
  "hstore",
  "citext",
  "ltree",
  "cube",
  "isn",
  "seg",
  "lo",
  "intarray",
];

/**
 * Types made by hand, and what the values of built-in types point at. Names need quotes, labels and
 * attributes hold everything, types nest, and a composite has lost an attribute.
 */
const HAND_MADE = String.raw`
  create schema "an odd ""schema"", really";
  create type mood as enum ('sad', 'it''s ok', '', 'comma, "quote" \back', E'new\nline', '😀');
  create type "an odd ""schema"", really"."Mood" as enum ('x', 'y');
  create domain price as numeric(10,2) check (value >= 0);
  create domain discount as price default 1;
  create domain label as text collate "C" default 'x' not null;
  create domain document as json;
  create domain documentb as jsonb;
  create domain numbers as int[] check (array_length(value, 1) < 10);
  create domain humour as mood;
  create type pair as (a int, b text);
  create domain pears as pair;
  create type nested as (p pair, "a ""name""" mood, gone text, ps pair[], d discount, r int4range,
    at timestamptz, raw bytea, t text collate "C");
  alter type nested drop attribute gone;
  create type single as (x "an odd ""schema"", really"."Mood");
  create type empty_pair as ();
  create domain twice as nested;
  create type floatrange as range (subtype = float8, subtype_diff = float8mi);
  create type letters as range (subtype = text, collation = "C", multirange_type_name = "some letters");
  create type backwards as range (subtype = text, subtype_opclass = text_pattern_ops, collation = "C");
  create type moods as range (subtype = mood);
  create type prices as range (subtype = price);
  create domain opening as tstzrange;
  create table thing (a int, b mood);
  create function grin(text) returns int language sql as 'select 1';
  create function same(int, int) returns bool language sql as 'select $1 = $2';
  create operator === (leftarg = int, rightarg = int, function = same);
  create type shouted;
  create function shouted_in(cstring) returns shouted immutable strict language internal as 'textin';
  create function shouted_out(shouted) returns cstring immutable strict language internal as 'textout';
  create function shouted_send(shouted) returns bytea immutable strict language internal as 'textsend';
  create type shouted (input = shouted_in, output = shouted_out, send = shouted_send);
`;

const ODD = `"an odd ""schema"", really"."Mood"`;

const TSTZ = "2020-01-01 00:00:00.000001+05:30";

/** Values of the types above, as SQL. */
const HAND_MADE_VALUES: Readonly<Record<string, readonly string[]>> = {
  "public.mood": [
    "'sad'",
    "'it''s ok'",
    "''",
    "'comma, \"quote\" \\back'",
    "E'new\\nline'",
    "'😀'",
  ],
  [ODD]: ["'x'"],
  "public.price": ["0", "12.30", "'NaN'"],
  "public.discount": ["12.30"],
  "public.label": ["''", "'é, \"'"],
  "public.document": [`'null'`, `'{"a":1, "a":2}'`],
  "public.documentb": [`'null'`, `'{"a":1, "a":2}'`],
  "public.numbers": ["'{}'", "'{1,NULL,3}'", "'[5:6]={1,2}'"],
  "public.humour": ["'sad'"],
  "public.pair": ["row(1, 'a')", "row(null, null)", `row(-1, E'q"''\\\\\\n,()')`, "row(null, '')"],
  "public.pears": ["row(1, ' x ')::public.pair"],
  "public.nested": [
    `row(row(1, E'"\\\\'), 'it''s ok', array[row(2, null), null]::public.pair[], 5, '[1,2]', '${TSTZ}', '\\x00', 'é')`,
    "row(null, null, null, null, null, null, null, null)",
    "row(null, E'new\\nline', '[3:3]={\"(1,x)\"}', 0, 'empty', 'infinity', '', '')",
  ],
  "public.single": ["row('x')", "row(null)"],
  "public.empty_pair": ["'()'"],
  "public.twice": [`row(null, null, null, 1, null, '${TSTZ}', null, null)::public.nested`],
  "public.floatrange": ["'[0.1,0.30000000000000004)'", "'empty'", "'(-Infinity,NaN]'"],
  "public.floatmultirange": ["'{[1,2),[3,)}'"],
  "public.letters": [`'["B","a,b"]'`, "'empty'", `'[" ","\\\\")'`],
  'public."some letters"': ["'{}'", "'{[B,a),[b,c]}'"],
  "public.backwards": ["'[B,a]'"],
  "public.backwards_multirange": ["'{[B,a]}'"],
  "public.moods_multirange": ["'{}'"],
  "public.prices_multirange": ["'{[1,2)}'"],
  "public.moods": [`'["it''s ok","😀"]'`],
  "public.prices": ["'[1.5,2]'"],
  "public.opening": [`'[${TSTZ},)'`],
  "public.thing": ["row(1, 'sad')"],
  "public.shouted": ["'hey \"you\"'"],
  "information_schema.cardinal_number": ["1"],
  "information_schema.character_data": ["'x'"],
  "information_schema.sql_identifier": ["'x'"],
  "information_schema.time_stamp": [`'${TSTZ}'`],
  "information_schema.yes_or_no": ["'YES'"],
};

/** A type of the server's catalog that is not an array. */
interface CatalogType {
  readonly name: string;
  readonly type: string;
  readonly kind: string;
  readonly hasArray: boolean;
  /** Relation whose row type it is, quoted. */
  readonly rowOf: string | undefined;
}

/**
 * Fills a database with a column for every type it has that a column can have, and for its array,
 * with the values of `lossless-values.ts`, and returns the columns.
 */
export async function buildZoo(database: Database): Promise<ZooColumn[]> {
  const available = await database.rows("select name from pg_available_extensions");
  for (const extension of EXTENSIONS)
    if (available.flat().includes(extension)) await database.exec(`create extension ${extension}`);
  await database.exec(HAND_MADE);
  const types = await catalogTypes(database);
  const columns: { type: string; values: readonly string[] }[] = [];
  for (const type of types) {
    const values = await valuesOf(database, type);
    if (values === undefined || !(await isColumnType(database, type.type))) continue;
    columns.push({ type: type.type, values });
    if (type.hasArray && type.name !== "label")
      columns.push({
        type: `${type.type}[]`,
        // Not even the server itself reads the text of every row of its catalog.
        values: arrays(type.type, values).slice(0, type.rowOf === undefined ? undefined : 3),
      });
  }
  for (const [type, texts] of Object.entries(WITH_MODIFIERS)) {
    const values = texts.map(literal);
    columns.push({ type, values }, { type: `${type}[]`, values: arrays(type, values.slice(0, 2)) });
  }
  const zoo: ZooColumn[] = [];
  const isBinary = ({ type }: { type: string }) => IN_BINARY.test(type);
  const groups = [columns.filter(isBinary), columns.filter((one) => !isBinary(one))];
  for (const [index, group] of groups.flatMap(chunks).entries()) {
    const table = `zoo_${String(index).padStart(2, "0")}`;
    const named = group.map((one, place) => ({ ...one, column: `c${place}` }));
    await fill(database, table, named);
    const types = await database.rows(
      "select format_type(atttypid, atttypmod) from pg_attribute where attrelid = $1::regclass and attnum > 1 order by attnum",
      [table],
    );
    for (const [place, { column }] of named.entries())
      zoo.push({ table, column, type: types[place]![0]! });
  }
  return zoo;
}

async function fill(
  database: Database,
  table: string,
  columns: readonly { column: string; type: string; values: readonly string[] }[],
): Promise<void> {
  const definitions = columns.map(({ column, type }) => `${column} ${type}`);
  const rows = Math.max(...columns.map(({ values }) => values.length));
  const inserts = Array.from({ length: rows + 1 }, (_, row) => {
    const given = columns.filter(({ values }) => row < values.length);
    const names = ["id", ...given.map(({ column }) => column)].join(", ");
    const values = [row, ...given.map(({ values: own, type }) => `${own[row]}::${type}`)].join(
      ", ",
    );
    return `insert into ${table} (${names}) values (${values})`;
  });
  await database.exec(
    `create table ${table} (id int primary key, ${definitions.join(", ")});\n${inserts.join(";\n")}`,
  );
}

async function catalogTypes(database: Database): Promise<CatalogType[]> {
  // format_type alone would print `character` for bpchar, which is character(1).
  const rows = await database.query(`
    select t.typname as name, t.typtype as kind, t.typarray <> 0 as has_array,
           n.nspname in ('pg_catalog', 'information_schema') as is_system,
           case when n.nspname = 'pg_catalog' then quote_ident(t.typname) else quote_ident(n.nspname) || '.' || quote_ident(t.typname) end as type,
           case when c.relkind <> 'c' then quote_ident(n.nspname) || '.' || quote_ident(c.relname) end as row_of
    from pg_type t join pg_namespace n on n.oid = t.typnamespace
    left join pg_class c on c.oid = t.typrelid
    where n.nspname !~ '^pg_(toast|temp)' and t.typtype <> 'p' and t.typisdefined
      -- Of the server's own row types those of tables are enough: views are the same again.
      and (c.relkind is null or c.relkind in ('c', 'r'))
      and (c.relkind is distinct from 'r' or n.nspname <> 'information_schema')
      and not exists (select from pg_type e where e.typarray = t.oid)
    order by t.oid`);
  return rows.map((row) => ({
    name: row["name"]!,
    kind: row["kind"]!,
    type: row["type"]!,
    hasArray: row["has_array"] === "t",
    rowOf: row["row_of"] ?? undefined,
  }));
}

/** Undefined for types of which no value can be made. Throws for a type nobody gave values. */
async function valuesOf(
  database: Database,
  type: CatalogType,
): Promise<readonly string[] | undefined> {
  const own = HAND_MADE_VALUES[type.type];
  if (own !== undefined) return own.map((value) => `(${value})`);
  if (type.rowOf !== undefined) return rowValues(database, type.rowOf);
  if (WITHOUT_INPUT.has(type.name)) return serverMade(type.name);
  if (type.name === "interval" && (await hasInfiniteIntervals(database)))
    return [...VALUES["interval"]!, ...INFINITE_INTERVALS].map(literal);
  if (Object.hasOwn(VALUES, type.name)) return VALUES[type.name]!.map(literal);
  throw new Error(`lossless-values.ts has no values for ${type.type}`);
}

/** The first row of a relation of the server's own, as its row type. */
async function rowValues(database: Database, relation: string): Promise<string[]> {
  const first = `(select one from ${relation} one limit 1)`;
  // Some views want a setting of their own, or an extension loaded.
  const rows = await database.rows(`select num_nulls(${first})`).catch(() => []);
  return rows.length === 0 ? [] : [first];
}

/** Values the server itself made. */
function serverMade(name: string): string[] {
  if (name !== "pg_node_tree") return [];
  return ["(select ev_qual from pg_rewrite where ev_qual is not null order by oid limit 1)"];
}

async function hasInfiniteIntervals(database: Database): Promise<boolean> {
  const [row] = await database.rows("select current_setting('server_version_num')::int >= 170000");
  return row![0] === "t";
}

/** Whether the server itself lets a column have the type. */
async function isColumnType(database: Database, type: string): Promise<boolean> {
  try {
    await database.exec(`begin; create temp table probe (v ${type}); rollback`);
    return true;
  } catch {
    await database.exec("rollback");
    return false;
  }
}

/** Arrays of some values: empty, with NULL, two-dimensional, with lower bounds of their own. */
function arrays(type: string, values: readonly string[]): string[] {
  const cast = values.map((value) => `${value}::${type}`);
  const [first = "null"] = cast;
  const text = `array[array[${first}, null], array[null, ${cast.at(-1) ?? "null"}]]::${type}[]::text`;
  return [
    "'{}'",
    `array[${[...cast, "null"].join(", ")}]::${type}[]`,
    `array[array[${first}, null], array[null, ${first}]]::${type}[]`,
    `('[-1:0][5:6]=' || ${text})`,
  ];
}

function literal(text: string): string {
  return `E'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}
