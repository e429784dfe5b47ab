import { expect } from "vitest";
import { it, type Database } from "../../support/fixtures.ts";
import { runExecutable } from "../../support/run.ts";
import { change, changes, remove, timeOf, truncate } from "./changes-model.ts";
import {
  complete,
  errorOf,
  INTEGER,
  record,
  stream,
  TEXT,
  write,
  writeCommand,
  type WriteOptions,
} from "./drive.ts";

const NULLED = { field: "body", change: "NULLED", reason: "SOURCE_FIELD_SIZE_LIMITATION" };

const { _ab_cdc_lsn, _ab_cdc_updated_at, _ab_cdc_deleted_at } = changes().properties;
const MARKS = {
  _ab_cdc_lsn: _ab_cdc_lsn!,
  _ab_cdc_updated_at: _ab_cdc_updated_at!,
  _ab_cdc_deleted_at: _ab_cdc_deleted_at!,
};

const row = (id: number, name: string, body = "large", note = "also large") => ({
  id,
  name,
  body,
  note,
});

/** Writes records of `t` to their end and expects no failure. */
async function load(
  destination: Database,
  folder: string,
  lines: readonly string[],
  options: WriteOptions = {},
  spec = changes(),
) {
  const run = await write(destination, folder, [spec], [...lines, complete("t")], options);
  expect(errorOf(run)).toBe("");
  return run;
}

const final = (destination: Database) =>
  destination.rows(
    "select id, name, body, note, _ab_cdc_lsn, _ab_cdc_deleted_at is not null, _airbyte_meta from t order by id, _ab_cdc_lsn",
  );

const history = (destination: Database) =>
  destination.rows(
    "select id, name, _airbyte_start_at, _airbyte_end_at, _airbyte_active_row from t_scd order by id, _airbyte_start_at, _airbyte_end_at",
  );

const APPENDED = [
  change(1, row(1, "a")),
  change(2, { id: 1, name: "b", note: null }, { unchanged: ["body"] }),
  remove(3, 1),
  truncate(4),
];

it("keeps every change of a stream that is appended, and what was said of it", async ({
  destination,
  folder,
}) => {
  const append = changes({ mode: "append" });
  await load(destination, folder, APPENDED, {}, append);

  const meta = ['{"unchanged": ["body"]}', '{"operation": "truncate"}'];
  expect(await final(destination)).toEqual([
    ["1", "a", "large", "also large", "1", "f", null],
    ["1", "b", null, null, "2", "f", meta[0]],
    ["1", null, null, null, "3", "t", null],
    [null, null, null, null, "4", "t", meta[1]],
  ]);
  const raw = await destination.rows(
    "select _airbyte_data ->> 'name', _airbyte_data ? 'body', _airbyte_meta from _airbyte_raw_t order by (_airbyte_data -> '_ab_cdc_lsn')",
  );
  expect(raw).toEqual([
    ["a", "t", null],
    ["b", "f", meta[0]],
    [null, "t", null],
    [null, "f", meta[1]],
  ]);
});

it.for([{ tables: "raw_and_final" }, { tables: "final_only" }])(
  "makes rows of changes that were appended when they are deduplicated from now on: $tables",
  async (config, { destination, folder }) => {
    const more = [
      change(5, row(2, "c", "two")),
      change(6, row(3, "d")),
      change(7, { id: 2, name: "e", note: null }, { unchanged: ["body"] }),
      remove(8, 3),
    ];
    await load(
      destination,
      folder,
      [...APPENDED, ...more],
      { config },
      changes({ mode: "append" }),
    );
    await load(destination, folder, [change(9, row(4, "f"))], { config });

    expect(await final(destination)).toEqual([
      ["2", "e", "two", null, "7", "f", null],
      ["4", "f", "large", "also large", "9", "f", null],
    ]);
    expect(await history(destination)).toEqual([
      ["1", "a", "1", "2", "0"],
      ["1", "b", "2", "3", "0"],
      ["2", "c", "5", "7", "0"],
      ["2", "e", "7", null, "1"],
      ["3", "d", "6", "8", "0"],
      ["4", "f", "9", null, "1"],
    ]);
  },
);

