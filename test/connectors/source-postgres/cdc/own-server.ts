import { afterAll, beforeAll, it as base, type TestAPI } from "vitest";
import { createDatabase, type Database } from "../../../support/database.ts";
import {
  type PostgresServer,
  startPostgres,
  type TestPostgresOptions,
} from "../../../support/postgres-server.ts";

/**
 * `it` with a fresh database on a server of the test file's own: making a slot waits for every transaction
 * of a server. Slots of the database are dropped with it.
 */
export function onOwnServer(options?: TestPostgresOptions): TestAPI<{
  database: Database;
  server: PostgresServer;
}> {
  let started: PostgresServer;
  beforeAll(async () => {
    started = await startPostgres(options);
  });
  afterAll(() => started.stop("immediate"));
  return base.extend<{ database: Database; server: PostgresServer }>({
    // oxlint-disable-next-line no-empty-pattern -- vitest reads the parameter's shape
    server: async ({}, use) => use(started),
    database: async ({ server }, use) => {
      const { database, drop } = await createDatabase(server.url("postgres"));
      await use(database);
      await database.exec(DROP_SLOTS);
      await drop();
    },
  });
}

const DROP_SLOTS = `select pg_terminate_backend(active_pid) from pg_replication_slots
  where database = current_database() and active;
select pg_drop_replication_slot(slot_name) from pg_replication_slots
  where database = current_database() and not active`;
