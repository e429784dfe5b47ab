import { expect } from "vitest";
import { SourceDriver } from "../source-postgres/drive.ts";
import { SHOWN_TYPES } from "../../support/type-matrix.ts";
import {
  OTHER_TYPE,
  typeNamed,
  typeOfFormat,
} from "../../../connectors/postgres/types/type-table.ts";
import { it } from "../../support/fixtures.ts";

/** A column definition, a value as SQL, and the token it must travel as. */
const VALUES: readonly (readonly [type: string, value: string, token: string])[] = [
  ["boolean", "true", "true"],
  ["bigint", "-9223372036854775808", "-9223372036854775808"],
  ["oid", "'3000000000'", "3000000000"],
  ["xid8", "'18446744073709551615'", "18446744073709551615"],
  ["double precision", "1e23", "9.999999999999999e+22"],
  ["double precision", "'-0'", "-0"],
  ["real", "'NaN'", '"NaN"'],
  ["numeric", "'-Infinity'", '"-Infinity"'],
  [
    "numeric(40,5)",
    "12345678901234567890123456789012345.6789",
    "12345678901234567890123456789012345.67890",
  ],
  ["money", "'-1234.5'::numeric::money", "-1234.50"],
  ["text", "E'tab\\t nl\\n quote\" back\\\\ \\x01'", '"tab\\t nl\\n quote\\" back\\\\ \\u0001"'],
  ["char(4)", "'ab'", '"ab  "'],
  ['"char"', "'x'", '"x"'],
  ["uuid", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", '"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"'],
  ["bit(4)", "B'0101'", '"0101"'],
  ["bytea", "'\\x00ff'", '"\\\\x00ff"'],
  ["json", `'{"b":1,"b":  1e400}'`, '{"b":1,"b":  1e400}'],
  ["jsonb", "'null'", "null"],
  ["date", "'0044-03-15 BC'", '"0044-03-15 BC"'],
  ["date", "'5874897-01-01'", '"5874897-01-01"'],
  ["time", "'24:00'", '"24:00:00.000000"'],
  ["timetz", "'13:00:01.5+05:30'", '"13:00:01.500000+05:30"'],
  ["timestamp", "'infinity'", '"infinity"'],
  ["timestamptz", "'4713-01-01 00:00:00+00 BC'", '"4713-01-01T00:00:00.000000Z BC"'],
  ["interval", "'1 year 2 mons -3 days 04:05:06.789'", '"1 year 2 mons -3 days +04:05:06.789"'],
  ["inet", "'192.168.0.1/24'", '"192.168.0.1/24"'],
  ["xml", `'<a b="c"/>'`, '"<a b=\\"c\\"/>"'],
  ["point", "'(1,2.5)'", '"(1,2.5)"'],
  ["int4range", "'[1,5)'", '"[1,5)"'],
  ["nummultirange", "'{[1,2),[3,4)}'", '"{[1,2),[3,4)}"'],
  ["tsvector", "'a b:1'", `"'a' 'b':1"`],
  ["regclass", "'pg_class'", '"pg_class"'],
  ["int2vector", "'1 2 3'", '"1 2 3"'],
  ["int[]", "'{{1,NULL},{3,4}}'", "[[1,null],[3,4]]"],
  ["int[]", "'[5:6]={1,2}'", '"[5:6]={1,2}"'],
  ["int[]", "'{}'", "[]"],
  ["float8[]", "'{NaN,1.5,-Infinity}'", '["NaN",1.5,"-Infinity"]'],
  ["numeric[]", "'{12345678901234567890.5,NULL}'", "[12345678901234567890.5,null]"],
  ["oid[]", "'{3000000000}'", "[3000000000]"],
  ["text[]", `'{"NULL",NULL,"a\\"b,c"}'`, '["NULL",null,"a\\"b,c"]'],
  ["bytea[]", `array['\\x00ff'::bytea]`, '["\\\\x00ff"]'],
  ["json[]", `array['{"a": 1}'::json, 'null'::json, null]`, '["{\\"a\\": 1}","null",null]'],
  ["interval[]", "array['1 day'::interval]", '["1 day"]'],
  ["mood", "'it''s ok'", `"it's ok"`],
  ["mood[]", "array['sad'::mood]", '["sad"]'],
  ["document", `'[1]'`, "[1]"],
  ["numbers", "'{1,2}'", "[1,2]"],
  ["pair", "row(1, 'a,b')", '"(1,\\"a,b\\")"'],
];

it("prints a value of every kind of type exactly", async ({ source, folder }) => {
  await source.exec(`
    create type mood as enum ('sad', 'it''s ok');
    create domain document as json; create domain numbers as int[];
    create type pair as (a int, b text);
    create table t (${VALUES.map(([type], i) => `c${i} ${type}`).join(", ")});
    insert into t values (${VALUES.map(([, value]) => value).join(", ")});
  `);
  const driver = new SourceDriver(source, folder);

  const printed = await driver.read(await driver.configure(["t"]));

  expect(printed.exitCode).toBe(0);
  expect(printed.data("t")[0]).toBe(
    `{${VALUES.map(([, , token], i) => `"c${i}":${token}`).join(",")}}`,
  );
});

it("has an answer for every type of the server's catalog that a column can have", async ({
  source,
  folder,
}) => {
  const types = await source.rows(`
    select format_type(oid, null) from pg_type t
    where typnamespace = 'pg_catalog'::regnamespace and typtype in ('b', 'r', 'm', 'e', 'd')
      and not exists (select from pg_type e where e.oid = t.typelem and e.typtype in ('c', 'p')) order by oid`);
  await source.exec(
    `create table t (id int, ${types.map(([type], i) => `c${i} ${type}`).join(", ")}); insert into t (id) values (1)`,
  );
  const driver = new SourceDriver(source, folder);
  const [stream] = await driver.configure(["t"]);

  const printed = await driver.read([stream!]);

  const properties = stream!.stream.json_schema["properties"] as Record<string, { type: unknown }>;
  expect(types.length).toBeGreaterThan(100);
  expect(Object.values(properties).every(({ type }) => typeof type === "string")).toBe(true);
  expect(printed.errors).toEqual([]);
  expect(printed.rows("t")[0]).toMatchObject({ id: 1, c0: null });
});

it("shows in the documentation what a value of each type travels as", async ({
  source,
  folder,
}) => {
  const shown = SHOWN_TYPES.flatMap(({ type, example }) =>
    example === undefined ? [] : [{ type: type.format, ...example }],
  );
  await source.exec(`
    create extension citext; create extension hstore;
    create type mood as enum ('sad', 'it''s ok');
    create domain price as numeric(10,2); create domain document as json;
    create type pair as (a int, b text); create type floatrange as range (subtype = float8);
    create table t (${shown.map(({ type }, i) => `c${i} ${type}`).join(", ")});
    insert into t values (${shown.map(({ sql }) => sql).join(", ")});
  `);
  const driver = new SourceDriver(source, folder);

  const printed = await driver.read(await driver.configure(["t"]));

  expect(printed.exitCode).toBe(0);
  expect(printed.data("t")[0]).toBe(
    `{${shown.map(({ token }, i) => `"c${i}":${token}`).join(",")}}`,
  );
});

it("calls every type of the table as the server does, for both connectors", async ({ source }) => {
  const types = await source.rows(`
    select typname, format_type(oid, null) from pg_type
    where typnamespace = 'pg_catalog'::regnamespace and typtype = 'b' and typname !~ '^_'`);
  const withLine = types.filter(([name]) => typeNamed(name!) !== OTHER_TYPE);

  expect(withLine.length).toBeGreaterThan(20);
  for (const [name, format] of withLine) {
    expect([name, typeNamed(name!).format]).toEqual([name, format]);
    expect([name, typeOfFormat(format!)]).toEqual([name, typeNamed(name!)]);
  }
});

it("shows every type of the server's catalog in the documentation", async ({ source }) => {
  const names = await source.rows(`
    select typname from pg_type t
    where typnamespace = 'pg_catalog'::regnamespace and typtype in ('b', 'r', 'm')
      and not exists (select from pg_type e where e.typarray = t.oid)`);
  const shown = new Set(SHOWN_TYPES.map(({ type }) => type.name));

  expect(names.flat().filter((name) => !shown.has(name!))).toEqual([]);
});