it.for([{ tables: "raw_and_final" }, { tables: "final_only" }])(
  "begins a history of changes with what there is: $tables",
  async ({ tables }, { destination, folder }) => {
    const without = { config: { tables, history: false } };
    const config = { tables, history: true };
    await load(destination, folder, [change(1, row(1, "a")), change(2, row(2, "b"))], without);
    await load(destination, folder, [remove(3, 2)], without);
    await load(destination, folder, [change(4, row(1, "c"))], { config });

    const gone = ["2", "b", "2", "3", "0"]; // only the raw table tells
    expect(await history(destination)).toEqual([
      ["1", "a", "1", "4", "0"],
      ["1", "c", "4", null, "1"],
      ...(tables === "final_only" ? [] : [gone]),
    ]);
  },
);

it.for(["Hard delete", "Soft delete"])(
  "ends the versions of rows that were deleted while there was no history: %s",
  async (cdc_deletion_mode, { destination, folder }) => {
    const config = { tables: "final_only", cdc_deletion_mode };
    const without = { config: { ...config, history: false } };
    const rows = [1, 2, 3].map((id) => change(id, row(id, "a")));
    await load(destination, folder, rows, { config });
    await load(
      destination,
      folder,
      [remove(4, 1), change(5, row(2, "b")), change(6, row(4, "c"))],
      without,
    );
    await load(destination, folder, [change(7, row(1, "again"))], { config });

    expect(await history(destination)).toEqual([
      ["1", "a", "1", cdc_deletion_mode === "Hard delete" ? "6" : "4", "0"],
      ["1", "again", "7", null, "1"],
      ["2", "a", "2", "5", "0"],
      ["2", "b", "5", null, "1"],
      ["3", "a", "3", null, "1"],
      ["4", "c", "6", null, "1"],
    ]);
  },
);

it.for([{ tables: "raw_and_final" }, { tables: "final_only" }])(
  "says what nobody knows: an unchanged value of a row that was never sent: $tables",
  async (config, { destination, folder }) => {
    const unknown = change(5, { id: 1, name: "a", note: null }, { unchanged: ["body"] });
    const run = await load(destination, folder, [change(4, row(2, "b")), unknown], { config });

    const [[, , body, , , , meta]] = (await final(destination)) as [(string | null)[]];
    expect(body).toBe(null);
    expect(JSON.parse(meta!)).toEqual({
      changes: [{ field: "body", change: "NULLED", reason: "SOURCE_RETRIEVAL_ERROR" }],
    });
    expect(run.stdout).toContain("1 × NULL in place of a value: body: SOURCE_RETRIEVAL_ERROR");
  },
);

it("keeps with an unchanged value what was said of it", async ({ destination, folder }) => {
  const lost = JSON.parse(change(1, row(1, "a", null!))) as { record: object };
  Object.assign(lost.record, { meta: { changes: [NULLED] } });
  const later = (lsn: number) =>
    change(lsn, { id: 1, name: "b", note: "n" }, { unchanged: ["body"] });
  await load(destination, folder, [JSON.stringify(lost), later(2)]);
  await load(destination, folder, [later(3)]);

  const expectKept = async () => {
    const [[id, name, body, , , , meta]] = (await final(destination)) as [(string | null)[]];
    expect([id, name, body]).toEqual(["1", "b", null]);
    expect(JSON.parse(meta!)).toEqual({ changes: [NULLED] });
  };
  await expectKept();
  const args = await writeCommand("normalize", destination, folder, [changes()]);
  expect(errorOf(await runExecutable("destination-postgres", args))).toBe("");
  await expectKept();
});

it("takes no value of a row that was deleted right before another one was changed", async ({
  destination,
  folder,
}) => {
  await load(destination, folder, [change(9, row(1, "a", "one")), change(9, row(2, "b", "two"))]);
  // What is before the snapshot is all at one place in the log.
  await load(destination, folder, [
    remove(9, 1),
    change(9, { id: 2, name: "c", note: null }, { unchanged: ["body"] }),
  ]);

  expect(await final(destination)).toEqual([["2", "c", "two", null, "9", "f", null]]);
});

