import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { createDatabase, type Database } from "../support/database.ts";
import { it as withFolder } from "../support/fixtures.ts";
import { fencedBlocks } from "../support/markdown.ts";
import { type PostgresServer, startPostgres } from "../support/postgres-server.ts";
import { descendants, residentMegabytes } from "../support/processes.ts";
import { Project } from "../support/project.ts";
import { start, succeeded } from "../support/run.ts";
import { compileForUser, type UserProject } from "../support/user-project.ts";

/** A new slot waits for every transaction of its server: these tests have servers of their own. */
let jsonl: UserProject;
let servers: { readonly source: PostgresServer; readonly destination: PostgresServer };

beforeAll(async () => {
  jsonl = await compileForUser("examples/jsonl-destination/jsonl-destination.ts");
  const [source, destination] = await Promise.all([startPostgres(), startPostgres()]);
  servers = { source, destination };
});

afterAll(async () => {
  await jsonl.remove();
  await Promise.all(Object.values(servers).map((server) => server.stop("immediate")));
});

const it = withFolder.extend<{
  ends: { readonly source: Database; readonly destination: Database };
}>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the parameter's shape
  ends: async ({}, use) => {
    const [source, destination] = await Promise.all([
      createDatabase(servers.source.url()),
      createDatabase(servers.destination.url()),
    ]);
    await use({ source: source.database, destination: destination.database });
    await source.database.rows(
      "select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = current_database()",
    );
    await Promise.all([source.drop(), destination.drop()]);
  },
});

const CDC = {
  replication_method: {
    method: "CDC",
    replication_slot: "syncline",
    publication: "syncline",
    initial_waiting_seconds: 2,
  },
};

const stream = (name: string, mode: string) => ({
  name,
  namespace: "public",
  sync_mode: "incremental",
  destination_sync_mode: mode,
});

/** A value too large for its row, which lies beside it. */
const LARGE = "(select string_agg(md5(n::text), '') from generate_series(1, 300) n)";

describe("docs/cdc.md", () => {
  it("names all the rights that following needs", async ({ ends, folder }) => {
    const { source } = ends;
    const text = await readFile("docs/cdc.md", "utf8");
    const { text: sql } = fencedBlocks(text).find(({ language }) => language === "sql")!;
    await source.exec(`
      create table orders (id int primary key, word text);
      create table customers (id int primary key, name text);
      insert into orders values (1, 'a'), (2, 'b');
      revoke all on schema public from public;
      revoke all on database ${source.config.database} from public`);
    await source.exec(sql.replace("database shop", `database ${source.config.database}`));
    const project = await Project.create(folder, {
      ...ends,
      sourceConfig: { ...CDC, username: "syncline_follower", password: "change me" },
      connections: {
        c: { streams: [stream("orders", "append_dedup"), stream("customers", "append_dedup")] },
      },
    });

    await project.sync();
    await source.exec("delete from orders where id = 1; insert into customers values (1, 'x')");
    await project.sync();

    expect(await ends.destination.rows("select id, word from orders")).toEqual([["2", "b"]]);
    expect(await ends.destination.rows("select id, name from customers")).toEqual([["1", "x"]]);
    await source.exec("drop owned by syncline_follower; drop role syncline_follower");
  });
});

/** 200 MB of changes, far more than any process may hold. */
const CHANGES = 200_000;

/** @guarantee bounded-memory */
it(
  "no connector takes more than 150 MB for changes, however many there are",
  { timeout: 180_000, skip: process.platform !== "linux" },
  async ({ ends, folder }) => {
    await ends.source.exec("create table big (id int primary key, filler text)");
    const project = await Project.create(folder, {
      ...ends,
      sourceConfig: CDC,
      connections: { c: { streams: [stream("big", "append")] } },
    });
    await project.sync();
    await ends.source.exec(
      `insert into big select n, repeat('x', 1000) from generate_series(1, ${CHANGES}) n`,
    );
    const syncline = start("syncline", ["sync"], { cwd: project.folder });
    syncline.endInput();
    let isRunning = true;
    const finished = syncline.finished.finally(() => (isRunning = false));
    let peak = 0;
    while (isRunning) {
      for (const name of ["source-postgres/bin.js", "destination-postgres/bin.js"])
        for (const pid of descendants(syncline.pid, name))
          peak = Math.max(peak, residentMegabytes(pid));
      await ends.source.rows("select pg_sleep(0.05)");
    }

    succeeded(await finished);
    expect(peak).toBeLessThan(150);
    expect(await ends.destination.rows("select count(*) from big")).toEqual([[`${CHANGES}`]]);
  },
);

describe("a destination that knows nothing of changes", () => {
  it("gets whole rows, deletions, and a warning of what cannot be told", async ({
    ends,
    folder,
  }) => {
    const { source } = ends;
    await source.exec(`
      create table items (id int primary key, word text, body text);
      alter table items alter body set storage external;
      insert into items values (1, 'a', ${LARGE}), (2, 'b', 'short')`);
    const project = await Project.create(folder, {
      source,
      // A folder is all that it is told.
      destination: { ...ends.destination, config: { folder } as never },
      sourceConfig: CDC,
      destinationCommand: ["node", jsonl.executable],
      connections: { c: { streams: [stream("items", "append")] } },
    });
    const records = async () => {
      const lines = (await readFile(join(folder, "items.jsonl"), "utf8")).trim().split("\n");
      return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    };

    await project.sync();
    const [first] = await records();
    await source.exec("update items set word = 'c' where id = 1");
    await source.exec("delete from items where id = 2");
    await project.sync();
    const [changed, deleted] = (await records()).slice(2);
    await source.exec("truncate items");
    const { stdout, stderr, log } = await project.sync();

    expect(changed).toMatchObject({
      id: 1,
      word: "c",
      body: first!["body"],
      _ab_cdc_deleted_at: null,
    });
    expect(deleted).toMatchObject({ id: 2, word: null, body: null });
    expect(deleted!["_ab_cdc_deleted_at"]).toBe(deleted!["_ab_cdc_updated_at"]);
    expect(await records()).toHaveLength(4);
    expect(stdout + stderr + log).toContain("TRUNCATE");
  });
});
