/** @guarantee exact-values */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDatabase, type Database } from "../../../support/database.ts";
import { startTestServerOfVersion, type TestServer } from "../../../support/servers.ts";
import { buildZoo } from "../../../e2e/lossless-zoo.ts";
import { columnType } from "../../../../connectors/postgres/types/column-type.ts";
import {
  changeTime,
  LogRowEncoder,
} from "../../../../connectors/source-postgres/cdc/pgoutput/log-row-encoder.ts";
import {
  NULL_VALUE,
  TEXT_VALUE,
} from "../../../../connectors/source-postgres/cdc/pgoutput/pgoutput.ts";
import { SHOWN_TYPES } from "../../../support/type-matrix.ts";
import { anyArray, anyText, ARRAYS, moment, number } from "./any-array.ts";
import { beginLog, type Change, onSession, TestLog } from "./log-rows.ts";

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
        expect(
          deleted.every(({ oldIsKeyOnly, omitted }) => !oldIsKeyOnly && omitted.length === 0),
        ).toBe(true);
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
      expect(first).toMatchObject({ row: '{"id":1,"small":2}', omitted: ["big"], old: undefined });
      expect(second).toMatchObject({
        row: '{"id":2,"small":2,"big":null,"document":[1]}',
        omitted: [],
      });

      await database.exec("update toasted set id = 3 where id = 1");
      const [moved] = await log.changes();
      expect(moved).toMatchObject({
        row: '{"id":3,"small":2}',
        omitted: ["big"],
        old: '{"id":1,"small":null,"big":null}',
        oldIsKeyOnly: true,
      });

      await database.exec(
        "alter table toasted replica identity full; update toasted set small = 3",
      );
      const whole = await log.changes();
      const byId = (rows: string[]) => rows;
      expect(byId(whole.map(({ row }) => row))).toEqual(byId(await log.copied("toasted")));
      expect(
        whole.every(({ omitted, oldIsKeyOnly }) => omitted.length === 0 && !oldIsKeyOnly),
      ).toBe(true);

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

it("has room for whatever bytes a value has, and refuses only what is no array", () => {
  const types = [...SHOWN_TYPES.map(({ type }) => type), ...SHOWN_TYPES.map(arrayOf)];
  const columns = types.map((type, index) => ({ name: `c${index}`, type, index }));
  const text = fc.oneof(anyText, anyArray(anyText), moment, number, fc.constant("t"));
  fc.assert(
    fc.property(fc.constantFrom(...columns), text, fc.nat({ max: 3 }), (column, value, cut) => {
      const bytes = Buffer.from(value).subarray(cut);
      const row = {
        bytes,
        count: 1,
        kinds: Uint8Array.of(TEXT_VALUE),
        starts: Int32Array.of(0),
        ends: Int32Array.of(bytes.length),
      };
      const encoder = new LogRowEncoder([{ ...column, index: 0 }]);
      const out = Buffer.alloc(encoder.room(row) + 1000, 0xff);
      const stamp = { lsn: 1n, time: changeTime(0n), isDelete: true };
      try {
        expect(encoder.encode(row, stamp, out, 0)).toBeLessThanOrEqual(encoder.room(row));
      } catch (error) {
        expect(error).toMatchObject({ code: "postgres.failed" });
        expect(columnType(column.type).token).toBe("array");
      }
    }),
    { numRuns: 5000 },
  );
});

const arrayOf = ({ type }: (typeof SHOWN_TYPES)[number]) =>
  ({
    ...type,
    name: `_${type.name}`,
    format: `${type.format}[]`,
    kind: "array",
    element: type,
  }) as const;

it("leaves out what the rows of the log do not have, and says when a row was deleted", () => {
  const type = { schema: "pg_catalog", name: "int4", format: "integer", kind: "base" } as const;
  const encoder = new LogRowEncoder([
    { name: "new", type, index: -1 },
    { name: "b", type, index: 1 },
    { name: 'a "quoted" name', type, index: 0 },
  ]);
  const row = {
    bytes: Buffer.from("-42"),
    count: 2,
    kinds: Uint8Array.of(TEXT_VALUE, NULL_VALUE),
    starts: Int32Array.of(0, 0),
    ends: Int32Array.of(3, 0),
  };
  const out = Buffer.alloc(encoder.room(row));
  const stamp = { lsn: 2n ** 53n + 1n, time: changeTime(0n), isDelete: true };

  const end = encoder.encode(row, stamp, out, 0);

  expect(out.toString("utf8", 0, end)).toBe(
    String.raw`{"b":null,"a \"quoted\" name":-42,"_ab_cdc_lsn":9007199254740993,` +
      '"_ab_cdc_updated_at":"2000-01-01T00:00:00.000000Z","_ab_cdc_deleted_at":"2000-01-01T00:00:00.000000Z"}',
  );
  expect(encoder.omittedOf(row)).toEqual(["new"]);
});

it("prints the time of a commit as a timestamptz travels", () => {
  expect(changeTime(0n).toString()).toBe('"2000-01-01T00:00:00.000000Z"');
  expect(changeTime(849_144_896_000_001n).toString()).toBe('"2026-11-28T01:34:56.000001Z"');
  expect(changeTime(-1n).toString()).toBe('"1999-12-31T23:59:59.999999Z"');
});