it("lets a row that gets another key keep its values, also one key after the other", async ({
  destination,
  folder,
}) => {
  await load(destination, folder, [change(1, row(1, "a", "one")), change(1, row(5, "x", "five"))]);
  const moved = (lsn: number, from: number, to: number, data: object = {}) => [
    remove(lsn, from),
    change(lsn, { id: to, name: `to ${to}`, note: null, ...data }, { unchanged: ["body"] }),
  ];
  await load(destination, folder, [
    ...moved(2, 1, 2),
    ...moved(3, 2, 3),
    change(4, row(3, "c", "other")),
    ...moved(5, 3, 1),
    ...moved(5, 5, 2),
  ]);

  expect(await final(destination)).toEqual([
    ["1", "to 1", "other", null, "5", "f", null],
    ["2", "to 2", "five", null, "5", "f", null],
  ]);
});

it("takes no change that is older than what the row has, and knows its time", async ({
  destination,
  folder,
}) => {
  await load(destination, folder, [change(10, row(1, "new"))]);
  await load(destination, folder, [change(5, row(1, "old")), change(6, row(1, "less old"))]);

  expect((await final(destination)).map(([, name]) => name)).toEqual(["new"]);
  expect(await history(destination)).toEqual([
    ["1", "old", "5", "6", "0"],
    ["1", "less old", "6", "10", "0"],
    ["1", "new", "10", null, "1"],
  ]);
});

it.for(["Hard delete", "Soft delete"])(
  "goes on with the log of another server after a table was emptied: %s",
  async (cdc_deletion_mode, { destination, folder }) => {
    const config = { cdc_deletion_mode };
    await load(destination, folder, [change(50, row(1, "a")), change(50, row(2, "b"))], { config });
    await load(destination, folder, [change(60, row(1, "c")), remove(55, 2)], { config });
    await load(destination, folder, [truncate(3), change(3, row(1, "d"))], { config });
    await load(destination, folder, [change(4, row(1, "e")), change(4, row(2, "f"))], { config });

    expect((await final(destination)).map(([, name]) => name)).toEqual(["e", "f"]);
    expect((await history(destination)).map(([, ...version]) => version)).toEqual([
      ["d", "3", "4", "0"],
      ["e", "4", null, "1"],
      ["a", "50", "60", "0"],
      ["c", "60", "60", "0"],
      ["f", "4", null, "1"],
      ["b", "50", "55", "0"],
    ]);
  },
);

it("keeps each of several versions at one place in the log", async ({ destination, folder }) => {
  await load(destination, folder, [change(9, row(1, "a")), change(9, row(1, "b"))]);
  await load(destination, folder, [change(9, row(1, "c")), remove(9, 1), change(9, row(1, "d"))]);
  await load(destination, folder, [change(10, row(1, "e"))]);

  const versions = await destination.rows(
    "select name, _airbyte_start_at, _airbyte_end_at, _airbyte_active_row from t_scd order by name",
  );
  expect(versions).toEqual([
    ["a", "9", "9", "0"],
    ["b", "9", "9", "0"],
    ["c", "9", "9", "0"],
    ["d", "9", "10", "0"],
    ["e", "10", null, "1"],
  ]);
});

it("marks rows that are gone where that is asked for, with their values, until they come again", async ({
  destination,
  folder,
}) => {
  const config = { cdc_deletion_mode: "Soft delete" };
  await load(destination, folder, [change(1, row(1, "a")), change(1, row(2, "b"))], { config });
  await load(destination, folder, [remove(2, 1), remove(3, 7), change(4, row(3, "c"))], { config });
  await load(destination, folder, [truncate(5), change(6, row(2, "again", "b2"))], { config });

  expect(await final(destination)).toEqual([
    ["1", "a", "large", "also large", "2", "t", null],
    ["2", "again", "b2", "also large", "6", "f", null],
    ["3", "c", "large", "also large", "5", "t", null],
    ["7", null, null, null, "3", "t", null],
  ]);
  const [[deletedAt]] = (await destination.rows(
    "select to_char(_ab_cdc_deleted_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') from t where id = 1",
  )) as [[string]];
  expect(deletedAt).toBe(timeOf(2));
});

