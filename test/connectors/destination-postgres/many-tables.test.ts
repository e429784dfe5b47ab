import { expect } from "vitest";
import { createDatabase } from "../../support/database.ts";
import { it as test } from "../../support/fixtures.ts";
import { startPostgres } from "../../support/postgres-server.ts";
import {
  complete,
  errorOf,
  INTEGER,
  leftovers,
  record,
  state,
  stream,
  TEXT,
  write,
} from "./drive.ts";

/** More than the server below has room for the locks of, in one transaction. */
const STREAMS = 150;

const names = Array.from({ length: STREAMS }, (_, n) => `t${n}`);

/** A server with as little room for locks as there can be. */
const it = test.extend<{ few: Awaited<ReturnType<typeof createDatabase>>["database"] }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the parameter's shape
  few: async ({}, use) => {
    const settings = {
      max_locks_per_transaction: "10",
      max_connections: "6",
      max_wal_senders: "0",
      max_worker_processes: "1",
    };
    const server = await startPostgres({ settings });
    const { database, drop } = await createDatabase(server.url());
    await use(database);
    await drop();
    await server.stop();
  },
});

it("loads, empties and widens more tables than the server has room for the locks of", async ({
  few,
  folder,
}) => {
  const env = { SYNCLINE_CONNECTION_ID: "many", SYNCLINE_PROJECT_ID: "p" };
  const run = (streams: Parameters<typeof write>[2], lines: readonly (object | string)[]) =>
    write(few, folder, streams, lines, { env });
  const count = async (columns: string) => {
    const tables = names.map((name) => `select ${columns} from ${name}`);
    const [row] = await few.rows(
      `select count(*), sum(n) from (${tables.slice(0, 60).join(" union all ")}) t (n)`,
    );
    return row;
  };
  const streams = names.map((name) => stream({ name, generation: 1, minimum: 0 }));

  const empty = await run(
    streams,
    names.map((name) => complete(name)),
  );
  expect([empty.exitCode, errorOf(empty)]).toEqual([0, ""]);
  expect(await count("id")).toEqual(["0", null]);

  const filled = await run(
    names.map((name) =>
      stream({
        name,
        generation: 1,
        minimum: 0,
        properties: { id: INTEGER, name: TEXT, more: TEXT },
      }),
    ),
    [
      ...names.flatMap((name) => [record(name, { id: 1, more: "x" }), state(name, { at: 1 })]),
      ...names.map((name) => complete(name)),
    ],
  );
  expect([filled.exitCode, errorOf(filled)]).toEqual([0, ""]);
  expect(await count("id")).toEqual(["60", "60"]);

  const replaced = await run(
    names.map((name) => stream({ name, generation: 2, minimum: 2 })),
    names.flatMap((name) => [record(name, { id: 2 }), complete(name)]),
  );
  expect([replaced.exitCode, errorOf(replaced)]).toEqual([0, ""]);
  expect(await count("id")).toEqual(["60", "120"]);
  expect(await leftovers(few)).toEqual([]);
}, 120_000);
