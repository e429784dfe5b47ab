import fc from "fast-check";
import { expect, it } from "vitest";
import {
  parseTypeName,
  printTypeName,
} from "../../../connectors/destination-postgres/plan/type-name.ts";

it.for([
  "integer",
  "bigint[]",
  '"char"',
  '"char"[]',
  "double precision",
  "numeric(10,2)",
  "numeric(2,-3)[]",
  "character(3)",
  "character varying(20)[]",
  "bit varying(5)",
  "bit(3)",
  "time without time zone",
  "time(0) with time zone[]",
  "timestamp(3) without time zone",
  "timestamp with time zone[]",
  "interval",
  "interval(3)",
  "interval day to second(3)",
  "interval year to month[]",
  "shop.mood",
  'shop."Odd ""Name"""[]',
  '"My Schema".mood',
  '"a.b"."c(d)[]"',
  "ext.geometry(Point,4326)",
  "ext.vector(3)[]",
])("prints %s again as it was", (type) => {
  const parsed = parseTypeName(type)!;

  expect(printTypeName(parsed)).toBe(type);
  expect(printTypeName(parsed, "other.name")).toBe(`other.name${type.slice(parsed.base.length)}`);
});

it.for([
  ["shop.mood", "shop", "mood"],
  ['"a.b"."c""(d)[]"[]', "a.b", 'c"(d)[]'],
  ["timestamp(3) with time zone", undefined, "timestamp"],
  ["character varying(5)[]", undefined, "character varying"],
])("tells the schema and the name of %s", ([type, schema, name]) => {
  expect(parseTypeName(type!)).toMatchObject({ schema, name });
});

it.for([
  "",
  "text --",
  "text --\n",
  "text\n",
  "text;",
  "text); drop table victim; --",
  "text /* */",
  "text default 1",
  'text collate pg_catalog."C"',
  "text not null",
  "text check (true)",
  "numeric(10, 2)",
  "numeric(random())",
  "numeric(1)(2)",
  "text[][]",
  "text[3]",
  "Text",
  "a.b.c",
  'a."b',
  'a.""',
  '""',
  'a."b\0"',
  'a."b\ud800"',
  `a.${"b".repeat(64)}`,
  "shop.mood with time zone",
  "date with time zone",
  "interval day to; second",
  "geometry('Point')",
  "$$x$$",
  "a%type",
  "setof text",
])("takes %j for no type", (text) => {
  expect(parseTypeName(text)).toBeUndefined();
});

/** What a type is made of, and what is none of it. */
const PIECES = `text a . " "" ( ) , 1 [] -- ; time with interval day to /* ' $ \\ ä`
  .split(" ")
  .concat(" ", "\n", " with time zone");

/** @guarantee words-are-no-commands */
it("prints nothing but names, numbers and a few words, whatever it is given", () => {
  const piece = fc.constantFrom(...PIECES);
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = pieces.join("");
      const parsed = parseTypeName(text);
      if (parsed === undefined) return;
      const printed = printTypeName(parsed);
      expect(printed).toBe(text);
      expect(printed.replaceAll(/"(?:[^"]|"")+"/g, "x")).toMatch(/^[a-zA-Z0-9_.,()[\] -]*$/);
      expect(printed.replaceAll(/"(?:[^"]|"")+"/g, "x")).not.toContain("--");
    }),
    { numRuns: 2000 },
  );
});
