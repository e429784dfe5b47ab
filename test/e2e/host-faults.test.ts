import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "vitest";
import { type Database, it } from "../support/fixtures.ts";
import { Project } from "../support/project.ts";
import { start, succeeded } from "../support/run.ts";
import { leftovers } from "../support/tables.ts";

const CLOCK = pathToFileURL(join(import.meta.dirname, "../fixtures/faults/jumping-clock.mjs")).href;

const PUBLIC = { namespace: "public", sync_mode: "incremental", cursor_field: "updated_at" };
const STREAMS = [
  { ...PUBLIC, name: "appended", destination_sync_mode: "append" },
  { ...PUBLIC, name: "deduped", destination_sync_mode: "append_dedup", primary_key: ["id"] },
  { ...PUBLIC, name: "replaced", sync_mode: "full_refresh", destination_sync_mode: "overwrite" },
];
const TABLES = STREAMS.map(({ name }) => name);
const SCHEMA = TABLES.map(
  (table) => `
    create table ${table} (id bigint primary key, updated_at timestamptz not null default now());
    insert into ${table} select n from generate_series(1, 3000) n;`,
).join("");
const CHANGES = TABLES.map(
  (table) => `
    update ${table} set updated_at = now() where id <= 10;
    insert into ${table} select n from generate_series(3001, 3100) n;`,
).join("");

async function expectCopied(source: Database, destination: Database): Promise<void> {
  for (const table of ["deduped", "replaced"]) {
    const rows = `select id, updated_at from ${table} order by id`;
    expect(await destination.rows(rows)).toEqual(await source.rows(rows));
  }
  expect(await leftovers(destination)).toEqual([]);
}

it("clocks that jump back and forth change nothing", async ({ source, destination, folder }) => {
  await source.exec(SCHEMA);
  const env = { NODE_OPTIONS: `--import=${CLOCK}` };
  const project = await Project.create(folder, {
    source,
    destination,
    connectorEnv: env,
    connections: { c: { streams: STREAMS } },
  });

  succeeded(await project.syncline(["sync"], { env }));
  await source.exec(CHANGES);
  succeeded(await project.syncline(["sync"], { env }));
  await project.sync();

  await expectCopied(source, destination);
  const appended = "select count(*), count(distinct (id, updated_at)) from appended";
  expect(await destination.rows(appended)).toEqual([["3110", "3110"]]);
});

it("a machine that slept is not taken for a silent connector", async ({
  source,
  destination,
  folder,
}) => {
  await source.exec(
    "create view slow as select n as id, pg_sleep(0.1)::text as slept from generate_series(1, 40) n",
  );
  const project = await Project.create(folder, {
    source,
    destination,
    connections: {
      c: {
        streams: [{ name: "slow", sync_mode: "full_refresh", destination_sync_mode: "append" }],
        limits: { source_silence_seconds: 5, destination_silence_seconds: 5 },
      },
    },
  });
  const syncline = start("syncline", ["sync"], { cwd: project.folder });
  syncline.endInput();
  const copying = "select 1 from pg_stat_progress_copy where datname = current_database()";
  await expect.poll(() => source.rows(copying), { timeout: 30_000 }).not.toEqual([]);
  await destination.rows("select pg_sleep(1)"); // so that its last sign of life is a while ago

  syncline.kill("SIGSTOP");
  await destination.rows("select pg_sleep(6)");
  syncline.kill("SIGCONT");

  succeeded(await syncline.finished);
});

/** @guarantee no-secrets */
it("secrets are in no output and no file that a sync leaves, and variables for PostgreSQL do not reach it", async ({
  source,
  destination,
  folder,
}) => {
  const secret = `pa$$"'\\n%41ß ${destination.config.database}`;
  const role = `secretive_${destination.config.database}`;
  await source.exec(SCHEMA);
  await destination.exec(
    `create role ${role} superuser login password '${secret.replaceAll("'", "''")}'`,
  );
  try {
    const project = await Project.create(folder, {
      source,
      destination,
      destinationConfig: { username: role, password: "${SECRET}" },
      connections: { c: { streams: STREAMS } },
    });
    const env = {
      SECRET: secret,
      PGHOST: "nowhere.invalid",
      PGPORT: "1",
      PGUSER: "nobody",
      PGPASSWORD: "wrong",
      PGOPTIONS: "-c search_path=nowhere -c default_transaction_read_only=on",
      PGSSLMODE: "verify-full",
      PGDATABASE: "nothing",
    };

    const good = succeeded(await project.syncline(["sync", "--verbose"], { env }));
    const bad = await project.syncline(["sync", "--verbose"], {
      env: { ...env, SECRET: `${secret}?` },
    });

    expect(bad.exitCode).toBe(2);
    const written = [good.stdout, good.stderr, bad.stdout, bad.stderr, ...everyFile(folder)];
    const spellings = [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)];
    for (const spelling of spellings)
      expect(written.filter((text) => text.includes(spelling))).toEqual([]);
    await expectCopied(source, destination);
  } finally {
    await destination.exec(`drop owned by ${role}; drop role ${role}`);
  }
});

function everyFile(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
}
