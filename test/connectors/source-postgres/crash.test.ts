import { Client } from "pg";
import { afterEach, beforeEach, describe, expect } from "vitest";
import type { State } from "../../../protocol/messages.ts";
import { type Database, it } from "../../support/fixtures.ts";
import { type PostgresServer, restart, startPostgres } from "../../support/postgres-server.ts";
import { SourceDriver } from "./drive.ts";

/** More than a test gives out again. */
const ABORTED = 30;

/** @guarantee every-row-arrives */
describe("a server that crashes before it wrote down which transactions were aborted", () => {
  let server: PostgresServer;

  beforeEach(async () => {
    // Only a commit writes the log.
    server = await startPostgres({ settings: { autovacuum: "off", wal_writer_delay: "10s" } });
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

  const insert = (count: number) =>
    Array.from({ length: count }, () => "insert into t default values");
  const abort = (count: number) =>
    Array.from({ length: count }, () => "begin; select txid_current(); rollback");

  async function follower(folder: string, method: "Xmin" | "Standard") {
    const { host, port, username, password } = server;
    const config = { host, port, username, password, database: "postgres" };
    const driver = new SourceDriver({ config } as Database, folder, {
      replication_method: { method },
    });
    const streams = await driver.configure(["t"], {
      sync_mode: "incremental",
      ...(method === "Standard" ? { cursor_field: ["id"] } : {}),
    });
    let states: readonly State[] | undefined;
    return async () => {
      const printed = await driver.read(streams, states);
      states = printed.states;
      return printed
        .rows("t")
        .map(({ id }) => Number(id))
        .toSorted((a, b) => a - b);
    };
  }

  it.for(["Xmin", "Standard"] as const)(
    "loses no row that is written under their ids (%s)",
    async (method, { folder }) => {
      await exec("create table t (id serial primary key)", ...insert(3));
      const next = await follower(folder, method);
      await exec(...abort(ABORTED));
      expect(await next()).toEqual([1, 2, 3]);

      await restart(server, "immediate");
      await exec("select setval('t_id_seq', 3)", ...insert(ABORTED + 5));

      expect(await next()).toEqual(Array.from({ length: ABORTED + 5 }, (_, n) => n + 4));
      expect(await next()).toEqual([]);
    },
  );

  it("repeats no row although the last that was delivered has changed", async ({ folder }) => {
    await exec("create table t (id serial primary key)", ...insert(3));
    const next = await follower(folder, "Xmin");
    await exec(...abort(ABORTED));
    await next();

    await restart(server, "immediate");
    await exec("update t set id = id where id = 3");

    expect(await next()).toEqual([3]);
    expect(await next()).toEqual([]);
  });
});
