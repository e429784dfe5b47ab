import { expect } from "vitest";
import { it, type Database } from "../../support/fixtures.ts";
import {
  complete,
  errorOf,
  INTEGER,
  leftovers,
  record,
  state,
  stream,
  tablesOf,
  TEXT,
  TIMESTAMP,
  write,
  type StreamSpec,
} from "./drive.ts";

const two = stream({
  name: "table_two",
  properties: { id: INTEGER, name: TEXT, updated_at: TIMESTAMP },
  mode: "append_dedup",
  incremental: true,
  key: ["id"],
  cursor: "updated_at",
});

/** A stream `v` of key `id` and cursor `at`. */
const versions = (spec: Partial<StreamSpec> = {}) =>
  stream({
    name: "v",
    properties: { id: INTEGER, name: TEXT, at: INTEGER },
    mode: "append_dedup",
    incremental: true,
    key: ["id"],
    cursor: "at",
    ...spec,
  });

const version = (id: unknown, name: string, at: unknown, emittedAt: number) =>
  record("v", { id, name, at }, emittedAt);

const history = (destination: Database) =>
  destination.rows(
    `select name, _airbyte_start_at, _airbyte_end_at, _airbyte_active_row from v_scd
      order by id, _airbyte_start_at nulls first, _airbyte_emitted_at`,
  );

const final = (destination: Database) =>
  destination.rows("select id, name, at from v order by id nulls first");

it("keeps the tutorial's history, with every key and hash it prints", async ({
  destination,
  folder,
}) => {
  await write(
    destination,
    folder,
    [two],
    [
      record(
        "table_two",
        { id: 1, name: "Eg1 DD+Hst", updated_at: "2022-09-01T16:18:07.569818" },
        1_662_051_164_103,
      ),
      record(
        "table_two",
        { id: 2, name: "Eg2a DD+Hs", updated_at: "2022-09-01T16:30:13.939030" },
        1_662_051_164_103,
      ),
      state("table_two", {}, 2),
      complete("table_two"),
    ],
  );
  await write(
    destination,
    folder,
    [two],
    [
      record(
        "table_two",
        { id: 2, name: "Eg2b DD+Hs", updated_at: "2022-09-01T17:02:14.841419" },
        1_662_051_759_894,
      ),
      state("table_two", {}, 1),
      complete("table_two"),
    ],
  );

  expect(await tablesOf(destination)).toEqual([
    "_airbyte_raw_table_two",
    "table_two",
    "table_two_scd",
  ]);
  const columns = await destination.rows(
    "select attname from pg_attribute where attrelid = 'table_two_scd'::regclass and attnum > 0 order by attnum",
  );
  expect(columns.flat()).toEqual([
    "_airbyte_unique_key",
    "_airbyte_unique_key_scd",
    "id",
    "name",
    "updated_at",
    "_airbyte_start_at",
    "_airbyte_end_at",
    "_airbyte_active_row",
    "_airbyte_ab_id",
    "_airbyte_emitted_at",
    "_airbyte_normalized_at",
    "_airbyte_table_two_hashid",
  ]);
  expect(
    await destination.rows(
      `select _airbyte_unique_key, _airbyte_unique_key_scd, name, _airbyte_start_at, _airbyte_end_at,
              _airbyte_active_row, _airbyte_table_two_hashid from table_two_scd order by name`,
    ),
  ).toEqual([
    [
      "c4ca4238a0b923820dcc509a6f75849b",
      "96a17eccedd409b3b3de3b411d431ab8",
      "Eg1 DD+Hst",
      "2022-09-01 16:18:07.569818",
      null,
      "1",
      "78812b56ae516cb4bb4278c595c3b20e",
    ],
    [
      "c81e728d9d4c2f636f067f89cc14862c",
      "064c6bc6ac9c9956a7188495284d8c07",
      "Eg2a DD+Hs",
      "2022-09-01 16:30:13.93903",
      "2022-09-01 17:02:14.841419",
      "0",
      "d89c24a3d20ae9663d6f9a40f023149c",
    ],
    [
      "c81e728d9d4c2f636f067f89cc14862c",
      "8d269939a7b0ae8c321d5f25d3be8619",
      "Eg2b DD+Hs",
      "2022-09-01 17:02:14.841419",
      null,
      "1",
      "019e1ebcc8b9bb93c020422f7ba8313d",
    ],
  ]);
  expect(await destination.rows("select id, name from table_two order by id")).toEqual([
    ["1", "Eg1 DD+Hst"],
    ["2", "Eg2b DD+Hs"],
  ]);
});

