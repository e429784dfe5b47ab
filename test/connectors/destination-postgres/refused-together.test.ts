import { expect } from "vitest";
import { it } from "../../support/fixtures.ts";
import { complete, errorOf, record, stream, write } from "./drive.ts";

const env = { SYNCLINE_CONNECTION_ID: "shop" };
const streams = [
  stream({ name: "a", mode: "append_dedup", key: ["id"] }),
  stream({ name: "b", mode: "append_dedup", key: ["id"] }),
];
const lines = (id: number) =>
  ["a", "b"].flatMap((name) => [record(name, { id, name: "x" }), complete(name)]);

it("says why a session ended in the middle of a merge of several streams", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, streams, lines(1), { env });
  await destination.exec(`
    create function quit() returns trigger language plpgsql as
      'begin perform pg_terminate_backend(pg_backend_pid()); return new; end';
    create trigger quit before insert on b for each row execute function quit()`);

  const run = await write(destination, folder, streams, lines(2), { env });

  expect(errorOf(run)).toContain("terminating connection");
  expect(await destination.rows("select id from b")).toEqual([["1"]]);
});

it("says what it could not remove of an earlier run, and not that a commit failed", async ({
  destination,
  folder,
}) => {
  await write(destination, folder, [streams[0]!], lines(1).slice(0, 2), { env });
  await destination.exec(`
    create table _syncline.staging_left (id bigint);
    create view public.looks as select * from _syncline.staging_left;
    insert into _syncline.staging (table_name, table_oid, replaces_schema, replaces_name, kind,
                                   stream_namespace, stream_name, writer_pid, writer_started_at)
    values ('staging_left', '_syncline.staging_left'::regclass, 'public', 'gone', 'final', '', 'gone', 1, now())`);

  const run = await write(destination, folder, streams, lines(2), { env });

  expect(errorOf(run)).toContain("could not remove unfinished tables");
});

it("names the streams that a transaction wrote, where a trigger refuses it at the commit", async ({
  destination,
  folder,
}) => {
  const appended = ["a", "b", "c"].map((name) => stream({ name, mode: "append" }));
  const of = (names: readonly string[], id: number) => [
    ...names.map((name) => record(name, { id, name: "x" })),
    // One state for all: what it covers is committed together.
    {
      type: "STATE",
      state: { type: "GLOBAL", global: { shared_state: { id }, stream_states: [] } },
    },
    ...["a", "b", "c"].map((name) => complete(name)),
  ];
  await write(destination, folder, appended, of(["a", "b", "c"], 1), { env });
  await destination.exec(`
    create function late() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
    create constraint trigger late after insert on b deferrable initially deferred
      for each row execute function late()`);

  // Tiny limits would commit a by itself, and b alone be refused.
  const inOne = { env: { ...env, SYNCLINE_LIMITS: "" } };
  const run = await write(destination, folder, appended, of(["a", "b"], 2), inOne);

  expect(errorOf(run)).toMatch(/refused a row; the transaction wrote a, b \(/);
  expect(await destination.rows("select id from b")).toEqual([["1"]]);
});
