/** @guarantee exact-values */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDatabase, type Database } from "../../../support/database.ts";
import { startTestServerOfVersion, type TestServer } from "../../../support/servers.ts";
import { buildZoo } from "../../../e2e/lossless-zoo.ts";
import { changeTime } from "../../../../connectors/source-postgres/cdc/log-row-encoder.ts";
import { beginLog, type Change, onSession, TestLog } from "./log-rows.ts";

const HOSTILE = [
  "{",
  "}",
  '"',
  ",",
  ";",
  "\\",
  "\n",
  "\t",
  "\r",
  "\b",
  "\f",
  "\v",
  "\u0001",
  " ",
  "NULL",
  "[",
  ":",
  "é",
  "😀",
];

/** Arrays in all forms: their text, with every element quoted that is not NULL. */
const anyText = fc
  .oneof(
    fc.string({ unit: "binary", maxLength: 12 }),
    fc.string({ unit: fc.constantFrom(...HOSTILE), maxLength: 8 }),
  )
  .filter((text) => !text.includes("\0") && !/\p{Surrogate}/u.test(text));

const quoted = (text: string) => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;

const anyArray = (element: fc.Arbitrary<string>, delimiter = ",") => {
  const items = fc
    .tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 }), fc.option(fc.integer({ min: -3, max: 3 })))
    .chain(([rows, columns, bound]) => {
      const item = fc.option(element.map(quoted), { nil: "NULL", freq: 5 });
      const list = (length: number) =>
        fc.array(item, { minLength: length, maxLength: length }).map((all) => all.join(delimiter));
      const wrapped = (from: number, length: number) => `[${from}:${from + length - 1}]`;
      if (columns === 0) return fc.constant("{}");
      if (rows === 0)
        return list(columns).map(
          (all) => `${bound === null ? "" : `${wrapped(bound, columns)}=`}{${all}}`,
        );
      return fc.array(list(columns), { minLength: rows, maxLength: rows }).map((all) => {
        const bounds = `${wrapped(1, rows)}${wrapped(bound ?? 1, columns)}=`;
        return `${bound === null ? "" : bounds}{${all.map((one) => `{${one}}`).join(delimiter)}}`;
      });
    });
  return items;
};

const day = fc.constantFrom("2020-02-29", "0044-03-15 BC", "infinity", "-infinity", "12000-01-01");
const moment = fc.constantFrom(
  "2020-02-29 01:02:03",
  "2020-02-29 01:02:03.5",
  "2020-02-29 23:59:59.123456",
  "0044-03-15 01:02:03.000001 BC",
  "infinity",
  "-infinity",
);
const address = fc.constantFrom("10.0.0.1", "10.0.0.0/8", "::1", "fe80::/10", "1::2/128");
const number = fc.constantFrom("0", "-1.50", "1e100", "NaN", "123456789012345678901234567890");

/** Types whose arrays differ in how their elements are printed. */
const ARRAYS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  "text[]": anyArray(anyText),
  "varchar(90)[]": anyArray(anyText),
  "char(90)[]": anyArray(anyText),
  "words[]": anyArray(anyText),
  "json[]": anyArray(anyText.map((text) => JSON.stringify({ [text]: [text, null, 1.5] }))),
  "bytea[]": anyArray(fc.constantFrom(String.raw`\x`, String.raw`\x00ff`)),
  "numeric[]": anyArray(number),
  "price[]": anyArray(fc.constantFrom("0", "12.3", "NaN")),
  "float8[]": anyArray(fc.constantFrom("0", "-0", "1e100", "-Infinity", "NaN", "1.5e-7")),
  "bool[]": anyArray(fc.constantFrom("t", "f")),
  "oid[]": anyArray(fc.constantFrom("0", "4294967295")),
  "money[]": anyArray(fc.constantFrom("0", "-1234567.89", "12.3", "-0.01")),
  "date[]": anyArray(day),
  "timestamp[]": anyArray(moment),
  "timestamptz[]": anyArray(moment),
  "time[]": anyArray(fc.constantFrom("24:00", "01:02:03.5")),
  "timetz[]": anyArray(fc.constantFrom("24:00+05:30", "01:02:03.5-15:59:59")),
  "inet[]": anyArray(address),
  "box[]": anyArray(fc.constantFrom("(1,1),(0,0)", "(1.5,2),(-1,-1)"), ";"),
  "dotted[]": anyArray(anyText, ":"),
};

/** Fails for rows that are not the same bytes, showing what is around the first that differs. */
function expectSame(logged: readonly string[], copied: readonly string[]): void {
  expect(logged.length).toBe(copied.length);
  const inOrder = copied.toSorted();
  for (const [index, row] of logged.toSorted().entries()) {
    const wanted = inOrder[index]!;
    if (row === wanted) continue;
    let at = 0;
    while (row[at] === wanted[at]) at++;
    const around = (text: string) => text.slice(Math.max(0, at - 40), at + 40);
    expect(around(row)).toBe(around(wanted));
  }
}

