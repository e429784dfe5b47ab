import { cp, rm, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { Client } from "pg";
import { afterEach, beforeEach, describe, expect } from "vitest";
import {
  postgresAccount,
  type PostgresServer,
  startPostgres,
} from "../../support/postgres-server.ts";
import type { JsonObject } from "../../../protocol/json.ts";
import type { State } from "../../../protocol/messages.ts";
import { type Database, it } from "../../support/fixtures.ts";
import { SourceDriver } from "./drive.ts";

/** @guarantee every-row-arrives */
describe("when a standby takes over", () => {
  let server: PostgresServer;
  let source: Database;
  const standby = () => `${server.dataFolder}-standby`;

  beforeEach(async () => {
    server = await startPostgres({
      settings: { autovacuum: "off" },
    });
    const { host, port, username, password } = server;
    source = { config: { host, port, username, password, database: "postgres" } } as Database;
  }, 60_000);

  afterEach(async () => {
    await server.stop("immediate");
  });

  async function exec(sql: string): Promise<void> {
    const client = new Client(server.url());
    await client.connect();
    await client.query(sql);
    await client.end();
  }

  /** What a standby has, that gets nothing more from now on. */
  async function cutOff(): Promise<void> {
    await server.halt();
    await cp(server.dataFolder, standby(), { recursive: true });
    await server.start();
  }

  /** Ends the primary for good; the standby answers in its place, and lets nobody write yet. */
  async function loseThePrimary(): Promise<void> {
    await server.halt("immediate");
    await rm(server.dataFolder, { recursive: true });
    await cp(standby(), server.dataFolder, { recursive: true });
    await writeFile(join(server.dataFolder, "standby.signal"), "");
    const { uid, gid } = await postgresAccount();
    if (uid !== undefined)
      await promisify(execFile)("chown", ["-R", `${uid}:${gid!}`, server.dataFolder]);
    await server.start();
  }

  async function promote(): Promise<void> {
    await loseThePrimary();
    await exec("select pg_promote()");
  }

  async function follower(folder: string, method: "Standard" | "Xmin", cursor: string) {
    const options: JsonObject = { replication_method: { method } };
    const driver = new SourceDriver(source, folder, options);
    const streams = await driver.configure(["t"], {
      sync_mode: "incremental",
      ...(method === "Standard" ? { cursor_field: [cursor] } : {}),
    });
    let states: readonly State[] | undefined;
    return async () => {
      const printed = await driver.read(streams, states);
      expect(printed.exitCode).toBe(0);
      states = printed.states;
      const rows = printed.rows("t").map((row) => `${Number(row["id"])} ${row["what"] as string}`);
      return { rows: rows.toSorted(), logs: printed.logs.join("\n") };
    };
  }

  const TABLE = `create table t (id serial primary key, what text, at timestamptz not null default now());
    insert into t (what) select 'old' from generate_series(1, 3)`;
  const inserts = (what: string, count: number) =>
    Array.from({ length: count }, () => `insert into t (what) values ('${what}');`).join("\n");

  it.for([
    ["Xmin", ""],
    ["Standard", "at"],
    ["Standard", "id"],
  ] as const)(
    "delivers what it writes under ids of lost transactions (%s %s)",
    async ([method, cursor], { folder }) => {
      await exec(TABLE);
      await cutOff();
      const next = await follower(folder, method, cursor);
      await next();
      await exec(inserts("lost", 5));
      const lost = await next();
      await promote();
      await exec(`select setval('t_id_seq', 3); ${inserts("new", 5)}`);

      const after = await next();
      const quiet = await next();
      await exec(inserts("later", 1));

      expect(lost.rows).toEqual(["4 lost", "5 lost", "6 lost", "7 lost", "8 lost"]);
      expect(after.rows).toEqual(
        expect.arrayContaining(["4 new", "5 new", "6 new", "7 new", "8 new"]),
      );
      expect(after.logs).toMatch(/WARN public\.t: the server was restored, or failed over/);
      expect(quiet.rows).toEqual([]);
      expect((await next()).rows).toEqual(["9 later"]);
    },
  );

  it.for([
    ["Xmin", ""],
    ["Standard", "at"],
  ] as const)(
    "repeats nothing where the last row that was delivered is still there (%s)",
    async ([method, cursor], { folder }) => {
      await exec(TABLE);
      const next = await follower(folder, method, cursor);
      await next();
      await exec(inserts("kept", 2));
      await next();
      await cutOff();
      // Lost, and their ids given out again.
      await exec("create table other (id int)");
      await exec("insert into other values (1)");
      await promote();
      await exec(inserts("new", 1));
      await exec("update t set what = 'changed', at = now() where id = 1");

      const after = await next();
      await exec(inserts("later", 1));

      expect(after.rows).toEqual(["1 changed", "6 new"]);
      expect(after.logs).toMatch(/INFO public\.t: .*failed over.*; no row that was delivered/);
      expect((await next()).rows).toEqual(["7 later"]);
    },
  );

  it("goes on from what was read of it before", async ({ folder }) => {
    await exec(TABLE);
    await cutOff();
    await loseThePrimary();
    const next = await follower(folder, "Xmin", "");
    const first = await next();
    const quiet = await next();
    await exec("select pg_promote()");
    await exec(inserts("new", 1));

    const after = await next();

    expect(first.rows).toEqual(["1 old", "2 old", "3 old"]);
    expect(quiet.rows).toEqual([]);
    expect(after.rows).toEqual(["4 new"]);
    expect(after.logs).toMatch(/INFO public\.t: .*failed over/);
    expect((await next()).rows).toEqual([]);
  });
});
