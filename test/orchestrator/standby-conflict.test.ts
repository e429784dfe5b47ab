import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { expect } from "vitest";
import { type Database, it } from "../support/fixtures.ts";
import { type PostgresServer, startPostgres } from "../support/postgres-server.ts";
import { Project } from "../support/project.ts";
import { start, succeeded } from "../support/run.ts";
import { shimmed } from "../support/shim.ts";
import { standbyOf } from "../support/standby.ts";

const ROWS = 30_000;
const GO_ON = "go-on";
const READING = "reading";

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client(url);
  await client.connect();
  const { rows } = await client.query<unknown[]>({ text: sql, rowMode: "array" });
  await client.end();
  return rows.flat();
}

/** @guarantee every-row-arrives */
it("reads once more what a standby takes from under a read, and brings every row once", async ({
  destination,
  folder,
}) => {
  const primary = await startPostgres({ settings: { autovacuum: "off" } });
  let standby: PostgresServer | undefined;
  try {
    await query(
      primary.url(),
      `create table t as select n as id, repeat('x', 200) as filler from generate_series(1, ${ROWS}) n`,
    );
    // It cancels whoever reads what the primary has removed.
    standby = await standbyOf(primary, { settings: { max_standby_streaming_delay: "0" } });
    const { host, port, username, password } = standby;
    const source = { config: { host, port, username, password, database: "postgres" } } as Database;
    await Project.create(folder, {
      source,
      destination,
      sourceConfig: { checkpoint_target_interval_seconds: 0 },
      sourceCommand: await shimmed(folder, "source-postgres", [
        { on: "stdout", state: 1, when: "after", act: "tell", file: READING },
        { on: "stdout", state: 2, when: "before", act: "wait", file: GO_ON },
      ]),
      connections: {
        c: {
          retry: { max_attempts: 3, first_delay_seconds: 0 },
          streams: [{ name: "t", sync_mode: "full_refresh", destination_sync_mode: "overwrite" }],
        },
      },
    });
    const running = start("syncline", ["sync", "--json"], {
      cwd: folder,
      limits: { commitMs: 1, sourceBlockBytes: 10_000 },
    });
    running.endInput();
    await expect.poll(() => existsSync(join(folder, READING)), { timeout: 30_000 }).toBe(true);

    await query(primary.url(), "delete from t where id % 3 = 0");
    await query(primary.url(), "vacuum t");
    // A session that waits for its client to read is cancelled as soon as it does.
    const [end] = await query(primary.url(), "select pg_current_wal_lsn()");
    const isInTheWay = `
      select pg_last_wal_replay_lsn() >= '${String(end)}' or exists (
        select from pg_stat_activity
         where backend_type = 'startup' and wait_event like 'RecoveryConflict%')`;
    await expect
      .poll(async () => query(standby!.url(), isInTheWay), { timeout: 30_000 })
      .toEqual([true]);
    await writeFile(join(folder, GO_ON), "");
    const finished = await running.finished;

    succeeded(finished);
    expect(finished.stdout).toMatch(/due to conflict with recovery/);
    const [rows] = await destination.rows("select count(*), count(distinct id), sum(id) from t");
    expect(rows!.map(Number)).toEqual([20_000, 20_000, 300_000_000]);
  } finally {
    await standby?.stop("immediate");
    await primary.stop("immediate");
  }
});
