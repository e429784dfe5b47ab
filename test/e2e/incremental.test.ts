import { createHash } from "node:crypto";
import { describe, expect } from "vitest";
import { type Database, it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import { columns, finalRows, leftovers, rawRows, relations, type Row } from "../support/tables.ts";

const INCREMENTAL = { namespace: "public", sync_mode: "incremental", cursor_field: "updated_at" };
const CONNECTIONS = {
  "incremental-sync-demo": {
    streams: [{ ...INCREMENTAL, name: "table_one", destination_sync_mode: "append" }],
  },
  "incremental-deduped": {
    streams: [
      {
        ...INCREMENTAL,
        name: "table_two",
        destination_sync_mode: "append_dedup",
        primary_key: ["id"],
      },
    ],
  },
};

/** The tutorial's table, without its trigger: the tests write the moments that the tutorial shows. */
const tutorialTable = (name: string) => `
  create table ${name} (
    id integer primary key,
    name varchar(200),
    updated_at timestamp not null default now()
  )
`;

/** The tutorial's trigger: every update moves the cursor. */
const trigger = (table: string) => `
  create or replace function trigger_set_timestamp() returns trigger as
    'begin new.updated_at = now(); return new; end;' language plpgsql;
  create trigger set_timestamp before update on ${table}
    for each row execute procedure trigger_set_timestamp();
`;

const md5 = (text: string) => createHash("md5").update(text).digest("hex");

async function tutorial(source: Database, destination: Database, folder: string) {
  const project = await Project.create(folder, {
    source,
    destination,
    destinationConfig: { hashid: true },
    connections: CONNECTIONS,
  });
  const sync = async (connection: string, stream: string, emitted: number) => {
    const { job } = await project.sync(connection);
    expect(await project.counts(job)).toEqual({ [`public.${stream}`]: [emitted, emitted] });
    expect(await leftovers(destination)).toEqual([]);
  };
  return { project, sync };
}

describe("incremental append", () => {
  it("follows the tutorial: only what changed arrives, and no old row is touched", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec(`
      ${tutorialTable("table_one")};
      insert into table_one values (1, 'Eg1 IncApp', '2022-09-01 11:01:41.666004');
      insert into table_one values (2, 'Eg2a IncAp', '2022-09-01 11:02:05.017416');
    `);
    const { sync } = await tutorial(source, destination, folder);
    const hashes = [
      "43ed5ad798cc8204591c1254dabc9da8",
      "2ec9ac8c405a07d980f9559637ec60df",
      "40f631f32174002c94b689d73ecb2fee",
      "e80c105c331899e3d7bcb8eb8e69bd10",
    ];
    const expectRows = async (count: number) => {
      const raw = await rawRows(destination, "table_one");
      const final = await finalRows(destination, "table_one");
      const all = [
        { id: 1, name: "Eg1 IncApp", updated_at: "2022-09-01T11:01:41.666004" },
        { id: 2, name: "Eg2a IncAp", updated_at: "2022-09-01T11:02:05.017416" },
        { id: 2, name: "Eg2b IncAp", updated_at: "2022-09-01T11:16:38.093877" },
        { id: 3, name: "Eg3 IncApp", updated_at: "2022-09-01T11:23:30.195854" },
      ];
      expect(raw.map((row) => JSON.parse(row["_airbyte_data"]!) as unknown)).toEqual(
        all.slice(0, count),
      );
      expect(final.map((row) => row["_airbyte_table_one_hashid"])).toEqual(hashes.slice(0, count));
      expect(final.map((row) => row["_airbyte_ab_id"])).toEqual(
        raw.map((row) => row["_airbyte_ab_id"]),
      );
      return { raw, final };
    };

    // I1
    await sync("incremental-sync-demo", "table_one", 2);
    expect(await relations(destination)).toEqual(["_airbyte_raw_table_one", "table_one"]);
    expect(await columns(destination, "table_one")).toEqual([
      "id bigint",
      "name text",
      "updated_at timestamp without time zone",
      "_airbyte_ab_id uuid",
      "_airbyte_emitted_at timestamp with time zone",
      "_airbyte_normalized_at timestamp with time zone",
      "_airbyte_table_one_hashid text",
      "_airbyte_meta jsonb",
    ]);
    const i1 = await expectRows(2);

    // I2
    await source.exec(
      "update table_one set name = 'Eg2b IncAp', updated_at = '2022-09-01 11:16:38.093877' where id = 2",
    );
    await sync("incremental-sync-demo", "table_one", 1);
    const i2 = await expectRows(3);
    expect(i2.raw.slice(0, 2)).toEqual(i1.raw);
    expect(i2.final.slice(0, 2)).toEqual(i1.final);

    // I3: the row that holds the cursor is still there, and is not sent again
    await source.exec(
      "insert into table_one values (3, 'Eg3 IncApp', '2022-09-01 11:23:30.195854')",
    );
    await sync("incremental-sync-demo", "table_one", 1);
    const i3 = await expectRows(4);
    expect(i3.raw.slice(0, 3)).toEqual(i2.raw);
    expect(i3.final.slice(0, 3)).toEqual(i2.final);

    // nothing new, and a deletion, which no cursor can see
    await sync("incremental-sync-demo", "table_one", 0);
    await source.exec("delete from table_one where id = 3");
    await sync("incremental-sync-demo", "table_one", 0);
    expect(await expectRows(4)).toEqual(i3);
  });

  it("works with the tutorial's trigger and the moments of now()", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec(`
      ${tutorialTable("table_one")};
      ${trigger("table_one")}
      insert into table_one (id, name) values (1, 'Eg1 IncApp');
      insert into table_one (id, name) values (2, 'Eg2 IncApp');
    `);
    await source.exec("update table_one set name = 'Eg2a IncAp' where id = 2");
    const { sync } = await tutorial(source, destination, folder);

    await sync("incremental-sync-demo", "table_one", 2);
    await source.exec("update table_one set name = 'Eg2b IncAp' where id = 2");
    await sync("incremental-sync-demo", "table_one", 1);
    await source.exec("insert into table_one (id, name) values (3, 'Eg3 IncApp')");
    await sync("incremental-sync-demo", "table_one", 1);
    await sync("incremental-sync-demo", "table_one", 0);

    expect(
      await destination.rows("select id, name from table_one order by updated_at, id"),
    ).toEqual([
      ["1", "Eg1 IncApp"],
      ["2", "Eg2a IncAp"],
      ["2", "Eg2b IncAp"],
      ["3", "Eg3 IncApp"],
    ]);
    // The newest version of each is the source, to the microsecond.
    expect(
      await destination.rows(
        "select distinct on (id) id, name, updated_at from table_one order by id, updated_at desc",
      ),
    ).toEqual(await source.rows("select id, name, updated_at from table_one order by id"));
  });
});

