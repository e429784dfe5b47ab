import { columnType, type PostgresType, protocolColumn } from "./types.ts";

/** Type as `format_type` prints it, `pg_type.typname`, and a value as it travels. */
const SHOWN: readonly (readonly [format: string, name: string, example: string])[] = [
  ["boolean", "bool", "true"],
  ["smallint", "int2", "1"],
  ["integer", "int4", "1"],
  ["bigint", "int8", "9007199254740993"],
  ["oid", "oid", "3000000000"],
  ["real", "float4", "1.5"],
  ["double precision", "float8", '"NaN"'],
  ["numeric(10,2)", "numeric", "12.30"],
  ["money", "money", "-1234.50"],
  ["xid8", "xid8", "18446744073709551615"],
  ["text", "text", '"text"'],
  ["character varying(20)", "varchar", '"text"'],
  ["character(4)", "bpchar", '"ab  "'],
  ["name", "name", '"text"'],
  ["uuid", "uuid", '"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"'],
  ["bit(4)", "bit", '"0101"'],
  ["bytea", "bytea", '"\\\\x00ff"'],
  ["json", "json", '{"b":1,"b":  1e400}'],
  ["jsonb", "jsonb", '{"a": 1}'],
  ["date", "date", '"0044-03-15 BC"'],
  ["time without time zone", "time", '"24:00:00.000000"'],
  ["time with time zone", "timetz", '"13:00:01.500000+05:30"'],
  ["timestamp without time zone", "timestamp", '"2022-09-01T16:30:13.939030"'],
  ["timestamp with time zone", "timestamptz", '"2022-09-01T16:30:13.939030Z"'],
  ["interval", "interval", '"1 day 02:00:00"'],
  ["inet", "inet", '"192.168.0.1/24"'],
  ["xml", "xml", '"<a/>"'],
  ["point", "point", '"(1,2.5)"'],
  ["int4range", "int4range", '"[1,5)"'],
  ["tsvector", "tsvector", `"'a' 'b':1"`],
];

const INTEGER_ARRAY: PostgresType = {
  schema: "pg_catalog",
  name: "_int4",
  format: "integer[]",
  kind: "array",
  element: { schema: "pg_catalog", name: "int4", format: "integer", kind: "base" },
};

/**
 * The type matrix of the documentation, generated from the type table, as Markdown. Types that are
 * not listed, enums, composites and what extensions bring read like the ones that travel as text.
 */
export function typeMatrix(): string {
  const types = SHOWN.map(
    ([format, name, example]) =>
      [{ schema: "pg_catalog", name, format, kind: "base" }, example] as const,
  );
  const rows = [...types, [INTEGER_ARRAY, "[[1,null],[3,4]]"] as const].map(([type, example]) => {
    const { "x-postgres-type": native, ...schema } = columnType(type).schema;
    const shown =
      schema["airbyte_type"] === "json" ? { type: "object", airbyte_type: "json" } : schema;
    return `| ${type.format} | \`${JSON.stringify(shown)}\` | \`${example}\` | ${protocolColumn(schema)} | ${native} |`;
  });
  return [
    "| PostgreSQL | JSON schema | example | protocol column | native column |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
