import { columnType, type PostgresType } from "../../connectors/postgres/types/column-type.ts";
import { keptByNative, keptByProtocol, type Kept } from "./type-fidelity.ts";

/** A row of the matrix: a type, a value as SQL, and the token that the value travels as. */
export interface ShownType {
  readonly type: PostgresType;
  /** What it is, for a type that users make. */
  readonly made?: string;
  /** Undefined where no text makes a value. */
  readonly example?: { readonly sql: string; readonly token: string };
}

type Row = readonly [format: string, name: string, sql?: string, token?: string];

const BASE: readonly Row[] = [
  ["boolean", "bool", "true", "true"],
  ["smallint", "int2", "1", "1"],
  ["integer", "int4", "1", "1"],
  ["bigint", "int8", "9007199254740993", "9007199254740993"],
  ["oid", "oid", "'3000000000'", "3000000000"],
  ["real", "float4", "1.5", "1.5"],
  ["double precision", "float8", "'NaN'", '"NaN"'],
  ["numeric(10,2)", "numeric", "12.3", "12.30"],
  ["money", "money", "'-1234.5'", "-1234.50"],
  ["xid8", "xid8", "'18446744073709551615'", "18446744073709551615"],
  ["text", "text", "'text'", '"text"'],
  ["character varying(20)", "varchar", "'text'", '"text"'],
  ["character(4)", "bpchar", "'ab'", '"ab  "'],
  ["name", "name", "'text'", '"text"'],
  ['"char"', "char", "'x'", '"x"'],
  [
    "uuid",
    "uuid",
    "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
    '"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"',
  ],
  ["bit(4)", "bit", "'0101'", '"0101"'],
  ["bit varying(5)", "varbit", "'01'", '"01"'],
  ["bytea", "bytea", "'\\x00ff'", '"\\\\x00ff"'],
  ["json", "json", `'{"b":1,"b":  1e400}'`, '{"b":1,"b":  1e400}'],
  ["jsonb", "jsonb", `'{"a":1}'`, '{"a": 1}'],
  ["date", "date", "'0044-03-15 BC'", '"0044-03-15 BC"'],
  ["time without time zone", "time", "'24:00'", '"24:00:00.000000"'],
  ["time with time zone", "timetz", "'13:00:01.5+05:30'", '"13:00:01.500000+05:30"'],
  [
    "timestamp without time zone",
    "timestamp",
    "'2022-09-01 16:30:13.93903'",
    '"2022-09-01T16:30:13.939030"',
  ],
  [
    "timestamp with time zone",
    "timestamptz",
    "'2022-09-01 16:30:13.93903+00'",
    '"2022-09-01T16:30:13.939030Z"',
  ],
  ["interval", "interval", "'1 day 2 hours'", '"1 day 02:00:00"'],
  ["inet", "inet", "'192.168.0.1/24'", '"192.168.0.1/24"'],
  ["cidr", "cidr", "'10.0.0.0/8'", '"10.0.0.0/8"'],
  ["macaddr", "macaddr", "'08:00:2b:01:02:03'", '"08:00:2b:01:02:03"'],
  ["macaddr8", "macaddr8", "'08:00:2b:01:02:03:04:05'", '"08:00:2b:01:02:03:04:05"'],
  ["xml", "xml", "'<a/>'", '"<a/>"'],
  ["point", "point", "'(1,2.5)'", '"(1,2.5)"'],
  ["line", "line", "'{1,2,3}'", '"{1,2,3}"'],
  ["lseg", "lseg", "'[(0,0),(1,1)]'", '"[(0,0),(1,1)]"'],
  ["box", "box", "'(1,1),(0,0)'", '"(1,1),(0,0)"'],
  ["path", "path", "'[(0,0),(1,1)]'", '"[(0,0),(1,1)]"'],
  ["polygon", "polygon", "'((0,0),(1,1),(2,0))'", '"((0,0),(1,1),(2,0))"'],
  ["circle", "circle", "'<(0,0),1>'", '"<(0,0),1>"'],
  ["tsvector", "tsvector", "'a b:1'", `"'a' 'b':1"`],
  ["tsquery", "tsquery", "'a & b'", `"'a' & 'b'"`],
  ["jsonpath", "jsonpath", "'$.a'", '"$.\\"a\\""'],
  ["pg_lsn", "pg_lsn", "'16/B374D848'", '"16/B374D848"'],
  ["pg_snapshot", "pg_snapshot", "'10:20:10,14'", '"10:20:10,14"'],
  ["txid_snapshot", "txid_snapshot", "'10:20:10,14'", '"10:20:10,14"'],
  ["xid", "xid", "'42'", '"42"'],
  ["cid", "cid", "'42'", '"42"'],
  ["tid", "tid", "'(0,1)'", '"(0,1)"'],
  ["refcursor", "refcursor", "'c'", '"c"'],
  ["int2vector", "int2vector", "'1 2'", '"1 2"'],
  ["oidvector", "oidvector", "'1 2'", '"1 2"'],
  ["regclass", "regclass", "'pg_class'", '"pg_class"'],
  ["regcollation", "regcollation", `'"C"'`, '"\\"C\\""'],
  ["regconfig", "regconfig", "'english'", '"english"'],
  ["regdictionary", "regdictionary", "'simple'", '"simple"'],
  ["regnamespace", "regnamespace", "'public'", '"public"'],
  ["regoper", "regoper", "'0'", '"0"'],
  ["regoperator", "regoperator", "'+(integer,integer)'", '"+(integer,integer)"'],
  ["regproc", "regproc", "'now'", '"now"'],
  ["regprocedure", "regprocedure", "'abs(integer)'", '"abs(integer)"'],
  ["regrole", "regrole", "'pg_monitor'", '"pg_monitor"'],
  ["regtype", "regtype", "'int4'", '"integer"'],
  ["aclitem", "aclitem", "'=r/pg_monitor'", '"=r/pg_monitor"'],
  ["gtsvector", "gtsvector"],
  ["pg_brin_bloom_summary", "pg_brin_bloom_summary"],
  ["pg_brin_minmax_multi_summary", "pg_brin_minmax_multi_summary"],
  ["pg_dependencies", "pg_dependencies"],
  ["pg_mcv_list", "pg_mcv_list"],
  ["pg_ndistinct", "pg_ndistinct"],
  ["pg_node_tree", "pg_node_tree"],
];

