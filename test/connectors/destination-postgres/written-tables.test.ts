import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { expect, inject } from "vitest";
import { it, type Database } from "../../support/fixtures.ts";
import { runExecutable, type Finished } from "../../support/run.ts";
import {
  committedState,
  complete,
  errorOf,
  INTEGER,
  record,
  startWrite,
  state,
  stream,
  tablesOf,
  TEXT,
  write,
  writeCommand,
  type StreamSpec,
  type WriteOptions,
} from "./drive.ts";

const env = { SYNCLINE_CONNECTION_ID: "shop", SYNCLINE_PROJECT_ID: "here" };
const properties = { id: INTEGER, name: TEXT };
const append = stream({ properties, incremental: true, cursor: "id" });
const dedup: StreamSpec = { ...append, mode: "append_dedup", key: ["id"] };

/** Records with these ids, a state that says how far they go, and the end of the stream. */
const lines = (...ids: number[]) => [
  ...ids.map((id) => record("demo", { id })),
  state("demo", { at: ids.at(-1) ?? 0 }),
  complete("demo"),
];

const only = (tables: string): WriteOptions => ({ config: { tables } });

async function ids(destination: Database, table = "demo"): Promise<(string | null)[]> {
  return (await destination.rows(`select id from ${table} order by id`)).flat();
}

async function normalize(
  destination: Pick<Database, "config">,
  folder: string,
  spec: StreamSpec,
  options: WriteOptions = {},
): Promise<Finished> {
  const args = await writeCommand("normalize", destination, folder, [spec], options);
  return runExecutable("destination-postgres", args, { env: options.env ?? {} });
}

it("does not take a typed table for whole that was left out, whatever its user says of it in a comment", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [append], lines(1));
  await destination.exec("comment on table demo is 'the shop''s customers'");
  await write(destination, folder, [append], lines(2), only("raw_only"));

  const run = await write(destination, folder, [append], lines(3));

  expect(errorOf(run)).toBe("");
  expect(await ids(destination)).toEqual(["1", "2", "3"]);
});

/** @guarantee users-own-stays */
it("leaves the comments of users as they are, in every mode", async ({ destination, folder }) => {
  const tables = ["_airbyte_raw_demo", "demo", "demo_scd"];
  const comments = () =>
    destination.rows(
      `select c.relname, obj_description(c.oid), col_description(c.oid, a.attnum)
         from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relname = any ($1) and a.attname in ('id', '_airbyte_data') order by 1`,
      [tables],
    );
  const overwrite = stream({ properties, mode: "overwrite" });
  await write(destination, folder, [dedup], lines(1, 2));
  await destination.exec(`
    comment on table demo is 'one'; comment on table demo_scd is 'two';
    comment on table _airbyte_raw_demo is 'syncline: not kept up at present';
    comment on column demo.id is 'three'; comment on column demo_scd.id is 'four';
    comment on column _airbyte_raw_demo._airbyte_data is 'five'`);
  const before = await comments();
  expect(before).toHaveLength(3);

  const runs: [StreamSpec, WriteOptions?][] = [
    [dedup],
    [dedup, { config: { history: false } }],
    [dedup],
    [append],
    [dedup],
    [append, only("raw_only")],
    [append, only("final_only")],
    [append],
    [overwrite],
    [stream({ properties, generation: 2, minimum: 2 })],
    [dedup],
  ];
  for (const [at, [spec, options]] of runs.entries()) {
    const run = await write(destination, folder, [spec], lines(at + 3), options);
    // The typed table was left out by the run before: that it is not for this one is as it should be.
    if (options !== undefined && at === 6) expect(errorOf(run)).toContain("lacks the rows");
    else expect([at, errorOf(run)]).toEqual([at, ""]);
    expect([at, await comments()]).toEqual([at, before]);
  }
  await destination.exec("truncate demo_scd"); // it has versions of before the raw table was replaced
  expect(errorOf(await normalize(destination, folder, dedup))).toBe("");
  expect(await comments()).toEqual(before);
});

it("does not rebuild a typed table that is gone from a raw one that never had all rows", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [append], lines(1), only("final_only"));
  await write(destination, folder, [append], lines(2));
  await write(destination, folder, [append], lines(3), only("final_only"));
  expect(errorOf(await write(destination, folder, [append], lines(4)))).toBe("");
  expect(await ids(destination)).toEqual(["1", "2", "3", "4"]);
  await destination.exec("drop table demo");

  const run = await write(destination, folder, [append], lines(5));
  const rebuild = await normalize(destination, folder, append);

  for (const refused of [run, rebuild]) {
    expect(errorOf(refused)).toContain(
      'public._airbyte_raw_demo lacks the rows that were synced while tables was "final_only"',
    );
    expect(errorOf(refused)).toContain("refresh the stream");
  }
  expect(await tablesOf(destination)).toEqual(["_airbyte_raw_demo"]);
});

