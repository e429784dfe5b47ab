import { requirePostgres } from "./postgres-binaries.ts";
import { DemoSandbox, type Screen } from "./sandbox.ts";
import {
  CURSOR_TRIGGERS,
  FULL_REFRESH_SOURCE,
  INCREMENTAL_ROWS,
  INCREMENTAL_TABLES,
} from "./tutorials.ts";

/**
 * Runs the tutorials on two PostgreSQL servers that it starts and stops: the source's rows, the
 * syncs as a user would type them, and the tables they make. Takes a few seconds. Nothing is left
 * running or on disk, however it ends, unless it ends well and the servers are to be kept. Throws what
 * went wrong, and when `signal` aborts.
 */
export async function runDemo(
  screen: Screen,
  signal: AbortSignal,
  { keep = false }: { readonly keep?: boolean } = {},
): Promise<void> {
  requirePostgres();
  screen.write("Starting two PostgreSQL servers …\n");
  const sandbox = await DemoSandbox.open(screen, signal);
  try {
    await showFullRefresh(sandbox);
    await showIncremental(sandbox);
    if (keep) {
      await sandbox.change("create table visits (id bigint primary key, page text)");
      await sandbox.change("insert into visits values (1, 'home'), (2, 'shop')");
      const { source, destination, pids } = sandbox.keep();
      screen.write(keptText(source, destination, pids));
      return;
    }
  } finally {
    await sandbox.close();
  }
  screen.write("\nDone. Both servers are stopped, and nothing of this is left on the machine.\n");
}

const keptText = (source: string, destination: string, pids: string) => `
Both servers go on:

  source       ${source}
  destination  ${destination}

Copy a table that is not there yet:

  syncline copy ${source} ${destination} --stream visits

This ends both, and nothing of them is left on the machine:

  kill -INT ${pids}
`;

/** The tables a user sees with `\dt`. */
const TABLES = `select tablename as "table" from pg_tables where schemaname = 'public' order by 1`;

const RAW = "select * from _airbyte_raw_overwrite_full_refresh_demo";
const OVERWRITE =
  "select id, name, _airbyte_ab_id, _airbyte_emitted_at, _airbyte_normalized_at from overwrite_full_refresh_demo";
const APPEND = OVERWRITE.replace("overwrite_", "append_");

/** The first tutorial: one table copied whole, replacing the last copy or beside it. */
async function showFullRefresh(sandbox: DemoSandbox): Promise<void> {
  sandbox.heading("Full refresh: the whole table, every time");
  await changeAll(sandbox, FULL_REFRESH_SOURCE);
  await sandbox.show("source", "select * from full_refresh_demo");

  await sandbox.run("sync full-refresh-overwrite");
  await sandbox.run("sync full-refresh-append");
  sandbox.say("Each connection made a table of raw records and a table with typed columns:");
  await sandbox.show("destination", TABLES);
  await sandbox.show("destination", RAW);
  await sandbox.show("destination", OVERWRITE);

  sandbox.say("The source changes, and both connections sync again:");
  await sandbox.change("insert into full_refresh_demo values (3, 'Jane Y')");
  await sandbox.change("update full_refresh_demo set name = 'Mary Z' where id = 1");
  await sandbox.run("sync full-refresh-overwrite");
  await sandbox.run("sync full-refresh-append");
  sandbox.say("Overwrite replaced its table; append kept the old copy beside the new one:");
  await sandbox.show("destination", OVERWRITE);
  await sandbox.show("destination", APPEND);

  sandbox.say("A row is deleted. In the next whole copy it is not there:");
  await sandbox.change("delete from full_refresh_demo where id = 3");
  await sandbox.run("sync full-refresh-overwrite");
  await sandbox.show("destination", "select id, name from overwrite_full_refresh_demo");
}

const VERSIONS = "select id, name, updated_at, _airbyte_emitted_at from table_one";
const NEWEST = "select id, name, updated_at from table_two";
const HISTORY =
  "select id, name, _airbyte_start_at, _airbyte_end_at, _airbyte_active_row from table_two_scd order by id, _airbyte_start_at";

/** The second tutorial: only what changed since the last sync, as versions or as history. */
async function showIncremental(sandbox: DemoSandbox): Promise<void> {
  sandbox.heading("Incremental: only what changed since the last sync");
  await changeAll(sandbox, INCREMENTAL_TABLES);
  sandbox.say("The cursor updated_at must move with every change; a trigger sees to it:");
  await changeAll(sandbox, CURSOR_TRIGGERS);
  await changeAll(sandbox, INCREMENTAL_ROWS);
  await sandbox.run("sync incremental-append");
  await sandbox.run("sync incremental-deduped");

  sandbox.say("One row changes and one is new, in each table:");
  for (const [table, changed, added] of [
    ["table_one", "Eg2b IncAp", "Eg3 IncApp"],
    ["table_two", "Eg2b DD+Hs", "Eg3 DD+Hst"],
  ] as const) {
    await sandbox.change(`update ${table} set name = '${changed}' where id = 2`);
    await sandbox.change(`insert into ${table} (id, name) values (3, '${added}')`);
  }
  await sandbox.run("sync incremental-append");
  await sandbox.run("sync incremental-deduped");
  sandbox.say("Two records each time. Append keeps every version of a row:");
  await sandbox.show("destination", VERSIONS);
  sandbox.say("Deduped keeps the newest, and the history of all beside it:");
  await sandbox.show("destination", NEWEST);
  await sandbox.show("destination", HISTORY);

  sandbox.say("Nothing changed since, and nothing is read:");
  await sandbox.run("sync incremental-append");
  sandbox.say("A row is deleted. What is gone has no cursor to be read by, so its copy stays:");
  await sandbox.change("delete from table_two where id = 3");
  await sandbox.run("sync incremental-deduped");
  await sandbox.show("destination", NEWEST);

  sandbox.heading("Looking back");
  sandbox.say("Where each connection goes on:");
  await sandbox.run("state show incremental-append incremental-deduped");
  sandbox.say("What ran, and the log of one job, with the SQL that it sent:");
  await sandbox.run("jobs -n 5");
  await sandbox.run("logs 8");
}

async function changeAll(sandbox: DemoSandbox, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await sandbox.change(statement);
}