describe("incremental deduped history", () => {
  const UNIQUE_KEYS: Readonly<Record<string, string>> = {
    "1": "c4ca4238a0b923820dcc509a6f75849b",
    "2": "c81e728d9d4c2f636f067f89cc14862c",
    "3": "eccbc87e4b5ce2fe28308fd9f2a7baf3",
  };
  const HASHES: Readonly<Record<string, string>> = {
    "Eg1 DD+Hst": "78812b56ae516cb4bb4278c595c3b20e",
    "Eg2a DD+Hs": "d89c24a3d20ae9663d6f9a40f023149c",
    "Eg2b DD+Hs": "019e1ebcc8b9bb93c020422f7ba8313d",
    "Eg3 DD+Hst": "0845d83977c1cdd5464c31cc1f03a649",
  };
  const EG1 = "2022-09-01 16:18:07.569818";
  const EG2A = "2022-09-01 16:30:13.93903";
  const EG2B = "2022-09-01 17:02:14.841419";
  const EG3 = "2022-09-01 17:05:19.570672";

  const history = async (destination: Database): Promise<Row[]> =>
    destination.query("select * from table_two_scd order by id, _airbyte_start_at");

  /** id, name, start, end and active of every version, after checking all that is derived. */
  const versions = (rows: Row[]) =>
    rows.map((row) => {
      const key = UNIQUE_KEYS[row["id"]!]!;
      expect(row["_airbyte_unique_key"]).toBe(key);
      expect(row["_airbyte_unique_key_scd"]).toBe(
        md5(`${key}-${row["_airbyte_start_at"]}-${row["_airbyte_emitted_at"]}`),
      );
      expect(row["_airbyte_table_two_hashid"]).toBe(HASHES[row["name"]!]);
      expect(row["updated_at"]).toBe(row["_airbyte_start_at"]);
      return ["id", "name", "_airbyte_start_at", "_airbyte_end_at", "_airbyte_active_row"].map(
        (name) => row[name],
      );
    });

  it("follows the tutorial: the newest version, and the history of all", async ({
    source,
    destination,
    folder,
  }) => {
    await source.exec(`
      ${tutorialTable("table_two")};
      insert into table_two values (1, 'Eg1 DD+Hst', '${EG1}');
      insert into table_two values (2, 'Eg2a DD+Hs', '${EG2A}');
    `);
    const { sync } = await tutorial(source, destination, folder);
    /** The final table, after checking its hashes and that each row is that of its raw row. */
    const final = async () => {
      const rows = await destination.query("select * from table_two order by id");
      const raw = new Map(
        (await rawRows(destination, "table_two")).map((row) => [row["_airbyte_ab_id"], row]),
      );
      return rows.map((row) => {
        expect(row["_airbyte_table_two_hashid"]).toBe(HASHES[row["name"]!]);
        const { _airbyte_data: data, _airbyte_emitted_at: at } = raw.get(row["_airbyte_ab_id"])!;
        expect(JSON.parse(data!)).toMatchObject({ id: Number(row["id"]), name: row["name"] });
        expect(row["_airbyte_emitted_at"]).toBe(at);
        return ["id", "name", "updated_at"].map((name) => row[name]);
      });
    };

    // D1
    await sync("incremental-deduped", "table_two", 2);
    expect(await relations(destination)).toEqual([
      "_airbyte_raw_table_two",
      "table_two",
      "table_two_scd",
    ]);
    expect(await columns(destination, "table_two_scd")).toEqual([
      "_airbyte_unique_key text",
      "_airbyte_unique_key_scd text",
      "id bigint",
      "name text",
      "updated_at timestamp without time zone",
      "_airbyte_start_at timestamp without time zone",
      "_airbyte_end_at timestamp without time zone",
      "_airbyte_active_row integer",
      "_airbyte_ab_id uuid",
      "_airbyte_emitted_at timestamp with time zone",
      "_airbyte_normalized_at timestamp with time zone",
      "_airbyte_table_two_hashid text",
    ]);
    const d1 = await history(destination);
    expect(versions(d1)).toEqual([
      ["1", "Eg1 DD+Hst", EG1, null, "1"],
      ["2", "Eg2a DD+Hs", EG2A, null, "1"],
    ]);
    expect(await final()).toEqual([
      ["1", "Eg1 DD+Hst", EG1],
      ["2", "Eg2a DD+Hs", EG2A],
    ]);
    const rawD1 = await rawRows(destination, "table_two");
    expect(rawD1.map((row) => JSON.parse(row["_airbyte_data"]!) as unknown)).toEqual([
      { id: 1, name: "Eg1 DD+Hst", updated_at: "2022-09-01T16:18:07.569818" },
      { id: 2, name: "Eg2a DD+Hs", updated_at: "2022-09-01T16:30:13.939030" },
    ]);

    // D2
    await source.exec(
      `update table_two set name = 'Eg2b DD+Hs', updated_at = '${EG2B}' where id = 2`,
    );
    await sync("incremental-deduped", "table_two", 1);
    const d2 = await history(destination);
    expect(versions(d2)).toEqual([
      ["1", "Eg1 DD+Hst", EG1, null, "1"],
      ["2", "Eg2a DD+Hs", EG2A, EG2B, "0"],
      ["2", "Eg2b DD+Hs", EG2B, null, "1"],
    ]);
    expect(d2[0]).toEqual(d1[0]);
    expect(await final()).toEqual([
      ["1", "Eg1 DD+Hst", EG1],
      ["2", "Eg2b DD+Hs", EG2B],
    ]);
    const rawD2 = await rawRows(destination, "table_two");
    expect(rawD2.slice(0, 2)).toEqual(rawD1);
    expect(rawD2.slice(2).map((row) => JSON.parse(row["_airbyte_data"]!) as unknown)).toEqual([
      { id: 2, name: "Eg2b DD+Hs", updated_at: "2022-09-01T17:02:14.841419" },
    ]);

    // D3
    await source.exec(`insert into table_two values (3, 'Eg3 DD+Hst', '${EG3}')`);
    await sync("incremental-deduped", "table_two", 1);
    const d3 = await history(destination);
    expect(versions(d3)).toEqual([...versions(d2), ["3", "Eg3 DD+Hst", EG3, null, "1"]]);
    expect(d3.slice(0, 3)).toEqual(d2);
    expect(await final()).toEqual([
      ["1", "Eg1 DD+Hst", EG1],
      ["2", "Eg2b DD+Hs", EG2B],
      ["3", "Eg3 DD+Hst", EG3],
    ]);
    const finalD3 = await finalRows(destination, "table_two");
    const rawD3 = await rawRows(destination, "table_two");
    expect(rawD3.slice(0, 3)).toEqual(rawD2);
    expect(rawD3.slice(3).map((row) => JSON.parse(row["_airbyte_data"]!) as unknown)).toEqual([
      { id: 3, name: "Eg3 DD+Hst", updated_at: "2022-09-01T17:05:19.570672" },
    ]);

    // D4: a cursor does not see a deletion
    await source.exec("delete from table_two where id = 3");
    await sync("incremental-deduped", "table_two", 0);
    expect(await history(destination)).toEqual(d3);
    expect(await finalRows(destination, "table_two")).toEqual(finalD3);
    expect(await rawRows(destination, "table_two")).toEqual(rawD3);
    expect(await relations(destination)).toEqual([
      "_airbyte_raw_table_two",
      "table_two",
      "table_two_scd",
    ]);
  });
});

