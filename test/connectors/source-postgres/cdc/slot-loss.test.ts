import { execFile } from "node:child_process";
import { cp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ReplicationConnection } from "../../../../connectors/postgres/replication/replication-connection.ts";
import { withSession } from "../../../../connectors/postgres/session.ts";
import { findSlot } from "../../../../connectors/source-postgres/cdc/slot/find-slot.ts";
import type { SavedPosition } from "../../../../connectors/source-postgres/cdc/slot/judge-slot.ts";
import type { CdcMethod } from "../../../../connectors/source-postgres/cdc/slot/settings.ts";
import {
  postgresAccount,
  type PostgresServer,
  startPostgres,
  testBinaries,
} from "../../../support/postgres-server.ts";

const METHOD: CdcMethod = { method: "CDC", replication_slot: "slot", publication: "pub" };
const OPTIONS = { applicationName: "slot test", pin: "nothing" as const };

const servers = testBinaries().filter(
  ({ major }, at, all) => all.findIndex((one) => one.major === major) === at,
);

/** @guarantee every-row-arrives */
describe.each(servers)("a slot of a PostgreSQL $major that lost its log", (binaries) => {
  let server: PostgresServer;
  const copy = () => `${server.dataFolder}-copy`;

  beforeEach(async () => {
    server = await startPostgres({
      binaries,
      settings: { max_slot_wal_keep_size: "16MB", min_wal_size: "32MB", max_wal_size: "32MB" },
    });
    await exec("create table t (id int primary key)");
    await exec("create publication pub for table t");
    await exec("select pg_create_logical_replication_slot('slot', 'pgoutput')");
  }, 60_000);

  afterEach(async () => {
    await server.stop("immediate");
  });

  async function exec(...statements: readonly string[]): Promise<void> {
    const client = new Client(server.url());
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  }

  async function find(saved: SavedPosition | undefined) {
    const { host, port, username, password } = server;
    const config = { host, port, username, password, database: "postgres" };
    const replication = await ReplicationConnection.open(config, OPTIONS);
    try {
      return await withSession(config, OPTIONS, (session) =>
        findSlot(session, replication, METHOD, saved),
      );
    } finally {
      await replication.close();
    }
  }

  /** A state that has everything so far. */
  async function saveState(): Promise<SavedPosition> {
    return { ...(await find(undefined)).facts, publication: undefined };
  }

  /** What a standby, or a backup, has, that gets nothing more from now on. */
  async function cutOff(): Promise<void> {
    await server.halt();
    await cp(server.dataFolder, copy(), { recursive: true });
    await server.start();
  }

  async function putBack(files: readonly string[] = []): Promise<void> {
    await server.halt("immediate");
    await rm(server.dataFolder, { recursive: true });
    await cp(copy(), server.dataFolder, { recursive: true });
    for (const name of files) await writeFile(join(server.dataFolder, name), "");
    const { uid, gid } = await postgresAccount();
    if (uid !== undefined)
      await promisify(execFile)("chown", ["-R", `${uid}:${gid!}`, server.dataFolder]);
    await server.start();
  }

  it("goes on after a crash", async () => {
    const state = await saveState();
    await server.halt("immediate");
    await server.start();
    expect((await find(state)).verdict).toEqual({ slot: "keep", anew: undefined });
  });

  it("is noticed when the server has removed the log", async () => {
    const state = await saveState();
    for (let i = 0; i < 4; i++)
      await exec(
        "insert into t select generate_series(1, 1000) on conflict do nothing",
        "select pg_switch_wal()",
        "checkpoint",
      );
    await expect(find(state)).rejects.toMatchObject({
      code: "cdc.position_lost",
      message: expect.stringContaining("max_slot_wal_keep_size") as string,
    });
  });

  it("is noticed when a backup was restored", async () => {
    await cutOff();
    await exec("insert into t select generate_series(1, 10000)");
    const state = await saveState();
    await putBack();
    await expect(find(state)).rejects.toMatchObject({
      code: "cdc.position_lost",
      message: expect.stringContaining("a backup was restored") as string,
    });
  });

  it("is told by its history whether a server that took over has what the state has", async () => {
    const before = await saveState();
    await cutOff();
    await exec("insert into t select generate_series(1, 10000)");
    const behind = await saveState();
    await putBack(["standby.signal"]);
    await exec("select pg_promote()");
    await exec("insert into t select generate_series(1, 50000)");

    const { facts, verdict } = await find(before);
    expect(facts.timeline).toBe("2");
    expect(verdict).toEqual({ slot: "keep", anew: undefined });
    await expect(find(behind)).rejects.toMatchObject({
      code: "cdc.position_lost",
      message: expect.stringContaining("of timeline 1, before the state's") as string,
    });
  });

  it("is another's after the database was made again, and after the slot went on", async () => {
    const state = await saveState();
    await expect(find({ ...state, databaseOid: "1" })).rejects.toMatchObject({
      code: "cdc.position_lost",
    });
    await exec(
      "insert into t values (1)",
      "select pg_replication_slot_advance('slot', pg_current_wal_lsn())",
    );
    await expect(find(state)).rejects.toMatchObject({
      code: "cdc.position_lost",
      message: expect.stringContaining("beyond the state's") as string,
    });
  });
});