describe.each([15, 18])("the log of PostgreSQL %i", (major) => {
  let server: TestServer;
  let database: Database;

  beforeAll(async () => {
    server = await startTestServerOfVersion(major);
    ({ database } = await createDatabase(server.url));
    await beginLog(database);
  }, 120_000);

  afterAll(async () => {
    await server.stop();
  });

  it("gives the records that a COPY gives, of every type", async () => {
    const zoo = await buildZoo(database);
    const tables = [...new Set(zoo.map(({ table }) => table))];
    expect(tables.length).toBeGreaterThan(5);

    await onSession(database, async (session) => {
      const log = new TestLog(session);
      await log.messages(); // of the zoo itself
      for (const table of tables) {
        await database.exec(
          `create table logged_${table} (like ${table}); alter table logged_${table} replica identity full;
           insert into logged_${table} select * from ${table} order by id`,
        );
        const name = `logged_${table}`;
        const copied = await log.copied(name);
        expect(copied.length).toBeGreaterThan(1);
        const inserted = await log.changes();
        expectSame(
          inserted.map(({ row }) => row),
          copied,
        );

        await database.exec(`update ${name} set id = id + 1000`);
        const updated = await log.changes();
        expectSame(
          updated.map(({ old }) => old!),
          copied,
        );
        expectSame(
          updated.map(({ row }) => row),
          await log.copied(name),
        );

        await database.exec(`delete from ${name}`);
        const deleted = await log.changes();
        expectSame(
          deleted.map(({ row }) => row),
          updated.map(({ row }) => row),
        );
        expect(deleted.every(({ oldIsKeyOnly, omitted }) => !oldIsKeyOnly && omitted === 0)).toBe(
          true,
        );
      }
    });
  });

  it("gives the records that a COPY gives, of any array", async () => {
    await onSession(database, async (session) => {
      const log = new TestLog(session);
      const types = Object.keys(ARRAYS);
      const names = types.map((_, index) => `a${index}`);
      const columns = types.map((type, index) => `${names[index]} ${type}`);
      await database.exec(`
        create domain words as text;
        create type dotted;
        create function dotted_in(cstring) returns dotted immutable strict language internal as 'textin';
        create function dotted_out(dotted) returns cstring immutable strict language internal as 'textout';
        create type dotted (input = dotted_in, output = dotted_out, delimiter = ':');
        create table arrays (${columns.join(", ")})`);
      const rows = fc.sample(fc.tuple(...Object.values(ARRAYS)), { numRuns: 400, seed: major });
      for (const row of rows)
        await database.query(
          `insert into arrays values (${row.map((_, index) => `$${index + 1}`).join(", ")})`,
          row,
        );

      const changes = await log.changes();

      expect(changes.length).toBe(400);
      expectSame(
        changes.map(({ row }) => row),
        await log.copied("arrays"),
      );
    });
  });

  it("takes a value that was not written again from the old row, or leaves it out", async () => {
    await onSession(database, async (session) => {
      const log = new TestLog(session);
      await database.exec(`
        create table toasted (id int primary key, small int, big text, document json);
        alter table toasted alter big set storage external, alter document set storage external;
        insert into toasted values (1, 1, repeat('"x', 5000), null), (2, 1, null, '[1]')`);
      await log.changes();

      await database.exec("update toasted set small = 2");
      const [first, second] = await log.changes();
      expect(first).toMatchObject({ row: '{"id":1,"small":2}', omitted: 1, old: undefined });
      expect(second).toMatchObject({
        row: '{"id":2,"small":2,"big":null,"document":[1]}',
        omitted: 0,
      });

      await database.exec("update toasted set id = 3 where id = 1");
      const [moved] = await log.changes();
      expect(moved).toMatchObject({
        row: '{"id":3,"small":2}',
        omitted: 1,
        old: '{"id":1,"small":null,"big":null}',
        oldIsKeyOnly: true,
      });

      await database.exec(
        "alter table toasted replica identity full; update toasted set small = 3",
      );
      const whole = await log.changes();
      const byId = (rows: string[]) => rows;
      expect(byId(whole.map(({ row }) => row))).toEqual(byId(await log.copied("toasted")));
      expect(whole.every(({ omitted, oldIsKeyOnly }) => omitted === 0 && !oldIsKeyOnly)).toBe(true);

      await database.exec("alter table toasted replica identity default; delete from toasted");
      const deleted: Change[] = await log.changes();
      expect(deleted.map(({ row }) => row)).toEqual([
        '{"id":2,"small":null,"big":null}',
        '{"id":3,"small":null,"big":null}',
      ]);
    });
  });

  it("has room for large values of every form", async () => {
    await onSession(database, async (session) => {
      const log = new TestLog(session);
      await database.exec(String.raw`
        create table large (a text, b text[], c bool[], d inet[], e json, f bytea, g numeric, h timestamptz[], i text[]);
        insert into large values (
          repeat(E'\x01', 9000), array_fill(E'"\x01\\'::text, array[3000]), array_fill(true, array[5000]),
          array_fill('1.1.1.1'::inet, array[3000]), ('[' || repeat(E'1,\n', 9000) || '1]')::json,
          decode(repeat('00', 9000), 'hex'), repeat('9', 9000)::numeric,
          array_fill('2020-01-01 00:00:00+00'::timestamptz, array[3000]),
          array_fill(E'"\x01\\'::text, array[3000], array[5]))`);

      const changes = await log.changes();

      expect(changes.length).toBe(1);
      expectSame(
        changes.map(({ row }) => row),
        await log.copied("large"),
      );
    });
  });
});

it("prints the time of a commit as a timestamptz travels", () => {
  expect(changeTime(0n).toString()).toBe('"2000-01-01T00:00:00.000000Z"');
  expect(changeTime(849_144_896_000_001n).toString()).toBe('"2026-11-28T01:34:56.000001Z"');
  expect(changeTime(-1n).toString()).toBe('"1999-12-31T23:59:59.999999Z"');
});