/** @guarantee versions-in-order */
it("closes a late older version against its true neighbours", async ({ destination, folder }) => {
  await write(
    destination,
    folder,
    [versions()],
    [version(1, "v1", 10, 1), version(1, "v3", 30, 1), complete("v")],
  );

  await write(destination, folder, [versions()], [version(1, "v2", 20, 2), complete("v")]);

  expect(await history(destination)).toEqual([
    ["v1", "10", "20", "0"],
    ["v2", "20", "30", "0"],
    ["v3", "30", null, "1"],
  ]);
  expect(await final(destination)).toEqual([["1", "v3", "30"]]);
});

it("keeps several versions of a key that come in one batch", async ({ destination, folder }) => {
  await write(
    destination,
    folder,
    [versions()],
    [
      version(1, "c", 30, 1),
      version(1, "a", 10, 1),
      version(1, "b", 20, 1),
      version(2, "x", 5, 1),
      complete("v"),
    ],
  );

  expect(await history(destination)).toEqual([
    ["a", "10", "20", "0"],
    ["b", "20", "30", "0"],
    ["c", "30", null, "1"],
    ["x", "5", null, "1"],
  ]);
  expect(await final(destination)).toEqual([
    ["1", "c", "30"],
    ["2", "x", "5"],
  ]);
});

it("records a row that is sent again as a version that ends where it starts", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [versions()], [version(1, "a", 10, 1), complete("v")]);

  await write(destination, folder, [versions()], [version(1, "a", 10, 2), complete("v")]);

  expect(await history(destination)).toEqual([
    ["a", "10", "10", "0"],
    ["a", "10", null, "1"],
  ]);
  expect(await final(destination)).toEqual([["1", "a", "10"]]);
});

it("keeps the last of two versions with one cursor and one time", async ({
  destination,
  folder,
}) => {
  await write(
    destination,
    folder,
    [versions()],
    [version(1, "first", 10, 1), version(1, "second", 10, 1), complete("v")],
  );

  expect(await history(destination)).toEqual([["second", "10", null, "1"]]);
  expect(await final(destination)).toEqual([["1", "second", "10"]]);
});

it("keeps the last of thousands of versions with one cursor and one time", async ({
  destination,
  folder,
}) => {
  const rows = Array.from({ length: 4_000 }, (_, n) =>
    version(n % 8, `${n} ${"x".repeat(400)}`, 10, 1),
  );

  await write(destination, folder, [versions()], [...rows, complete("v")]);

  expect(await destination.rows("select id, split_part(name, ' ', 1) from v order by id")).toEqual(
    Array.from({ length: 8 }, (_, id) => [`${id}`, `${3_992 + id}`]),
  );
});

/** @guarantee versions-in-order */
it("never lets an older version replayed later win", async ({ destination, folder }) => {
  await write(destination, folder, [versions()], [version(1, "new", 20, 1), complete("v")]);

  await write(destination, folder, [versions()], [version(1, "old", 10, 9), complete("v")]);

  expect(await final(destination)).toEqual([["1", "new", "20"]]);
  expect(await history(destination)).toEqual([
    ["old", "10", "20", "0"],
    ["new", "20", null, "1"],
  ]);
});

it("lets any cursor beat a missing one", async ({ destination, folder }) => {
  await write(destination, folder, [versions()], [version(1, "none", null, 5), complete("v")]);

  await write(destination, folder, [versions()], [version(1, "some", 1, 1), complete("v")]);

  expect(await final(destination)).toEqual([["1", "some", "1"]]);
  expect(await history(destination)).toEqual([
    ["none", null, "1", "0"],
    ["some", "1", null, "1"],
  ]);
});

