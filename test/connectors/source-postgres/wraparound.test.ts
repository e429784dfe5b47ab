/** @guarantee every-row-arrives */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chown, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect } from "vitest";
import {
  postgresAccount,
  type PostgresServer,
  startPostgres,
  testBinaries,
} from "../../support/postgres-server.ts";
import type { State } from "../../../protocol/messages.ts";
import { type Database, it } from "../../support/fixtures.ts";
import { SourceDriver } from "./drive.ts";

/** The npm packages of PostgreSQL do not bring the tool that sets the next transaction id. */
const binaries = testBinaries().find(({ folder }) => existsSync(join(folder, "pg_resetwal")));

const BOUNDARY = 2n ** 32n;
/** A file of the commit log covers this many transactions. */
const PER_SEGMENT = 1_048_576;
const SEGMENT_BYTES = 262_144;

describe.skipIf(binaries === undefined)("where 32-bit transaction ids start again", () => {
  let server: PostgresServer;
  let client: Client;
  let source: Database;

  beforeAll(async () => {
    server = await startPostgres({ binaries: binaries!, settings: { autovacuum: "off" } });
    client = new Client(server.url());
    await client.connect();
    await client.query("create table old as select 0 as id, now() as c");
    await client.query("vacuum freeze");
    await client.end();
    await setNextId(Number(BOUNDARY) - 100);
    client = new Client(server.url());
    await client.connect();
    const { host, port, username, password } = server;
    source = { config: { host, port, username, password, database: "postgres" } } as Database;
  }, 120_000);

  afterAll(async () => {
    await client.end();
    await server.stop("immediate");
  });

  async function setNextId(id: number): Promise<void> {
    await server.halt();
    const account = await postgresAccount();
    const segment = Math.floor(id / PER_SEGMENT)
      .toString(16)
      .toUpperCase()
      .padStart(4, "0");
    const file = join(server.dataFolder, "pg_xact", segment);
    await writeFile(file, Buffer.alloc(SEGMENT_BYTES), { mode: 0o600 });
    if (account.uid !== undefined) await chown(file, account.uid, account.gid!);
    await promisify(execFile)(
      join(binaries!.folder, "pg_resetwal"),
      ["-e", "0", "-x", String(id), "-D", server.dataFolder],
      { ...account, cwd: server.dataFolder },
    );
    await server.start();
  }

  const nextId = async () => {
    const { rows } = await client.query<{ id: string }>(
      "select pg_snapshot_xmax(pg_current_snapshot())::text as id",
    );
    return BigInt(rows[0]!.id);
  };

  it("delivers late rows once on both sides, by cursor and by xmin, and frozen rows no second time", async ({
    folder,
  }) => {
    await client.query(
      "create table t (id int, c timestamptz not null default clock_timestamp()); insert into t (id) values (0)",
    );
    await client.query("create table other (id serial)");
    await client.query("vacuum freeze t");
    const readers: (() => Promise<number[]>)[] = [];
    for (const method of ["Standard", "Xmin"]) {
      const driver = new SourceDriver(source, folder, { replication_method: { method } });
      const streams = await driver.configure(["t"], {
        sync_mode: "incremental",
        ...(method === "Standard" ? { cursor_field: ["c"] } : {}),
      });
      let states: readonly State[] | undefined;
      readers.push(async () => {
        const printed = await driver.read(streams, states);
        states = printed.states;
        return printed.rows("t").map((row) => Number(row["id"]));
      });
    }
    /** What each method reads, one after the other: they share the folder of their files. */
    const next = async () => {
      const found: number[][] = [];
      for (const read of readers) found.push((await read()).toSorted((a, b) => a - b));
      return found;
    };
    const late = new Client(server.url());
    await late.connect();
    await late.query(
      "begin; insert into t (id) values (-1); savepoint s; insert into t (id) values (-2)",
    );
    await client.query("insert into t (id) values (1)");
    const before = await nextId();

    const first = await next();
    await client.query(
      "do $$ begin for i in 1..200 loop insert into other default values; commit; end loop; end $$",
    );
    await client.query("insert into t (id) values (2)");
    const after = await nextId();
    const second = await next();
    await late.query("savepoint s2; insert into t (id) values (-3); commit");
    await late.end();
    const third = await next();
    await client.query("vacuum freeze t");
    const fourth = await next();

    expect(before).toBeLessThan(BOUNDARY);
    expect(after).toBeGreaterThan(BOUNDARY);
    expect(first).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(second).toEqual([[2], [2]]);
    expect(third).toEqual([
      [-3, -2, -1],
      [-3, -2, -1],
    ]);
    expect(fourth).toEqual([[], []]);
  });
});
