import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { CHANGE_METHOD } from "../connectors/source-postgres/cdc/change-source.ts";
import { onOwnServer } from "../connectors/source-postgres/cdc/own-server.ts";
import { createDatabase } from "../support/database.ts";
import { Project } from "../support/project.ts";

const it = onOwnServer();

const STREAM = { name: "t", sync_mode: "incremental", destination_sync_mode: "append_dedup" };
const STANDARD = { ...STREAM, cursor_field: "at", primary_key: ["id"] };

it("plans what is made at the source's server, and refuses to continue a history in another order", async ({
  database,
  server,
}) => {
  const { database: destination, drop } = await createDatabase(server.url("postgres"));
  const folder = await mkdtemp(join(tmpdir(), "change-methods-"));
  const projectOf = (method: object, stream: object) =>
    Project.create(folder, {
      source: database,
      destination,
      sourceConfig: { replication_method: method },
      connections: { c: { streams: [stream] } },
    });
  try {
    await database.exec(`create table t (id int primary key, at timestamptz default now());
      insert into t values (1), (2); create table log (text text)`);
    const standard = await projectOf({ method: "Standard" }, STANDARD);
    expect((await standard.syncline(["sync"])).exitCode).toBe(0);

    const changes = await projectOf(CHANGE_METHOD, STREAM);
    const unlikely = await changes.syncline(["sync"]);
    expect(unlikely.stderr).toContain(
      "its position was taken with cursor at, which is now _ab_cdc_lsn",
    );
    const kept = await changes.syncline(["refresh", "c", "--keep"]);
    expect(kept.exitCode).not.toBe(0);
    expect(kept.stderr + kept.stdout).toContain(
      "are in the order of a cursor of type timestamp with time zone, and the stream's is bigint now",
    );
    const replaced = await changes.syncline(["refresh", "c", "--remove", "--yes"]);
    expect(replaced.exitCode, replaced.stderr).toBe(0);
    await database.exec("delete from t where id = 1");
    expect((await changes.syncline(["sync"])).exitCode).toBe(0);
    expect(await destination.rows("select id from t")).toEqual([["2"]]);

    await database.exec(`select pg_drop_replication_slot('${CHANGE_METHOD.replication_slot}');
      drop publication ${CHANGE_METHOD.publication}`);
    const { stdout } = await changes.syncline(["plan"]);
    expect(stdout).toMatch(/_ab_cdc_lsn +id +t +follows the log from 0\/[0-9A-F]+$/m);
    expect(stdout).toContain(`create the publication ${CHANGE_METHOD.publication}`);
    expect(stdout).toContain(`create the replication slot ${CHANGE_METHOD.replication_slot}`);
  } finally {
    await drop();
  }
});

it("says where it is asked why a table cannot be followed", async ({ database, server }) => {
  const { database: destination, drop } = await createDatabase(server.url("postgres"));
  const folder = await mkdtemp(join(tmpdir(), "change-methods-"));
  try {
    await database.exec("create table t (id int primary key); create table log (text text)");
    const project = await Project.create(folder, {
      source: database,
      destination,
      sourceConfig: { replication_method: CHANGE_METHOD },
      connections: { c: { streams: [STREAM] }, l: { streams: [{ ...STREAM, name: "log" }] } },
    });
    const { stderr } = await project.syncline(["sync", "c"]);
    expect(stderr).not.toContain("log");
    const refused = await project.syncline(["plan", "l"]);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain("(`syncline discover` may say why)");
    expect(refused.stderr).not.toContain("cursor_field");
    const discovered = await project.syncline(["discover", "shop"]);
    expect(discovered.stderr).toContain("public.log has no primary key");
  } finally {
    await drop();
  }
});

it("keeps unchanged values of renamed columns, and what says that a row is deleted", async ({
  database,
  server,
}) => {
  const { database: destination, drop } = await createDatabase(server.url("postgres"));
  const folder = await mkdtemp(join(tmpdir(), "change-methods-"));
  const projectOf = (stream: object) =>
    Project.create(folder, {
      source: database,
      destination,
      sourceConfig: { replication_method: CHANGE_METHOD },
      connections: { c: { streams: [{ ...STREAM, ...stream }] } },
    });
  try {
    await database.exec(`create table t (id int primary key, n int, big text, gone text, word text);
      alter table t alter big set storage external, alter gone set storage external;
      insert into t select i, 0, repeat('x', 9000), repeat('y', 9000), 'w' from generate_series(1, 3) i`);
    const mapped = await projectOf({
      fields: ["id", "n", "big", "gone"],
      mappers: [
        { type: "rename", field: "big", to: 'la"rge' },
        { type: "drop", field: "gone" },
      ],
    });
    const sync = async () => {
      const { exitCode, stderr } = await mapped.syncline(["sync"]);
      expect(exitCode, stderr).toBe(0);
    };
    await sync();
    await database.exec("update t set n = 1 where id = 1; delete from t where id = 2");
    await sync();
    expect(await destination.rows(`select id, n, length("la""rge") from t order by id`)).toEqual([
      ["1", "1", "9000"],
      ["3", "0", "9000"],
    ]);
    const filter = { type: "filter", condition: { equal: { field: "word", value: "w" } } };
    for (const [mapper, problem] of [
      [filter, "changes cannot be filtered"],
      [{ type: "drop", field: "_ab_cdc_deleted_at" }, "says what a change was"],
    ] as const) {
      const refused = await (await projectOf({ mappers: [mapper] })).syncline(["sync"]);
      expect(refused.exitCode).toBe(2);
      expect(refused.stderr).toContain(problem);
    }
  } finally {
    await drop();
  }
});