it("takes rows of a partitioned table, and leaves those of tables that inherit", async ({
  destination,
  folder,
}) => {
  const columns = `_airbyte_unique_key text, id bigint, name text, body text, note text, _ab_cdc_lsn bigint,
    _ab_cdc_updated_at timestamptz, _ab_cdc_deleted_at timestamptz, _airbyte_ab_id uuid,
    _airbyte_emitted_at timestamptz, _airbyte_normalized_at timestamptz, _airbyte_meta jsonb`;
  await destination.exec(`
    create table t (${columns}) partition by range (id);
    create table t_low partition of t for values from (0) to (3);
    create table t_high partition of t for values from (3) to (9)`);
  const config = { history: false };
  const rows = [1, 2, 3, 4].map((id) => change(id, row(id, "a")));
  await load(destination, folder, rows, { config });
  await load(destination, folder, [remove(5, 1), remove(5, 3)], { config });
  expect((await final(destination)).map(([id]) => id)).toEqual(["2", "4"]);
  await load(destination, folder, [truncate(6), change(7, row(8, "a"))], { config });
  expect((await final(destination)).map(([id]) => id)).toEqual(["8"]);

  await destination.exec("drop table t");
  await load(destination, folder, rows, { config: { ...config, tables: "final_only" } });
  await destination.exec(
    "create table heir () inherits (t); insert into heir (id, _ab_cdc_lsn) values (100, 1)",
  );
  await load(destination, folder, [truncate(8)], { config: { ...config, tables: "final_only" } });
  expect((await final(destination)).map(([id]) => id)).toEqual(["100"]);
});

it("fails when something keeps a row that was deleted", async ({ destination, folder }) => {
  await load(destination, folder, [change(1, row(1, "a"))]);
  await destination.exec(`
    create function keep() returns trigger language plpgsql as 'begin return null; end';
    create trigger keep before delete on t for each row execute function keep()`);
  for (const line of [remove(2, 1), truncate(2)]) {
    const run = await write(destination, folder, [changes()], [line, complete("t")]);

    expect(errorOf(run)).toContain("the trigger keep");
    expect(errorOf(run)).toContain("postgres.constraint");
    expect(await history(destination)).toEqual([["1", "a", "1", null, "1"]]);
  }
});

it("gives up a stream that says of a row in no way it understands that it was deleted", async ({
  destination,
  folder,
}) => {
  const line = change(2, row(1, "a"), { deleted: true }).replaceAll(`"${timeOf(2)}"`, '"gone"');
  const run = await write(destination, folder, [changes()], [line, complete("t")]);

  expect(errorOf(run)).toContain("_ab_cdc_deleted_at has a value that its type");
  expect(errorOf(run)).toContain("a row that was deleted would be one that is there");
});

it("applies the deletions of sources that order their changes by a cursor", async ({
  destination,
  folder,
}) => {
  const properties = { id: INTEGER, name: TEXT, at: INTEGER, _ab_cdc_deleted_at: TEXT };
  const foreign = stream({ ...changes(), name: "t", properties, cursor: "at" });
  const line = (id: number, at: number, deleted: string | null) =>
    record("t", { id, name: deleted === null ? "x" : null, at, _ab_cdc_deleted_at: deleted });
  const lines = [line(1, 1, null), line(2, 2, null), line(1, 3, "2024-01-01T00:00:00Z")];
  const run = await write(destination, folder, [foreign], [...lines, complete("t")]);

  expect(errorOf(run)).toBe("");
  expect(await destination.rows("select id, name from t")).toEqual([["2", "x"]]);
});

it("lets rows exchange values that are unique, and one take that of a row that goes", async ({
  destination,
  folder,
}) => {
  await load(destination, folder, [change(1, row(1, "a")), change(1, row(2, "b"))]);
  await destination.exec("create unique index on t (name)");
  await load(destination, folder, [change(2, row(1, "b")), change(2, row(2, "a"))]);
  await load(destination, folder, [remove(3, 1), change(3, row(3, "b"))]);

  expect((await final(destination)).map(([id, name]) => [id, name])).toEqual([
    ["2", "a"],
    ["3", "b"],
  ]);
});