/** @guarantee tables-known */
it("counts a position only while its table is there: what was dropped is read again", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [append], lines(1, 2), { env });
  await destination.exec("drop table demo, _airbyte_raw_demo");

  expect(await committedState(destination, folder, [append], { env })).toBe("");
  await write(destination, folder, [append], [complete("demo")], { env });
  expect(await committedState(destination, folder, [append], { env })).toBe("");
  await write(destination, folder, [append], lines(1, 2, 3), { env });

  expect(await ids(destination)).toEqual(["1", "2", "3"]);
  expect(await committedState(destination, folder, [append], { env })).toContain('"at":3');
});

it("keeps a position when one of the tables can be rebuilt from the other", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [append], lines(1, 2), { env });
  await destination.exec("drop table demo");

  expect(await committedState(destination, folder, [append], { env })).toContain('"at":2');
  await write(destination, folder, [append], lines(3), { env });

  expect(await ids(destination)).toEqual(["1", "2", "3"]);
});

/** @guarantee tables-known */
it("does not take a position for one of another table: the schema was changed", async ({
  destination,
  folder,
}) => {
  const inB = { config: { schema: "b" }, env };
  await write(destination, folder, [append], lines(1, 2), { env });

  expect(await committedState(destination, folder, [append], inB)).toBe("");
  await write(destination, folder, [append], lines(1, 2), inB);
  expect(await committedState(destination, folder, [append], inB)).toContain('"at":2');

  expect(await ids(destination)).toEqual(["1", "2"]);
  expect(await ids(destination, "b.demo")).toEqual(["1", "2"]);
});

it("knows a table that was moved with all its rows", async ({ destination, folder }) => {
  const inB = { config: { schema: "b" }, env };
  await write(destination, folder, [append], lines(1, 2), { env });
  await destination.exec(`
    create schema b;
    alter table demo set schema b;
    alter table _airbyte_raw_demo set schema b`);

  expect(await committedState(destination, folder, [append], inB)).toContain('"at":2');
  await write(destination, folder, [append], lines(3), inB);

  expect(await ids(destination, "b.demo")).toEqual(["1", "2", "3"]);
});

/** @guarantee tables-known */
it("does not add to a table that was made again with rows, which may be the same ones", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [append], lines(1, 2), { env });
  const snapshot = () =>
    destination.rows(
      "select t.oid, t.relname from pg_class t where relname like '%demo' order by 1",
    );
  await destination.exec(`
    create table copy as table demo; drop table demo, _airbyte_raw_demo;
    alter table copy rename to demo`);
  const before = await snapshot();

  const asked = await committedState(destination, folder, [append], { env });
  const run = await write(destination, folder, [append], lines(1, 2), { env });

  for (const said of [asked, errorOf(run)]) {
    expect(said).toContain(
      "public.demo has rows, and is not the table that the connection shop wrote",
    );
    expect(said).toContain("table.exchanged");
    expect(said).toContain("syncline refresh shop --stream NAME --remove");
  }
  expect(await snapshot()).toEqual(before);
  expect(await ids(destination)).toEqual(["1", "2"]);

  await destination.exec("truncate demo");
  expect(await committedState(destination, folder, [append], { env })).toBe("");
  expect(errorOf(await write(destination, folder, [append], lines(1, 2), { env }))).toBe("");
  expect(await ids(destination)).toEqual(["1", "2"]);
});

it("merges everything again into a deduplicated table that was made again", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [dedup], lines(1, 2), { env });
  await destination.exec(`
    create table copy as table demo; drop table demo, _airbyte_raw_demo, demo_scd;
    alter table copy rename to demo`);

  expect(await committedState(destination, folder, [dedup], { env })).toBe("");
  expect(errorOf(await write(destination, folder, [dedup], lines(1, 2), { env }))).toBe("");

  expect(await ids(destination)).toEqual(["1", "2"]);
});

it("takes out of the one state of all streams what says of a table that is gone", async ({
  destination,
  folder,
}) => {
  const other = stream({ name: "other", incremental: true, cursor: "id" });
  const added = stream({ name: "added", incremental: true, cursor: "id" });
  const part = (name: string) => ({ stream_descriptor: { name }, stream_state: { of: name } });
  const global = {
    type: "STATE",
    state: {
      type: "GLOBAL",
      global: { shared_state: { lsn: 1 }, stream_states: [part("demo"), part("other")] },
    },
  };
  const sent = [record("demo", { id: 1 }), record("other", { id: 1 })];
  const ends = [complete("demo"), complete("other")];
  await write(destination, folder, [append, other], [...sent, global, ...ends], { env });
  const ask = () => committedState(destination, folder, [append, other, added], { env });

  expect(JSON.parse(await ask())).toEqual(global);
  await destination.exec("drop table demo, _airbyte_raw_demo");
  const [demo, kept] = global.state.global.stream_states;
  expect(JSON.parse(await ask())).toEqual({
    ...global,
    state: {
      ...global.state,
      global: {
        shared_state: { lsn: 1 },
        stream_states: [{ ...demo, stream_state: null }, kept],
      },
    },
  });
  await destination.exec("drop table other, _airbyte_raw_other");
  expect(await ask()).toBe("");
});