/** One change at a time, through all four modes at once (documented table of both tutorials). */
describe("which change shows where", () => {
  const STREAM = { name: "t", namespace: "public" };
  const FULL = { ...STREAM, sync_mode: "full_refresh" };
  const MODES = {
    overwrite: { prefix: "o_", streams: [{ ...FULL, destination_sync_mode: "overwrite" }] },
    append: { prefix: "a_", streams: [{ ...FULL, destination_sync_mode: "append" }] },
    incremental: {
      prefix: "i_",
      streams: [{ ...INCREMENTAL, ...STREAM, destination_sync_mode: "append" }],
    },
    deduped: {
      prefix: "d_",
      streams: [
        { ...INCREMENTAL, ...STREAM, destination_sync_mode: "append_dedup", primary_key: ["id"] },
      ],
    },
  };

  it(
    "inserts, updates, deletes and quiet show as documented in every mode",
    { timeout: 180_000 },
    async ({ source, destination, folder }) => {
      await source.exec(`
      ${tutorialTable("t")};
      insert into t values (1, 'a', '2022-09-01 10:00'), (2, 'b', '2022-09-01 10:01');
    `);
      const project = await Project.create(folder, { source, destination, connections: MODES });
      const step = async (change: string) => {
        await source.exec(change);
        for (const mode of Object.keys(MODES)) await project.sync(mode);
        const names = async (table: string, where = "true") =>
          (await destination.rows(`select name from ${table} where ${where} order by id, name`))
            .flat()
            .join("");
        const raw = async (table: string) =>
          names(
            `(select (_airbyte_data ->> 'id')::int as id, _airbyte_data ->> 'name' as name from _airbyte_raw_${table}) raw`,
          );
        // The raw table of a mode holds what its table holds, or all versions of the history.
        for (const table of ["o_t", "a_t", "i_t"])
          expect(await raw(table)).toBe(await names(table));
        expect(await raw("d_t")).toBe(await names("d_t_scd"));
        return {
          overwrite: await names("o_t"),
          append: await names("a_t"),
          incremental: await names("i_t"),
          deduped: await names("d_t"),
          history: await names("d_t_scd"),
          active: await names("d_t_scd", "_airbyte_active_row = 1"),
        };
      };

      expect(await step("")).toEqual({
        overwrite: "ab",
        append: "ab",
        incremental: "ab",
        deduped: "ab",
        history: "ab",
        active: "ab",
      });
      expect(await step("insert into t values (3, 'c', '2022-09-01 10:02')")).toEqual({
        overwrite: "abc",
        append: "aabbc",
        incremental: "abc",
        deduped: "abc",
        history: "abc",
        active: "abc",
      });
      expect(
        await step("update t set name = 'B', updated_at = '2022-09-01 10:03' where id = 2"),
      ).toEqual({
        overwrite: "aBc",
        append: "aaaBbbcc",
        incremental: "aBbc",
        deduped: "aBc",
        history: "aBbc",
        active: "aBc",
      });
      expect(await step("delete from t where id = 3")).toEqual({
        overwrite: "aB",
        append: "aaaaBBbbcc",
        incremental: "aBbc",
        deduped: "aBc",
        history: "aBbc",
        active: "aBc",
      });
      const before = await destination.rows("select _airbyte_ab_id from o_t order by id");
      expect(await step("")).toEqual({
        overwrite: "aB",
        append: "aaaaaBBBbbcc",
        incremental: "aBbc",
        deduped: "aBc",
        history: "aBbc",
        active: "aBc",
      });
      expect(await destination.rows("select _airbyte_ab_id from o_t order by id")).not.toEqual(
        before,
      );
    },
  );
});