const RANGES: readonly Row[] = [
  ["int4range", "int4range", "'[1,5)'", '"[1,5)"'],
  ["int8range", "int8range", "'[1,5)'", '"[1,5)"'],
  ["numrange", "numrange", "'[1.0,)'", '"[1.0,)"'],
  ["daterange", "daterange", "'[2020-01-01,infinity)'", '"[2020-01-01,infinity)"'],
  ["tsrange", "tsrange", "'empty'", '"empty"'],
  ["tstzrange", "tstzrange", "'[2020-01-01 00:00:00+00,)'", '"[\\"2020-01-01 00:00:00+00\\",)"'],
];

const MULTIRANGES: readonly Row[] = RANGES.map(([name]) => {
  const multirange = name.replace("range", "multirange");
  return [multirange, multirange, "'{}'", '"{}"'];
});

const ARRAYS: readonly Row[] = [
  ["integer", "int4", "'{{1,NULL},{3,4}}'", "[[1,null],[3,4]]"],
  ["double precision", "float8", "'{NaN,1.5}'", '["NaN",1.5]'],
  ["text", "text", `'{"NULL",NULL}'`, '["NULL",null]'],
  ["jsonb", "jsonb", `array['{"a":1}'::jsonb]`, '["{\\"a\\": 1}"]'],
  ["bytea", "bytea", "array['\\x00ff'::bytea]", '["\\\\x00ff"]'],
  ["interval", "interval", "array['1 day'::interval]", '["1 day"]'],
];

