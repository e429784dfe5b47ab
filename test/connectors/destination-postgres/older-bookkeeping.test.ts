import { Client } from "pg";
import { expect } from "vitest";
import { it, type Database } from "../../support/fixtures.ts";
import { runExecutable } from "../../support/run.ts";
import {
  committedState,
  complete,
  errorOf,
  INTEGER,
  leftovers,
  record,
  state,
  stream,
  TEXT,
  write,
  writeCommand,
} from "./drive.ts";

const env = { SYNCLINE_CONNECTION_ID: "shop", SYNCLINE_PROJECT_ID: "here" };
const append = stream({
  properties: { id: INTEGER, name: TEXT },
  incremental: true,
  cursor: "id",
});

const lines = (...ids: number[]) => [
  ...ids.map((id) => record("demo", { id })),
  state("demo", { at: ids.at(-1) ?? 0 }),
  complete("demo"),
];

async function ids(destination: Database): Promise<(string | null)[]> {
  return (await destination.rows("select id from demo order by id")).flat();
}

/** Makes what a version kept that had two tables of its own and wrote the rest into comments. */
async function makeOld(destination: Database): Promise<void> {
  await destination.exec(`
    drop schema if exists _syncline cascade;
    create schema _syncline;
    create table _syncline.connection (
      connection text primary key,
      fence bigint not null,
      writer_pid integer,
      writer_started_at timestamp with time zone,
      updated_at timestamp with time zone not null default now());
    create table _syncline.checkpoint (
      connection text not null,
      stream_namespace text not null,
      stream_name text not null,
      state text,
      generation bigint,
      is_complete boolean not null default false,
      updated_at timestamp with time zone not null default now(),
      primary key (connection, stream_namespace, stream_name));
    comment on table _syncline.checkpoint is 'the last STATE committed together with the data, per connection and stream'`);
}

/** Keeps a position in it, of the connection `shop`. */
async function keepOld(
  destination: Database,
  at: object,
  generation: number | null = null,
): Promise<void> {
  await destination.exec(`
    insert into _syncline.connection (connection, fence) values ('shop', 3) on conflict do nothing;
    insert into _syncline.checkpoint (connection, stream_namespace, stream_name, state, generation)
    values ('shop', '', 'demo', '${JSON.stringify(state("demo", at))}', ${generation})`);
}

const comment = async (destination: Database, table: string) =>
  (await destination.rows("select obj_description($1::regclass)", [table]))[0]![0];

it("goes on with the positions and tables of an older version, and takes its note off a table", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [append], lines(1));
  await write(destination, folder, [append], lines(2), { config: { tables: "raw_only" } });
  await makeOld(destination);
  await keepOld(destination, { at: 2 });
  await destination.exec(`
    comment on table demo is 'syncline: not kept up at present';
    comment on table _airbyte_raw_demo is 'mine'`);

  expect(await committedState(destination, folder, [append], { env })).toContain('"at":2');
  expect(await comment(destination, "demo")).toBe("syncline: not kept up at present");
  const run = await write(destination, folder, [append], lines(3), { env });

  expect(errorOf(run)).toBe("");
  expect(await ids(destination)).toEqual(["1", "2", "3"]);
  expect(await comment(destination, "demo")).toBe(null);
  expect(await comment(destination, "_airbyte_raw_demo")).toBe("mine");
  expect(await committedState(destination, folder, [append], { env })).toContain('"at":3');
  await destination.exec("comment on table demo is 'syncline: not kept up at present'");
  await write(destination, folder, [append], lines(4), { env });
  expect(await ids(destination)).toEqual(["1", "2", "3", "4"]);
  expect(await comment(destination, "demo")).toBe("syncline: not kept up at present");
});

it("keeps an older note of a table while that is still left out", async ({
  destination,
  folder,
}) => {
  const rawOnly = { config: { tables: "raw_only" }, env };
  await write(destination, folder, [append], lines(1));
  await write(destination, folder, [append], lines(2), { config: { tables: "raw_only" } });
  await makeOld(destination);
  await destination.exec("comment on table demo is 'syncline: not kept up at present'");

  await write(destination, folder, [append], lines(), rawOnly);
  expect(await comment(destination, "demo")).toBe(null);
  await write(destination, folder, [append], lines(3), { env });

  expect(await ids(destination)).toEqual(["1", "2", "3"]);
});

it("does not count an older position whose table is gone", async ({ destination, folder }) => {
  await makeOld(destination);
  await keepOld(destination, { at: 2 });

  expect(await committedState(destination, folder, [append], { env })).toBe("");
});

it("starts a replacement again that an older version began, and removes its other ones", async ({
  destination,
  folder,
}) => {
  const refresh = stream({ mode: "overwrite", resumable: true, generation: 1, minimum: 1 });
  const begun = [record("demo", { id: 1 }), state("demo", { at: 1 }, 1)];
  await write(destination, folder, [refresh], begun, { env });
  const names = await leftovers(destination);
  expect(names).toHaveLength(2);
  for (const name of names)
    await destination.exec(`alter table _syncline."${name}" set schema public`);
  await makeOld(destination);
  await keepOld(destination, { at: 1 }, 1);
  const note = JSON.stringify({ replaces: "public.demo", connection: "shop", generation: 1 });
  const gone = JSON.stringify({ replaces: "public.gone", connection: "shop", generation: 1 });
  const theirs = JSON.stringify({ replaces: "public.b.c", connection: "farm", generation: 1 });
  const dead = JSON.stringify({ replaces: "public.dead", writer: "1" });
  for (const name of names)
    await destination.exec(`alter table "${name}" set schema _syncline;
      comment on table _syncline."${name}" is '${note}'`);
  await destination.exec(`
    create table _syncline.staging_gone (); comment on table _syncline.staging_gone is '${gone}';
    create table _syncline.staging_farm (); comment on table _syncline.staging_farm is '${theirs}';
    create table _syncline.staging_dead (); comment on table _syncline.staging_dead is '${dead}';
    create table _syncline.staging_mine (); comment on table _syncline.staging_mine is '{'`);

  expect(await committedState(destination, folder, [refresh], { env })).toBe("");
  const run = await write(destination, folder, [refresh], lines(1, 2), { env });

  expect(errorOf(run)).toBe("");
  expect(await ids(destination)).toEqual(["1", "2"]);
  expect(await leftovers(destination)).toEqual(["staging_farm", "staging_mine"]);
});

