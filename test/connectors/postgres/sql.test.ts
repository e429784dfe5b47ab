import * as fc from "fast-check";
import { describe, expect } from "vitest";
import { close, connect } from "../../../connectors/postgres/connection.ts";
import {
  MAX_NAME_BYTES,
  quoteLiteral,
  quoteName,
  quoteTable,
  shortenName,
} from "../../../connectors/postgres/sql.ts";
import { it } from "../../support/fixtures.ts";

const anyText = fc
  .string({ unit: "binary", maxLength: 100 })
  .filter((text) => !text.includes("\0"));
const anyName = fc
  .oneof(
    anyText,
    fc.string({ maxLength: 20 }),
    fc.constantFrom('"', '";drop', "$1", "a.b", "\n", "é"),
  )
  .filter((name) => name !== "" && !name.includes("\0"));

describe("shortenName", () => {
  it("leaves names alone that fit, and makes all others fit", () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const short = shortenName(name);
        expect(Buffer.byteLength(short)).toBeLessThanOrEqual(MAX_NAME_BYTES);
        expect(short === name).toBe(Buffer.byteLength(name) <= MAX_NAME_BYTES);
        if (!name.includes("\ufffd")) expect(short).not.toContain("\ufffd"); // half a character
        expect(shortenName(short)).toBe(short);
      }),
    );
  });

  it("never cuts a character in half", () => {
    for (const letter of ["é", "字", "😀"])
      for (const shift of ["", "x", "xx", "xxx"]) {
        const short = shortenName(shift + letter.repeat(40));

        expect(short.slice(0, -17)).toMatch(new RegExp(`^${shift}(${letter})+$`, "u"));
      }
  });

  it("tells names apart that PostgreSQL would make one", () => {
    const base = "é".repeat(40);

    const names = Array.from({ length: 10_000 }, (_, i) => shortenName(`${base}${i}`));

    expect(new Set(names).size).toBe(10_000);
    expect(names.every((name) => /^é+_[0-9a-f]{16}$/.test(name))).toBe(true);
  });
});

/** @guarantee words-are-no-commands */
describe("quoting", () => {
  it("refuses names and texts no server can hold", () => {
    for (const name of ["", "a\0b", "half \ud800 pair"])
      expect(() => quoteName(name)).toThrow(/PostgreSQL name cannot/);
    expect(() => quoteLiteral("a\0b")).toThrow(/NUL/);
  });

  it("brings every name and every text to the server as it is", async ({ source }) => {
    const client = await connect(source.config, { applicationName: "test" });
    await client.query("create table public.bystander (n int)");
    await fc.assert(
      fc.asyncProperty(anyName, anyName, anyText, async (tableName, columnName, text) => {
        const [table, column] = [shortenName(`t${tableName}`), shortenName(`c${columnName}`)];
        const place = quoteTable({ schema: "public", name: table });
        await client.query(`begin; create table ${place} (${quoteName(column)} text)`);
        await client.query(`insert into ${place} values (${quoteLiteral(text)})`);
        const { rows } = await client.query(
          `select ${quoteName(column)} as value, relname as name, attname as col
             from ${place} join pg_catalog.pg_class c on c.oid = ${place}.tableoid
             join pg_catalog.pg_attribute on attrelid = c.oid and attnum = 1`,
        );
        await client.query("rollback");

        expect(rows).toEqual([{ value: text, name: table, col: column }]);
      }),
      { numRuns: 200 },
    );
    expect((await client.query("select count(*) as n from public.bystander")).rows).toEqual([
      { n: "0" },
    ]);
    await close(client);
  });
});
