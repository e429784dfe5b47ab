import { describe, expect } from "vitest";
import { type Database, it } from "../support/fixtures.ts";
import { descendants } from "../support/processes.ts";
import { Project } from "../support/project.ts";
import { type Decide, startProxy } from "../support/proxy.ts";
import { type Finished, start, succeeded } from "../support/run.ts";
import { leftovers } from "../support/tables.ts";
import { rowsFor, usesTinyLimits } from "../support/rows.ts";

const PUBLIC = { namespace: "public" };
const FULL = { ...PUBLIC, sync_mode: "full_refresh" };
const INCREMENTAL = { ...PUBLIC, sync_mode: "incremental", cursor_field: "version" };
const STREAMS = [
  { ...INCREMENTAL, name: "appended", destination_sync_mode: "append" },
  { ...INCREMENTAL, name: "deduped", destination_sync_mode: "append_dedup", primary_key: ["id"] },
  { ...FULL, name: "replaced", destination_sync_mode: "overwrite" },
  { ...FULL, name: "repeated", destination_sync_mode: "append" },
];

/** More statements than a sync takes; a job in which nothing is killed ends the test. */
const MOST_STATEMENTS = 200;

/** Each statement that is tried changes a row of its own. */
const ROWS = Math.max(rowsFor(1000), MOST_STATEMENTS);
const SCHEMA = STREAMS.map(
  ({ name }) => `
    create table ${name} (id bigint primary key, version bigint not null, filler text);
    create index on ${name} (version);
    insert into ${name} select n, 0, repeat('x', 200) from generate_series(1, ${ROWS}) n;`,
).join("\n");

/** One row of each table gets the version `n`. */
const change = (n: number) =>
  STREAMS.map(({ name }) => `update ${name} set version = ${n} where id = ${n};`).join("\n");

/**
 * Every how many statements something is killed; SYNCLINE_TEST_STRIDE=1 tries them all. Batches of a few
 * rows are more statements, and most of these are alike.
 */
const STRIDE = Number(process.env["SYNCLINE_TEST_STRIDE"] ?? (usesTinyLimits() ? 17 : 8));

/** Compares the tables after so many syncs, each but the first of which found one change per table. */
async function expectCopied(source: Database, destination: Database, syncs: number): Promise<void> {
  const rows = (table: string) => `select id, version from ${table} order by id, version`;
  for (const table of ["deduped", "replaced"])
    expect(await destination.rows(rows(table))).toEqual(await source.rows(rows(table)));
  const versions = ROWS + syncs - 1;
  for (const table of ["appended", "_airbyte_raw_appended", "deduped_scd", "_airbyte_raw_deduped"])
    expect([table, await count(destination, table)]).toEqual([table, versions]);
  expect(await leftovers(destination)).toEqual([]);
}

async function count(database: Database, table: string): Promise<number> {
  const [row] = await database.rows(`select count(*) from ${table}`);
  return Number(row![0]);
}

/** Calls `strike` with `syncline`'s process id before the n-th statement of the destination. */
class Strikes {
  readonly #strike: (syncline: number) => "pass" | "reset";
  #syncline = 0;
  #at = 0;
  #statements = 0;
  didStrike = false;

  constructor(strike: (syncline: number) => "pass" | "reset") {
    this.#strike = strike;
  }

  /** Runs a sync with a strike before its n-th statement, to its end. */
  async sync(folder: string, n: number): Promise<Finished> {
    this.#at = n;
    this.#statements = 0;
    this.didStrike = false;
    const running = start("syncline", ["sync", "c"], { cwd: folder });
    running.endInput();
    this.#syncline = running.pid;
    return running.finished;
  }

  readonly decide: Decide = ({ from, type }) => {
    if (from !== "client" || type !== "Q" || ++this.#statements !== this.#at) return "pass";
    this.didStrike = true;
    return this.#strike(this.#syncline);
  };
}

async function prepare(source: Database, destination: Database, folder: string, strikes: Strikes) {
  await source.exec(SCHEMA);
  const proxy = await startProxy(destination.config, strikes.decide);
  const project = await Project.create(folder, {
    source,
    destination,
    sourceConfig: { checkpoint_target_interval_seconds: 0 },
    destinationConfig: { host: proxy.host, port: proxy.port },
    connections: { c: { streams: STREAMS, retry: { max_attempts: 3, first_delay_seconds: 0 } } },
  });
  return { project, proxy };
}

/** @guarantee added-once */
describe("a sync in which something is killed before any statement of the destination", () => {
  it(
    "brings every row once in its next attempt, when it is the destination",
    { timeout: 600_000 },
    async ({ source, destination, folder }) => {
      const strikes = new Strikes((syncline) => {
        for (const pid of descendants(syncline, "destination-postgres/bin.js"))
          process.kill(pid, "SIGKILL");
        return "reset";
      });
      const { project, proxy } = await prepare(source, destination, folder, strikes);
      try {
        await project.sync("c");
        let syncs = 1;
        for (let n = 1; n <= MOST_STATEMENTS; n += STRIDE) {
          await source.exec(change(n));
          succeeded(await strikes.sync(folder, n));
          await expectCopied(source, destination, ++syncs);
          // A full refresh that is appended adds the whole table with every sync.
          for (const table of ["repeated", "_airbyte_raw_repeated"])
            expect(await count(destination, table)).toBe(ROWS * syncs);
          if (!strikes.didStrike) break;
        }
        expect(syncs).toBeGreaterThan(5);
      } finally {
        await proxy.close();
      }
    },
  );

  it(
    "brings every row once in the next sync, when it is syncline",
    { timeout: 600_000 },
    async ({ source, destination, folder }) => {
      const strikes = new Strikes((syncline) => {
        process.kill(syncline, "SIGKILL");
        return "pass";
      });
      const { project, proxy } = await prepare(source, destination, folder, strikes);
      try {
        await project.sync("c");
        let syncs = 1;
        for (let n = 2; n <= MOST_STATEMENTS; n += STRIDE) {
          await source.exec(change(n));
          const { signal } = await strikes.sync(folder, n);
          expect(signal).toBe(strikes.didStrike ? "SIGKILL" : null);
          await project.sync("c");
          await expectCopied(source, destination, ++syncs);
          if (!strikes.didStrike) break;
        }
        expect(syncs).toBeGreaterThan(5);
      } finally {
        await proxy.close();
      }
    },
  );
});