it("takes all rows without a key for versions of one, apart from an empty key", async ({
  destination,
  folder,
}) => {
  const byText = versions({ properties: { id: TEXT, name: TEXT, at: INTEGER } });

  await write(
    destination,
    folder,
    [byText],
    [version(null, "a", 1, 1), version(null, "b", 2, 1), version("", "empty", 1, 1), complete("v")],
  );

  expect(await final(destination)).toEqual([
    [null, "b", "2"],
    ["", "empty", "1"],
  ]);
  expect(await destination.rows("select distinct _airbyte_unique_key from v")).toEqual([
    ["d41d8cd98f00b204e9800998ecf8427e"],
  ]);
});

it("tells composite keys apart whose joined text is the same", async ({ destination, folder }) => {
  const composite = versions({
    properties: { id: TEXT, part: TEXT, name: TEXT, at: INTEGER },
    key: ["id", "part"],
  });
  const row = (id: string, part: string, name: string, at: number) =>
    record("v", { id, part, name, at }, at);

  await write(
    destination,
    folder,
    [composite],
    [
      row("a-b", "c", "one", 1),
      row("a", "b-c", "two", 2),
      row("a", "b-c", "two again", 3),
      complete("v"),
    ],
  );

  expect(await destination.rows("select id, part, name from v order by name")).toEqual([
    ["a-b", "c", "one"],
    ["a", "b-c", "two again"],
  ]);
  expect(
    await destination.rows("select name, _airbyte_active_row from v_scd order by name"),
  ).toEqual([
    ["one", "1"],
    ["two", "0"],
    ["two again", "1"],
  ]);
});

it("follows the emission where a stream has no cursor", async ({ destination, folder }) => {
  const full = stream({
    name: "v",
    properties: { id: INTEGER, name: TEXT },
    mode: "append_dedup",
    key: ["id"],
  });

  await write(
    destination,
    folder,
    [full],
    [
      record("v", { id: 1, name: "a" }, 1000),
      record("v", { id: 2, name: "b" }, 1000),
      complete("v"),
    ],
  );
  await write(
    destination,
    folder,
    [full],
    [record("v", { id: 1, name: "c" }, 2000), complete("v")],
  );

  expect(await destination.rows("select id, name from v order by id")).toEqual([
    ["1", "c"],
    ["2", "b"],
  ]);
});

it("reproduces the documentation's worked example", async ({ destination, folder }) => {
  const kings = stream({
    name: "kings",
    properties: { name: TEXT, deceased: { type: "boolean" }, updated_at: INTEGER },
    mode: "append_dedup",
    incremental: true,
    key: ["name"],
    cursor: "updated_at",
  });
  const king = (name: string, deceased: boolean, year: number, emittedAt: number) =>
    record("kings", { name, deceased, updated_at: year }, emittedAt);

  await write(
    destination,
    folder,
    [kings],
    [
      king("Louis XVI", false, 1754, 1),
      king("Marie Antoinette", false, 1755, 1),
      complete("kings"),
    ],
  );
  await write(
    destination,
    folder,
    [kings],
    [king("Louis XVII", false, 1785, 2), complete("kings")],
  );
  await write(
    destination,
    folder,
    [kings],
    [king("Louis XVI", true, 1793, 3), king("Marie Antoinette", true, 1793, 3), complete("kings")],
  );

  expect(
    await destination.rows(
      "select name, _airbyte_start_at, _airbyte_end_at from kings_scd order by name, 2",
    ),
  ).toEqual([
    ["Louis XVI", "1754", "1793"],
    ["Louis XVI", "1793", null],
    ["Louis XVII", "1785", null],
    ["Marie Antoinette", "1755", "1793"],
    ["Marie Antoinette", "1793", null],
  ]);
  expect(
    await destination.rows("select name, deceased, updated_at from kings order by name"),
  ).toEqual([
    ["Louis XVI", "t", "1793"],
    ["Louis XVII", "f", "1785"],
    ["Marie Antoinette", "t", "1793"],
  ]);
});