it("learns what tables are like where an older version did not note that", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [append], lines(1), { env });
  await destination.exec(`
    alter table _syncline.written_table drop column files, drop column columns, drop column generation;
    alter table _syncline.checkpoint drop column is_finished;
    update _syncline.version set version = 2`);

  expect(await committedState(destination, folder, [append], { env })).toContain('"at":1');
  await write(destination, folder, [append], lines(2), { env });
  expect(await ids(destination)).toEqual(["1", "2"]);

  await destination.exec("truncate demo, _airbyte_raw_demo");
  expect(await committedState(destination, folder, [append], { env })).toBe("");
});

it("makes its tables once, however many first runs there are at a time", async ({
  destination,
  folder,
}) => {
  for (const before of [() => Promise.resolve(), () => makeOld(destination)]) {
    await destination.exec(
      "drop schema if exists _syncline cascade; drop schema public cascade; create schema public",
    );
    await before();
    const runs = await Promise.all(
      [1, 2, 3, 4].map((n) => {
        const name = `demo_${n}`;
        const own = stream({ name, mode: "overwrite", generation: 1, minimum: 1 });
        const sent = [record(name, { id: n }), complete(name)];
        return write(destination, folder, [own], sent, {
          env: { ...env, SYNCLINE_CONNECTION_ID: `shop_${n}` },
        });
      }),
    );

    expect(runs.map(errorOf)).toEqual(["", "", "", ""]);
    expect(
      await destination.rows(
        "select connection from _syncline.written_table group by 1 order by 1",
      ),
    ).toEqual([["shop_1"], ["shop_2"], ["shop_3"], ["shop_4"]]);
    expect(await destination.rows("select version from _syncline.version")).toEqual([["3"]]);
  }
}, 60_000);

it("lets a check do what a write does with its tables, and leaves nothing behind", async ({
  destination,
  folder,
}) => {
  const check = async (config = destination.config) => {
    const args = await writeCommand("check", { config }, folder, []);
    return (await runExecutable("destination-postgres", args.slice(0, 3))).stdout;
  };
  const tables = () =>
    destination.rows(
      `select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = to_regnamespace('_syncline') and a.attnum > 0 order by 1, 2`,
    );
  const role = `r_${destination.config.database}`;
  const weak = { ...destination.config, username: role, password: "secret" };
  await destination.exec(`
    create role ${role} login password 'secret';
    grant all on schema public to ${role};
    grant all on database ${destination.config.database} to ${role}`);
  expect(await check()).toContain("SUCCEEDED");
  expect(await tables()).toEqual([]);

  await makeOld(destination);
  await destination.exec(`grant all on schema _syncline to ${role}`);
  const old = await tables();
  expect(await check()).toContain("SUCCEEDED");
  expect(await tables()).toEqual(old);
  expect(await check(weak)).toMatch(
    /FAILED.*must be owner of table connection.*make the configured one their owner/,
  );

  await destination.exec(
    `grant select, insert, update, delete on _syncline.checkpoint, _syncline.connection to ${role}`,
  );
  await write(destination, folder, [append], lines(1), { env });
  expect(await check(weak)).toContain("SUCCEEDED");
  const own = stream({ name: "own" });
  expect(errorOf(await write({ config: weak }, folder, [own], [complete("own")]))).toBe("");

  await destination.exec(`revoke update on _syncline.written_table from ${role}`);
  expect(await check(weak)).toMatch(
    /FAILED.*may not read and write _syncline\.written_table.*GRANT SELECT, INSERT, UPDATE, DELETE/,
  );
  await destination.exec(`drop owned by ${role} cascade; drop role ${role}`);
}, 60_000);

it("refuses what a newer version made, and changes nothing", async ({ destination, folder }) => {
  await write(destination, folder, [append], lines(1), { env });
  await destination.exec("update _syncline.version set version = 4");

  const run = await write(destination, folder, [append], lines(2), { env });

  expect(errorOf(run)).toContain("have layout 4, this version works with 3");
  expect(await committedState(destination, folder, [append], { env })).toContain("layout 4");
  expect(await ids(destination)).toEqual(["1"]);
});

it("waits for a writer that is about to commit before it changes what that one writes to", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [append], lines(1));
  await makeOld(destination);
  await keepOld(destination, { at: 1 });
  const writer = new Client(destination.url);
  await writer.connect();
  await writer.query(`begin; select from _syncline.connection for update;
    update _syncline.checkpoint set state = replace(state, '"at":1', '"at":2')`);

  const asked = committedState(destination, folder, [append], { env });
  await destination.exec(`
    do $$ begin
      while not exists (select from pg_stat_activity
                         where datname = current_database() and wait_event_type = 'Lock') loop
        perform pg_stat_clear_snapshot(); perform pg_sleep(0.02);
      end loop;
    end $$`);
  await writer.query("commit");
  await writer.end();

  expect(await asked).toContain('"at":2');
});
