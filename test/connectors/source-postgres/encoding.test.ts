import { describe, expect } from "vitest";
import { connect } from "../../../connectors/postgres/connection.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import { type Database, it } from "../../support/fixtures.ts";
import { SourceDriver } from "./drive.ts";

/** A database that takes bytes of any encoding: `hex` says some, in UTF-8, Latin-1 and neither. */
async function withoutEncoding(
  source: Database,
  folder: string,
  tables: string,
  work: (read: (options: JsonObject) => SourceDriver) => Promise<void>,
): Promise<void> {
  const database = `ascii_${process.pid}_${Date.now()}`;
  await source.exec(
    `create database ${database} encoding 'SQL_ASCII' template template0 lc_collate 'C' lc_ctype 'C'`,
  );
  const client = await connect({ ...source.config, database }, { applicationName: "test" });
  await client.query("set client_encoding = 'SQL_ASCII'; set search_path = public");
  await client.query(tables);
  await client.end();
  try {
    await work((options) => new SourceDriver(source, folder, { database, ...options }));
  } finally {
    await source.exec(`drop database ${database}`);
  }
}

const text = (hex: string) => `convert_from('\\x${hex}'::bytea, 'SQL_ASCII')`;

const TABLE = `create table t (id int primary key, plain text, x text, list text[], doc json);
  insert into t values (1, 'plain', 'plain', array['plain'], '{"k":1}');
  insert into t values (2, ${text("c3a9")}, ${text("c3a9")}, null, null);
  insert into t values (3, 'a' || chr(9) || 'b', ${text("63616609e9")}, array['x', ${text("e9")}], null);
  insert into t values (4, null, null, null, ('{"k":"' || ${text("e9")} || '"}')::json)`;

describe("texts that are not UTF-8, in a database of the encoding SQL_ASCII,", () => {
  it("fail their stream, which says row and column and the way out, and no other", async ({
    source,
    folder,
  }) => {
    const other = "create table z as select 'fine' as a";
    await withoutEncoding(source, folder, `${TABLE}; ${other}`, async (driver) => {
      const { status, message, logs } = await driver({}).check();
      const printed = await driver({}).read(await driver({}).configure(["t", "z"]));
      const { errors, exitCode } = printed;

      expect(status).toBe("SUCCEEDED");
      expect(message).toMatch(/SQL_ASCII.*`encoding`/);
      expect(logs.join()).toMatch(/SQL_ASCII/);
      expect(exitCode).toBe(1);
      expect(errors[0]?.message).toMatch(
        /^could not read public\.t: row 3 of those that were read has a text that is not UTF-8 in its column x, .*set `encoding` to latin1, replace or null/,
      );
      expect(errors[0]?.message).not.toContain("caf");
      expect(printed.rows("z")).toEqual([{ a: "fine" }]);
    });
  });

  it.for([
    ["latin1", "caf\té", ["x", "é"], { k: "é" }, undefined],
    ["replace", "caf\t\ufffd", ["x", "\ufffd"], { k: "\ufffd" }, "TRUNCATED"],
    ["null", null, null, undefined, "NULLED"],
  ] as const)(
    "are read as the setting says: %s",
    async ([encoding, x, list, doc, change], { source, folder }) => {
      await withoutEncoding(source, folder, TABLE, async (driver) => {
        const { message } = await driver({ encoding }).check();
        const printed = await driver({ encoding }).read(await driver({}).configure(["t"]));

        expect(message).toBe("");
        expect(printed.errors).toEqual([]);
        const records = printed.messages.flatMap((one) =>
          one.type === "RECORD" ? [one.record] : [],
        );
        expect(records.map(({ data }) => data)).toEqual([
          { id: 1, plain: "plain", x: "plain", list: ["plain"], doc: { k: 1 } },
          { id: 2, plain: "é", x: "é", list: null },
          { id: 3, plain: "a\tb", x, list },
          { id: 4, plain: null, x: null, list: null, ...(doc && { doc }) },
        ]);
        const changed = (...fields: string[]) =>
          change && {
            changes: fields.map((field) => ({
              field,
              change,
              reason: "SOURCE_SERIALIZATION_ERROR",
            })),
          };
        expect(records.map(({ meta }) => meta)).toEqual([
          undefined,
          undefined,
          changed("x", "list"),
          changed("doc"),
        ]);
      });
    },
  );

  it("do not keep an incremental stream from going on, and are refused as a cursor", async ({
    source,
    folder,
  }) => {
    const tables = `create table t (id int primary key, x text); insert into t values (1, ${text("e9")});
      create table c (x text); insert into c values (${text("e9")}), ('a')`;
    await withoutEncoding(source, folder, tables, async (driver) => {
      const latin1 = driver({ encoding: "latin1" });
      const streams = await latin1.configure(["t"], {
        sync_mode: "incremental",
        cursor_field: ["id"],
      });
      const first = await latin1.read(streams);
      const second = await latin1.read(streams, first.states);
      const byText = await latin1.configure(["c"], {
        sync_mode: "incremental",
        cursor_field: ["x"],
      });
      const refused = await latin1.read(byText);

      expect([first.rows("t"), second.rows("t")]).toEqual([[{ id: 1, x: "é" }], []]);
      expect(refused.exitCode).toBe(1);
      expect(refused.errors[0]?.message).toMatch(/could not read public\.c: /);
    });
  });
});