/** Types that users make, under the names the tests give them. */
const MADE: readonly ShownType[] = [
  made("an enum", "public.mood", { kind: "enum" }, "'it''s ok'", `"it's ok"`),
  made(
    "a domain",
    "public.price",
    { kind: "domain", base: base("numeric(10,2)", "numeric") },
    "12.3",
    "12.30",
  ),
  made(
    "a domain",
    "public.document",
    { kind: "domain", base: base("json", "json") },
    "'[1]'",
    "[1]",
  ),
  made("a composite", "public.pair", { kind: "composite" }, "row(1, 'a,b')", '"(1,\\"a,b\\")"'),
  made("a range", "public.floatrange", { kind: "range" }, "'[0.5,1)'", '"[0.5,1)"'),
  made("of an extension", "public.citext", {}, "'Text'", '"Text"'),
  made("of an extension", "public.hstore", {}, "'a=>1'", '"\\"a\\"=>\\"1\\""'),
];

/** Every type of `pg_catalog` that a column can have, some arrays, and the kinds that users make. */
export const SHOWN_TYPES: readonly ShownType[] = [
  ...BASE.map((row) => shown(row, "base")),
  ...RANGES.map((row) => shown(row, "range")),
  ...MULTIRANGES.map((row) => shown(row, "multirange")),
  ...ARRAYS.map(([format, name, sql, token]) => {
    const element = base(format, name);
    const type = { ...base(`${format}[]`, `_${name}`), kind: "array", element } as const;
    return { type, example: { sql: sql!, token: token! } };
  }),
  ...MADE,
];

/**
 * The type matrix of the documentation, generated from the type table, as Markdown. What it says is
 * kept is what test/e2e/lossless.test.ts finds kept.
 */
export function typeMatrix(): string {
  return [
    "`v` is the value at the source. A native column of a type that users make needs the type to be",
    "creatable at the destination, or the extension to be installed; otherwise the protocol column is",
    "used and the log says why. Row types of tables always travel as text.",
    "",
    "| PostgreSQL | JSON schema | example | protocol column | its value | native column | exact? |",
    "|---|---|---|---|---|---|---|",
    ...SHOWN_TYPES.map(line),
    "",
  ].join("\n");
}

function line({ type, example, made }: ShownType): string {
  const { schema } = columnType(type);
  const announced = Object.entries(schema).filter(([key]) => !key.startsWith("x-"));
  const json =
    schema["airbyte_type"] === "json"
      ? { type: "object", airbyte_type: "json" }
      : Object.fromEntries(announced);
  const protocol = keptByProtocol(type);
  const native = keptByNative(type);
  const cells = [
    made === undefined ? type.format : `${made}: ${type.format}`,
    code(JSON.stringify(json)),
    example === undefined ? "" : code(example.token),
    protocol.column,
    described(protocol),
    native.column,
    native.difference ?? "yes",
  ];
  return `| ${cells.join(" | ")} |`;
}

function described({ value, summary, difference }: Kept): string {
  const said = summary ?? code(value);
  return difference === undefined ? said : `${said}; ${difference}`;
}

const code = (text: string) => "`" + text.replaceAll("|", "\\|") + "`";

function shown([format, name, sql, token]: Row, kind: PostgresType["kind"]): ShownType {
  const type = { ...base(format, name), kind };
  return sql === undefined || token === undefined ? { type } : { type, example: { sql, token } };
}

function base(format: string, name: string): PostgresType {
  return { schema: "pg_catalog", name, format, kind: "base" };
}

function made(
  what: string,
  format: string,
  more: Partial<PostgresType>,
  sql: string,
  token: string,
): ShownType {
  const [schema = "", name = ""] = format.split(".");
  return {
    type: { schema, name, format, kind: "base", ...more },
    made: what,
    example: { sql, token },
  };
}