it("replaces final, history and raw tables in a truncating refresh", async ({
  destination,
  folder,
}) => {
  await write(
    destination,
    folder,
    [versions({ generation: 1 })],
    [version(1, "a", 1, 1), version(2, "b", 2, 1), complete("v")],
  );

  await write(
    destination,
    folder,
    [versions({ generation: 2, minimum: 2 })],
    [version(3, "c", 1, 2), version(3, "d", 2, 2), complete("v")],
  );

  expect(await final(destination)).toEqual([["3", "d", "2"]]);
  expect(await history(destination)).toEqual([
    ["c", "1", "2", "0"],
    ["d", "2", null, "1"],
  ]);
  expect(await destination.rows("select count(*) from _airbyte_raw_v")).toEqual([["2"]]);
  expect(
    (
      await destination.rows(
        "select indexname from pg_indexes where schemaname = 'public' order by 1",
      )
    ).flat(),
  ).toEqual(["v_airbyte_unique_key", "v_scd_airbyte_unique_key"]);
  expect(await leftovers(destination)).toEqual([]);

  await write(
    destination,
    folder,
    [versions({ generation: 2 })],
    [version(3, "e", 3, 3), complete("v")],
  );
  expect(await final(destination)).toEqual([["3", "e", "3"]]);
});

it("empties raw, final and history for a clear, and keeps the tables", async ({
  destination,
  folder,
}) => {
  await write(
    destination,
    folder,
    [versions({ generation: 1 })],
    [version(1, "a", 1, 1), complete("v")],
  );

  const run = await write(
    destination,
    folder,
    [versions({ generation: 2, minimum: 2 })],
    [state("v", null), complete("v")],
  );

  expect(run.exitCode).toBe(0);
  expect(await tablesOf(destination)).toEqual(["_airbyte_raw_v", "v", "v_scd"]);
  expect(
    await destination.rows(
      "select (select count(*) from v), (select count(*) from v_scd), (select count(*) from _airbyte_raw_v)",
    ),
  ).toEqual([["0", "0", "0"]]);
});

it("keeps a user's own column through updates", async ({ destination, folder }) => {
  await write(destination, folder, [versions()], [version(1, "a", 1, 1), complete("v")]);
  await destination.exec("alter table v add column note text; update v set note = 'mine'");

  await write(destination, folder, [versions()], [version(1, "b", 2, 2), complete("v")]);

  expect(await destination.rows("select name, note from v")).toEqual([["b", "mine"]]);
});

it("leaves the history out when told to", async ({ destination, folder }) => {
  await write(
    destination,
    folder,
    [versions()],
    [version(1, "a", 1, 1), version(1, "b", 2, 1), complete("v")],
    { config: { history: false } },
  );

  expect(await tablesOf(destination)).toEqual(["_airbyte_raw_v", "v"]);
  expect(await final(destination)).toEqual([["1", "b", "2"]]);
});

it("refuses a stream without a key, and a key that is no column", async ({
  destination,
  folder,
}) => {
  const run = await write(
    destination,
    folder,
    [
      stream({ name: "a", mode: "append_dedup" }),
      stream({ name: "b", mode: "append_dedup", key: ["nope"] }),
    ],
    [],
  );

  expect(run.exitCode).toBe(1);
  expect(errorOf(run)).toMatch(/primary_key.* of a.*nope.* in b/);
});

it("merges again after a deadlock with somebody's own update", async ({ destination, folder }) => {
  await write(destination, folder, [versions()], [version(1, "a", 1, 1000), complete("v")]);
  await destination.exec("create unique index names on v (name)");
  // Holds the new name until the merge waits for it, then wants the row the merge holds. It never looks for a deadlock itself, so that the merge is the one to be ended.
  const updates = destination.exec(`
    set deadlock_timeout = '10min';
    begin;
    insert into v (id, name) values (9, 'b');
    do $$ begin
      loop
        exit when exists (select from pg_locks
                           where not granted and transactionid = pg_current_xact_id()::xid);
        perform pg_sleep(0.01);
      end loop;
    end $$;
    update v set name = 'mine' where id = 1;
    rollback;`);

  const run = await write(
    destination,
    folder,
    [versions()],
    [version(1, "b", 2, 2000), state("v", { at: 2 }, 1), complete("v")],
  );
  await updates;

  expect(errorOf(run)).toBe("");
  expect(await final(destination)).toEqual([["1", "b", "2"]]);
  expect(await history(destination)).toEqual([
    ["a", "1", "2", "0"],
    ["b", "2", null, "1"],
  ]);
  await expect
    .poll(() =>
      destination.rows(
        "select deadlocks > 0 from pg_stat_database where datname = current_database()",
      ),
    )
    .toEqual([["t"]]);
}, 60_000);