it("refuses the state of a source that has only one, when the table of one stream is gone", async ({
  destination,
  folder,
}) => {
  const other = stream({ name: "other", incremental: true, cursor: "id" });
  const legacy = { type: "STATE", state: { data: { at: 1 } } };
  const sent = [record("demo", { id: 1 }), record("other", { id: 1 })];
  const ends = [complete("demo"), complete("other")];
  await write(destination, folder, [append, other], [...sent, legacy, ...ends], { env });
  const ask = () => committedState(destination, folder, [append, other], { env });

  expect(JSON.parse(await ask())).toEqual(legacy);
  await destination.exec("drop table demo, _airbyte_raw_demo");
  const said = await ask();
  expect(said).toContain("what was committed of demo is gone");
  expect(said).toContain("syncline refresh shop --remove");
  await destination.exec("drop table other, _airbyte_raw_other");
  expect(await ask()).toBe("");
});

it("knows its tables in a copy of the database, where every one has another oid", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [append], lines(1, 2), { env });
  const name = `t_${randomBytes(6).toString("hex")}`;
  const admin = new Client(inject("destinationUrl"));
  await admin.connect();
  await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = '${destination.config.database}'`);
  await admin.query(`create database ${name} template ${destination.config.database}`);
  const copy = { config: { ...destination.config, database: name } };
  const url = new URL(inject("destinationUrl"));
  url.pathname = `/${name}`;
  const restored = new Client(url.href);
  await restored.connect();
  for (const table of ["demo", "_airbyte_raw_demo"])
    await restored.query(`create table other as table ${table}; drop table ${table};
      alter table other rename to ${table}`);

  expect(await committedState(copy, folder, [append], { env })).toContain('"at":2');
  const run = await write(copy, folder, [append], lines(3), { env });

  expect(errorOf(run)).toBe("");
  const { rows } = await restored.query("select id::text from demo order by 1");
  expect(rows).toEqual([{ id: "1" }, { id: "2" }, { id: "3" }]);
  await restored.end();
  await admin.query(`drop database ${name} with (force)`);
  await admin.end();
});

it("goes on with a replacement only where the kept state covers all of its rows", async ({
  destination,
  folder,
}) => {
  const refresh = stream({ mode: "overwrite", resumable: true, generation: 1, minimum: 1 });
  const other = stream({ name: "other", incremental: true, cursor: "id" });
  const run = await startWrite(destination, folder, [refresh, other], { env });
  const send = (...sent: (object | string)[]) => {
    for (const line of sent)
      run.write(`${typeof line === "string" ? line : JSON.stringify(line)}\n`);
  };
  send(record("demo", { id: 1 }), state("demo", { at: 1 }, 1));
  await run.line((line) => line.includes('"at":1'));
  expect(await committedState(destination, folder, [refresh], { env })).toContain('"at":1');
  // COMPLETE covers the second row, and no state: whoever goes on from the first brings it again.
  send(record("demo", { id: 2 }), complete("demo"));
  send(record("other", { id: 1 }), state("other", { other: 1 }, 1));
  await run.line((line) => line.includes('"other":1'));
  run.kill("SIGKILL");
  await run.finished;

  const kept = await committedState(destination, folder, [refresh], { env });
  const rest = kept === "" ? [1, 2] : [2];
  const again = await write(destination, folder, [refresh], lines(...rest), { env });

  expect(errorOf(again)).toBe("");
  expect(await ids(destination)).toEqual(["1", "2"]);
});

it("starts a replacement again when its columns are others, or its staging table is another one", async ({
  destination,
  folder,
}) => {
  const refresh = stream({ mode: "overwrite", resumable: true, generation: 1, minimum: 1 });
  const wider = { ...refresh, properties: { ...refresh.properties, more: TEXT } };
  const begin = () =>
    write(
      destination,
      folder,
      [refresh],
      [record("demo", { id: 1 }), state("demo", { at: 1 }, 1)],
      { env },
    );
  await begin();

  expect(await committedState(destination, folder, [wider], { env })).toBe("");
  const run = await write(destination, folder, [wider], lines(1, 2), { env });
  expect(errorOf(run)).toBe("");
  expect(await ids(destination)).toEqual(["1", "2"]);

  const next = { ...refresh, generation: 2, minimum: 2 };
  await write(
    destination,
    folder,
    [next],
    [record("demo", { id: 3 }), state("demo", { at: 3 }, 1)],
    { env },
  );
  const [staging] = await destination.rows(
    "select table_name from _syncline.staging where kind = 'final'",
  );
  const name = `_syncline."${staging![0]!}"`;
  await destination.exec(`create table copy as table ${name}; insert into copy table copy;
    drop table ${name}; alter table copy rename to "${staging![0]!}";
    alter table "${staging![0]!}" set schema _syncline`);

  expect(await committedState(destination, folder, [next], { env })).toBe("");
  await write(destination, folder, [next], lines(3, 4), { env });
  expect(await ids(destination)).toEqual(["3", "4"]);
});