it("adds no row that the first records say is deleted", async ({ destination, folder }) => {
  await load(destination, folder, [change(1, row(1, "a")), remove(2, 7)]);

  expect((await final(destination)).map(([id]) => id)).toEqual(["1"]);
  expect(await history(destination)).toEqual([["1", "a", "1", null, "1"]]);
});

it("goes on with tables that were no changes before", async ({ destination, folder }) => {
  const { _ab_cdc_deleted_at: _, ...properties } = changes().properties;
  const before = changes({ properties });
  const line = record("t", { ...row(1, "a"), _ab_cdc_lsn: 1 });
  await load(destination, folder, [line], {}, before);
  await load(destination, folder, [
    change(2, { id: 1, name: "b", note: null }, { unchanged: ["body"] }),
    change(2, row(2, "c")),
    remove(3, 2),
  ]);

  expect(await final(destination)).toEqual([["1", "b", "large", null, "2", "f", null]]);
  const args = await writeCommand("normalize", destination, folder, [changes()]);
  expect(errorOf(await runExecutable("destination-postgres", args))).toBe("");
  expect(await final(destination)).toEqual([["1", "b", "large", null, "2", "f", null]]);
});

it.for([
  ["unchanged", '"body"', "no array"],
  ["operation", '["truncate"]', "an array"],
] as const)(
  "refuses a record whose meta.%s is %s",
  async ([name, value, why], { destination, folder }) => {
    const line = change(1, row(1, "a")).replace(/\}\}$/, `,"meta":{"${name}":${value}}}}`);
    const run = await write(destination, folder, [changes()], [line, complete("t")]);

    expect(errorOf(run)).toContain(`has a \`meta.${name}\` that is ${why}`);
  },
);

it("puts in the values that changes of wide rows did not carry", async ({
  destination,
  folder,
}) => {
  const fields = Array.from({ length: 300 }, (_, at) => `c${at}`);
  const spec = changes({
    properties: {
      id: INTEGER,
      ...Object.fromEntries(fields.map((field) => [field, TEXT])),
      ...MARKS,
    },
  });
  const all = (id: number, value: string) => ({
    id,
    ...Object.fromEntries(fields.map((field) => [field, `${value}-${field}`])),
  });
  const update = (lsn: number, id: number) =>
    change(lsn, { id, c0: "new" }, { unchanged: fields.slice(1) });
  await load(destination, folder, [change(1, all(1, "a")), change(1, all(2, "b"))], {}, spec);
  const lines = [change(2, all(1, "c")), update(3, 1), update(3, 2)];
  await load(destination, folder, lines, {}, spec);

  const rows = await destination.rows(
    "select id, c0, c1, c60, c299, _airbyte_meta from t order by id",
  );
  expect(rows).toEqual([
    ["1", "new", "c-c1", "c-c60", "c-c299", null],
    ["2", "new", "b-c1", "b-c60", "b-c299", null],
  ]);
});

it.for(["id", "_ab_cdc_lsn", "_ab_cdc_deleted_at"])(
  "gives up a stream whose changes do not carry %s",
  async (field, { destination, folder }) => {
    const line = change(2, { name: "b" }, { unchanged: [field] });
    const run = await write(destination, folder, [changes()], [line, complete("t")]);

    expect(errorOf(run)).toContain(`a change does not carry ${field}`);
    expect(errorOf(run)).toContain("stream.key_invalid");
    expect(await destination.rows("select from pg_class where relname = 't'")).toEqual([]);
  },
);

it.for([truncate(2), change(2, { id: 1, name: "b", note: null }, { unchanged: ["body"] })])(
  "gives up a stream whose catalog does not know that its records are changes: %#",
  async (line, { destination, folder }) => {
    const { _ab_cdc_deleted_at: _, ...properties } = changes().properties;
    for (const spec of [changes({ properties }), changes({ incremental: false })]) {
      const run = await write(destination, folder, [spec], [line, complete("t")]);

      expect(errorOf(run)).toContain("without _ab_cdc_deleted_at or as a full refresh");
      expect(errorOf(run)).toContain("catalog.invalid");
    }
  },
);

it("announces that it understands what is said of changes", async () => {
  const { stdout } = await runExecutable("destination-postgres", ["spec"]);

  expect(JSON.parse(stdout)).toMatchObject({ spec: { supports_change_records: true } });
});
